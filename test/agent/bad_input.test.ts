/**
 * What a seller sends that no decent one would: each refusal has its own name, nothing is signed, nothing is written down
 * and nothing is spent, and the agent goes on with the next plan.
 */
import { gzipSync } from "node:zlib";
import { authorizationTypes } from "@x402/evm";
import test from "ava";
import { type Hex, verifyTypedData } from "viem";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, type RawAnswer, startRawSeller, termsAnswer } from "../world/raw_seller.js";
import { configuration, entry, USDC } from "./fake_seller.js";

/** PaymentRequired with one entry, of which some fields are changed. */
const terms = (fields: object, rest: object = {}): object => ({
	x402Version: 2,
	error: "Payment required",
	accepts: [entry(fields)],
	...rest,
});
const base64 = (text: string): string => Buffer.from(text).toString("base64");
const header = (value: string): string => httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": value });
const body = (text: string): string => httpAnswer("402 Payment Required", { "Content-Type": "application/json" }, text);
const v1Json = (fields: object): string => {
	const { amount, ...rest } = entry({ network: "base-sepolia" });
	return JSON.stringify({ x402Version: 1, accepts: [{ ...rest, maxAmountRequired: amount, ...fields }] });
};
const v1 = (fields: object): string => body(v1Json(fields));
const rawBody = (bytes: Buffer, coding = "identity"): Buffer =>
	Buffer.concat([
		Buffer.from(`HTTP/1.1 402 \r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`),
		bytes,
	]);

const table: Readonly<Record<string, { readonly answer: RawAnswer; readonly outcome: string }>> = {
	"base64 of no alphabet": { answer: header("eyJ*"), outcome: "TermsEncoding" },
	"bytes that are no UTF-8 and no JSON": {
		answer: header(Buffer.from([0x7b, 0xff]).toString("base64")),
		outcome: "TermsJson",
	},
	"an empty header and no body": { answer: header(""), outcome: "TermsMissing" },
	"an empty name": { answer: termsAnswer(terms({ extra: { name: "", version: "2" } })), outcome: "DomainMissing" },
	"version true": { answer: termsAnswer({ ...terms({}), x402Version: true }), outcome: "VersionUnknown" },
	'version "2.0"': { answer: termsAnswer({ ...terms({}), x402Version: "2.0" }), outcome: "VersionUnknown" },
	"amount a number with a fraction": { answer: termsAnswer(terms({ amount: 1.5 })), outcome: "AmountMalformed" },
	"amount a number below 0": { answer: termsAnswer(terms({ amount: -1 })), outcome: "AmountMalformed" },
	"amount a number that a double has rounded": {
		answer: termsAnswer(terms({ amount: 2 ** 53 })),
		outcome: "AmountMalformed",
	},
	"validity true": { answer: termsAnswer(terms({ maxTimeoutSeconds: true })), outcome: "TimeoutOutOfRange" },
	"validity as a text that is no number": {
		answer: termsAnswer(terms({ maxTimeoutSeconds: "a minute" })),
		outcome: "TimeoutOutOfRange",
	},
	"a body that is compressed": {
		answer: rawBody(gzipSync(v1Json({})), "gzip"),
		outcome: "TermsEncoded",
	},
	"challenges of other schemes": {
		answer: httpAnswer("402 Payment Required", {
			"WWW-Authenticate": `Payment realm="x", request="${base64('{"amount":"1"}')}"`,
		}),
		outcome: "TermsMissing",
	},
	"base64 with a bad length": { answer: header("eyJ4N"), outcome: "TermsEncoding" },
	"base64 with white space": { answer: header("eyJ4 NDAy"), outcome: "TermsEncoding" },
	"base64 of no JSON": { answer: header(base64("not JSON")), outcome: "TermsJson" },
	"JSON cut short, in the header as it is": { answer: header('{"x402Version":2,'), outcome: "TermsJson" },
	"JSON of an array": { answer: header(base64("[]")), outcome: "TermsShape" },
	"JSON null": { answer: header(base64("null")), outcome: "TermsShape" },
	"accepts missing": { answer: termsAnswer({ x402Version: 2 }), outcome: "TermsShape" },
	"accepts empty": { answer: termsAnswer({ x402Version: 2, accepts: [] }), outcome: "TermsShape" },
	"accepts an object": { answer: termsAnswer({ x402Version: 2, accepts: {} }), outcome: "TermsShape" },
	"an entry that is a text": { answer: termsAnswer({ x402Version: 2, accepts: ["x"] }), outcome: "TermsShape" },
	"extra a text": { answer: termsAnswer(terms({ extra: "USDC" })), outcome: "TermsShape" },
	"version 3": { answer: termsAnswer({ ...terms({}), x402Version: 3 }), outcome: "VersionUnknown" },
	"another scheme": { answer: termsAnswer(terms({ scheme: "upto" })), outcome: "SchemeUnknown" },
	"a name that is a number": {
		answer: termsAnswer(terms({ extra: { name: 1, version: "2" } })),
		outcome: "DomainMissing",
	},
	"a name that is too long": {
		answer: termsAnswer(terms({ extra: { name: "x".repeat(65), version: "2" } })),
		outcome: "DomainMissing",
	},
	"another token's name": {
		answer: termsAnswer(terms({ extra: { name: "USD Coin", version: "2" } })),
		outcome: "DomainMismatch",
	},
	'amount "1e3"': { answer: termsAnswer(terms({ amount: "1e3" })), outcome: "AmountMalformed" },
	'amount "-1"': { answer: termsAnswer(terms({ amount: "-1" })), outcome: "AmountMalformed" },
	'amount "+1"': { answer: termsAnswer(terms({ amount: "+1" })), outcome: "AmountMalformed" },
	'amount "0x10"': { answer: termsAnswer(terms({ amount: "0x10" })), outcome: "AmountMalformed" },
	'amount "1.5"': { answer: termsAnswer(terms({ amount: "1.5" })), outcome: "AmountMalformed" },
	'amount " 1"': { answer: termsAnswer(terms({ amount: " 1" })), outcome: "AmountMalformed" },
	'amount "01"': { answer: termsAnswer(terms({ amount: "01" })), outcome: "AmountMalformed" },
	'amount ""': { answer: termsAnswer(terms({ amount: "" })), outcome: "AmountMalformed" },
	"amount 2^256": { answer: termsAnswer(terms({ amount: String(2n ** 256n) })), outcome: "AmountMalformed" },
	"amount 2^256 - 1": { answer: termsAnswer(terms({ amount: String(2n ** 256n - 1n) })), outcome: "OverPlanCap" },
	"amount missing": { answer: termsAnswer(terms({ amount: undefined })), outcome: "AmountMalformed" },
	"amount by v1's name": {
		answer: termsAnswer(terms({ amount: undefined, maxAmountRequired: "1" })),
		outcome: "AmountMalformed",
	},
	"a chain of another kind": { answer: termsAnswer(terms({ network: "solana:mainnet" })), outcome: "NetworkUnknown" },
	"a chain of no number": { answer: termsAnswer(terms({ network: "eip155:0x1" })), outcome: "NetworkUnknown" },
	"a chain with a leading zero": {
		answer: termsAnswer(terms({ network: "eip155:084532" })),
		outcome: "NetworkUnknown",
	},
	"a chain without a rule": { answer: termsAnswer(terms({ network: "eip155:1" })), outcome: "NoRule" },
	"a payTo that is not pinned": {
		answer: termsAnswer(terms({ payTo: `0x${"11".repeat(20)}` })),
		outcome: "PayToNotPinned",
	},
	"a payTo of 19 bytes": { answer: termsAnswer(terms({ payTo: `0x${"11".repeat(19)}` })), outcome: "AddressMalformed" },
	"a payTo that is a name": { answer: termsAnswer(terms({ payTo: "seller.eth" })), outcome: "AddressMalformed" },
	"an asset that is no address": { answer: termsAnswer(terms({ asset: "USDC" })), outcome: "AddressMalformed" },
	"validity of 0": { answer: termsAnswer(terms({ maxTimeoutSeconds: 0 })), outcome: "TimeoutOutOfRange" },
	"validity below 0": { answer: termsAnswer(terms({ maxTimeoutSeconds: -60 })), outcome: "TimeoutOutOfRange" },
	"validity too short to pay in": {
		answer: termsAnswer(terms({ maxTimeoutSeconds: 9 })),
		outcome: "TimeoutOutOfRange",
	},
	"another way to move tokens": {
		answer: termsAnswer(terms({ extra: { name: "USDC", version: "2", assetTransferMethod: "erc7710" } })),
		outcome: "MethodUnknown",
	},
	"another payment flow": {
		answer: termsAnswer(terms({ extra: { name: "USDC", version: "2", paymentFlow: "later" } })),
		outcome: "FlowUnknown",
	},
	"brackets within brackets": {
		answer: header(base64(`{"x402Version":2,"accepts":${"[".repeat(65)}${"]".repeat(65)}}`)),
		outcome: "TermsTooLarge",
	},
	"brackets within brackets, never closed": { answer: header(`{"a":${"[".repeat(5_000)}`), outcome: "TermsTooLarge" },
	"thousands of values": {
		answer: header(base64(`{"x402Version":2,"accepts":[${"0,".repeat(2_000)}0]}`)),
		outcome: "TermsShape",
	},
	"one header too long": { answer: header("A".repeat(20_000)), outcome: "HeadTooLarge" },
	"a header bomb": {
		answer: `HTTP/1.1 402 Payment Required\r\n${"X-Bomb: x\r\n".repeat(100)}Content-Length: 0\r\n\r\n`,
		outcome: "TooManyHeaders",
	},
	"neither header nor body": { answer: httpAnswer("402 Payment Required", {}), outcome: "TermsMissing" },
	"a body that is a page": { answer: body("<html>Pay!</html>"), outcome: "TermsMissing" },
	"a body cut short": {
		answer: {
			bytes: 'HTTP/1.1 402 Payment Required\r\nContent-Length: 500\r\n\r\n{"x402Version":1,',
			close: true,
		},
		outcome: "BodyCut",
	},
	"a body that is too large": {
		answer: body(`{"x402Version":1,"accepts":["${"x".repeat(17_000)}"]}`),
		outcome: "TermsTooLarge",
	},
	"a body that is no JSON": { answer: body('{"x402Version":1,'), outcome: "TermsJson" },
	"v1, amount by v2's name": { answer: v1({ maxAmountRequired: undefined, amount: "1" }), outcome: "AmountMalformed" },
	"v1, a name out of JavaScript": { answer: v1({ network: "constructor" }), outcome: "NetworkUnknown" },
	"a redirect to another origin": {
		answer: httpAnswer("302 Found", { Location: "http://elsewhere.test/" }),
		outcome: "http_302",
	},
	"a redirect within the origin": { answer: httpAnswer("302 Found", { Location: "/bad" }), outcome: "http_302" },
	"nothing sold here": { answer: httpAnswer("404 Not Found", {}), outcome: "http_404" },
	"no HTTP": { answer: { bytes: "nonsense\r\n\r\n", close: true }, outcome: "StatusLineMalformed" },
	"no answer": { answer: { bytes: "", close: true }, outcome: "NoResponse" },
};

for (const [name, { answer, outcome }] of Object.entries(table)) {
	test(name, async (t) => {
		const seller = await startRawSeller(({ path }) => (path === "/good" ? httpAnswer("200 OK", {}, "free") : answer));
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		device.keys.signDigest = () => {
			throw t.fail("signed");
		};
		const plans = ["bad", "good"].map((name) => ({ name, url: `${seller.url}/${name}` }));
		const ends = await device.purchases(configuration(plans, { origin: seller.url }));
		t.deepEqual(
			ends.map(({ plan, state, outcome }) => [plan, state, outcome]),
			[
				["bad", "refused", outcome],
				["good", "delivered", "free"],
			],
			String(ends[0]!.detail),
		);
		t.not(ends[0]!.detail, "");
		t.deepEqual(seller.payments(), []);
		t.deepEqual(
			device.records().map(({ plan }) => plan),
			["good"],
		);
		t.deepEqual(device.spent(), []);
	});
}

const accepted: Readonly<Record<string, RawAnswer>> = {
	"base64 in the header": termsAnswer(terms({})),
	"base64 without padding": header(base64(JSON.stringify(terms({ description: "x" }))).replace(/=+$/, "")),
	"JSON as it is in the header": header(JSON.stringify(terms({}))),
	"v2 in the body": body(JSON.stringify(terms({}))),
	"v1 in the body": v1({}),
	base64url: header(Buffer.from(JSON.stringify(terms({ description: "???>>>~~~" }))).toString("base64url")),
	"a header by btoa, whose description is Latin-1": header(
		Buffer.from(JSON.stringify(terms({}, { resource: { url: "x", description: "23 °C" } })), "latin1").toString(
			"base64",
		),
	),
	"a body in Latin-1": rawBody(Buffer.from(v1Json({ description: "Wetter für Köln" }), "latin1")),
	"a body with one byte of no character": rawBody(Buffer.from(v1Json({ description: "ÿ" }), "latin1")),
	"a body with a byte order mark": body(`\ufeff${v1Json({})}`),
	"an empty header beside a body": httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": "" }, v1Json({})),
	"terms in X-PAYMENT-REQUIRED": httpAnswer("402 Payment Required", {
		"X-PAYMENT-REQUIRED": base64(JSON.stringify(terms({}))),
	}),
	"terms in WWW-Authenticate, alone": httpAnswer("402 Payment Required", {
		"WWW-Authenticate": base64(JSON.stringify(terms({}))),
	}),
	"terms in WWW-Authenticate, after a scheme": httpAnswer("402 Payment Required", {
		"WWW-Authenticate": `X402 ${base64(JSON.stringify(terms({})))}`,
	}),
	"terms in WWW-Authenticate, in a parameter, beside a page": httpAnswer(
		"402 Payment Required",
		{
			"WWW-Authenticate": `x402 realm="api", challenge="${base64(JSON.stringify(terms({})))}"`,
			"Content-Type": "text/html",
		},
		"<html>Pay!</html>",
	),
	"a version as a text": termsAnswer(terms({}, { x402Version: "2" })),
	"v1's version as a text": body(v1Json({}).replace('"x402Version":1', '"x402Version":"1"')),
	"a chain by v1's name": termsAnswer(terms({ network: "base-sepolia" })),
	"v1, a chain by v2's name": v1({ network: "eip155:84532" }),
	"an amount that is a number": termsAnswer(terms({ amount: 10_000 })),
	"v1, an amount that is a number": v1({ maxAmountRequired: 10_000 }),
	"a validity of a week": termsAnswer(terms({ maxTimeoutSeconds: 604_800 })),
	"a validity of all seconds that a double can count, and more": termsAnswer(terms({ maxTimeoutSeconds: 1e300 })),
	"a validity as a text": termsAnswer(terms({ maxTimeoutSeconds: "300" })),
	"a validity with a fraction": termsAnswer(terms({ maxTimeoutSeconds: 60.5 })),
	"no name": termsAnswer(terms({ extra: { version: "2" } })),
	"no version": termsAnswer(terms({ extra: { name: "USDC", version: null } })),
	"an empty extra": termsAnswer(terms({ extra: {} })),
	"no extra": v1({ extra: undefined }),
	"a usable entry behind others": termsAnswer({
		x402Version: 2,
		accepts: [entry({ scheme: "upto" }), "x", entry({ network: "eip155:1" }), entry({ amount: "1e3" }), entry()],
	}),
	"a lone surrogate in what is echoed": body(JSON.stringify(terms({ description: "*" })).replace("*", "\\ud800")),
	"the longest and the shortest validity": termsAnswer({
		x402Version: 2,
		accepts: [entry({ maxTimeoutSeconds: 9 }), entry({ maxTimeoutSeconds: 10 }), entry({ maxTimeoutSeconds: 86_400 })],
	}),
};

/** As the token's contract and the reference facilitator verify it. */
function isSigned({
	authorization,
	signature,
}: {
	authorization: Record<string, string>;
	signature: Hex;
}): Promise<boolean> {
	const { from, value, validAfter, validBefore } = authorization;
	return verifyTypedData({
		address: from as Hex,
		domain: { name: "USDC", version: "2", chainId: 84_532, verifyingContract: USDC },
		types: authorizationTypes,
		primaryType: "TransferWithAuthorization",
		message: {
			...authorization,
			value: BigInt(value!),
			validAfter: BigInt(validAfter!),
			validBefore: BigInt(validBefore!),
		},
		signature,
	} as Parameters<typeof verifyTypedData>[0]);
}

for (const [name, answer] of Object.entries(accepted)) {
	test(`${name} is accepted`, async (t) => {
		const seller = await startRawSeller((request) =>
			"payment-signature" in request.headers || "x-payment" in request.headers
				? httpAnswer("200 OK", {}, "data")
				: answer,
		);
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		device.clock.now = Date.now();
		const [ended] = await device.purchases(configuration([{ url: `${seller.url}/data` }], { origin: seller.url }));
		t.is(`${ended!.state} ${ended!.outcome}`, "delivered paid", String(ended!.detail));
		t.is(seller.payments().length, 1);
		const { "payment-signature": v2Payment, "x-payment": v1Payment } = seller.payments()[0]!.headers;
		const { payload } = JSON.parse(Buffer.from(v2Payment ?? v1Payment!, "base64").toString());
		t.true(await isSigned(payload), "by the owner's token");
		const left = Number(payload.authorization.validBefore) - Date.now() / 1_000;
		t.true(left > 0 && left <= 120, `${left} s: no longer than the rule allows`);
	});
}

/** Answers to a payment that no decent seller would give: whatever they are, there is one payment, and it counts. */
const answers: Readonly<Record<string, { readonly answer: RawAnswer; readonly ends: string }>> = {
	"a JSON bomb as a receipt": {
		answer: httpAnswer("402 Payment Required", { "PAYMENT-RESPONSE": base64("[".repeat(4_000)) }),
		ends: "unknown settlement_failed",
	},
	"a header bomb": {
		answer: `HTTP/1.1 200 OK\r\n${"X-Bomb: x\r\n".repeat(100)}\r\n`,
		ends: "unknown TooManyHeaders",
	},
	"a body without an end": {
		answer: { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf", close: true },
		ends: "unknown answer_lost",
	},
	"a redirect to another origin": {
		answer: httpAnswer("307 Temporary Redirect", { Location: "http://elsewhere.test/" }),
		ends: "unknown redirected",
	},
	"a redirect without a place": { answer: httpAnswer("302 Found", {}), ends: "unknown redirected" },
	"402 with a page": { answer: body("<html>"), ends: "unknown refused_without_terms" },
	"402 that only asks again": { answer: termsAnswer(terms({})), ends: "refused verification_failed" },
	"402 that says nothing": {
		answer: termsAnswer(terms({}, { error: undefined })),
		ends: "refused verification_failed",
	},
	"v1's word for a transaction that failed": {
		answer: body(JSON.stringify({ ...terms({}), error: "invalid_transaction_state" })),
		ends: "unknown verification_failed",
	},
};

for (const [name, { answer, ends }] of Object.entries(answers)) {
	test(`an answer to a payment is survived: ${name}`, async (t) => {
		const seller = await startRawSeller((request) =>
			"payment-signature" in request.headers ? answer : termsAnswer(terms({})),
		);
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		const [ended] = await device.purchases(configuration([{ url: `${seller.url}/data` }], { origin: seller.url }));
		t.is(`${ended!.state} ${ended!.outcome}`, ends, String(ended!.detail));
		t.is(new Set(seller.payments().map(({ headers }) => headers["payment-signature"])).size, 1);
		t.is(device.spent()[0]!.total, 10_000n);
	});
}

test("a full sink releases its connection each time", async (t) => {
	const seller = await startRawSeller(() => httpAnswer("200 OK", {}, "x".repeat(3_000)));
	t.teardown(seller.stop);
	const device = new NetworkDevice();
	const plans = Array.from({ length: 6 }, (_, i) => ({
		url: `${seller.url}/${i}`,
		sink: { kind: "storage", key: "data", limit: 100 },
	}));
	const ends = await device.purchases(configuration(plans, { origin: seller.url }));
	t.deepEqual(
		ends.map(({ outcome }) => outcome),
		Array(6).fill("SinkFull"),
	);
	t.false(device.flash.entries.has("d.data"));
});
