/**
 * The head of a response: RFC 9112 §4 (status line) and §5 (field lines), byte by byte from pieces of any size.
 *
 * Stricter than the RFC asks where leniency has been an attack: lines end with CR LF and nothing else, a folded line
 * (§5.2), white space before a colon and control characters are refused.
 */
import { CR, isBlank, isTokenCharacter, LF } from "./ascii.js";
import { HttpError } from "./errors.js";
import { HeaderList } from "./header_list.js";
import type { HttpLimits } from "./limits.js";

/** The buffer grows by this much, so that a small head stays small. */
const STEP = 1_024;

export interface Head {
	readonly status: number;
	/** The minor version: 0 or 1. */
	readonly minor: number;
	readonly headers: HeaderList;
}

export class HeadParser {
	readonly #limits: HttpLimits;
	#bytes = new Uint8Array(0);
	#length = 0;
	/** Where the line that is being read starts. */
	#line = 0;
	/** The end of the status line, 0 until it is there. */
	#fields = 0;
	/** Over all heads of the exchange: interim responses share one allowance with the final one. */
	#totalBytes = 0;
	#totalHeaders = 0;
	#status = 0;
	#minor = 0;

	constructor(limits: HttpLimits) {
		this.#limits = limits;
	}

	/**
	 * Takes bytes up to the end of the head. Returns how many it took; fewer than there are means that `take` has the
	 * head, as it may have when all were taken. Throws `HttpError` `HeadTooLarge`, `TooManyHeaders`,
	 * `StatusLineMalformed`, `VersionUnsupported`, `HeaderMalformed`, `HeaderFolded`.
	 */
	push(piece: Uint8Array): number {
		for (let at = 0; at < piece.length; ) {
			const found = piece.indexOf(LF, at);
			const end = found < 0 ? piece.length : found + 1;
			this.#append(piece.subarray(at, end));
			at = end;
			if (found >= 0 && this.#endLine()) {
				return at;
			}
		}
		return piece.length;
	}

	/** The head, once it is complete; the parser then is ready for the next one. */
	take(): Head | undefined {
		if (!this.#complete()) {
			return undefined;
		}
		// A view, not a copy: the buffer goes to the list, and the next head starts a new one.
		const headers = new HeaderList(this.#bytes.subarray(this.#fields, this.#length - 2));
		const head = { status: this.#status, minor: this.#minor, headers };
		this.#bytes = new Uint8Array(0);
		this.#length = this.#line = this.#fields = 0;
		return head;
	}

	/** The empty line is in: it starts where the last line ended. */
	#complete(): boolean {
		return this.#length - this.#line === 2 && this.#bytes[this.#length - 1] === LF;
	}

	#append(part: Uint8Array): void {
		this.#totalBytes += part.length;
		if (this.#totalBytes > this.#limits.headBytes) {
			throw new HttpError(
				"HeadTooLarge",
				`the response's head has more than ${this.#limits.headBytes} bytes; raise headBytes if the server is trusted`,
			);
		}
		const length = this.#length + part.length;
		if (length > this.#bytes.length) {
			const larger = new Uint8Array(Math.ceil(length / STEP) * STEP);
			larger.set(this.#bytes);
			this.#bytes = larger;
		}
		this.#bytes.set(part, this.#length);
		this.#length = length;
	}

	/** Checks the line that ends at `#length`. Returns whether it was the empty one that ends the head. */
	#endLine(): boolean {
		const start = this.#line;
		const end = this.#length - 2;
		const status = this.#fields === 0;
		if (end < start || this.#bytes[end] !== CR) {
			throw new HttpError(status ? "StatusLineMalformed" : "HeaderMalformed", "a line must end with CR LF, got LF");
		}
		if (status) {
			this.#statusLine(end);
			this.#fields = this.#length;
		} else if (end === start) {
			return true;
		} else {
			this.#fieldLine(start, end);
		}
		this.#line = this.#length;
		return false;
	}

	/** RFC 9112 §4: `HTTP/1.1 200 reason`. The reason and the space before it may be missing, as in many servers. */
	#statusLine(end: number): void {
		const bytes = this.#bytes;
		const text = new TextDecoder().decode(bytes.subarray(0, Math.min(end, 13)));
		if (!text.startsWith("HTTP/") || text.charAt(6) !== "." || !isDigits(bytes, 5, 6) || !isDigits(bytes, 7, 8)) {
			throw new HttpError("StatusLineMalformed", `expected "HTTP/1.1 <status>", got ${JSON.stringify(text)}`);
		}
		this.#minor = bytes[7]! - 0x30;
		if (bytes[5] !== 0x31 || this.#minor > 1) {
			throw new HttpError("VersionUnsupported", `expected HTTP/1.0 or HTTP/1.1, got ${text.slice(0, 8)}`);
		}
		this.#status = Number(text.slice(9, 12));
		const proper =
			end >= 12 && bytes[8] === 0x20 && isDigits(bytes, 9, 12) && this.#status >= 100 && this.#status <= 599;
		if (!proper || (end > 12 && bytes[12] !== 0x20) || !isFieldText(bytes, 12, end)) {
			throw new HttpError(
				"StatusLineMalformed",
				`expected a status from 100 to 599 and a line of plain text, got ${JSON.stringify(text)}`,
			);
		}
	}

	/** RFC 9112 §5: `name: value`. */
	#fieldLine(start: number, end: number): void {
		const bytes = this.#bytes;
		this.#totalHeaders++;
		if (this.#totalHeaders > this.#limits.headerCount) {
			throw new HttpError("TooManyHeaders", `the response has more than ${this.#limits.headerCount} header lines`);
		}
		if (isBlank(bytes[start]!)) {
			throw new HttpError("HeaderFolded", "a header line starts with white space (obs-fold, RFC 9112 §5.2)");
		}
		let colon = start;
		while (colon < end && isTokenCharacter(bytes[colon]!)) {
			colon++;
		}
		if (colon === start || colon === end || bytes[colon] !== 0x3a) {
			throw new HttpError("HeaderMalformed", "expected a header's name (RFC 9110 §5.1) and a colon right after it");
		}
		if (!isFieldText(bytes, colon + 1, end)) {
			throw new HttpError("HeaderMalformed", "a header's value holds a control character");
		}
	}
}

function isDigits(bytes: Uint8Array, start: number, end: number): boolean {
	for (let i = start; i < end; i++) {
		if (!(bytes[i]! >= 0x30 && bytes[i]! <= 0x39)) {
			return false;
		}
	}
	return true;
}

/** `isFieldCharacter` of each byte, without a call for each: a payment has thousands of them. */
function isFieldText(bytes: Uint8Array, start: number, end: number): boolean {
	for (let i = start; i < end; i++) {
		const c = bytes[i]!;
		if (c < 0x20 ? c !== 0x09 : c === 0x7f) {
			return false;
		}
	}
	return true;
}
