/**
 * Finds the terms of a 402. Sellers put them into one of these places, which are searched in this order:
 *
 * | where | who |
 * |---|---|
 * | the header `PAYMENT-REQUIRED` | v2 |
 * | the header `X-PAYMENT-REQUIRED` | sellers from between the versions |
 * | a JSON body | v1, and some of v2 |
 * | the header `WWW-Authenticate`, as base64 after the scheme or in a parameter | a few |
 */
import { contentCodingOf } from "../http/content_coding.js";
import { HttpError } from "../http/errors.js";
import type { HttpResponse } from "../http/response.js";
import { TermsError } from "./errors.js";
import { type PaymentRequired, paymentRequiredFromHeader, paymentRequiredFromJson } from "./payment_required.js";
import { afterColon, sellersWords, wordsIn } from "./sellers_words.js";

/** The headers that may hold terms, in that order. See `HttpLimits.largeHeaders`. */
export const TERMS_HEADERS = Object.freeze({
	"payment-required": Object.freeze({ isBase64: true }),
	"x-payment-required": Object.freeze({ isBase64: true }),
	"www-authenticate": Object.freeze({}),
});

const ADVICE = "fewer plans, rules and markets leave room for 12288 bytes";

/** Finds and reads the terms. Throws `TermsError`, `HttpError`. */
export async function readPaymentRequired(response: HttpResponse): Promise<PaymentRequired> {
	for (const name of ["payment-required", "x-payment-required"]) {
		if (response.headers.isTooLong(name)) {
			await response.discard();
			throw new TermsError("TermsTooLarge", `the terms in ${name} are longer than this device can hold: ${ADVICE}`);
		}
		const header = response.headers.take(name);
		if (header !== undefined && header.length > 0) {
			await response.discard();
			return paymentRequiredFromHeader(header);
		}
	}
	const body = await bodyOf(response);
	if (body !== undefined && indexOf(body, '"x402Version"') >= 0) return paymentRequiredFromJson(body);
	const challenge = challengeIn(response.headers.take("www-authenticate"));
	if (challenge !== undefined) return challenge;
	const words = body === undefined ? await sellersWords(response) : wordsIn(body);
	const error = new TermsError(
		"TermsMissing",
		`expected terms in PAYMENT-REQUIRED or in a JSON body, got neither${afterColon(words)}`,
	);
	error.words = words;
	throw error;
}

/** Returns the body, if it may hold terms. */
async function bodyOf(response: HttpResponse): Promise<Uint8Array | undefined> {
	const coding = contentCodingOf(response.headers);
	if (coding !== "") {
		await response.discard();
		throw new TermsError(
			"TermsEncoded",
			`expected a body without Content-Encoding, as was asked for, got ${coding}: this device does not decompress`,
		);
	}
	// A page of HTML is not read whole, however long it is.
	if (response.headers.get("content-type")?.toLowerCase().startsWith("text/html")) return undefined;
	try {
		return await response.large();
	} catch (error) {
		if (!(error instanceof HttpError) || error.name !== "BodyTooLarge") throw error;
		throw new TermsError("TermsTooLarge", `the terms in the body are longer than this device can hold: ${ADVICE}`);
	}
}

/**
 * Reads terms in a challenge of HTTP authentication (RFC 9110 §11.6.1). Challenges of other schemes contain nothing that
 * reads as terms.
 */
function challengeIn(value: Uint8Array | undefined): PaymentRequired | undefined {
	if (value === undefined) return undefined;
	try {
		// `{"` in base64.
		const start = indexOf(value, "eyJ");
		if (start < 0) return undefined;
		let end = start;
		while (end < value.length && !ENDS.includes(value[end]!)) end++;
		return paymentRequiredFromHeader(value.subarray(start, end));
	} catch (error) {
		if (error instanceof TermsError) return undefined;
		throw error;
	}
}

/** True for the end of a token68 or a quoted string: a blank, a quote, a comma. */
const ENDS: readonly number[] = Object.freeze([0x20, 0x22, 0x2c]);

/** Returns the offset of `text`, which is ASCII, in `bytes`; -1 if it is not there. */
function indexOf(bytes: Uint8Array, text: string): number {
	const first = text.charCodeAt(0);
	for (let at = bytes.indexOf(first); at >= 0; at = bytes.indexOf(first, at + 1)) {
		let length = 1;
		while (length < text.length && bytes[at + length] === text.charCodeAt(length)) length++;
		if (length === text.length) return at;
	}
	return -1;
}
