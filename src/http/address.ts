/**
 * Host names and IP addresses (RFC 1123 §2.1, RFC 3986 §3.2.2, RFC 4291 §2.2), in the canonical form of RFC 5952 §4: equal
 * addresses are equal strings.
 */

/** True if `host` is a name of letters, digits, `-` and `_` in labels of 1 to 63, 253 in all. Lower case only. */
export function isName(host: string): boolean {
	if (host.length > 253) {
		return false;
	}
	for (const label of host.split(".")) {
		if (label.length === 0 || label.length > 63) {
			return false;
		}
		for (let i = 0; i < label.length; i++) {
			const c = label.charCodeAt(i);
			if (!(isDigit(c) || (c >= 0x61 && c <= 0x7a) || c === 0x2d || c === 0x5f)) {
				return false;
			}
		}
	}
	return true;
}

/**
 * True if the last label starts with a digit and holds nothing but digits, or hex after `0x`: such a host is an IPv4
 * address to some parsers (WHATWG URL, "ends in a number"), so it must be a proper one.
 */
export function endsInNumber(host: string): boolean {
	const label = host.slice(host.lastIndexOf(".") + 1);
	const hex = label.startsWith("0x");
	for (let i = hex ? 2 : 0; i < label.length; i++) {
		const c = label.charCodeAt(i);
		if (!(isDigit(c) || (hex && c >= 0x61 && c <= 0x66))) {
			return false;
		}
	}
	return label.length > 0;
}

/** Parses a dotted quad without leading zeros into one 32-bit number; `undefined` for anything else. */
export function parseIPv4(text: string): number | undefined {
	const parts = text.split(".");
	if (parts.length !== 4) {
		return undefined;
	}
	let address = 0;
	for (const part of parts) {
		const byte = parseDecimal(part, 255);
		if (byte === undefined) {
			return undefined;
		}
		address = address * 256 + byte;
	}
	return address;
}

/** Converts an IPv6 address (no brackets, no zone) to the form of RFC 5952, all in hex; `undefined` for anything else. */
export function canonicalIPv6(text: string): string | undefined {
	const gap = text.indexOf("::");
	const head = parseGroups(gap < 0 ? text : text.slice(0, gap), gap < 0);
	const tail = gap < 0 ? [] : parseGroups(text.slice(gap + 2), true);
	if (head === undefined || tail === undefined) {
		return undefined;
	}
	const missing = 8 - head.length - tail.length;
	if (gap < 0 ? missing !== 0 : missing < 1) {
		return undefined;
	}
	for (let i = 0; i < missing; i++) {
		head.push(0);
	}
	return formatIPv6(head.concat(tail));
}

/** Parses colon-separated groups of 1 to 4 hex digits; the last may be a dotted quad if `quad`. Empty text has no groups. */
function parseGroups(text: string, quad: boolean): number[] | undefined {
	if (text === "") {
		return [];
	}
	const groups: number[] = [];
	const parts = text.split(":");
	for (let i = 0; i < parts.length; i++) {
		const part = parts[i]!;
		if (quad && i === parts.length - 1 && part.includes(".")) {
			const address = parseIPv4(part);
			if (address === undefined) {
				return undefined;
			}
			groups.push(Math.floor(address / 65_536), address % 65_536);
		} else {
			const group = parseHexGroup(part);
			if (group === undefined) {
				return undefined;
			}
			groups.push(group);
		}
	}
	return groups;
}

function parseHexGroup(text: string): number | undefined {
	if (text.length < 1 || text.length > 4) {
		return undefined;
	}
	let group = 0;
	for (let i = 0; i < text.length; i++) {
		const digit = hexDigit(text.charCodeAt(i));
		if (digit < 0) {
			return undefined;
		}
		group = group * 16 + digit;
	}
	return group;
}

/** Formats an address by RFC 5952 §4.2: the first of the longest runs of two or more zero groups becomes `::`. */
function formatIPv6(groups: readonly number[]): string {
	let start = 0;
	let length = 1;
	for (let i = 0; i < 8; i++) {
		let end = i;
		while (end < 8 && groups[end] === 0) {
			end++;
		}
		if (end - i > length) {
			start = i;
			length = end - i;
		}
	}
	const hex = groups.map((group) => group.toString(16));
	if (length < 2) {
		return hex.join(":");
	}
	return `${hex.slice(0, start).join(":")}::${hex.slice(start + length).join(":")}`;
}

/** Parses a decimal number without leading zeros, at most `max`; `undefined` for anything else. */
function parseDecimal(text: string, max: number): number | undefined {
	if (text.length === 0 || text.length > 5 || (text.length > 1 && text.startsWith("0"))) {
		return undefined;
	}
	let value = 0;
	for (let i = 0; i < text.length; i++) {
		const c = text.charCodeAt(i);
		if (!isDigit(c)) {
			return undefined;
		}
		value = value * 10 + c - 0x30;
	}
	return value <= max ? value : undefined;
}

/** Returns the value of an ASCII hex digit, or -1. */
export function hexDigit(c: number): number {
	if (isDigit(c)) {
		return c - 0x30;
	}
	const lower = c | 0x20;
	return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** True if `c` is an ASCII digit. */
export function isDigit(c: number): boolean {
	return c >= 0x30 && c <= 0x39;
}
