/** What is kept of a JSON document that arrives: bytes, up to a limit, and no more values or levels than a device bears. */

import { NamedError } from "../named_error.js";
import { CLOSE_OBJECT, OPEN_OBJECT, type Scanner } from "./scanner.js";
import { type JsonText, readJsonBytes } from "./text.js";

/** Why a list that a market sent could not be read. */
export class ItemsError extends NamedError<
	"ItemTooLarge" | "JsonCut" | "JsonMalformed" | "JsonTooDeep" | "JsonTooManyValues" | "ListMissing" | "MembersTooLarge"
> {}

export type TooLarge = "ItemTooLarge" | "MembersTooLarge";

/** Arrays and objects within one another, and values in all, of one element or of the members beside a list. */
const DEPTH_LIMIT = 16;
export const VALUES_LIMIT = 512;
/** A buffer grows by at least this much. */
const STEP = 256;

export class JsonBuffer {
	length = 0;
	#values = 0;
	#bytes = new Uint8Array(0);
	readonly #name: TooLarge;
	readonly #limit: number;

	constructor(name: TooLarge, limit: number) {
		this.#name = name;
		this.#limit = limit;
	}

	/** A part of a value: what `scanner` has just read. */
	add(bytes: Uint8Array, { values, deepest }: Scanner): void {
		this.#values += values;
		if (deepest > DEPTH_LIMIT) {
			throw new ItemsError("JsonTooDeep", `expected at most ${DEPTH_LIMIT} levels of arrays and objects, got more`);
		}
		if (this.#values > VALUES_LIMIT) {
			throw new ItemsError("JsonTooManyValues", `expected at most ${VALUES_LIMIT} values at once, got more`);
		}
		this.push(bytes);
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

	clear(): void {
		this.length = 0;
		this.#values = 0;
	}

	/** What was kept from byte `start` on. */
	from(start: number): JsonText {
		return read(this.#bytes.slice(start, this.length));
	}

	/** The object of the members that were kept, each with a comma behind it. */
	object(): JsonText {
		const object = new Uint8Array(Math.max(2, this.length + 1));
		object.set(this.#bytes.subarray(0, this.length), 1);
		object[0] = OPEN_OBJECT;
		object[object.length - 1] = CLOSE_OBJECT;
		return read(object);
	}
}

/** Throws `ItemsError` `JsonMalformed`. It has been counted how deep it is; an object of members is one level more. */
function read(bytes: Uint8Array): JsonText {
	try {
		return readJsonBytes(bytes, DEPTH_LIMIT + 1);
	} catch {
		throw malformed();
	}
}

export function malformed(): ItemsError {
	return new ItemsError("JsonMalformed", "expected JSON (RFC 8259), got something else");
}
