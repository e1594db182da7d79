/**
 * PaymentPayload, the payment as a header: x402 v2 `PAYMENT-SIGNATURE` (§5.2) and v1 `X-PAYMENT`, base64 of JSON. It depends
 * only on the ledger's record and the signature, and signing is deterministic: after a restart the same bytes go out.
 */
import * as base64 from "../../modules/encoding/base64.js";
import * as hex from "../../modules/encoding/hex.js";
import { type JsonText, readJson } from "../../modules/encoding/json/text.js";
import { TERMS_LEVELS } from "./payment_required.js";
import { schemeOf } from "./schemes/list.js";
import type { Authorization } from "./schemes/scheme.js";

/** The parts of PaymentRequired that the payment echoes: JSON as received, or "" if absent. */
export interface Echo {
	readonly x402Version: 1 | 2;
	readonly accepted: string;
	readonly resource: string;
	readonly extensions: string;
}

/** Bytes of a long echo that are converted to base64 at once: a multiple of three, so that no group is split. */
const PIECE = 768;

/** Header names are those of the specification; a server compares them without case. */
export function paymentHeaderName(x402Version: 1 | 2): string {
	return x402Version === 2 ? "PAYMENT-SIGNATURE" : "X-PAYMENT";
}

export function paymentHeaderValue(echo: Echo, authorization: Authorization, signature: Uint8Array): string {
	if (echo.x402Version === 1) return base64.encode(version1(echo, payloadOf(authorization, signature)));
	const { accepted, resource, extensions } = echo;
	const read = extensions === "" ? undefined : readJson(extensions, TERMS_LEVELS);
	const tail = echoPieces(utf8Of(accepted), resource === "" ? undefined : utf8Of(resource), read, authorization.nonce);
	return base64.encode(joined([version2(authorization, signature), ...tail]));
}

/**
 * The same value in parts, for an echo that is too long to be in memory with it: `tail` are the bytes of `echoPieces`. The parts
 * are made each time that they are sent.
 */
export function* paymentHeaderParts(
	authorization: Authorization,
	signature: Uint8Array,
	tail: Iterable<Uint8Array>,
): Generator<string> {
	let rest = version2(authorization, signature);
	for (const bytes of tail) {
		for (let at = 0; at < bytes.length; at += PIECE) {
			const piece = joined([rest, bytes.subarray(at, at + PIECE)]);
			const whole = piece.length - (piece.length % 3);
			yield base64.encode(piece.subarray(0, whole));
			rest = piece.subarray(whole);
		}
	}
	yield base64.encode(rest);
}

/**
 * Yields the part of a version 2 payment after its payload, in UTF-8: views of the seller's own bytes, and the text between
 * them.
 */
export function* echoPieces(
	accepted: Uint8Array,
	resource: Uint8Array | undefined,
	extensions: JsonText | undefined,
	nonce: Uint8Array,
): Generator<Uint8Array> {
	if (resource !== undefined) yield* [utf8Of(',"resource":'), resource];
	yield* [utf8Of(',"accepted":'), accepted];
	if (extensions !== undefined) yield* [utf8Of(',"extensions":'), ...identified(extensions, nonce)];
	yield utf8Of("}");
}

function payloadOf(authorization: Authorization, signature: Uint8Array): string {
	return JSON.stringify(schemeOf(authorization.requirements).payload(authorization, signature));
}

function version2(authorization: Authorization, signature: Uint8Array): Uint8Array {
	return utf8Of(`{"x402Version":2,"payload":${payloadOf(authorization, signature)}`);
}

function version1(echo: Echo, payload: string): Uint8Array {
	const [scheme, network] = readJson(echo.accepted, TERMS_LEVELS).members("scheme", "network");
	return utf8Of(`{"x402Version":1,"scheme":${scheme?.text},"network":${network?.text},"payload":${payload}}`);
}

/**
 * Adds the `payment-identifier` extension. A server that implements it answers the same id with its cached response, which
 * recovers a lost answer. The id is the authorization's nonce: 64 characters, one for each payment.
 */
function identified(extensions: JsonText, nonce: Uint8Array): Uint8Array[] {
	const [identifier] = extensions.members("payment-identifier");
	const [info] = identifier?.members("info") ?? [];
	const { bytes, start } = extensions;
	if (info === undefined || !info.isObject) return [bytes];
	const end = info.end - start;
	const id = utf8Of(`${info.isEmpty ? "" : ","}"id":"${hex.encode(nonce)}"`);
	return [bytes.subarray(0, end - 1), id, bytes.subarray(end - 1)];
}

/** All of it was read from UTF-8 or made here: whole characters, which `utf8.encode` would look for with two more copies. */
function utf8Of(text: string): Uint8Array {
	return new TextEncoder().encode(text);
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
	const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const piece of pieces) {
		bytes.set(piece, at);
		at += piece.length;
	}
	return bytes;
}
