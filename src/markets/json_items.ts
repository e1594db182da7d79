/**
 * What a device needs of a JSON document (RFC 8259), while the document still arrives: the elements of one array, one
 * after the other, or some members of one object. A page of a market's offers is longer than a device's memory, one
 * offer is not; an order's result may be, its status is not. Text that is passed over is read only as far as it takes to
 * find its end.
 *
 * A caller names the members that it knows. Where it does not, what is kept goes through `JSON.parse`, and an engine for
 * microcontrollers keeps each new name of a member for as long as it runs.
 */
import { type JsonText, readJson } from "../../modules/encoding/json_text.js";
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
/** Of them, the levels that are kept by name: each takes of XS's stack of 512 slots. */
const KNOWN_DEPTH = 4;
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
 * @param envelope of a member that, if it is an object, holds the list and its other members instead
 * @param names of the members to keep, of the elements, of what is in them down to 4 levels, and beside the list; all if
 * not given
 *
 * Throws `ItemsError`: `ListMissing` when there is no such array, or more than one; `ItemTooLarge`, `MembersTooLarge`;
 * `JsonTooDeep` over 16 levels and `JsonTooManyValues` over 512 in an element; `JsonMalformed`, `JsonCut`. Elements
 * before the place of the error have been yielded by then. Throws `HttpError` as `read` does.
 *
 * @example
 * for await (const item of items(response, "items", 4_096)) show(item);
 */
export async function* items(
	response: Body,
	member: string,
	limit: number,
	envelope?: string,
	names?: readonly string[],
): AsyncGenerator<unknown, Readonly<Record<string, unknown>>, void> {
	const object = new ObjectReader("MembersTooLarge", limit, names, member, envelope);
	const reader = new DocumentReader(member, object, limit, names);
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

/**
 * The members `names` of the object that the body is, those that it has.
 *
 * @param limit bytes of their text together
 *
 * Throws `ItemsError` as `items` does, and `HttpError`. The response has been read to its end or is closed.
 */
export async function fields(
	response: Body,
	names: readonly string[],
	limit: number,
): Promise<Readonly<Record<string, unknown>>> {
	const reader = new DocumentReader(undefined, new ObjectReader("MembersTooLarge", limit, names), 0);
	try {
		for (let piece = await response.read(); piece !== undefined; piece = await response.read()) {
			for (let at = 0; at < piece.length; ) at = reader.take(piece, at);
		}
		return reader.end();
	} finally {
		response.close();
	}
}

type Body = Pick<HttpResponse, "read" | "close">;

/** What is read next. */
type Place =
	| "start"
	| "object"
	/** Behind the name of what may be an envelope. */
	| "envelope"
	| "list start"
	| "list"
	| "element"
	| "element end"
	/** Behind the list, or the envelope. */
	| "member end"
	| "end";

class DocumentReader {
	hasItem = false;
	/** Of the list; `undefined` where none is wanted. */
	readonly #member: string | undefined;
	readonly #object: ObjectReader;
	readonly #limit: number;
	readonly #names: readonly string[] | undefined;
	readonly #scanner = new Scanner();
	readonly #text: Text;
	#element: ObjectReader | undefined;
	#place: Place = "start";
	#hasList = false;
	#isInEnvelope = false;
	/** Whether the list has just been opened, so that it may be closed at once. */
	#isFirst = true;

	constructor(member: string | undefined, object: ObjectReader, limit: number, names?: readonly string[]) {
		this.#member = member;
		this.#object = object;
		this.#limit = limit;
		this.#names = names;
		this.#text = new Text("ItemTooLarge", limit);
	}

	/** Reads `piece` from `at` on, to the end of an element or of the piece. Returns where it stopped. */
	take(piece: Uint8Array, at: number): number {
		if (this.#place === "object") return this.#inObject(piece, at);
		if (this.#place === "list") return this.#inList(piece, at);
		if (this.#place === "element") return this.#inElement(piece, at);
		const byte = piece[at]!;
		if (isBlank(byte)) return at + 1;
		if (this.#place === "envelope") return this.#openEnvelope(byte) ? at + 1 : at;
		this.#between(byte);
		return at + 1;
	}

	/** The element that `take` has read. */
	item(): unknown {
		this.hasItem = false;
		const item = this.#element === undefined ? read(this.#text.read(0), this.#names) : this.#element.value();
		this.#element = undefined;
		this.#text.clear();
		return item;
	}

	/** The members beside the list, when the body has come to its end. */
	end(): Readonly<Record<string, unknown>> {
		if (this.#place !== "end") throw new ItemsError("JsonCut", "expected the rest of a JSON document, got its end");
		// Even where the list is missing, what is no JSON at all is called so.
		const members = this.#object.value();
		if (this.#member !== undefined && !this.#hasList) throw this.#missing("none");
		return members;
	}

	/** A byte between the parts. */
	#between(byte: number): void {
		if (this.#place === "start") {
			if (this.#member === "") this.#openList(byte);
			else if (byte !== OPEN_OBJECT) throw this.#missing("no object");
			else this.#place = "object";
		} else if (this.#place === "list start") this.#openList(byte);
		else if (this.#place === "element end" && byte === COMMA) this.#place = "list";
		else if (this.#place === "element end" && byte === CLOSE_ARRAY) this.#closeList();
		else if (this.#place === "member end" && byte === COMMA) this.#place = "object";
		else if (this.#place === "member end" && byte === CLOSE_OBJECT) this.#endObject();
		else throw malformed();
	}

	#openList(byte: number): void {
		if (byte !== OPEN_ARRAY) throw this.#missing("another value");
		if (this.#hasList) throw this.#missing("two");
		this.#hasList = true;
		this.#place = "list";
	}

	#closeList(): void {
		this.#place = this.#member === "" ? "end" : "member end";
	}

	/** Whether it is one: any other value is a member like the rest. */
	#openEnvelope(byte: number): boolean {
		this.#place = "object";
		this.#isInEnvelope = byte === OPEN_OBJECT;
		if (this.#isInEnvelope) this.#object.enter();
		return this.#isInEnvelope;
	}

	#endObject(): void {
		this.#place = this.#isInEnvelope ? "member end" : "end";
		this.#isInEnvelope = false;
	}

	#inObject(piece: Uint8Array, at: number): number {
		const end = this.#object.take(piece, at);
		if (this.#object.at === "list") this.#place = "list start";
		if (this.#object.at === "envelope") this.#place = "envelope";
		if (this.#object.at === "end") this.#endObject();
		return end;
	}

	#inList(piece: Uint8Array, at: number): number {
		if (this.#text.length === 0) while (isBlank(piece[at])) at++;
		if (this.#names !== undefined && this.#text.length === 0 && piece[at] === OPEN_OBJECT) {
			this.#element = new ObjectReader("ItemTooLarge", this.#limit, this.#names);
			this.#place = "element";
			this.#isFirst = false;
			return at + 1;
		}
		const end = this.#scanner.scan(piece, at, this.#text);
		if (end === piece.length) return end;
		const byte = piece[end];
		if (byte !== COMMA && byte !== CLOSE_ARRAY) throw malformed();
		this.hasItem = this.#text.length > 0 || byte === COMMA || !this.#isFirst;
		this.#isFirst = false;
		if (byte === CLOSE_ARRAY) this.#closeList();
		return end + 1;
	}

	#inElement(piece: Uint8Array, at: number): number {
		const end = this.#element!.take(piece, at);
		this.hasItem = this.#element!.at === "end";
		if (this.hasItem) this.#place = "element end";
		return end;
	}

	#missing(got: string): ItemsError {
		const list = this.#member === undefined ? "" : ` with one array "${this.#member}"`;
		return new ItemsError(
			"ListMissing",
			`expected ${this.#member === "" ? "an array" : `an object${list}`}, got ${got}`,
		);
	}
}

/** The members of one object, from behind its "{" to its "}". */
class ObjectReader {
	/** Where `take` has stopped: behind the colon of the list or of the envelope, which are not read here, or "}". */
	at: "list" | "envelope" | "end" | undefined;
	readonly #names: readonly string[] | undefined;
	readonly #list: string | undefined;
	#envelope: string | undefined;
	/** The members that are kept, each with a comma behind it. */
	readonly #text: Text;
	readonly #scanner = new Scanner();
	/** Where in the text the present member begins. */
	#mark = 0;
	#isKept = true;
	/** Whether the object has just been opened, so that it may be closed at once. */
	#isFirst = true;

	/** `names` of the members that are kept, or else all but `list`. */
	constructor(tooLarge: TooLarge, limit: number, names?: readonly string[], list?: string, envelope?: string) {
		this.#text = new Text(tooLarge, limit);
		this.#names = names;
		this.#list = list;
		this.#envelope = envelope;
	}

	take(piece: Uint8Array, at: number): number {
		const text = this.#text;
		this.at = undefined;
		if (text.length === this.#mark) while (isBlank(piece[at])) at++;
		const end = this.#scanner.scan(piece, at, this.#isKept ? text : undefined);
		if (end === piece.length) return end;
		const byte = piece[end];
		if (byte === COLON) this.#name();
		else if (byte === CLOSE_ARRAY) throw malformed();
		else this.#endMember(byte === CLOSE_OBJECT);
		return end + 1;
	}

	/** The value behind the colon is an object whose members are this one's. */
	enter(): void {
		this.#text.length = this.#mark;
		this.#envelope = undefined;
		this.#isFirst = true;
	}

	value(): Readonly<Record<string, unknown>> {
		const kept = this.#text.read(0);
		return read(`{${kept.slice(0, -1)}}`, this.#names) as Readonly<Record<string, unknown>>;
	}

	/** What is read is a name. A second colon comes here too, where nothing that can be read is no JSON string. */
	#name(): void {
		const text = this.#text;
		const name = parse(text.read(this.#mark));
		this.#isFirst = false;
		if (name === this.#list) this.at = "list";
		else if (name === this.#envelope) this.at = "envelope";
		this.#isKept = this.at !== undefined || (this.#names?.includes(name as string) ?? true);
		if (this.at === "list" || !this.#isKept) text.length = this.#mark;
		else text.push(Uint8Array.of(COLON));
	}

	#endMember(isLast: boolean): void {
		const text = this.#text;
		const isEmpty = this.#isKept && text.length === this.#mark;
		if (isEmpty && !(isLast && this.#isFirst)) throw malformed();
		if (text.length > this.#mark) text.push(Uint8Array.of(COMMA));
		this.#mark = text.length;
		this.#isKept = true;
		this.#isFirst = false;
		if (isLast) this.at = "end";
	}
}

/** Finds the end of a value or a name, and knows in the middle of what a piece has ended. */
class Scanner {
	#depth = 0;
	#isInString = false;
	#isEscaped = false;

	/** Adds to `text`, if it is kept, up to the "," ":" "]" or "}" that ends it. Returns where that is, or the piece's end. */
	scan(piece: Uint8Array, at: number, text: Text | undefined): number {
		const end = this.#end(piece, at, text);
		text?.push(piece.subarray(at, end));
		return end;
	}

	#end(piece: Uint8Array, at: number, text: Text | undefined): number {
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
			else if (isOpening) this.#depth++;
			if (isOpening || byte === COMMA) text?.count(this.#depth);
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
}

type TooLarge = "ItemTooLarge" | "MembersTooLarge";

/** Bytes of a text, up to a limit. They are decoded whole, so no character is ever cut in two. */
class Text {
	length = 0;
	#values = 0;
	#bytes = new Uint8Array(0);
	readonly #name: TooLarge;
	readonly #limit: number;

	constructor(name: TooLarge, limit: number) {
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

	/** One more value, within so many arrays and objects. */
	count(depth: number): void {
		if (depth > DEPTH_LIMIT) {
			throw new ItemsError("JsonTooDeep", `expected at most ${DEPTH_LIMIT} levels of arrays and objects, got more`);
		}
		if (++this.#values > VALUES_LIMIT) {
			throw new ItemsError("JsonTooManyValues", `expected at most ${VALUES_LIMIT} values at once, got more`);
		}
	}

	clear(): void {
		this.length = 0;
		this.#values = 0;
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

function read(text: string, names: readonly string[] | undefined): unknown {
	if (names === undefined) return parse(text);
	try {
		return known(readJson(text), names, 0);
	} catch {
		throw malformed();
	}
}

/** A value with those members of its objects that have one of `names`, and nothing more than 4 levels down. */
function known(json: JsonText, names: readonly string[], depth: number): unknown {
	if (!json.isArray && !json.isObject) return json.leaf;
	if (depth > KNOWN_DEPTH) return undefined;
	if (json.isArray) return json.elements(VALUES_LIMIT).map((element) => known(element, names, depth + 1));
	const value: Record<string, unknown> = {};
	const members = json.members(...names);
	for (let i = 0; i < names.length; i++) {
		if (members[i] !== undefined) value[names[i]!] = known(members[i]!, names, depth + 1);
	}
	return value;
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
