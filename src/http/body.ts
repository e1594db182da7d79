/**
 * Finds the end of a response's body: RFC 9112 §6.3, strictly. Framing that two parsers could read in two ways (§11.2,
 * request smuggling) is refused.
 */
import type { BodyParser } from "./body_parser.js";
import { ChunkParser } from "./chunks.js";
import { HttpError } from "./errors.js";
import type { Head } from "./head.js";

/**
 * Returns a parser for the body that follows `head`. Throws `HttpError` `FramingAmbiguous`, `TransferCodingUnsupported`,
 * `ContentLengthRepeated`, `ContentLengthInvalid`.
 */
export function bodyOf(head: Head, method: string): BodyParser {
	const codings = head.headers.getAll("transfer-encoding");
	const lengths = head.headers.getAll("content-length");
	if (codings.length > 0 && (lengths.length > 0 || head.minor === 0)) {
		throw new HttpError(
			"FramingAmbiguous",
			"expected either Content-Length or, in HTTP/1.1, Transfer-Encoding; got both, or the latter in HTTP/1.0",
		);
	}
	if (codings.length > 1 || (codings.length === 1 && codings[0]!.toLowerCase() !== "chunked")) {
		throw new HttpError("TransferCodingUnsupported", `expected "chunked", got "${codings.join(", ").slice(0, 60)}"`);
	}
	if (lengths.length > 1) {
		throw new HttpError("ContentLengthRepeated", `expected one Content-Length, got ${lengths.length}`);
	}
	const length = lengths.length === 1 ? parseLength(lengths[0]!) : undefined;
	if (method === "HEAD" || head.status === 204 || head.status === 304) {
		return new SizedBody(0);
	}
	return codings.length === 1 ? new ChunkParser() : new SizedBody(length);
}

/** Parses 1*DIGIT (RFC 9110 §8.6), at most 15 digits: exact as a number. */
function parseLength(text: string): number {
	let length = text.length >= 1 && text.length <= 15 ? 0 : Number.NaN;
	for (let i = 0; i < text.length; i++) {
		const digit = text.charCodeAt(i) - 0x30;
		length = digit >= 0 && digit <= 9 ? length * 10 + digit : Number.NaN;
	}
	if (Number.isNaN(length)) {
		throw new HttpError(
			"ContentLengthInvalid",
			`expected a Content-Length of 1 to 15 digits, got "${text.slice(0, 30)}"`,
		);
	}
	return length;
}

/** A body of known length, or one that ends with the connection. */
class SizedBody implements BodyParser {
	rest: number | undefined;

	constructor(length: number | undefined) {
		this.rest = length;
	}

	get done(): boolean {
		return this.rest === 0;
	}

	get untilClose(): boolean {
		return this.rest === undefined;
	}

	take(piece: Uint8Array): { used: number; data: Uint8Array } {
		const used = Math.min(piece.length, this.rest ?? piece.length);
		if (this.rest !== undefined) {
			this.rest -= used;
		}
		return { used, data: piece.subarray(0, used) };
	}
}
