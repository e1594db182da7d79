/**
 * PaymentPayload, the payment as a header: x402 v2 `PAYMENT-SIGNATURE` (§5.2) and v1 `X-PAYMENT`, base64 of JSON. It depends
 * only on the ledger's record and the signature, and signing is deterministic: after a restart the same bytes go out.
 */
import * as base64 from "../../modules/encoding/base64.js";
import * as hex from "../../modules/encoding/hex.js";
import { readJson } from "../../modules/encoding/json/text.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { schemeOf } from "./schemes/list.js";
import type { Authorization } from "./schemes/scheme.js";

/** The parts of PaymentRequired that the payment echoes: JSON as received, or "" if absent. */
export interface Echo {
	readonly x402Version: 1 | 2;
	readonly accepted: string;
	readonly resource: string;
	readonly extensions: string;
}

/** Returns the header's name as the specification writes it; servers ignore its case. */
export function paymentHeaderName(x402Version: 1 | 2): string {
	return x402Version === 2 ? "PAYMENT-SIGNATURE" : "X-PAYMENT";
}

export function paymentHeaderValue(echo: Echo, authorization: Authorization, signature: Uint8Array): string {
	const payload = JSON.stringify(schemeOf(authorization.requirements).payload(authorization, signature));
	const json = echo.x402Version === 2 ? version2(echo, payload, authorization.nonce) : version1(echo, payload);
	// All parts were read from UTF-8 or made here, so `utf8.encode`, which checks that with two more copies, is not needed.
	return base64.encode(new TextEncoder().encode(json));
}

function version2(echo: Echo, payload: string, nonce: Uint8Array): string {
	let json = `{"x402Version":2,"payload":${payload}`;
	if (echo.resource !== "") json += `,"resource":${echo.resource}`;
	json += `,"accepted":${echo.accepted}`;
	if (echo.extensions !== "") json += `,"extensions":${identified(echo.extensions, nonce)}`;
	return `${json}}`;
}

function version1(echo: Echo, payload: string): string {
	const [scheme, network] = readJson(echo.accepted).members("scheme", "network");
	return `{"x402Version":1,"scheme":${scheme?.text},"network":${network?.text},"payload":${payload}}`;
}

/**
 * Adds the `payment-identifier` extension. A server that implements it answers the same id with its cached response, which
 * recovers a lost answer. The id is the authorization's nonce: 64 characters, one for each payment.
 */
function identified(extensions: string, nonce: Uint8Array): string {
	const [identifier] = readJson(extensions).members("payment-identifier");
	const [info] = identifier?.members("info") ?? [];
	if (info === undefined || !info.isObject) return extensions;
	const { text } = info;
	const isEmpty = /^\{\s*\}$/.test(text);
	const withId = `${text.slice(0, -1)}${isEmpty ? "" : ","}"id":"${hex.encode(nonce)}"}`;
	const bytes = utf8.encode(extensions);
	return utf8.decode(bytes.subarray(0, info.start)) + withId + utf8.decode(bytes.subarray(info.end));
}
