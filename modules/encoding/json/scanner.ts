/**
 * Where a value or a name of JSON (RFC 8259) ends, in text that may come in pieces. Only brackets, strings and what stands
 * between values are looked at: whether it is JSON, `readJson` says.
 */

export const QUOTE = 0x22;
export const COMMA = 0x2c;
export const COLON = 0x3a;
export const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
export const CLOSE_ARRAY = 0x5d;
export const OPEN_OBJECT = 0x7b;
export const CLOSE_OBJECT = 0x7d;

/** RFC 8259 §2. */
export function isBlank(byte: number | undefined): boolean {
	return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

export function skipBlanks(bytes: Uint8Array, at: number): number {
	while (isBlank(bytes[at])) at++;
	return at;
}

/** One value after the other: it is ready for the next where one has ended, and goes on where a piece has. */
export class Scanner {
	/** Values that have begun within another, in what `end` has just read, and how deep, at the deepest, they are. */
	values = 0;
	deepest = 0;
	#depth = 0;
	#isInString = false;
	#isEscaped = false;
	readonly #quotes = new Finder(QUOTE);
	readonly #backslashes = new Finder(BACKSLASH);

	/** The index of the "," ":" "]" or "}" that ends the value that goes on at `at`, or the length of the piece. */
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

	/** Where the string ends, or the last byte of the piece. The search is native code's: most of a document is strings. */
	#endOfString(piece: Uint8Array, at: number): number {
		if (this.#isEscaped) {
			this.#isEscaped = false;
			return at;
		}
		const quote = this.#quotes.next(piece, at);
		const backslash = this.#backslashes.next(piece, at);
		if (backslash < quote) {
			this.#isEscaped = true;
			return backslash;
		}
		this.#isInString = quote === piece.length;
		return this.#isInString ? piece.length - 1 : quote;
	}
}

/** Finds one byte again and again. What was found counts until it is passed, so that a piece is searched through once. */
class Finder {
	readonly #byte: number;
	#piece: Uint8Array | undefined;
	#found = 0;

	constructor(byte: number) {
		this.#byte = byte;
	}

	/** The index of the next such byte from `at` on, or the length of the piece. Within a piece `at` only grows. */
	next(piece: Uint8Array, at: number): number {
		if (piece !== this.#piece || this.#found < at) {
			const found = piece.indexOf(this.#byte, at);
			this.#piece = piece;
			this.#found = found < 0 ? piece.length : found;
		}
		return this.#found;
	}
}
