/** The members of one JSON object that arrives in pieces: those that are wanted are kept, the others only passed over. */

import { JsonBuffer, malformed, type TooLarge } from "./buffer.js";
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, isBlank, Scanner } from "./scanner.js";
import type { JsonText } from "./text.js";

/** From behind the "{" of an object to its "}". */
export class ObjectReader {
	/** Where `take` has stopped: behind the colon of the list or of the envelope, which are not read here, or "}". */
	at: "list" | "envelope" | "end" | undefined;
	readonly #names: readonly string[] | undefined;
	readonly #list: string | undefined;
	#envelope: string | undefined;
	/** The members that are kept, each with a comma behind it. */
	readonly #kept: JsonBuffer;
	readonly #scanner = new Scanner();
	/** Where in the buffer the present member begins. */
	#mark = 0;
	#isKept = true;
	/** Whether the object has just been opened, so that it may be closed at once. */
	#isFirst = true;

	/** `names` of the members that are kept, or else all but `list`. */
	constructor(tooLarge: TooLarge, limit: number, names?: readonly string[], list?: string, envelope?: string) {
		this.#kept = new JsonBuffer(tooLarge, limit);
		this.#names = names;
		this.#list = list;
		this.#envelope = envelope;
	}

	/** Reads `piece` from `at` on, to the end of a name, of a member or of the piece. Returns where it stopped. */
	take(piece: Uint8Array, at: number): number {
		this.at = undefined;
		if (this.#kept.length === this.#mark) while (isBlank(piece[at])) at++;
		const end = this.#scanner.end(piece, at);
		if (this.#isKept) this.#kept.add(piece.subarray(at, end), this.#scanner);
		if (end === piece.length) return end;
		const byte = piece[end];
		if (byte === COLON) this.#name();
		else if (byte === CLOSE_ARRAY) throw malformed();
		else this.#endMember(byte === CLOSE_OBJECT);
		return end + 1;
	}

	/** The value behind the colon is an object whose members are this one's. */
	enter(): void {
		this.#kept.length = this.#mark;
		this.#envelope = undefined;
		this.#isFirst = true;
	}

	/** What was kept, as an object. */
	value(): JsonText {
		return this.#kept.object();
	}

	/** What is read is a name. A second colon comes here too, where nothing that can be read is no JSON string. */
	#name(): void {
		const kept = this.#kept;
		const name = kept.from(this.#mark).leaf;
		this.#isFirst = false;
		if (name === this.#list) this.at = "list";
		else if (name === this.#envelope) this.at = "envelope";
		this.#isKept = this.at !== undefined || (this.#names?.includes(name as string) ?? true);
		if (this.at === "list" || !this.#isKept) kept.length = this.#mark;
		else kept.push(Uint8Array.of(COLON));
	}

	#endMember(isLast: boolean): void {
		const kept = this.#kept;
		const isEmpty = this.#isKept && kept.length === this.#mark;
		if (isEmpty && !(isLast && this.#isFirst)) throw malformed();
		if (kept.length > this.#mark) kept.push(Uint8Array.of(COMMA));
		this.#mark = kept.length;
		this.#isKept = true;
		this.#isFirst = false;
		if (isLast) this.at = "end";
	}
}
