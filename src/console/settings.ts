/**
 * What the owner has set by the console, in flash: each network, asset, rule, plan and market account is an entry of its
 * own, JSON with a check at its end (`src/wallet/checksum.ts`), so that each change is one atomic write and flash that has
 * decayed allows nothing.
 *
 * | key | |
 * |---|---|
 * | `c.n0` to `c.n7`, `c.a0` to `c.a7`, `c.r0` to `c.r7`, `c.p0` to `c.p15` | a network, an asset, a rule, a plan |
 * | `c.m.` and a market's name | an account there |
 * | `c.paused` | is there while the agent is paused |
 * | `c.erasing` | is there while all is being erased |
 *
 * The ledger's keys begin with `r` and a digit or with `t`, sinks' with `d.`.
 */
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { type Kind, LIMITS, type Source } from "../configuration/configuration.js";
import { Field } from "../configuration/field.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "../wallet/checksum.js";
import { ConsoleError } from "./errors.js";

/** One entry, as it is or as it would be; `value` is `undefined` for one that is gone. */
export interface Change {
	readonly key: string;
	readonly value: unknown;
}

/** An entry as flash has it. */
export interface Entry {
	readonly key: string;
	/** "" when it cannot be read. */
	readonly name: string;
	/** `undefined` when it cannot be read. */
	readonly value: unknown;
}

/** In the order in which they name one another. */
export const KINDS: readonly Kind[] = Object.freeze(["networks", "assets", "rules", "plans"] as const);

/** One entry of NVS, without the check. */
const ENTRY_LIMIT = 3_996;
const PLAN = "c.p";
const MARKET = "c.m.";
const PAUSED = "c.paused";
const ERASING = "c.erasing";

export class Settings {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #markets: readonly string[];

	/** `markets`: the names of those that this firmware has. */
	constructor(storage: Storage, hashes: Hashes, markets: readonly string[]) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#markets = markets;
	}

	/**
	 * What is set; with `change`, as it would be. Entries are read when they are asked for, one by one. One that cannot be
	 * read throws `ConsoleError` `SettingDamaged`; beside a change, which may be what puts it right, it is left out.
	 */
	source(change?: Change): Source {
		const missing = new Field(undefined, "");
		return {
			slot: missing,
			count: missing,
			markets: this.#accounts(change),
			parts: (kind) => this.#parts(kind, change),
		};
	}

	/** What is set of one kind. */
	*entries(kind: Kind): Generator<Entry> {
		for (let i = 0; i < LIMITS[kind]; i++) {
			const key = keyOf(kind, i);
			if (this.#storage.read(key) !== undefined) yield this.#entry(kind, key);
		}
	}

	/** The entry of that name; one that cannot be read goes by its key. Throws `ConsoleError` `NotFound`. */
	find(kind: Kind, name: string): Entry {
		for (const entry of this.entries(kind)) {
			if (entry.value === undefined ? entry.key === name : entry.name === name) return entry;
		}
		throw new ConsoleError(
			"NotFound",
			`there is no ${kind.slice(0, -1)} of that name: "${kind.slice(0, -1)}" lists them`,
		);
	}

	/** Puts `value` in the place of the entry of its name, else of one that cannot be read, else of none. */
	changeTo(kind: Kind, value: unknown): Change {
		let damaged: string | undefined;
		for (const { key, name, value: before } of this.entries(kind)) {
			if (before === undefined) damaged ??= key;
			else if (name === nameOf(kind, value)) return { key, value };
		}
		const key = damaged ?? this.#freeKey(kind);
		if (key !== undefined) return { key, value };
		throw new ConsoleError("SettingsFull", `all ${LIMITS[kind]} places for ${kind} are taken: remove one first`);
	}

	market(name: string, value: unknown): Change {
		const isKnown = this.#markets.includes(name);
		if (isKnown) return { key: `${MARKET}${name}`, value };
		throw new ConsoleError("NotFound", `no such market in this firmware: expected one of ${this.#markets.join(", ")}`);
	}

	/** The names of the markets at which there is an account. */
	get accounts(): readonly string[] {
		return this.#markets.filter((name) => this.#storage.read(`${MARKET}${name}`) !== undefined);
	}

	/** One atomic write. */
	commit({ key, value }: Change): void {
		if (value === undefined) {
			this.#storage.delete(key);
			return;
		}
		const text = utf8.encode(JSON.stringify(value));
		if (text.length > ENTRY_LIMIT) {
			throw new ConsoleError("SettingTooLarge", `expected at most ${ENTRY_LIMIT} bytes of JSON, got ${text.length}`);
		}
		const bytes = new Uint8Array(text.length + 4);
		bytes.set(text);
		this.#storage.write(key, appendChecksum(this.#hashes, bytes));
	}

	get isPaused(): boolean {
		return this.#storage.read(PAUSED) !== undefined;
	}

	pause(isPaused: boolean): void {
		this.#mark(PAUSED, isPaused);
	}

	get isErasing(): boolean {
		return this.#storage.read(ERASING) !== undefined;
	}

	erasing(isErasing: boolean): void {
		this.#mark(ERASING, isErasing);
	}

	/** The keys of all entries, in the order in which they may be deleted: rules before what they stand on. */
	*keys(): Generator<string> {
		for (const kind of ["rules", "plans", "assets", "networks"] as const) {
			for (let i = 0; i < LIMITS[kind]; i++) yield keyOf(kind, i);
		}
		for (const name of this.#markets) yield `${MARKET}${name}`;
	}

	#freeKey(kind: Kind): string | undefined {
		for (let i = 0; i < LIMITS[kind]; i++) {
			if (this.#storage.read(keyOf(kind, i)) === undefined) return keyOf(kind, i);
		}
		return undefined;
	}

	#mark(key: string, isSet: boolean): void {
		if (isSet) this.#storage.write(key, Uint8Array.of(1));
		else this.#storage.delete(key);
	}

	*#parts(kind: Kind, change: Change | undefined): Generator<Field> {
		for (let i = 0; i < LIMITS[kind]; i++) {
			const key = keyOf(kind, i);
			let value: unknown;
			if (change?.key === key) value = change.value;
			else if (this.#storage.read(key) !== undefined) {
				value = this.#read(key);
				if (value === undefined && change === undefined) throw damaged(kind, key);
			}
			if (value !== undefined) yield new Field(value, `${kind}[${nameOf(kind, value) || i}]`);
		}
	}

	#accounts(change: Change | undefined): ReadonlyMap<string, Field> {
		const accounts = new Map<string, Field>();
		for (const name of this.#markets) {
			const key = `${MARKET}${name}`;
			const isChanged = change?.key === key;
			if (!isChanged && this.#storage.read(key) === undefined) continue;
			const value = isChanged ? change.value : this.#read(key);
			if (value === undefined && change === undefined) throw damaged("markets", key);
			if (value !== undefined) accounts.set(name, new Field(value, `markets.${name}`, true));
		}
		return accounts;
	}

	#entry(kind: Kind, key: string): Entry {
		const value = this.#read(key);
		return { key, name: nameOf(kind, value), value };
	}

	/** `undefined` for an entry that is not there or cannot be read. */
	#read(key: string): unknown {
		const bytes = this.#storage.read(key);
		if (bytes === undefined) return undefined;
		try {
			const value = JSON.parse(utf8.decode(verifyChecksum(this.#hashes, bytes).subarray(0, -4))) as unknown;
			// Plans that firmware 0.1 wrote may have it.
			if (key.startsWith(PLAN)) delete (value as { expect?: unknown }).expect;
			return value;
		} catch {
			return undefined;
		}
	}
}

function keyOf(kind: Kind, place: number): string {
	return `c.${kind.charAt(0)}${place}`;
}

/** The name that an entry goes by; "" for what has none, which the configuration's reader refuses. */
export function nameOf(kind: Kind, value: unknown): string {
	const { id, name } = (typeof value === "object" ? (value ?? {}) : {}) as { id?: unknown; name?: unknown };
	const found = kind === "networks" || kind === "assets" ? id : name;
	return typeof found === "string" ? found : "";
}

function damaged(kind: string, key: string): ConsoleError {
	return new ConsoleError(
		"SettingDamaged",
		`expected the ${kind} as they were set, found ${key} changed in flash: set it again, or remove ${key}`,
	);
}
