/** Keeps parts of a JSON document that arrives in pieces: up to a limit of bytes, values and levels that a device can bear. */
import { ItemsError, malformed } from "./errors.js";
import { CLOSE_OBJECT, OPEN_OBJECT, type Scanner } from "./scanner.js";
import { type JsonText, readJsonBytes } from "./text.js";

export type TooLarge = "ItemTooLarge" | "MembersTooLarge";

/** Limits on the nesting and on the number of values in one element, or in the members beside a list. */
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

	/** Appends a part of a value that `scanner` has just read. */
	add(bytes: Uint8Array, { values, deepest }: Scanner): void {
		this.#values += values;
		if (deepest > DEPTH_LIMIT) {
			throw new ItemsError("JsonTooDeep", `more than ${DEPTH_LIMIT} levels of arrays and objects`);
		}
		if (this.#values > VALUES_LIMIT) {
			throw new ItemsError("JsonTooManyValues", `more than ${VALUES_LIMIT} values in one element or object`);
		}
		this.push(bytes);
	}

	push(bytes: Uint8Array): void {
		const length = this.length + bytes.length;
		if (length > this.#limit) {
			const what = this.#name === "ItemTooLarge" ? "one element" : "members beside the list";
			throw new ItemsError(this.#name, `${what} of more than ${this.#limit} bytes`);
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

	/** Returns the kept text from byte `start` on, as JSON. */
	from(start: number): JsonText {
		return read(this.#bytes.slice(start, this.length));
	}

	/** Returns the kept members, each followed by a comma, as an object. */
	object(): JsonText {
		const object = new Uint8Array(Math.max(2, this.length + 1));
		object.set(this.#bytes.subarray(0, this.length), 1);
		object[0] = OPEN_OBJECT;
		object[object.length - 1] = CLOSE_OBJECT;
		return read(object);
	}
}

/**
 * Parses the text. Throws `ItemsError` `JsonMalformed`. The depth has been checked already; an object of members adds one
 * level.
 */
function read(bytes: Uint8Array): JsonText {
	try {
		return readJsonBytes(bytes, DEPTH_LIMIT + 1);
	} catch {
		throw malformed();
	}
}
