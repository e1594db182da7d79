/**
 * Reads what a device needs from a JSON document (RFC 8259) while the document arrives: the elements of one array, one
 * after the other (`items`), or some members of one object (`fields`). A page of a market's offers is longer than a
 * device's memory, one offer is not; an order's result may be, its status is not. Skipped text is scanned for its end
 * and not checked otherwise.
 */
import { JsonBuffer } from "./buffer.js";
import { ItemsError, malformed } from "./errors.js";
import { ObjectReader } from "./object.js";
import { pick } from "./pick.js";
import { CLOSE_ARRAY, CLOSE_OBJECT, COMMA, isBlank, OPEN_ARRAY, OPEN_OBJECT, Scanner } from "./scanner.js";
import type { JsonText } from "./text.js";

/**
 * Yields the elements of the array `member` of the object that the body is, and returns the object's other members; with
 * "" the body is the array. Reads the response to its end, or closes it if the caller stops earlier or an error occurs.
 * The response keeps its connection until then: the exchange's time limit includes the time between two elements.
 *
 * @param limit bytes of one element's text, and of the other members' together
 * @param envelope of a member that, if it is an object, holds the list and its other members instead
 * @param names of the members to keep of elements that are objects, and beside the list; all if not given
 *
 * Throws `ItemsError`: `ListMissing` when there is no such array, or more than one; `ItemTooLarge`, `MembersTooLarge`;
 * `JsonTooDeep` over 16 levels and `JsonTooManyValues` over 512 in an element; `JsonMalformed`, `JsonCut`. Elements
 * before the place of the error have been yielded by then. Throws `HttpError` as `read` does.
 *
 * @example
 * for await (const item of items(response, "items", 4_096)) show(item.members("name"));
 */
export async function* items(
	response: Body,
	member: string,
	limit: number,
	envelope?: string,
	names?: readonly string[],
): AsyncGenerator<JsonText, JsonText, void> {
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
 * Reads those of the members `names` that the body, an object, has, and picks the same names within them.
 *
 * @param limit bytes of their text together
 *
 * Throws `ItemsError` as `items` does, and `HttpError`. Afterwards the response is read to its end or closed.
 */
export function fields(
	response: Body,
	names: readonly string[],
	limit: number,
): Promise<Readonly<Record<string, unknown>>> {
	return readMembers(response, names, limit, undefined, (found) => pick(found, names)) as Promise<
		Readonly<Record<string, unknown>>
	>;
}

/** Reads the members as JSON text, with everything in them. `envelope` as in `items`. */
export function members(response: Body, names: readonly string[], limit: number, envelope?: string): Promise<JsonText> {
	return readMembers(response, names, limit, envelope, (found) => found);
}

/** Reads and applies `made`: a separate async function for it would take another kilobyte. */
async function readMembers<Made>(
	response: Body,
	names: readonly string[],
	limit: number,
	envelope: string | undefined,
	made: (found: JsonText) => Made,
): Promise<Made> {
	const object = new ObjectReader("MembersTooLarge", limit, names, undefined, envelope);
	const reader = new DocumentReader(undefined, object, 0);
	try {
		for (let piece = await response.read(); piece !== undefined; piece = await response.read()) {
			for (let at = 0; at < piece.length; ) at = reader.take(piece, at);
		}
		return made(reader.end());
	} finally {
		response.close();
	}
}

/** A body that is read as it arrives. */
interface Body {
	/** Returns the next piece, or `undefined` at the end. */
	read(): Promise<Uint8Array | undefined>;
	close(): void;
}

/** The part of the document that comes next. */
type Place =
	| "start"
	| "object"
	/** After the name of a possible envelope. */
	| "envelope"
	| "list start"
	| "list"
	| "element"
	| "element end"
	/** After the list, or after the envelope. */
	| "member end"
	| "end";

class DocumentReader {
	hasItem = false;
	/** The name of the list; `undefined` if none is wanted. */
	readonly #member: string | undefined;
	readonly #object: ObjectReader;
	readonly #limit: number;
	readonly #names: readonly string[] | undefined;
	readonly #scanner = new Scanner();
	readonly #kept: JsonBuffer;
	#element: ObjectReader | undefined;
	#place: Place = "start";
	#hasList = false;
	#isInEnvelope = false;
	/** True until the first element: only then may "]" follow at once. */
	#isFirst = true;

	constructor(member: string | undefined, object: ObjectReader, limit: number, names?: readonly string[]) {
		this.#member = member;
		this.#object = object;
		this.#limit = limit;
		this.#names = names;
		this.#kept = new JsonBuffer("ItemTooLarge", limit);
	}

	/** Reads `piece` from `at` to the end of an element or of the piece. Returns where it stopped. */
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

	/** Returns the element that `take` has just completed. */
	item(): JsonText {
		this.hasItem = false;
		const item = this.#element?.value() ?? this.#kept.from(0);
		this.#element = undefined;
		this.#kept.clear();
		return item;
	}

	/** Returns the members beside the list, at the end of the body. */
	end(): JsonText {
		if (this.#place !== "end") throw new ItemsError("JsonCut", "the JSON document ended early");
		// A body that is not JSON is reported as that, even if the list is missing too.
		const members = this.#object.value();
		if (this.#member !== undefined && !this.#hasList) throw this.#missing("none");
		return members;
	}

	/** Handles a byte between the parts. */
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

	/** Enters the envelope if its value is an object; any other value is an ordinary member. Returns true if it was entered. */
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
		const kept = this.#kept;
		if (kept.length === 0) while (isBlank(piece[at])) at++;
		if (this.#names !== undefined && kept.length === 0 && piece[at] === OPEN_OBJECT) {
			this.#element = new ObjectReader("ItemTooLarge", this.#limit, this.#names);
			this.#place = "element";
			this.#isFirst = false;
			return at + 1;
		}
		const end = this.#scanner.end(piece, at);
		kept.add(piece.subarray(at, end), this.#scanner);
		if (end === piece.length) return end;
		const byte = piece[end];
		if (byte !== COMMA && byte !== CLOSE_ARRAY) throw malformed();
		this.hasItem = kept.length > 0 || byte === COMMA || !this.#isFirst;
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
