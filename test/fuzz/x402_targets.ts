/** The parsers of `src/x402`, and the JSON reader below them, that a server reaches, against oracles. */
import { isUtf8 } from "node:buffer";
import { isDeepStrictEqual } from "node:util";
import { EncodingError } from "../../modules/encoding/errors.js";
import { type JsonText, readJsonBytes } from "../../modules/encoding/json/text.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { withoutEntry } from "../../src/wallet/choice.js";
import { TermsError } from "../../src/x402/errors.js";
import {
	compactJson,
	type PaymentRequired,
	paymentRequiredFromHeader,
	paymentRequiredFromJson,
	readRequirementsText,
} from "../../src/x402/payment_required.js";
import { readSettlementResponse } from "../../src/x402/settlement_response.js";
import { entry } from "../agent/fake_seller.js";
import { latin1, mustBe, outcomeOf } from "./oracle.js";
import type { Target } from "./targets.js";

const json = (value: unknown): Uint8Array => Uint8Array.from(Buffer.from(JSON.stringify(value)));
const base64 = (bytes: Uint8Array): Uint8Array => latin1(Buffer.from(bytes).toString("base64"));

const v2 = {
	x402Version: 2,
	error: "Payment required é",
	resource: { url: "https://seller.test/", description: "d" },
	accepts: [entry(), entry({ extra: { assetTransferMethod: "permit2", paymentFlow: "upfront" } })],
	extensions: { "payment-identifier": { info: { required: true } } },
};
const { amount, ...rest } = entry({ network: "base-sepolia" });
const v1 = { x402Version: 1, error: "Pay", accepts: [{ ...rest, maxAmountRequired: amount, outputSchema: null }] };

/** What is read is what `JSON.parse` reads of the same text. */
function mustAgree(required: PaymentRequired, text: string): void {
	const value = JSON.parse(text);
	mustBe(required.x402Version === Number(value.x402Version), "another version");
	for (const offer of required.offers()) {
		if (offer instanceof Error) continue;
		const { entry, amount, payTo, asset } = offer;
		const parsed = JSON.parse(entry.text);
		const found = value.accepts.some((each: unknown) => JSON.stringify(each) === JSON.stringify(parsed));
		mustBe(found, `this is not one of accepts: ${entry.text}`);
		const kept = readRequirementsText(compactJson(offer, required.x402Version), required.x402Version);
		mustBe(isDeepStrictEqual(kept, withoutEntry(offer)), "what is kept of it is something else");
		mustBe(amount.length === 32 && /^0x[0-9a-f]{40}$/.test(payTo) && /^0x[0-9a-f]{40}$/.test(asset), "not canonical");
		mustBe(parsed.payTo.toLowerCase() === payTo && parsed.asset.toLowerCase() === asset, "another receiver or token");
	}
	mustBe(required.error.length <= 200, "a long error");
	if (required.resource !== undefined) JSON.parse(required.resource.text);
	if (required.extensions !== undefined) JSON.parse(required.extensions.text);
}

/** UTF-8 without a byte order mark, in which each byte that is none is Latin-1. */
function textOf(bytes: Uint8Array): string {
	const text = isUtf8(bytes) ? Buffer.from(bytes).toString("utf8") : Buffer.from(utf8.repaired(bytes)).toString("utf8");
	return text.replace(/^\ufeff/, "");
}

const termsHeaderTarget: Target = {
	corpus: [json(v2), base64(json(v2)), base64(json(v1))],
	parse(given) {
		const input = given.slice();
		const text = Buffer.from(input).toString("latin1");
		const required = outcomeOf(() => paymentRequiredFromHeader(input), TermsError);
		if (typeof required === "string") return;
		const bytes = text.startsWith("{") ? Buffer.from(text, "latin1") : Buffer.from(text, "base64");
		mustAgree(required, textOf(bytes));
	},
};

const termsBodyTarget: Target = {
	corpus: [json(v1), json(v2)],
	parse(given) {
		const input = given.slice();
		const required = outcomeOf(() => paymentRequiredFromJson(input.slice()), TermsError);
		if (typeof required !== "string") mustAgree(required, textOf(input));
	},
};

const receipt = { success: true, transaction: `0x${"ab".repeat(32)}`, network: "eip155:8453", errorReason: "none é" };

const receiptTarget: Target = {
	corpus: [json(receipt), base64(json(receipt)), base64(json({ ...receipt, success: false }))],
	parse(given) {
		const input = given.slice();
		const { transaction, errorReason } = readSettlementResponse(input)!;
		mustBe(transaction === "" || /^0x[0-9a-f]{64}$/.test(transaction), `transaction ${transaction}`);
		mustBe(errorReason.length <= 100 || errorReason === "something unreadable", `${errorReason.length} of a reason`);
	},
};

const jsonTarget: Target = {
	corpus: [json(v2), json(v1), json({ a: [1, -2.5e3, true, null, "é\n\u0007"], long: "x\\".repeat(300) })],
	parse(given) {
		const input = given.slice();
		mustBe(utf8.isUtf8(input) === isUtf8(input), "UTF-8 or not");
		const read = outcomeOf<JsonText>(() => readJsonBytes(input), EncodingError);
		let value: unknown;
		let isJson = isUtf8(input);
		try {
			value = JSON.parse(Buffer.from(input).toString("utf8"));
		} catch {
			isJson = false;
		}
		if (typeof read === "string") {
			const isRefused = read === "TooDeep" || !isJson || /[0-9.eE+-]{250}/.test(Buffer.from(input).toString());
			mustBe(isRefused, `${read}, and JSON.parse takes it`);
			return;
		}
		mustBe(isJson, "JSON.parse does not take it");
		mustBe(JSON.stringify(JSON.parse(read.text)) === JSON.stringify(value), "another value");
		read.prefix(60);
		if (typeof value === "string") mustBe(value.startsWith(read.stringPrefix(40)), "not the beginning of the string");
	},
};

export const x402Targets: Readonly<Record<string, Target>> = {
	"terms in a header, as JSON.parse reads them": termsHeaderTarget,
	"terms in a body, as JSON.parse reads them": termsBodyTarget,
	"receipts, within their bounds": receiptTarget,
	"JSON text, as JSON.parse reads it": jsonTarget,
};
