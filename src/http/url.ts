/**
 * Web addresses for a client that spends money: RFC 3986, schemes `http` and `https` (RFC 9110 §4.2), without anything that
 * two parsers could read in two ways. No user information, no backslash, no percent-encoded host, no disguised IPv4 address.
 * The fragment is dropped. The WHATWG URL parser reads every accepted address in the same way.
 */
import { canonicalIPv6, endsInNumber, hexDigit, isDigit, isName, parseIPv4 } from "./address.js";
import { isUriText } from "./ascii.js";
import { HttpError } from "./errors.js";

export interface Url {
	readonly scheme: "http" | "https";
	/** A name in lower case, an IPv4 address, or an IPv6 address (RFC 5952) without brackets. */
	readonly host: string;
	readonly port: number;
	/** Path and query as sent on the request line; starts with `/`. */
	readonly target: string;
	/** The `Host` header: brackets around IPv6, and the port only if it is not the scheme's default. */
	readonly authority: string;
	/** `scheme://authority`. Addresses of the same origin have equal strings. */
	readonly origin: string;
	/** `origin` followed by `target`. */
	readonly href: string;
}

const LONGEST = 4_096;
/** Printable ASCII that no URI contains (RFC 3986 §2) and that parsers treat in different ways. */
const NOT_IN_URI = '"<>\\^`{}';

/**
 * Reads an absolute address, or a reference relative to `base` (RFC 3986 §5.2).
 *
 * No message quotes the address: any part of it may be a misplaced secret. Throws `HttpError` `UrlTooLong`, `UrlCharacter`,
 * `UrlMalformed`, `UrlScheme`, `UrlUserinfo`, `UrlHost`, `UrlPort`.
 *
 * @example
 * parseUrl("http://[::1]:8080/a?b=c").authority // "[::1]:8080"
 * parseUrl("../d", parseUrl("https://example.com/a/b/c")).href // "https://example.com/a/d"
 */
export function parseUrl(text: string, base?: Url): Url {
	checkCharacters(text);
	const fragment = text.indexOf("#");
	const reference = fragment < 0 ? text : text.slice(0, fragment);
	const scheme = schemeOf(reference);
	if (scheme === undefined) {
		if (base === undefined) {
			throw new HttpError("UrlMalformed", "an address starts with http:// or https://");
		}
		return resolve(reference, base);
	}
	if (scheme !== "http" && scheme !== "https") {
		throw new HttpError("UrlScheme", "expected http or https as the scheme");
	}
	const rest = reference.slice(scheme.length + 1);
	if (!rest.startsWith("//")) {
		throw new HttpError("UrlMalformed", `expected "//" after "${scheme}:"`);
	}
	return parseAfterScheme(scheme, rest);
}

function checkCharacters(text: string): void {
	if (text.length > LONGEST) {
		throw new HttpError("UrlTooLong", `an address has at most ${LONGEST} characters, got ${text.length}`);
	}
	if (isUriText(text)) return;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (c <= 0x20 || c >= 0x7f || NOT_IN_URI.includes(text.charAt(i))) {
			const code = c.toString(16).padStart(2, "0");
			throw new HttpError("UrlCharacter", `character 0x${code} at ${i} must be percent-encoded in an address`);
		}
	}
}

/** Returns the scheme in lower case, or `undefined` for a relative reference. RFC 3986 §3.1, §4.1. */
function schemeOf(reference: string): string | undefined {
	const colon = reference.indexOf(":");
	for (let i = 0; i < colon; i++) {
		const c = reference.charCodeAt(i);
		const letter = (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
		if (!letter && (i === 0 || !(isDigit(c) || c === 0x2b || c === 0x2d || c === 0x2e))) {
			return undefined;
		}
	}
	return colon > 0 ? reference.slice(0, colon).toLowerCase() : undefined;
}

/** Resolves a reference without a scheme, RFC 3986 §5.2.2. */
function resolve(reference: string, base: Url): Url {
	if (reference.startsWith("//")) {
		return parseAfterScheme(base.scheme, reference);
	}
	if (reference.startsWith("/")) {
		return withTarget(base, reference);
	}
	const query = base.target.indexOf("?");
	const path = query < 0 ? base.target : base.target.slice(0, query);
	if (reference === "") {
		return base;
	}
	if (reference.startsWith("?")) {
		return withTarget(base, path + reference);
	}
	return withTarget(base, path.slice(0, path.lastIndexOf("/") + 1) + reference);
}

function withTarget(base: Url, target: string): Url {
	const normal = removeDotSegments(target);
	return { ...base, target: normal, href: base.origin + normal };
}

/** Parses the part after the scheme; `rest` starts with `//`. */
function parseAfterScheme(scheme: "http" | "https", rest: string): Url {
	const slash = rest.indexOf("/", 2);
	const query = rest.indexOf("?", 2);
	const end = Math.min(slash < 0 ? rest.length : slash, query < 0 ? rest.length : query);
	const text = rest.slice(2, end);
	if (text.includes("@")) {
		throw new HttpError("UrlUserinfo", "an address may not contain a user name or password: use a credential header");
	}
	const bracket = text.lastIndexOf("]");
	const colon = text.indexOf(":", bracket + 1);
	const host = parseHost(colon < 0 ? text : text.slice(0, colon));
	const ownPort = scheme === "http" ? 80 : 443;
	const port = colon < 0 ? ownPort : parsePort(text.slice(colon + 1), ownPort);
	const written = host.includes(":") ? `[${host}]` : host;
	const authority = port === ownPort ? written : `${written}:${port}`;
	const origin = `${scheme}://${authority}`;
	const target = removeDotSegments(rest.charAt(end) === "/" ? rest.slice(end) : `/${rest.slice(end)}`);
	return { scheme, host, port, target, authority, origin, href: origin + target };
}

function parseHost(text: string): string {
	if (text.startsWith("[") && text.endsWith("]")) {
		const address = canonicalIPv6(text.slice(1, -1));
		if (address === undefined) {
			throw new HttpError("UrlHost", "expected an IPv6 address (RFC 4291) in brackets");
		}
		return address;
	}
	const host = text.toLowerCase();
	if (!isName(host) || (endsInNumber(host) && parseIPv4(host) === undefined)) {
		throw new HttpError("UrlHost", "expected a DNS name, an IPv4 address or [an IPv6 address] as the host");
	}
	return host;
}

/** Parses a port (RFC 3986 §3.2.3); an empty one is the scheme's default. */
function parsePort(text: string, ownPort: number): number {
	let port = text === "" ? ownPort : 0;
	for (let i = 0; i < text.length && port <= 65_535; i++) {
		const c = text.charCodeAt(i);
		port = isDigit(c) ? port * 10 + c - 0x30 : 65_536;
	}
	if (port < 1 || port > 65_535) {
		throw new HttpError("UrlPort", "expected a port from 1 to 65535");
	}
	return port;
}

/**
 * Removes dot segments (RFC 3986 §5.2.4), reading `%2e` as a dot as the WHATWG URL parser does. `target` starts with `/`; its
 * query stays.
 */
function removeDotSegments(target: string): string {
	const question = target.indexOf("?");
	const path = question < 0 ? target : target.slice(0, question);
	checkEscapes(target);
	const kept: string[] = [];
	const segments = path.slice(1).split("/");
	for (let i = 0; i < segments.length; i++) {
		const segment = segments[i]!;
		const dots = dotsIn(segment);
		if (dots === 0) {
			kept.push(segment);
			continue;
		}
		if (dots === 2) {
			kept.pop();
		}
		if (i === segments.length - 1) {
			kept.push("");
		}
	}
	return `/${kept.join("/")}${question < 0 ? "" : target.slice(question)}`;
}

/** Returns 1 for `.`, 2 for `..`, percent-encoded or not; 0 for any other segment. */
function dotsIn(segment: string): number {
	let dots = 0;
	for (let i = 0; i < segment.length; dots++) {
		if (segment.charAt(i) === ".") {
			i += 1;
		} else if (segment.slice(i, i + 3).toLowerCase() === "%2e") {
			i += 3;
		} else {
			return 0;
		}
	}
	return dots <= 2 ? dots : 0;
}

function checkEscapes(target: string): void {
	for (let i = target.indexOf("%"); i >= 0; i = target.indexOf("%", i + 1)) {
		// charCodeAt is NaN past the end, and hexDigit(NaN) is -1.
		if (hexDigit(target.charCodeAt(i + 1)) < 0 || hexDigit(target.charCodeAt(i + 2)) < 0) {
			throw new HttpError("UrlMalformed", `expected two hex digits after "%" at ${i} of the path`);
		}
	}
}
