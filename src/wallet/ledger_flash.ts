/**
 * The ledger's entries in flash, and the checks that they are complete. Flash may lose an entry, or return an older copy of it,
 * without an error: NVS erases what fails its CRC and answers "not found". So a missing entry that limits spending is not
 * taken for one that never existed:
 *
 * | entry | holds | how its loss is detected |
 * |---|---|---|
 * | `r0` to `r15` | a record each | sequence numbers have no gaps from `foldedThrough` to the newest |
 * | `head`, `head.b` | twice: the newest purchase for which money may have left, and its record's revision | the other has the same; both are never missing at once |
 * | `totals`, `totals.b` | the sums, twice | the other has the same, or is older and every record that it does not count is there |
 *
 * What a long payment echoes (`e0` to `e3`, long_echo.ts) limits no spending: if it is lost, the
 * payment cannot be made again and counts as spent.
 *
 * Both heads are written after the record and before anything leaves: without them, the loss of the newest record would look
 * like a purchase that never was. Where a whole page of flash is lost, a gap or the missing heads tell.
 */
import { isSame } from "../../modules/encoding/bytes.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { encodeWithin, Fields } from "./cbor_fields.js";
import { appendChecksum, verifyChecksum } from "./checksum.js";
import { damaged, LedgerError } from "./errors.js";
import { LongEcho } from "./long_echo.js";
import { decodeRecord, isFinal, type PurchaseRecord, type Summary, summaryOf } from "./record.js";
import { Totals } from "./totals.js";

export const SLOTS = 16;
/** Bytes that one NVS entry can hold. */
export const ENTRY_LIMIT = 4_000;
const HEADS: readonly string[] = Object.freeze(["head", "head.b"] as const);
const TOTALS: readonly string[] = Object.freeze(["totals", "totals.b"] as const);

/** The keys of the head's map, as in docs/flash.md. */
export const HEAD_FIELDS: Readonly<Record<"sequence" | "revision", number>> = Object.freeze({
	sequence: 1,
	revision: 2,
});

export interface Head {
	readonly sequence: number;
	readonly revision: number;
}

/** The missing parts of a ledger. */
export interface Damage {
	/** Sequence numbers of purchases whose record is gone or is an older copy. */
	readonly missing: readonly number[];
	/** Keys of entries that cannot be read. */
	readonly unreadable: readonly string[];
}

/** The ledger as read from flash. */
export interface LedgerImage {
	readonly totals: Totals;
	/** Indexed by slot. */
	readonly slots: (Summary | undefined)[];
	readonly head: Head | undefined;
	/** True if both copies of the head are current; `isMirrored` says the same of the sums. */
	readonly isHeadMirrored: boolean;
	readonly isMirrored: boolean;
	/** The newest sequence number that any entry mentions. */
	readonly newest: number;
	/** `undefined` if the sums are exact. */
	readonly damage: Damage | undefined;
}

export class LedgerFlash {
	readonly hashes: Hashes;
	readonly echo: LongEcho;
	readonly #storage: Storage;
	readonly #makeRoom: () => boolean;

	/** The keys of all entries. */
	static *keys(): Generator<string> {
		for (let slot = 0; slot < SLOTS; slot++) yield keyOf(slot);
		yield* TOTALS;
		yield* HEADS;
		yield* LongEcho.keys();
	}

	/** `makeRoom` deletes something that is worth less than the ledger, and returns true if there was anything. */
	constructor(storage: Storage, hashes: Hashes, makeRoom: () => boolean) {
		this.#storage = storage;
		this.hashes = hashes;
		this.#makeRoom = makeRoom;
		this.echo = new LongEcho(storage, hashes, (key, bytes) => this.#store(key, bytes));
	}

	/** Throws `LedgerError` `LedgerDamaged` if the record is missing, and `LedgerTooNew`. */
	readRecord(slot: number): PurchaseRecord {
		const bytes = this.#load(keyOf(slot));
		if (bytes === undefined) throw damaged(`entry ${keyOf(slot)} is missing`);
		return decodeRecord(bytes);
	}

	/**
	 * Writes a record; `bytes` end in room for the checksum. Throws `LedgerError` `LedgerWriteFailed`; the old bytes then
	 * remain.
	 */
	writeRecord(slot: number, bytes: Uint8Array): void {
		this.#store(keyOf(slot), bytes);
	}

	/** Writes both copies. Nothing may leave before both are written. */
	writeHead({ sequence, revision }: Head): void {
		for (const key of HEADS) {
			const fields = new Map([
				[HEAD_FIELDS.sequence, sequence],
				[HEAD_FIELDS.revision, revision],
			]);
			this.#store(key, encodeWithin(ENTRY_LIMIT, fields)!);
		}
	}

	/** Writes both copies, one after the other: at least one is valid at any moment. */
	writeTotals(bytes: Uint8Array): void {
		for (const key of TOTALS) this.#store(key, bytes);
	}

	/** Reads all entries. Throws `LedgerError` `LedgerTooNew`. */
	readImage(): LedgerImage {
		const unreadable: string[] = [];
		const { totals, isMirrored } = this.#readTotals(unreadable);
		const [first, second] = HEADS.map((key) => this.#read(key, decodeHead, unreadable));
		const head = first !== undefined && covers(first, second) ? first : second;
		const isHeadMirrored = head !== undefined && covers(first, head) && covers(second, head);
		const slots: (Summary | undefined)[] = [];
		let revision = 0;
		let isHeadDue = false;
		for (let slot = 0; slot < SLOTS; slot++) {
			const record = this.#read(keyOf(slot), decodeRecord, unreadable);
			if (record !== undefined && record.sequence === head?.sequence) revision = record.revision;
			// A record of format 1 has no revision: it was written before heads existed.
			isHeadDue ||=
				record !== undefined &&
				record.revision > 0 &&
				isFinal(record.state) &&
				record.kind !== "free" &&
				record.state !== "expired";
			slots.push(record === undefined ? undefined : summaryOf(record, slots));
		}
		const known = Math.max(totals.foldedThrough, head?.sequence ?? 0);
		const newest = slots.reduce((last, each) => Math.max(last, each?.sequence ?? 0), known);
		const missing = gapsIn(slots, totals.foldedThrough, newest);
		const isLive = head !== undefined && head.sequence > totals.foldedThrough;
		if (isLive && revision < head.revision && !missing.includes(head.sequence)) missing.push(head.sequence);
		const isNewestUnknown = head === undefined && (isHeadDue || unreadable.length > 0);
		const damage = missing.length > 0 || isNewestUnknown ? { missing, unreadable } : undefined;
		return { totals, slots, head, isHeadMirrored, isMirrored, newest, damage };
	}

	/** Reads the current one of the two copies; empty sums if there is none. */
	#readTotals(unreadable: string[]): Pick<LedgerImage, "totals" | "isMirrored"> {
		const decode = (bytes: Uint8Array) => Totals.decode(bytes, this.hashes);
		const [first, second] = TOTALS.map((key) => this.#storage.read(key));
		// If both are the same, decode one: it saves memory.
		const areSame = first !== undefined && second !== undefined && isSame(first, second);
		let totals: Totals | undefined;
		for (const key of areSame ? TOTALS.slice(0, 1) : TOTALS) {
			const copy = this.#read(key, decode, unreadable);
			if (copy !== undefined && copy.generation >= (totals?.generation ?? 0)) totals = copy;
		}
		const isMirrored = areSame || (first === undefined && second === undefined);
		return { totals: totals ?? new Totals(), isMirrored };
	}

	/** Reads an entry. One that cannot be decoded is added to `unreadable` and treated as missing. */
	#read<Value>(key: string, decode: (bytes: Uint8Array) => Value, unreadable: string[]): Value | undefined {
		try {
			const bytes = this.#load(key);
			return bytes === undefined ? undefined : decode(bytes);
		} catch (error) {
			if ((error as Error).name !== "LedgerDamaged") throw error;
			unreadable.push(key);
			return undefined;
		}
	}

	#load(key: string): Uint8Array | undefined {
		const bytes = this.#storage.read(key);
		return bytes === undefined ? undefined : verifyChecksum(this.hashes, bytes);
	}

	/** Returns true if room was made. Flash that takes no write may not take this one either. */
	#hasMadeRoom(): boolean {
		try {
			return this.#makeRoom();
		} catch {
			return false;
		}
	}

	#store(key: string, bytes: Uint8Array): void {
		appendChecksum(this.hashes, bytes);
		for (;;) {
			try {
				this.#storage.write(key, bytes);
				return;
			} catch (error) {
				if (this.#hasMadeRoom()) continue;
				const { name, message } = error as Error;
				throw new LedgerError(
					"LedgerWriteFailed",
					`flash refused to write ${key} (${name}: ${message}): nothing has changed, try again`,
				);
			}
		}
	}
}

/** True if `head` covers everything that `other` does. */
export function covers(head: Head | undefined, other: Head | undefined): boolean {
	if (other === undefined) return true;
	if (head === undefined || head.sequence < other.sequence) return false;
	return head.sequence > other.sequence || head.revision >= other.revision;
}

/** Describes the damage to a person. */
export function describeDamage({ missing, unreadable }: Damage): string {
	const parts = unreadable.map((key) => `${key} changed`);
	if (missing.length > 0) parts.unshift(`purchase ${missing.join(", ")} missing`);
	return parts.length > 0 ? parts.join(", ") : "both heads are missing";
}

function decodeHead(bytes: Uint8Array): Head {
	const fields = new Fields(bytes);
	return { sequence: fields.number(HEAD_FIELDS.sequence), revision: fields.number(HEAD_FIELDS.revision) };
}

/**
 * Returns the sequence numbers after `folded`, through `newest`, that no slot holds: at most as many as the ring has slots.
 */
function gapsIn(slots: readonly (Summary | undefined)[], folded: number, newest: number): number[] {
	const gaps: number[] = [];
	for (let sequence = folded + 1; sequence <= newest && gaps.length < SLOTS; sequence++) {
		if (!slots.some((each) => each?.sequence === sequence)) gaps.push(sequence);
	}
	return gaps;
}

function keyOf(slot: number): string {
	return `r${slot}`;
}
