/**
 * The head of a response: RFC 9112 §4 (status line) and §5 (field lines), byte by byte from pieces of any size.
 *
 * Stricter than the RFC where leniency has been an attack: lines end with CR LF only; folded lines (§5.2), white space before
 * a colon and control characters are refused.
 *
 * A head of any size takes bounded memory: every line is checked, few are kept (`HttpLimits.lineBytes` and the limits beside
 * it).
 */
import { CR, isBlank, isFieldText, isTokenCharacter, LF } from "./ascii.js";
import { HttpError } from "./errors.js";
import { HeaderList, LargeValue } from "./header_list.js";
import type { HttpLimits } from "./limits.js";

/** Initial bytes of the line buffer: enough for the kept lines of most heads. */
const FIRST_SIZE = 512;
/** Bytes of a header's name. */
const NAME_BYTES = 128;
/** Bytes that are kept of a status line. */
const STATUS_BYTES = 128;
/** Headers that frame the body or govern the connection: none of them may be dropped unnoticed. */
const FRAMING: readonly string[] = Object.freeze(["connection", "content-length", "transfer-encoding"]);
/** Bytes of one such line, and of all of them. */
const FRAMING_LINE_BYTES = 256;
const FRAMING_BYTES = 1_024;

export interface Head {
	readonly status: number;
	/** The minor version: 0 or 1. */
	readonly minor: number;
	readonly headers: HeaderList;
}

export class HeadParser {
	readonly #limits: HttpLimits;
	/** The kept lines, and the line being read. */
	#bytes = new Uint8Array(0);
	#length = 0;
	/** Offset of the line being read. */
	#line = 0;
	#hasStatus = false;
	#isComplete = false;
	/** True if the rest of the line is checked but not added to `#bytes`: it goes to `#large` or nowhere. */
	#isPassing = false;
	#large: LargeValue | undefined;
	/** True if the passing line's last byte was a CR. */
	#endsWithCr = false;
	readonly #largeValues: LargeValue[] = [];
	readonly #tooLong: string[] = [];
	#keptBytes = 0;
	#framingBytes = 0;
	/** Bytes of all heads of the exchange: interim responses share one allowance with the final one. */
	#totalBytes = 0;
	#totalHeaders = 0;
	#status = 0;
	#minor = 0;

	constructor(limits: HttpLimits) {
		this.#limits = limits;
	}

	/**
	 * Takes bytes up to the end of the head and returns how many. If it takes fewer than given, `take` has the head; it may
	 * also have it if all were taken. Throws `HttpError` `HeadTooLarge`, `TooManyHeaders`, `StatusLineMalformed`,
	 * `VersionUnsupported`, `HeaderMalformed`, `HeaderFolded`, `FramingAmbiguous`.
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

	/** Returns the head once it is complete; the parser is then ready for the next one. */
	take(): Head | undefined {
		if (!this.#isComplete) {
			return undefined;
		}
		// A view, not a copy: the buffer goes to the list, and the next head starts a new one.
		const lines = this.#bytes.subarray(0, this.#length);
		const headers = new HeaderList(lines, this.#largeValues.splice(0), this.#tooLong.splice(0));
		this.#bytes = new Uint8Array(0);
		this.#length = this.#line = this.#keptBytes = this.#framingBytes = 0;
		this.#hasStatus = this.#isComplete = false;
		return { status: this.#status, minor: this.#minor, headers };
	}

	#append(part: Uint8Array): void {
		this.#totalBytes += part.length;
		if (this.#totalBytes > this.#limits.headBytes) {
			throw new HttpError(
				"HeadTooLarge",
				`the response's head has more than the ${this.#limits.headBytes} bytes that this device takes`,
			);
		}
		if (this.#isPassing) {
			this.#pass(part);
			return;
		}
		const length = this.#length + part.length;
		if (length > this.#bytes.length) {
			const larger = new Uint8Array(Math.max(length, FIRST_SIZE, (this.#bytes.length * 3) >> 1));
			larger.set(this.#bytes.subarray(0, this.#length));
			this.#bytes = larger;
		}
		this.#bytes.set(part, this.#length);
		this.#length = length;
		const most = this.#hasStatus ? this.#limits.lineBytes : STATUS_BYTES;
		if (length - this.#line > most && part.at(-1) !== LF) {
			this.#startPassing();
		}
	}

	/** Starts a line that is too long to keep: checks the part that is there, and makes room. */
	#startPassing(): void {
		this.#isPassing = true;
		this.#endsWithCr = this.#bytes[this.#length - 1] === CR;
		const end = this.#length - (this.#endsWithCr ? 1 : 0);
		if (!this.#hasStatus) {
			// Kept until the end of the line.
			this.#length = end;
			return;
		}
		const { name, value } = this.#fieldLine(this.#line, end);
		if (FRAMING.includes(name)) this.#addFraming(name, end - this.#line);
		this.#startLarge(name, this.#bytes.subarray(value, end));
		this.#length = this.#line;
	}

	/** Keeps the value if the header is one of the large ones. */
	#startLarge(name: string, start: Uint8Array): void {
		const { largeHeaders, largeBytes } = this.#limits;
		const header = Object.hasOwn(largeHeaders, name) ? largeHeaders[name] : undefined;
		const isSeen = this.#largeValues.some((each) => each.name === name) || this.#tooLong.includes(name);
		if (header === undefined || isSeen || (header.limit === undefined && !this.#isFirst(name))) return;
		this.#large = new LargeValue(name, header, header.limit ?? largeBytes);
		this.#growLarge(start);
	}

	/** True if no other header without a limit of its own is kept that stands before `name` in the list; one behind it is dropped. */
	#isFirst(name: string): boolean {
		const { largeHeaders } = this.#limits;
		const names = Object.keys(largeHeaders);
		const other = this.#largeValues.findIndex((each) => largeHeaders[each.name]!.limit === undefined);
		if (other < 0) return true;
		const isFirst = names.indexOf(name) < names.indexOf(this.#largeValues[other]!.name);
		if (isFirst) this.#largeValues.splice(other, 1);
		return isFirst;
	}

	#growLarge(part: Uint8Array): void {
		if (this.#large === undefined || this.#large.append(part)) return;
		this.#tooLong.push(this.#large.name);
		this.#large = undefined;
	}

	#endLarge(): void {
		if (this.#large === undefined) return;
		this.#large.end();
		this.#largeValues.push(this.#large);
		this.#large = undefined;
	}

	/** Checks the next bytes of a passing line. */
	#pass(part: Uint8Array): void {
		const isEnd = part.at(-1) === LF;
		const hadCr = this.#endsWithCr;
		let end = part.length;
		if (isEnd) {
			end--;
		}
		this.#endsWithCr = end > 0 ? part[end - 1] === CR : hadCr;
		if (end > 0 && this.#endsWithCr) {
			end--;
		}
		if ((hadCr && !(isEnd && part.length === 1)) || !isFieldText(part, 0, end)) {
			throw this.#malformed("a header's value contains a control character");
		}
		this.#growLarge(part.subarray(0, end));
	}

	/** Checks a complete line. Returns true for the empty line that ends the head. */
	#endLine(): boolean {
		if (this.#isPassing) {
			if (!this.#endsWithCr) {
				throw this.#malformed("a line must end with CR LF, got LF");
			}
			if (!this.#hasStatus) {
				this.#statusLine(this.#length);
				this.#hasStatus = true;
				this.#length = this.#line;
			}
			this.#endLarge();
			this.#isPassing = this.#endsWithCr = false;
			return false;
		}
		const start = this.#line;
		const end = this.#length - 2;
		if (end < start || this.#bytes[end] !== CR) {
			throw this.#malformed("a line must end with CR LF, got LF");
		}
		let isKept = false;
		if (!this.#hasStatus) {
			this.#statusLine(end);
			this.#hasStatus = true;
		} else if (end === start) {
			this.#isComplete = true;
		} else {
			const { name, value } = this.#fieldLine(start, end);
			isKept = this.#mayKeep(name, this.#length - start);
			if (!isKept) {
				this.#startLarge(name, this.#bytes.subarray(value, end));
				this.#endLarge();
			}
		}
		if (isKept) {
			this.#line = this.#length;
		} else {
			this.#length = start;
		}
		return this.#isComplete;
	}

	/** True if a line of `size` bytes may be kept; it is then counted. */
	#mayKeep(name: string, size: number): boolean {
		if (FRAMING.includes(name)) return this.#addFraming(name, size);
		if (size > this.#limits.lineBytes || this.#keptBytes + size > this.#limits.keptBytes) return false;
		this.#keptBytes += size;
		return true;
	}

	/** Counts a framing line. If connection options are too long to keep, the connection is not kept either. */
	#addFraming(name: string, size: number): boolean {
		if (size <= FRAMING_LINE_BYTES && this.#framingBytes + size <= FRAMING_BYTES) {
			this.#framingBytes += size;
			return true;
		}
		if (name !== "connection") {
			throw new HttpError("FramingAmbiguous", `expected ${name} in at most ${FRAMING_LINE_BYTES} bytes, got more`);
		}
		if (!this.#tooLong.includes(name)) this.#tooLong.push(name);
		return false;
	}

	#malformed(message: string): HttpError {
		return new HttpError(this.#hasStatus ? "HeaderMalformed" : "StatusLineMalformed", message);
	}

	/**
	 * Parses the status line (RFC 9112 §4), `HTTP/1.1 200 reason`. The reason and the space before it may be missing, as many
	 * servers send it.
	 */
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

	/** Parses a field line (RFC 9112 §5), `name: value`. Returns the name in lower case, and the offset of the value. */
	#fieldLine(start: number, end: number): { readonly name: string; readonly value: number } {
		const bytes = this.#bytes;
		this.#totalHeaders++;
		if (this.#totalHeaders > this.#limits.headerCount) {
			throw new HttpError("TooManyHeaders", `the response has more than ${this.#limits.headerCount} header lines`);
		}
		if (isBlank(bytes[start]!)) {
			throw new HttpError("HeaderFolded", "a header line starts with white space (obs-fold, RFC 9112 §5.2)");
		}
		let colon = start;
		while (colon < end && colon - start <= NAME_BYTES && isTokenCharacter(bytes[colon]!)) {
			colon++;
		}
		if (colon === start || colon === end || bytes[colon] !== 0x3a) {
			throw new HttpError("HeaderMalformed", "expected a header's name (RFC 9110 §5.1) and a colon right after it");
		}
		if (!isFieldText(bytes, colon + 1, end)) {
			throw new HttpError("HeaderMalformed", "a header's value contains a control character");
		}
		const name = new TextDecoder().decode(bytes.subarray(start, colon)).toLowerCase();
		return { name, value: colon + 1 };
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
