import { isBlank, LF } from "./ascii.js";

/** How many bytes go to `fromCharCode` at once: its arguments lie on the stack, which has 512 slots on an ESP32. */
const LATIN1_RUN = 64;

/**
 * The header fields of a response, in their order. They stay the bytes that came (a microcontroller has no room for
 * each as a string) and one is decoded when it is asked for.
 */
export class HeaderList {
	readonly #bytes: Uint8Array;

	/** `bytes` are checked field lines (`HeadParser`), each ended by CR LF. */
	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	/**
	 * The value of the first field of this name, in whatever case; `undefined` when there is none. White space around
	 * it is gone; a byte above 0x7f is read as Latin-1.
	 */
	get(name: string): string | undefined {
		return this.#find(name, 1)[0];
	}

	/** The values of all fields of this name. */
	getAll(name: string): string[] {
		return this.#find(name, Number.POSITIVE_INFINITY);
	}

	#find(name: string, most: number): string[] {
		const bytes = this.#bytes;
		const wanted = name.toLowerCase();
		const values: string[] = [];
		for (let start = 0; start < bytes.length && values.length < most; ) {
			const end = bytes.indexOf(LF, start) + 1;
			const colon = start + wanted.length;
			if (bytes[colon] === 0x3a && equalsIgnoringCase(bytes, start, wanted)) {
				values.push(decodeValue(bytes, colon + 1, end - 2));
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

function decodeValue(bytes: Uint8Array, start: number, end: number): string {
	while (start < end && isBlank(bytes[start]!)) {
		start++;
	}
	while (end > start && isBlank(bytes[end - 1]!)) {
		end--;
	}
	const value = bytes.subarray(start, end);
	// As UTF-8 it has as many characters as bytes, none of them a replacement, only if all of it is ASCII. Native code
	// finds that out much faster than a loop does.
	let text = new TextDecoder().decode(value);
	if (text.length === value.length && !text.includes("\ufffd")) {
		return text;
	}
	text = "";
	for (let at = 0; at < value.length; at += LATIN1_RUN) {
		text += String.fromCharCode(...value.subarray(at, at + LATIN1_RUN));
	}
	return text;
}
