/** The chunked transfer coding, RFC 9112 §7.1. Extensions and trailers are checked, bounded and dropped. */

import { hexDigit } from "./address.js";
import { CR, isFieldCharacter, LF } from "./ascii.js";
import type { BodyParser } from "./body_parser.js";
import { HttpError } from "./errors.js";

/**
 * Limits in bytes on one chunk's extensions and on all trailer lines; Node's parser accepts as many. Both are dropped as they
 * arrive, so they take no memory, but endless ones have been an attack (CVE-2024-22019).
 */
const EXTENSION_BYTES = 16_384;
const TRAILER_BYTES = 16_384;
/** The most hex digits that are exact as a number. */
const SIZE_DIGITS = 13;

type State = "size" | "extension" | "size end" | "data" | "data end" | "line start" | "trailer" | "done";

export class ChunkParser implements BodyParser {
	readonly untilClose = false;
	readonly rest = undefined;
	#state: State = "size";
	/** The size read so far, then the rest of the chunk. */
	#size = 0;
	/** Digits, extension bytes or trailer bytes so far. */
	#count = 0;
	/** True if the last byte was CR: LF must follow. */
	#afterCr = false;

	get done(): boolean {
		return this.#state === "done";
	}

	/** Throws `HttpError` `ChunkMalformed`, `ChunkExtensionTooLong`, `TrailersTooLarge`. */
	take(piece: Uint8Array): { used: number; data: Uint8Array } {
		let at = this.#frame(piece, 0);
		if (this.#state !== "data") {
			return { used: at, data: piece.subarray(0, 0) };
		}
		const end = at + Math.min(this.#size, piece.length - at);
		const data = piece.subarray(at, end);
		this.#size -= data.length;
		at = end;
		if (this.#size === 0) {
			this.#state = "data end";
			// Framing is read at once, so that the end of the body is detected with its last bytes.
			at = this.#frame(piece, at);
		}
		return { used: at, data };
	}

	/** Reads framing bytes from `at` on, until data starts, the body has ended, or none are left. */
	#frame(piece: Uint8Array, at: number): number {
		while (at < piece.length && this.#state !== "data" && this.#state !== "done") {
			this.#byte(piece[at]!);
			at++;
		}
		return at;
	}

	#byte(c: number): void {
		if (this.#afterCr) {
			if (c !== LF) {
				throw malformed("LF after CR", c);
			}
			this.#afterCr = false;
			this.#endLine();
		} else if (c === CR && this.#mayEndLine()) {
			this.#afterCr = true;
		} else {
			this.#byteInLine(c);
		}
	}

	#mayEndLine(): boolean {
		return this.#state !== "size" || this.#count > 0;
	}

	#endLine(): void {
		switch (this.#state) {
			case "size":
			case "extension":
				this.#count = 0;
				this.#state = this.#size === 0 ? "line start" : "data";
				break;
			case "data end":
				this.#state = "size";
				break;
			case "trailer":
				this.#state = "line start";
				break;
			default:
				// An empty line ends the trailers and the body.
				this.#state = "done";
		}
	}

	#byteInLine(c: number): void {
		switch (this.#state) {
			case "size":
				this.#sizeByte(c);
				break;
			case "extension":
				this.#lineByte(c, EXTENSION_BYTES, "ChunkExtensionTooLong");
				break;
			case "line start":
			case "trailer":
				this.#state = "trailer";
				this.#lineByte(c, TRAILER_BYTES, "TrailersTooLarge");
				break;
			default:
				throw malformed("CR LF after a chunk", c);
		}
	}

	#sizeByte(c: number): void {
		const digit = hexDigit(c);
		if (digit >= 0 && this.#count < SIZE_DIGITS) {
			this.#size = this.#size * 16 + digit;
			this.#count++;
		} else if (c === 0x3b && this.#count > 0) {
			this.#state = "extension";
			this.#count = 0;
		} else {
			throw malformed(`a chunk's size in 1 to ${SIZE_DIGITS} hex digits`, c);
		}
	}

	#lineByte(c: number, most: number, name: "ChunkExtensionTooLong" | "TrailersTooLarge"): void {
		if (!isFieldCharacter(c)) {
			throw malformed("text", c);
		}
		this.#count++;
		if (this.#count > most) {
			throw new HttpError(name, `expected at most ${most} bytes; the server is broken or hostile`);
		}
	}
}

function malformed(expected: string, c: number): HttpError {
	return new HttpError("ChunkMalformed", `expected ${expected}, got byte 0x${c.toString(16).padStart(2, "0")}`);
}
