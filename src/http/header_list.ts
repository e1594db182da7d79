import { isBlank, LF } from "./ascii.js";

/**
 * The value of a header that is too long for a line: the only ones that take more than a kilobyte. All of its room is taken
 * at once: a buffer that grows is in memory twice each time.
 */
export class LargeValue {
	/** In lower case. */
	readonly name: string;
	#bytes: Uint8Array;
	#length = 0;

	constructor(name: string, limit: number) {
		this.name = name;
		this.#bytes = new Uint8Array(limit);
	}

	/** True if there was room. */
	append(part: Uint8Array): boolean {
		if (this.#length + part.length > this.#bytes.length) return false;
		this.#bytes.set(part, this.#length);
		this.#length += part.length;
		return true;
	}

	/** Gives back the room that was not needed, where that is much. */
	end(): void {
		if (this.#length < this.#bytes.length >> 2) this.#bytes = this.#bytes.slice(0, this.#length);
	}

	/** A view. */
	get value(): Uint8Array {
		return trimmed(this.#bytes, 0, this.#length);
	}
}

/**
 * The header fields of a response that were kept, in their order. They stay the bytes that came (a microcontroller has no
 * room for each as a string) and one is decoded when it is asked for.
 */
export class HeaderList {
	readonly #bytes: Uint8Array;
	#large: readonly LargeValue[];
	readonly #tooLong: readonly string[];

	/** `bytes` are checked field lines (`HeadParser`), each ended by CR LF; `tooLong` are names of which none was kept. */
	constructor(bytes: Uint8Array, large: readonly LargeValue[] = [], tooLong: readonly string[] = []) {
		this.#bytes = bytes;
		this.#large = large;
		this.#tooLong = tooLong;
	}

	/**
	 * The value of the first field of this name, in whatever case; `undefined` when there is none. White space around
	 * it is gone; a byte above 0x7f is read as Latin-1.
	 */
	get(name: string): string | undefined {
		const wanted = name.toLowerCase();
		const large = this.#large.find((each) => each.name === wanted);
		return large === undefined ? this.#find(wanted, 1).map(latin1)[0] : latin1(large.value);
	}

	/** The values of all fields of this name, of those that are not large. */
	getAll(name: string): string[] {
		return this.#find(name.toLowerCase(), Number.POSITIVE_INFINITY).map(latin1);
	}

	/**
	 * The bytes of the first value of this name: the caller's own, to be written over. A large value is gone from the list
	 * then, so that nothing else holds its memory.
	 */
	take(name: string): Uint8Array | undefined {
		const wanted = name.toLowerCase();
		const large = this.#large.find((each) => each.name === wanted);
		if (large === undefined) return this.#find(wanted, 1)[0]?.slice();
		this.#large = this.#large.filter((each) => each !== large);
		return large.value;
	}

	/** True if a header of this name came that was too long to be kept. */
	isTooLong(name: string): boolean {
		return this.#tooLong.includes(name.toLowerCase());
	}

	/** Views. `wanted` is in lower case. */
	#find(wanted: string, most: number): Uint8Array[] {
		const bytes = this.#bytes;
		const values: Uint8Array[] = [];
		for (let start = 0; start < bytes.length && values.length < most; ) {
			const end = bytes.indexOf(LF, start) + 1;
			const colon = start + wanted.length;
			if (bytes[colon] === 0x3a && equalsIgnoringCase(bytes, start, wanted)) {
				values.push(trimmed(bytes, colon + 1, end - 2));
			}
			start = end;
		}
		return values;
	}
}

/** `lower` is in lower case. */
function equalsIgnoringCase(bytes: Uint8Array, start: number, lower: string): boolean {
	for (let i = 0; i < lower.length; i++) {
		const c = bytes[start + i]!;
		if ((c >= 0x41 && c <= 0x5a ? c + 0x20 : c) !== lower.charCodeAt(i)) {
			return false;
		}
	}
	return true;
}

/** A view without the white space around it. */
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
	// In UTF-8 each byte above 0x7f has two: written at once, since a string that grows is copied each time.
	const utf8 = new Uint8Array(value.length + above);
	let at = 0;
	for (let i = 0; i < value.length; i++) {
		const c = value[i]!;
		if (c > 0x7f) utf8[at++] = 0xc0 | (c >> 6);
		utf8[at++] = c > 0x7f ? 0x80 | (c & 0x3f) : c;
	}
	return new TextDecoder().decode(utf8);
}
