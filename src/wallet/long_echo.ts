/**
 * The echo of terms that are too long for their record, in up to four entries of flash beside it: the bytes that follow the
 * payload, from which the same payment is made again after a restart. There is room for one purchase at a time.
 *
 * An entry is the sequence number of the purchase (6 bytes), the next part of the bytes, and a checksum of four.
 */
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { verifyChecksum } from "./checksum.js";
import { LedgerError } from "./errors.js";
import { NUMBER_SIZE, readNumber, writeNumber } from "./packed.js";

const KEYS: readonly string[] = Object.freeze(["e0", "e1", "e2", "e3"]);
/** Bytes of an entry, and of its part of the echo. */
const ENTRY_BYTES = 4_000;
const CHECKSUM_BYTES = 4;
const PART_BYTES = ENTRY_BYTES - NUMBER_SIZE - CHECKSUM_BYTES;

export class LongEcho {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #store: (key: string, bytes: Uint8Array) => void;

	/** The keys of all entries. */
	static keys(): readonly string[] {
		return KEYS;
	}

	/** `store` writes an entry with a checksum over its last four bytes. Throws `LedgerError` `LedgerWriteFailed`. */
	constructor(storage: Storage, hashes: Hashes, store: (key: string, bytes: Uint8Array) => void) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#store = store;
	}

	/** Returns the purchase to which the entries belong; `undefined` if there are none. */
	get owner(): number | undefined {
		const bytes = this.#storage.read(KEYS[0]!);
		return bytes === undefined || bytes.length < NUMBER_SIZE ? undefined : readNumber(bytes, 0);
	}

	/**
	 * Makes `pieces` durable for the purchase `sequence`; returns how many bytes they are. Throws `LedgerError` `RecordTooLarge`,
	 * `LedgerWriteFailed`.
	 */
	write(sequence: number, pieces: Iterable<Uint8Array>): number {
		const bytes = new Uint8Array(ENTRY_BYTES);
		let length = 0;
		let total = 0;
		const flush = () => {
			const key = KEYS[Math.floor((total - 1) / PART_BYTES)];
			if (key === undefined) {
				throw new LedgerError(
					"RecordTooLarge",
					`expected terms of which at most ${KEYS.length * PART_BYTES} bytes are echoed, got more`,
				);
			}
			writeNumber(bytes, 0, sequence);
			this.#store(key, bytes.subarray(0, NUMBER_SIZE + length + CHECKSUM_BYTES));
			length = 0;
		};
		for (const piece of pieces) {
			for (let at = 0; at < piece.length; ) {
				const part = piece.subarray(at, at + PART_BYTES - length);
				bytes.set(part, NUMBER_SIZE + length);
				length += part.length;
				total += part.length;
				at += part.length;
				if (length === PART_BYTES) flush();
			}
		}
		if (length > 0) flush();
		return total;
	}

	/**
	 * Yields the bytes that `write` stored, an entry at a time. Throws `LedgerError` `EchoLost` if flash no longer has them.
	 */
	*read(sequence: number, total: number): Generator<Uint8Array> {
		for (let at = 0, i = 0; at < total; i++) {
			const expected = Math.min(PART_BYTES, total - at);
			yield this.#entry(KEYS[i], sequence, expected);
			at += expected;
		}
	}

	/** Deletes the entries, the first one last: while it is there, it names the owner of the others. */
	forget(): void {
		for (const key of [...KEYS].reverse()) this.#storage.delete(key);
	}

	#entry(key: string | undefined, sequence: number, expected: number): Uint8Array {
		const bytes = key === undefined ? undefined : this.#storage.read(key);
		const isOurs = bytes?.length === NUMBER_SIZE + expected + CHECKSUM_BYTES && readNumber(bytes, 0) === sequence;
		try {
			if (bytes !== undefined && isOurs) {
				return verifyChecksum(this.#hashes, bytes).subarray(NUMBER_SIZE, NUMBER_SIZE + expected);
			}
		} catch {}
		throw new LedgerError(
			"EchoLost",
			`flash has lost the terms of purchase ${sequence}: the same payment cannot be made again`,
		);
	}
}
