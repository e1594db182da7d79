/** Reads one JSON object that arrives in pieces: keeps the wanted members and skips the others. */
import { JsonBuffer, type TooLarge } from "./buffer.js";
import { malformed } from "./errors.js";
import { CLOSE_ARRAY, CLOSE_OBJECT, COLON, COMMA, isBlank, Scanner } from "./scanner.js";
import type { JsonText } from "./text.js";

/** Reads from after the "{" of an object to its "}". */
export class ObjectReader {
	/** The place where `take` stopped: after the colon of the list or of the envelope, which the caller reads, or at "}". */
	at: "list" | "envelope" | "end" | undefined;
	readonly #names: readonly string[] | undefined;
	readonly #list: string | undefined;
	#envelope: string | undefined;
	/** The kept members, each followed by a comma. */
	readonly #kept: JsonBuffer;
	readonly #scanner = new Scanner();
	/** The offset in the buffer at which the current member begins. */
	#mark = 0;
	#isKept = true;
	/** True until the first member: only then may "}" follow at once. */
	#isFirst = true;

	/** Keeps the members `names`, or all but `list` if `names` is not given. */
	constructor(tooLarge: TooLarge, limit: number, names?: readonly string[], list?: string, envelope?: string) {
		this.#kept = new JsonBuffer(tooLarge, limit);
		this.#names = names;
		this.#list = list;
		this.#envelope = envelope;
	}

	/** Reads `piece` from `at` to the end of a name, of a member or of the piece. Returns where it stopped. */
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

	/** Enters the envelope: the members of the object after the colon count as members of this one. */
	enter(): void {
		this.#kept.length = this.#mark;
		this.#envelope = undefined;
		this.#isFirst = true;
	}

	/** Returns the kept members as an object. */
	value(): JsonText {
		return this.#kept.object();
	}

	/** Handles a colon: a name has been read. A second colon ends up here too and fails, because no name precedes it. */
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
