/** Builds requests whose body is JSON, and the addresses they go to. */
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Header, HttpRequest } from "../../http/request.js";

const JSON_TYPE: readonly Header[] = Object.freeze([Object.freeze(["content-type", "application/json"] as const)]);

/** `body` is JSON text; `undefined` for none. */
export function jsonRequest(
	method: string,
	url: string,
	body?: string,
	credentials: readonly Header[] = [],
): HttpRequest {
	const request = { method, url, credentials };
	return body === undefined ? request : { ...request, headers: JSON_TYPE, body: utf8.encode(body) };
}

/** True for an id that is safe in a path: 1 to 128 letters, digits, hyphens, dots, _ and ~, not beginning with a dot. */
export function isSegment(value: unknown): value is string {
	return typeof value === "string" && /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(value);
}

/** Returns `?a=b&c=d` of the parameters that are given and not empty, or "". */
export function queryOf(parameters: Readonly<Record<string, string | number | undefined>>): string {
	let text = "";
	for (const name of Object.keys(parameters)) {
		const value = parameters[name];
		if (value === undefined || value === "") continue;
		text += `${text === "" ? "?" : "&"}${name}=${encodeURIComponent(String(value))}`;
	}
	return text;
}
