/**
 * The index of the owner's settings: the entries in flash with a digest of each, the pause, and
 * the keys in the slots. A decayed entry reads as "not found", so the loss of anything that limits spending must be
 * detected: a rule, a pause, a key.
 *
 * Lines of text, a checksum at the end (`src/wallet/checksum.ts`):
 *
 * | line | |
 * |---|---|
 * | `index 1 <n>` | the format, and the number of the write |
 * | `paused yes` | present while the agent is paused |
 * | `c.r0 <digest> <name>` | an entry, the first 8 bytes of its SHA-256, and the beginning of its name, as JSON |
 * | `next c.r0 <digest> <name>` | a pending change of an entry; the digest is `-` if it is being removed |
 * | `keys yes` | the keys in the slots are listed |
 * | `key.0 secp256k1 <public key>` | the key of a slot; `-` while it is being made |
 *
 * It is stored twice, as `c.i` and `c.j`, and each write goes to the older copy. A change of an entry is three writes: the
 * index with `next`, the entry, the index with the change. A power cut between them leaves either the old or the new
 * state, both of which the index knows. One copy may be lost at any time.
 */
import * as hex from "../../modules/encoding/hex.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "../wallet/checksum.js";
import { ConsoleError } from "./errors.js";

export const INDEX_COPIES: readonly string[] = Object.freeze(["c.i", "c.j"] as const);

const FORMAT = "index 1 ";
/** Bytes of one NVS entry. */
const LIMIT = 4_000;
const DIGEST_SIZE = 8;
/** Characters of a name that are kept. */
const NAME_LIMIT = 16;
const NEXT = "next";
const PAUSED = "paused";
const KEYS = "keys";
const NOTHING = "-";

/** The line of an entry. */
export interface IndexRow {
	/** "-" if there is none. */
	readonly digest: string;
	/** The beginning of the name, or "". */
	readonly name: string;
}

export class SettingsIndex {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	/** Each line begins with a newline. */
	#lines: string;
	#writes: number;
	/** True if the other copy is equal. */
	#isTwice: boolean;

	/**
	 * Reads the newer copy. Returns `undefined` if there is none: a new device, or settings of firmware 0.1. Throws
	 * `ConsoleError` `SettingsDamaged` if there are copies and none can be read.
	 */
	static read(storage: Storage, hashes: Hashes): SettingsIndex | undefined {
		let newest: SettingsIndex | undefined;
		let found = 0;
		let isTwice = false;
		for (const key of INDEX_COPIES) {
			const text = textOf(storage, hashes, key);
			if (text === undefined) continue;
			found++;
			if (text === "") continue;
			const end = text.indexOf("\n");
			const writes = Number(text.slice(FORMAT.length, end));
			if (!Number.isSafeInteger(writes)) continue;
			const lines = text.slice(end);
			isTwice = newest !== undefined && newest.#lines === lines;
			if (newest === undefined || writes > newest.#writes) newest = new SettingsIndex(storage, hashes, lines, writes);
		}
		if (newest !== undefined) newest.#isTwice = isTwice;
		else if (found > 0) throw indexDamaged();
		return newest;
	}

	/** Empty, unless `lines` are given. */
	constructor(storage: Storage, hashes: Hashes, lines = "\n", writes = 0) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#lines = lines;
		this.#writes = writes;
		this.#isTwice = false;
	}

	get isPaused(): boolean {
		return this.#find(PAUSED) !== undefined;
	}

	set isPaused(isPaused: boolean) {
		this.#put(PAUSED, isPaused ? "yes" : undefined);
	}

	/** Returns the line of the entry `key`, if there is one. */
	row(key: string): IndexRow | undefined {
		return rowOf(this.#find(key));
	}

	/** Returns the digest of the entry, or "-". */
	digestIn(key: string): string {
		return this.row(key)?.digest ?? NOTHING;
	}

	/** The pending change. */
	get next(): { readonly key: string; readonly row: IndexRow } | undefined {
		const line = this.#find(NEXT);
		if (line === undefined) return undefined;
		const space = line.indexOf(" ");
		return { key: line.slice(0, space), row: rowOf(line.slice(space + 1))! };
	}

	/** Announces a change: the entry `key` is about to become `bytes`, or to be removed. */
	announce(key: string, bytes: Uint8Array | undefined, name: string): void {
		this.#put(NEXT, `${key} ${this.digestOf(bytes)} ${shortened(name)}`);
	}

	/** Ends the announced change, made or not. */
	settle(isMade: boolean): void {
		const next = this.next;
		if (next !== undefined && isMade) this.put(next.key, next.row);
		this.#put(NEXT, undefined);
	}

	/** Lists an entry as given; one without a digest is removed. */
	put(key: string, { digest, name }: IndexRow): void {
		this.#put(key, digest === NOTHING ? undefined : `${digest} ${JSON.stringify(name)}`);
	}

	digestOf(bytes: Uint8Array | undefined): string {
		return bytes === undefined ? NOTHING : hex.encode(this.#hashes.sha256(bytes).subarray(0, DIGEST_SIZE));
	}

	/** True if nothing was ever set. */
	get isEmpty(): boolean {
		return this.#lines === "\n";
	}

	/** True if the slots were searched for keys of firmware 0.1, which had no index. */
	get hasKeys(): boolean {
		return this.#find(KEYS) !== undefined;
	}

	set hasKeys(hasKeys: boolean) {
		this.#put(KEYS, hasKeys ? "yes" : undefined);
	}

	/** Returns the slots that hold a key, or are about to. */
	slots(): number[] {
		const lines = this.#lines.split("\n");
		return lines.filter((line) => line.startsWith("key.")).map((line) => Number.parseInt(line.slice(4), 10));
	}

	/** Returns `<curve> <public key>` of the key in `slot`; `<curve> -` while it is being made. */
	keyIn(slot: number): string | undefined {
		return this.#find(`key.${slot}`);
	}

	setKey(slot: number, key: string | undefined): void {
		this.#put(`key.${slot}`, key);
	}

	/** Writes one copy durably. Throws `ConsoleError` `SettingsFull`, and what storage throws. */
	write(): void {
		const text = `${FORMAT}${this.#writes + 1}${this.#lines}`;
		let bytes = utf8.encode(`${text}....`);
		// Names are for people. Without them, everything needed to detect a loss always fits.
		if (bytes.length > LIMIT) bytes = utf8.encode(`${text.replace(/^(c\..*|next c\..*) ".*"$/gm, '$1 ""')}....`);
		if (bytes.length > LIMIT) {
			throw new ConsoleError("SettingsFull", "too many slots hold keys: erase one first");
		}
		this.#storage.write(INDEX_COPIES[(this.#writes + 1) % 2]!, appendChecksum(this.#hashes, bytes));
		this.#writes++;
		this.#isTwice = false;
	}

	/** Writes both copies durably. */
	writeTwice(): void {
		this.write();
		this.write();
		this.#isTwice = true;
	}

	/** Rewrites both copies if they differ or one is lost. */
	mend(): void {
		if (!this.#isTwice) this.writeTwice();
	}

	/** Returns the rest of the line that begins with `word`. */
	#find(word: string): string | undefined {
		const at = this.#lines.indexOf(`\n${word} `);
		if (at < 0) return undefined;
		return this.#lines.slice(at + word.length + 2, this.#lines.indexOf("\n", at + 1));
	}

	#put(word: string, rest: string | undefined): void {
		const at = this.#lines.indexOf(`\n${word} `);
		if (at >= 0) this.#lines = this.#lines.slice(0, at) + this.#lines.slice(this.#lines.indexOf("\n", at + 1));
		if (rest !== undefined) this.#lines += `${word} ${rest}\n`;
		this.#isTwice = false;
	}
}

/** Reads an entry; one that flash cannot read counts as missing. */
export function read(storage: Storage, key: string): Uint8Array | undefined {
	try {
		return storage.read(key);
	} catch {
		return undefined;
	}
}

/** Returns the text of a copy; "" if it cannot be read, `undefined` if it is missing. */
function textOf(storage: Storage, hashes: Hashes, key: string): string | undefined {
	try {
		const bytes = storage.read(key);
		if (bytes === undefined) return undefined;
		const text = utf8.decode(verifyChecksum(hashes, bytes).subarray(0, -4));
		return text.startsWith(FORMAT) ? text : "";
	} catch {
		return "";
	}
}

/** Throws `ConsoleError` `SettingsDamaged`. */
function rowOf(line: string | undefined): IndexRow | undefined {
	if (line === undefined) return undefined;
	const space = line.indexOf(" ");
	return { digest: line.slice(0, space), name: nameIn(line.slice(space + 1)) };
}

function nameIn(json: string): string {
	try {
		const name: unknown = JSON.parse(json);
		if (typeof name === "string") return name;
	} catch {
		// It is no JSON.
	}
	throw indexDamaged();
}

function shortened(name: string): string {
	return JSON.stringify([...name].slice(0, NAME_LIMIT).join(""));
}

function indexDamaged(): ConsoleError {
	return new ConsoleError(
		"SettingsDamaged",
		'the index of the settings is damaged in flash: check what "rule" and "plan" show, then enter "settings accept"',
	);
}
