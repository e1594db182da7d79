/**
 * PaymentPayload, the payment as a header: x402 v2 `PAYMENT-SIGNATURE` (§5.2) and v1 `X-PAYMENT`, base64 of JSON. It is a function of what the
 * ledger has recorded and of the signature alone, and signing is deterministic: after a restart the same bytes go out.
 */
import * as base64 from "../../modules/encoding/base64.js";
import * as hex from "../../modules/encoding/hex.js";
import { readJson } from "../../modules/encoding/json/text.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { schemeOf } from "./schemes/list.js";
import type { Authorization } from "./schemes/scheme.js";

/** The parts of PaymentRequired that the payment repeats, JSON as it came; "" where there was none. */
export interface Echo {
	readonly x402Version: 1 | 2;
	readonly accepted: string;
	readonly resource: string;
	readonly extensions: string;
}

/** Header names are those of the specification; a server compares them without case. */
export function paymentHeaderName(x402Version: 1 | 2): string {
	return x402Version === 2 ? "PAYMENT-SIGNATURE" : "X-PAYMENT";
}

export function paymentHeaderValue(echo: Echo, authorization: Authorization, signature: Uint8Array): string {
	const payload = JSON.stringify(schemeOf(authorization.requirements).payload(authorization, signature));
	const json = echo.x402Version === 2 ? version2(echo, payload, authorization.nonce) : version1(echo, payload);
	// All of it was read from UTF-8 or made here: whole characters, which `utf8.encode` would look for with two more copies.
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
 * The `payment-identifier` extension: a server that implements it answers the same id with its cached reply, so that an
 * answer that was lost can be had again. The id is the authorization's nonce: 64 characters, one for each payment.
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
