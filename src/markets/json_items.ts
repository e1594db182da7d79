/**
 * The elements of one array in a JSON document (RFC 8259), one after the other while the document still arrives: a page
 * of a market's offers is longer than a device's memory, one offer is not. At any time there is one element's text, and
 * that of the members beside the array.
 */
import { NamedError } from "../../modules/encoding/named_error.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { HttpResponse } from "../http/response.js";

/** Why a list that a market sent could not be read. */
export class ItemsError extends NamedError<
	"ItemTooLarge" | "JsonCut" | "JsonMalformed" | "JsonTooDeep" | "JsonTooManyValues" | "ListMissing" | "MembersTooLarge"
> {}

/** Arrays and objects within one another, and values in all, of one element: `JSON.parse` needs stack and slots for them. */
const DEPTH_LIMIT = 16;
const VALUES_LIMIT = 512;
/** A buffer grows by at least this much. */
const STEP = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Yields the elements of the array `member` of the object that the body is, and returns the object's other members; with
 * "" the body is the array. The response is read to its end, or closed when the caller stops earlier or something is
 * wrong. It keeps its connection until then: the exchange's time limit goes on between two elements.
 *
 * @param limit bytes of one element's text, and of the other members' together
 *
 * Throws `ItemsError`: `ListMissing` when there is no such array, or more than one; `ItemTooLarge`, `MembersTooLarge`;
 * `JsonTooDeep` over 16 levels and `JsonTooManyValues` over 512 in an element; `JsonMalformed`, `JsonCut`. Elements
 * before the place of the error have been yielded by then. Throws `HttpError` as `read` does.
 *
 * @example
 * const list = items(response, "items", 4_096);
 * for await (const item of list) show(item);
 */
export async function* items(
	response: Pick<HttpResponse, "read" | "close">,
	member: string,
	limit: number,
): AsyncGenerator<unknown, Readonly<Record<string, unknown>>, void> {
	const reader = new ListReader(member, limit);
	try {
		for (let piece = await response.read(); piece !== undefined; piece = await response.read()) {
			for (let at = 0; at < piece.length; ) {
				at = reader.take(piece, at);
				if (reader.hasItem) yield reader.item();
			}
		}
		return reader.end();
	} finally {
		response.close();
	}
}

/** Where in the document: before it; in a member; between the wanted member's name and "["; in the list; and so on. */
type Place = "start" | "member" | "list start" | "list" | "list end" | "end";

class ListReader {
	hasItem = false;
	readonly #member: string;
	readonly #item: Text;
	readonly #members: Text;
	#place: Place = "start";
	/** Where in `#members` the present one begins. */
	#mark = 0;
	#hasList = false;
	/** Whether a bracket has just been opened, so that it may be closed at once. */
	#isFirst = true;
	// Within an element or a member:
	#depth = 0;
	#isInString = false;
	#isEscaped = false;

	constructor(member: string, limit: number) {
		this.#member = member;
		this.#item = new Text("ItemTooLarge", limit);
		this.#members = new Text("MembersTooLarge", limit);
	}

	/** Reads `piece` from `at` on, to the end of an element or of the piece. Returns where it stopped. */
	take(piece: Uint8Array, at: number): number {
		if (this.#place === "list") return this.#inList(piece, at);
		if (this.#place === "member") return this.#inMember(piece, at);
		const byte = piece[at]!;
		if (!isBlank(byte)) this.#between(byte);
		return at + 1;
	}

	/** The element that `take` has read. */
	item(): unknown {
		this.hasItem = false;
		const item = parse(this.#item.read(0));
		this.#item.length = 0;
		this.#item.values = 0;
		return item;
	}

	/** The members beside the list, when the body has come to its end. */
	end(): Readonly<Record<string, unknown>> {
		if (this.#place !== "end") throw new ItemsError("JsonCut", "expected the rest of a JSON document, got its end");
		// Even where the list is missing, what is no JSON at all is called so.
		if (this.#members.length > 0) this.#members.length--;
		const members = parse(`{${this.#members.read(0)}}`) as Readonly<Record<string, unknown>>;
		if (!this.#hasList) throw this.#missing("none");
		return members;
	}

	/** A byte between the parts. */
	#between(byte: number): void {
		if (this.#place === "start") {
			if (this.#member === "") this.#openList(byte);
			else if (byte !== OPEN_OBJECT) throw this.#missing("no object");
			else this.#place = "member";
		} else if (this.#place === "list start") this.#openList(byte);
		else if (this.#place === "list end" && byte === COMMA) this.#place = "member";
		else if (this.#place === "list end" && byte === CLOSE_OBJECT) this.#place = "end";
		else throw malformed();
	}

	#openList(byte: number): void {
		if (byte !== OPEN_ARRAY) throw this.#missing("another value");
		if (this.#hasList) throw this.#missing("two");
		this.#hasList = true;
		this.#isFirst = true;
		this.#place = "list";
	}

	#inList(piece: Uint8Array, at: number): number {
		const end = this.#collect(this.#item, 0, piece, at);
		if (end === piece.length) return end;
		const byte = piece[end];
		if (byte !== COMMA && byte !== CLOSE_ARRAY) throw malformed();
		const isEmpty = this.#isFirst && byte === CLOSE_ARRAY && this.#item.length === 0;
		this.hasItem = !isEmpty;
		this.#isFirst = false;
		if (byte === CLOSE_ARRAY) this.#place = this.#member === "" ? "end" : "list end";
		return end + 1;
	}

	#inMember(piece: Uint8Array, at: number): number {
		const members = this.#members;
		const end = this.#collect(members, this.#mark, piece, at);
		if (end === piece.length) return end;
		const byte = piece[end];
		if (byte === COLON) this.#name();
		else if (byte === CLOSE_ARRAY) throw malformed();
		else if (members.length > this.#mark) this.#endMember(byte!);
		else if (byte === CLOSE_OBJECT && this.#isFirst) this.#place = "end";
		else throw malformed();
		return end + 1;
	}

	/** A name and its colon: the wanted one is not kept. */
	#name(): void {
		const members = this.#members;
		this.#isFirst = false;
		if (parse(members.read(this.#mark)) === this.#member) {
			members.length = this.#mark;
			this.#place = "list start";
			return;
		}
		members.push(new Uint8Array([COLON]));
	}

	/** Each member is kept with a comma behind it; `end` drops the last one. */
	#endMember(byte: number): void {
		if (byte === CLOSE_OBJECT) this.#place = "end";
		this.#isFirst = false;
		this.#members.push(new Uint8Array([COMMA]));
		this.#mark = this.#members.length;
	}

	/** Adds to `text` up to what ends a value or a name. Returns where that is, or the end of the piece. */
	#collect(text: Text, mark: number, piece: Uint8Array, at: number): number {
		if (text.length === mark) while (isBlank(piece[at])) at++;
		const end = this.#scan(text, piece, at);
		text.push(piece.subarray(at, end));
		return end;
	}

	#scan(text: Text, piece: Uint8Array, at: number): number {
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
			else if (isOpening && ++this.#depth > DEPTH_LIMIT) {
				throw new ItemsError("JsonTooDeep", `expected at most ${DEPTH_LIMIT} levels of arrays and objects, got more`);
			}
			if ((isOpening || byte === COMMA) && ++text.values > VALUES_LIMIT) {
				throw new ItemsError("JsonTooManyValues", `expected at most ${VALUES_LIMIT} values at once, got more`);
			}
		}
		return at;
	}

	/** Where the string ends, or the last byte of the piece. The search is native code's: most of a list is strings. */
	#endOfString(piece: Uint8Array, at: number): number {
		if (this.#isEscaped) {
			this.#isEscaped = false;
			return at;
		}
		const quote = piece.indexOf(QUOTE, at);
		const end = quote < 0 ? piece.length : quote;
		const backslash = piece.indexOf(BACKSLASH, at);
		if (backslash >= 0 && backslash < end) {
			this.#isEscaped = true;
			return backslash;
		}
		this.#isInString = quote < 0;
		return quote < 0 ? piece.length - 1 : quote;
	}

	#missing(got: string): ItemsError {
		const wanted = this.#member === "" ? "an array" : `an object with one array "${this.#member}"`;
		return new ItemsError("ListMissing", `expected ${wanted}, got ${got}`);
	}
}

/** Bytes of a text, up to a limit. They are decoded whole, so no character is ever cut in two. */
class Text {
	length = 0;
	values = 0;
	#bytes = new Uint8Array(0);
	readonly #name: "ItemTooLarge" | "MembersTooLarge";
	readonly #limit: number;

	constructor(name: "ItemTooLarge" | "MembersTooLarge", limit: number) {
		this.#name = name;
		this.#limit = limit;
	}

	push(bytes: Uint8Array): void {
		const length = this.length + bytes.length;
		if (length > this.#limit) {
			const what = this.#name === "ItemTooLarge" ? "one element" : "the members beside the list";
			throw new ItemsError(this.#name, `expected at most ${this.#limit} bytes of ${what}, got more`);
		}
		if (length > this.#bytes.length) {
			const larger = new Uint8Array(Math.min(this.#limit, length + Math.max(STEP, length >> 1)));
			larger.set(this.#bytes.subarray(0, this.length));
			this.#bytes = larger;
		}
		this.#bytes.set(bytes, this.length);
		this.length = length;
	}

	/** The text from byte `start` on. */
	read(start: number): string {
		try {
			return utf8.decode(this.#bytes.subarray(start, this.length));
		} catch {
			throw malformed();
		}
	}
}

function parse(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw malformed();
	}
}

/** RFC 8259 §2. */
function isBlank(byte: number | undefined): boolean {
	return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function malformed(): ItemsError {
	return new ItemsError("JsonMalformed", "expected JSON (RFC 8259), got something else");
}
