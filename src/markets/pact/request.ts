/** The request to a service behind the market, and the HTTP request that carries it. */
import * as base58 from "../../../modules/encoding/base58.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Header, HttpRequest } from "../../http/request.js";
import { parseUrl, type Url } from "../../http/url.js";
import type { MarketDeps } from "../market.js";
import type { PactClient } from "./client.js";
import { PactError } from "./errors.js";
import type { PactSettings } from "./settings.js";
import { type SignatureVersion, signatureHeaders } from "./signature.js";

export interface PactRequest {
	readonly method: string;
	/** The market's name for the endpoint. */
	readonly endpoint: string;
	/** Path and query at the service behind it; starts with "/". */
	readonly path: string;
	readonly body?: Uint8Array;
	/** `application/json` by default. */
	readonly contentType?: string;
	/** True to sign the call, which insures it; by default, if there is a key slot. */
	readonly isInsured?: boolean;
}

/** Prefix of an offer that is not signed. */
const UNINSURED = "uninsured:";

/**
 * Builds the request of an offer `<endpoint>/<path>`: a GET or, with an input, a POST. A prefix may name another method and,
 * if there is a key slot, exclude insurance: `uninsured:PUT <endpoint>/<path>`. Throws `PactError` `RequestMalformed`.
 */
export function requestOfOffer(offer: string, input: string): PactRequest {
	const isUninsured = offer.startsWith(UNINSURED);
	const called = isUninsured ? offer.slice(UNINSURED.length) : offer;
	const [, method, endpoint = "", path] = /^(?:([A-Z]+) )?([^/ ]+)(\/[^ ]*)?$/.exec(called) ?? [];
	if (endpoint === "") {
		throw new PactError("RequestMalformed", "expected <endpoint>/<path>, optionally with a method before it");
	}
	return {
		method: method ?? (input === "" ? "GET" : "POST"),
		endpoint,
		path: path ?? "/",
		...(isUninsured && { isInsured: false }),
		...(input !== "" && { body: utf8.encode(input) }),
	};
}

/** Builds the address of a request. Throws `PactError` `RequestMalformed`. */
export function urlOf({ gateway }: PactSettings, { endpoint, path }: PactRequest): Url {
	const isName = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/.test(endpoint);
	const url = isName && path.startsWith("/") ? addressOf(`${gateway}/v1/${endpoint}${path}`) : undefined;
	// Dot segments could lead to another endpoint, or out of all of them.
	if (url?.target.startsWith(`/v1/${endpoint}/`)) return url;
	throw new PactError("RequestMalformed", "expected an endpoint's name and a path below it that starts with /");
}

/** Returns `undefined` for a malformed address: the fault may be in its query, which no message may quote. */
function addressOf(text: string): Url | undefined {
	try {
		return parseUrl(text);
	} catch {
		return undefined;
	}
}

/** Builds the request, signed over the text of `version`, or unsigned without one. Throws `PactError` `WallTimeUnset`. */
export function httpRequestOf(
	{ deps, settings }: PactClient,
	{ method, body, contentType }: PactRequest,
	url: Url,
	version: SignatureVersion | undefined,
): HttpRequest {
	const { network } = settings;
	const headers: Header[] = body === undefined ? [] : [["Content-Type", contentType ?? "application/json"]];
	if (network !== "") headers.push(["x-pact-network", network]);
	const signature = version === undefined ? [] : signatureOf(deps, settings, version, method, url.target, body);
	return {
		method,
		url: url.href,
		headers,
		credentials: [...bearer(settings), ...signature],
		...(body !== undefined && { body }),
		// The gateway forwards the service's content coding after undoing that coding.
		acceptEncoding: "identity;q=1, *;q=0",
	};
}

function signatureOf(
	{ clock, random, keys }: MarketDeps,
	{ slot, project, network }: PactSettings,
	version: SignatureVersion,
	method: string,
	path: string,
	body: Uint8Array | undefined,
): Header[] {
	const timestamp = clock.wall();
	if (timestamp === undefined) {
		throw new PactError("WallTimeUnset", "wall time is not set and a signed call needs it: wait for SNTP");
	}
	const bytes = new Uint8Array(16);
	random(bytes);
	const signed = { method, path, network, timestamp: Math.floor(timestamp), nonce: base58.encode(bytes), body };
	return signatureHeaders(keys, slot!, version, project, signed);
}

export function bearer({ betaKey }: PactSettings): Header[] {
	return [["Authorization", `Bearer ${betaKey}`]];
}
