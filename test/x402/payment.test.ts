/**
 * Terms, payment and receipt against the official packages: what they encode is read, what is sent they decode, and a
 * payment has the shape of the official client's for the same terms.
 */
import { x402Client, x402HTTPClient } from "@x402/core/client";
import {
	decodePaymentSignatureHeader,
	encodePaymentRequiredHeader,
	encodePaymentResponseHeader,
} from "@x402/core/http";
import { parsePaymentPayload } from "@x402/core/schemas";
import type { PaymentRequired as OfficialPaymentRequired } from "@x402/core/types";
import { ExactEvmScheme } from "@x402/evm";
import { ExactEvmSchemeV1 } from "@x402/evm/v1";
import test from "ava";
import { bytesToHex } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { paymentHeaderName, paymentHeaderValue } from "../../src/x402/payment_payload.js";
import {
	type PaymentRequired,
	paymentRequiredFromHeader,
	paymentRequiredFromJson,
} from "../../src/x402/payment_required.js";
import type { OfferedRequirements } from "../../src/x402/payment_requirements.js";
import { readSettlementResponse } from "../../src/x402/settlement_response.js";

const account = privateKeyToAccount(generatePrivateKey());
const client = new x402HTTPClient(
	x402Client
		.fromConfig({
			schemes: [{ network: "eip155:84532", client: new ExactEvmScheme(account) }],
			spendControls: false,
		})
		.registerV1("base-sepolia", new ExactEvmSchemeV1(account)),
);

const entry = {
	scheme: "exact",
	network: "eip155:84532",
	amount: "10000",
	asset: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
	payTo: "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
	maxTimeoutSeconds: 60,
	extra: { name: "USDC", version: "2", unknown: { deep: [1, "é"] } },
	"a key of tomorrow": null,
};
const v2 = {
	x402Version: 2,
	error: "Payment required",
	resource: { url: "https://seller.test/data", description: "sensor data", mimeType: "application/json" },
	accepts: [entry],
	extensions: { bazaar: { info: { input: { type: "http" } }, schema: {} } },
};
const { amount, ...rest } = entry;
const v1 = {
	x402Version: 1,
	error: "X-PAYMENT header is required",
	accepts: [
		{
			...rest,
			network: "base-sepolia",
			maxAmountRequired: amount,
			resource: "https://seller.test/data",
			description: "",
			mimeType: "",
		},
	],
};

const bytes = (text: string) => new TextEncoder().encode(text);
const fromJson = (text: string) => paymentRequiredFromJson(bytes(text));
const fromHeader = (value: string) => paymentRequiredFromHeader(bytes(value));
const readReceipt = (value: string) => readSettlementResponse(bytes(value));

const nonce = new Uint8Array(32).fill(0xab);
const signature = new Uint8Array(65).fill(1);

const offersOf = (terms: PaymentRequired) =>
	[...terms.offers()].filter((offer): offer is OfferedRequirements => !(offer instanceof Error));

/** The payment for the first entry of the terms, decoded by the official decoder. */
function payFor(terms: PaymentRequired) {
	const { x402Version, resource, extensions } = terms;
	const [chosen] = offersOf(terms);
	const authorization = { requirements: chosen!, from: account.address, nonce, validBefore: 1_795_000_060 };
	const value = paymentHeaderValue(
		{ x402Version, accepted: chosen!.entry.text, resource: resource?.text ?? "", extensions: extensions?.text ?? "" },
		authorization,
		signature,
	);
	return decodePaymentSignatureHeader(value);
}

/** The names and types in a value, without what differs from payment to payment. */
function shape(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(shape);
	if (typeof value !== "object" || value === null) return typeof value;
	return Object.fromEntries(
		Object.entries(value)
			.sort(([a], [b]) => (a < b ? -1 : 1))
			.map(([name, member]) => [name, shape(member)]),
	);
}

test("terms are decoded as the official server encodes them", (t) => {
	const terms = fromHeader(encodePaymentRequiredHeader(v2 as unknown as OfficialPaymentRequired));
	t.is(offersOf(terms).length, 1);
	t.deepEqual(JSON.parse(offersOf(terms)[0]!.entry.text), entry);
	t.deepEqual(JSON.parse(terms.resource!.text), v2.resource);
	t.deepEqual(JSON.parse(terms.extensions!.text), v2.extensions);
	t.is(terms.error, "Payment required");
});

test("a v2 payment has the shape of the official client's, and echoes what it must", async (t) => {
	const ours = payFor(fromJson(JSON.stringify(v2)));
	const official = await client.createPaymentPayload(v2 as unknown as OfficialPaymentRequired);
	t.deepEqual(shape(ours), shape(official));
	t.deepEqual(ours.accepted, entry as unknown as typeof ours.accepted);
	t.deepEqual(ours.extensions, v2.extensions);
	t.deepEqual(ours.resource, v2.resource);
	t.true(parsePaymentPayload(ours).success);
});

test("a Permit2 payment has the shape of the official client's", async (t) => {
	const extra = { name: "USDC", version: "2", assetTransferMethod: "permit2" };
	const terms = { ...v2, accepts: [{ ...entry, extra }] };
	const ours = payFor(fromJson(JSON.stringify(terms)));
	const official = await client.createPaymentPayload(terms as unknown as OfficialPaymentRequired);
	t.deepEqual(shape(ours), shape(official));
	const { permit2Authorization: told } = ours.payload as { permit2Authorization: { nonce: string; spender: string } };
	t.is(BigInt(told.nonce), BigInt(bytesToHex(nonce)));
	t.is(told.spender, (official.payload as { permit2Authorization: { spender: string } }).permit2Authorization.spender);
});

test("a v1 payment has the shape of the official client's", async (t) => {
	const ours = payFor(fromJson(JSON.stringify(v1)));
	const official = await client.createPaymentPayload(v1 as unknown as OfficialPaymentRequired);
	t.deepEqual(shape(ours), shape(official));
	t.like(ours, { x402Version: 1, scheme: "exact", network: "base-sepolia" });
	t.true(parsePaymentPayload(ours).success);
});

test("payments and receipts have the header names of their version", (t) => {
	const headers = { ...client.encodePaymentSignatureHeader(payFor(fromJson(JSON.stringify(v2)))) };
	t.true(paymentHeaderName(2) in headers);
	t.true(paymentHeaderName(1) in client.encodePaymentSignatureHeader(payFor(fromJson(JSON.stringify(v1)))));
});

test("extensions are echoed as they came, with an id for payment-identifier", (t) => {
	const id = "ab".repeat(32);
	const cases: [extensions: unknown, echoed: unknown][] = [
		[undefined, undefined],
		[null, null],
		[{}, {}],
		[{ other: { info: { a: [1] } } }, { other: { info: { a: [1] } } }],
		[
			{ "payment-identifier": { info: { required: true }, schema: { x: 1 } }, z: {} },
			{ "payment-identifier": { info: { required: true, id }, schema: { x: 1 } }, z: {} },
		],
		[{ "payment-identifier": { info: {} } }, { "payment-identifier": { info: { id } } }],
		[{ "payment-identifier": {} }, { "payment-identifier": {} }],
		[{ "payment-identifier": "x" }, { "payment-identifier": "x" }],
		[{ "payment-identifier": null }, { "payment-identifier": null }],
		['"payment-identifier"', '"payment-identifier"'],
	];
	for (const [extensions, echoed] of cases) {
		t.deepEqual(payFor(fromJson(JSON.stringify({ ...v2, extensions }))).extensions as unknown, echoed);
	}
});

test("receipts by former names of the hash, in base64url, in Latin-1", (t) => {
	const hash = `0x${"cd".repeat(32)}`;
	const encoded = (value: unknown, form: BufferEncoding = "base64") =>
		Buffer.from(JSON.stringify(value)).toString(form);
	for (const name of ["transaction", "txHash", "transactionHash"]) {
		t.is(readReceipt(encoded({ success: true, [name]: hash }))!.transaction, hash, name);
	}
	t.is(readReceipt(encoded({ success: true, transaction: "", txHash: hash }))!.transaction, hash);
	t.is(readReceipt(encoded({ success: true, txHash: hash, note: "???>>>" }, "base64url"))!.transaction, hash);
	const latin1 = Buffer.from(JSON.stringify({ success: false, errorReason: "°" }), "latin1").toString("base64");
	t.deepEqual(readReceipt(latin1), { success: false, transaction: "", errorReason: "°" });
	for (const bad of [{ txHash: hash }, { success: "true", txHash: hash }, { success: 1 }]) {
		t.is(readReceipt(encoded(bad))!.errorReason, "something unreadable");
	}
});

test("receipts are decoded as the official server encodes them", (t) => {
	const transaction = `0x${"AB".repeat(32)}`;
	const settled = { success: true, transaction, network: "eip155:84532", payer: account.address } as const;
	t.deepEqual(readReceipt(encodePaymentResponseHeader(settled)), {
		success: true,
		transaction: transaction.toLowerCase(),
		errorReason: "",
	});
	const failed = { ...settled, success: false, errorReason: "settlement_pending", transaction: "" };
	t.deepEqual(readReceipt(encodePaymentResponseHeader(failed)), {
		success: false,
		transaction: "",
		errorReason: "settlement_pending",
	});
	t.true(readReceipt(JSON.stringify(settled))?.success, "JSON as it is");
	t.is(readSettlementResponse(undefined), undefined);
});

test("a receipt that cannot be read leaves the settlement unknown", (t) => {
	const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
	const unreadable = ["", "!", "bm90IEpTT04", base64(null), base64([]), base64({}), base64({ success: "true" })];
	for (const value of [...unreadable, base64("x".repeat(10_000)), Buffer.from("[".repeat(3_000)).toString("base64")]) {
		t.deepEqual(
			readReceipt(value),
			{ success: false, transaction: "", errorReason: "something unreadable" },
			value.slice(0, 40),
		);
	}
	for (const transaction of [1, "0x", `0x${"ab".repeat(31)}`, "javascript:alert(1)"]) {
		t.is(readReceipt(base64({ success: true, transaction }))?.transaction, "");
	}
});
