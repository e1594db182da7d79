/**
 * Finds the end of a JSON (RFC 8259) value or name in text that may arrive in pieces. Looks only at brackets, strings and
 * separators; `readJson` checks that the text is JSON.
 */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** True for white space, RFC 8259 §2. */
export function isBlank(byte: number | undefined): boolean {
	return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function skipBlanks(bytes: Uint8Array, at: number): number {
	while (isBlank(bytes[at])) at++;
	return at;
}

/** Scans one value after another: continues within a value at the next piece, and with the next value after an end. */
export class Scanner {
	/** The number of nested values that began in the text that `end` has just read, and their greatest depth. */
	values = 0;
	deepest = 0;
	#depth = 0;
	#isInString = false;
	#isEscaped = false;
	/** The piece that was last searched for a quote, and the index found: each byte is searched once. */
	#searched: Uint8Array | undefined;
	#quote = 0;

	/** Returns the index of the "," ":" "]" or "}" that ends the value continuing at `at`, or the length of the piece. */
	end(piece: Uint8Array, at: number): number {
		this.values = 0;
		this.deepest = this.#depth;
		for (; at < piece.length; at++) {
			if (this.#isInString) {
				at = this.#endOfString(piece, at);
				continue;
			}
			const byte = piece[at]!;
			const isOpening = byte === OPEN_ARRAY || byte === OPEN_OBJECT;
			const isClosing = byte === CLOSE_ARRAY || byte === CLOSE_OBJECT;
			if (this.#depth === 0 && (isClosing || byte === COMMA || byte === COLON)) break;
			if (byte === QUOTE) this.#isInString = true;
			else if (isClosing) this.#depth--;
			else if (isOpening && ++this.#depth > this.deepest) this.deepest = this.#depth;
			if (isOpening || byte === COMMA) this.values++;
		}
		return at;
	}

	/**
	 * Returns the index of the end of the string, or of the last byte of the piece. Native search: most of a document is
	 * strings.
	 */
	#endOfString(piece: Uint8Array, at: number): number {
		if (this.#isEscaped) {
			this.#isEscaped = false;
			return at;
		}
		const quote = this.#nextQuote(piece, at);
		const backslash = piece.subarray(at, quote).indexOf(BACKSLASH);
		if (backslash >= 0) {
			this.#isEscaped = true;
			return at + backslash;
		}
		this.#isInString = quote === piece.length;
		return this.#isInString ? piece.length - 1 : quote;
	}

	/** Returns the index of the next quote from `at`, or the length of the piece. Within a piece `at` may only grow. */
	#nextQuote(piece: Uint8Array, at: number): number {
		if (piece !== this.#searched || this.#quote < at) {
			const found = piece.indexOf(QUOTE, at);
			this.#searched = piece;
			this.#quote = found < 0 ? piece.length : found;
		}
		return this.#quote;
	}
}
