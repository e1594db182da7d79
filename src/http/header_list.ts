import * as base64 from "../../modules/encoding/base64.js";
import { isBlank, LF } from "./ascii.js";
import type { LargeHeader } from "./limits.js";

/** The first buffer of a large value: most values fit. */
const FIRST_SIZE = 1_536;
const OPEN_OBJECT = 0x7b;
/** Replaces a value that is not base64; it is no base64 either. */
const BROKEN = 0x2a;

/**
 * The value of a header that is too long for a line: the only kind that takes more than a kilobyte. Its buffer grows once, since
 * a growing buffer is in memory twice each time it grows. Base64 is decoded as it arrives, which saves a quarter.
 */
export class LargeValue {
	/** In lower case. */
	readonly name: string;
	readonly #limit: number;
	#bytes: Uint8Array;
	#length = 0;
	#isBase64: boolean;
	/** Up to three characters of base64 that are not yet decoded; `undefined` before the first. */
	#rest: Uint8Array | undefined;

	constructor(name: string, { isBase64 = false }: LargeHeader, limit: number) {
		this.name = name;
		this.#limit = limit;
		this.#bytes = new Uint8Array(Math.min(limit, FIRST_SIZE));
		this.#isBase64 = isBase64;
	}

	/** Returns false if there was no room. */
	append(part: Uint8Array): boolean {
		if (!this.#isBase64) return this.#add(part);
		const text = trimmed(part, 0, part.length);
		if (this.#rest === undefined && text[0] === OPEN_OBJECT) {
			this.#isBase64 = false;
			return this.#add(text);
		}
		const rest = this.#rest?.length ?? 0;
		const characters = new Uint8Array(rest + text.length);
		if (this.#rest !== undefined) characters.set(this.#rest);
		characters.set(text, rest);
		const whole = characters.length - (characters.length % 4);
		this.#rest = characters.slice(whole);
		return this.#decode(characters.subarray(0, whole));
	}

	/** Decodes the rest, and releases the unused room if it is large. */
	end(): void {
		if (this.#isBase64 && this.#rest !== undefined) this.#decode(this.#rest);
		if (this.#length < this.#bytes.length >> 2) this.#bytes = this.#bytes.slice(0, this.#length);
	}

	/** A view of the bytes; of base64, the decoded ones. */
	get value(): Uint8Array {
		return trimmed(this.#bytes, 0, this.#length);
	}

	#decode(characters: Uint8Array): boolean {
		if (this.#length === 1 && this.#bytes[0] === BROKEN) return true;
		base64.standardize(characters);
		try {
			return this.#add(base64.decodeInPlace(characters));
		} catch {
			this.#bytes = Uint8Array.of(BROKEN);
			this.#length = 1;
			return true;
		}
	}

	#add(bytes: Uint8Array): boolean {
		const length = this.#length + bytes.length;
		if (length > this.#limit) return false;
		if (length > this.#bytes.length) {
			const larger = new Uint8Array(this.#limit);
			larger.set(this.#bytes.subarray(0, this.#length));
			this.#bytes = larger;
		}
		this.#bytes.set(bytes, this.#length);
		this.#length = length;
		return true;
	}
}

/**
 * The kept header fields of a response, in their order. They stay bytes as received, since a microcontroller has no room for
 * each as a string; one is decoded on demand.
 */
export class HeaderList {
	readonly #bytes: Uint8Array;
	#large: readonly LargeValue[];
	readonly #tooLong: readonly string[];
	/** The beginning of each line, and the end of the last; found on first use. */
	#lines: number[] | undefined;

	/**
	 * `bytes` are checked field lines (`HeadParser`), each ended by CR LF; `tooLong` are the names of headers that were
	 * dropped.
	 */
	constructor(bytes: Uint8Array, large: readonly LargeValue[] = [], tooLong: readonly string[] = []) {
		this.#bytes = bytes;
		this.#large = large;
		this.#tooLong = tooLong;
	}

	/**
	 * Returns the value of the first field of this name, ignoring case; `undefined` if there is none. White space around it is
	 * removed; a byte above 0x7f is read as Latin-1.
	 */
	get(name: string): string | undefined {
		const wanted = name.toLowerCase();
		const large = this.#large.find((each) => each.name === wanted);
		return large === undefined ? this.#find(wanted, 1).map(latin1)[0] : latin1(large.value);
	}

	/** Returns the values of all fields of this name, except large ones. */
	getAll(name: string): string[] {
		return this.#find(name.toLowerCase(), Number.POSITIVE_INFINITY).map(latin1);
	}

	/**
	 * Returns the bytes of the first value of this name; the caller owns them and may overwrite them. A large value is removed
	 * from the list, so that nothing else holds its memory.
	 */
	take(name: string): Uint8Array | undefined {
		const wanted = name.toLowerCase();
		const large = this.#large.find((each) => each.name === wanted);
		if (large === undefined) return this.#find(wanted, 1)[0]?.slice();
		this.#large = this.#large.filter((each) => each !== large);
		return large.value;
	}

	/** True if a header of this name arrived that was too long to keep. */
	isTooLong(name: string): boolean {
		return this.#tooLong.includes(name.toLowerCase());
	}

	/** Returns views. `wanted` is in lower case. */
	#find(wanted: string, most: number): Uint8Array[] {
		const bytes = this.#bytes;
		const values: Uint8Array[] = [];
		this.#lines ??= linesOf(bytes);
		for (let i = 1; i < this.#lines.length && values.length < most; i++) {
			const start: number = this.#lines[i - 1]!;
			const colon = start + wanted.length;
			if (bytes[colon] === 0x3a && equalsIgnoringCase(bytes, start, wanted)) {
				values.push(trimmed(bytes, colon + 1, this.#lines[i]! - 2));
			}
		}
		return values;
	}
}

function linesOf(bytes: Uint8Array): number[] {
	const lines = [0];
	for (let end = 0; end < bytes.length; lines.push(end)) end = bytes.indexOf(LF, end) + 1;
	return lines;
}

/** Compares without case; `lower` is in lower case. */
function equalsIgnoringCase(bytes: Uint8Array, start: number, lower: string): boolean {
	for (let i = 0; i < lower.length; i++) {
		const c = bytes[start + i]!;
		if ((c >= 0x41 && c <= 0x5a ? c + 0x20 : c) !== lower.charCodeAt(i)) {
			return false;
		}
	}
	return true;
}

/** Returns a view without the surrounding white space. */
function trimmed(bytes: Uint8Array, start: number, end: number): Uint8Array {
	while (start < end && isBlank(bytes[start]!)) {
		start++;
	}
	while (end > start && isBlank(bytes[end - 1]!)) {
		end--;
	}
	return bytes.subarray(start, end);
}

function latin1(value: Uint8Array): string {
	let above = 0;
	for (let i = 0; i < value.length; i++) if (value[i]! > 0x7f) above++;
	if (above === 0) return new TextDecoder().decode(value);
	// In UTF-8 each byte above 0x7f takes two: written at once, since a growing string is copied each time.
	const utf8 = new Uint8Array(value.length + above);
	let at = 0;
	for (let i = 0; i < value.length; i++) {
		const c = value[i]!;
		if (c > 0x7f) utf8[at++] = 0xc0 | (c >> 6);
		utf8[at++] = c > 0x7f ? 0x80 | (c & 0x3f) : c;
	}
	return new TextDecoder().decode(utf8);
}
