/**
 * The owner's settings in flash: each network, asset, rule, plan and market account is an entry of its own, JSON with a
 * checksum at its end (`src/wallet/checksum.ts`), so that each change is one atomic write. The index
 * (`settings_index.ts`) lists them: an entry that is missing or has changed stops the agent instead of lifting a limit.
 *
 * | key | |
 * |---|---|
 * | `c.n0` to `c.n7`, `c.a0` to `c.a7`, `c.r0` to `c.r7`, `c.p0` to `c.p15` | a network, an asset, a rule, a plan |
 * | `c.m.` and a market's name | an account there |
 * | `c.i`, `c.j` | the index, twice |
 * | `c.paused` | a pause, in firmware 0.1, which had no index |
 * | `c.erasing` | exists while everything is being erased |
 *
 * docs/flash.md lists all other keys.
 */
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { type Kind, LIMITS, OF_MARKETS, OF_SELLERS, type Source } from "../configuration/configuration.js";
import { Field } from "../configuration/field.js";
import type { Storage } from "../device/storage.js";
import { appendChecksum, verifyChecksum } from "../wallet/checksum.js";
import { ConsoleError } from "./errors.js";
import { INDEX_COPIES, read, SettingsIndex } from "./settings_index.js";

/** An entry before or after a change; `value` is `undefined` if it is removed. */
export interface Change {
	readonly key: string;
	readonly value: unknown;
}

/** An entry as flash holds it. */
export interface Entry {
	readonly key: string;
	/** Only its beginning if the entry is damaged, and "" if not even that is known. */
	readonly name: string;
	/** `undefined` if it is damaged. */
	readonly value: unknown;
}

/** Ordered so that each kind refers only to earlier ones. */
export const KINDS: readonly Kind[] = Object.freeze(["networks", "assets", "rules", "plans"] as const);

/** Bytes of one NVS entry without the checksum. */
const ENTRY_LIMIT = 3_996;
const PLAN = "c.p";
const RULE = "c.r";
const MARKET = "c.m.";
const PAUSED = "c.paused";
const ERASING = "c.erasing";

export class Settings {
	readonly #storage: Storage;
	readonly #hashes: Hashes;
	readonly #markets: readonly string[];

	/** `markets`: the names of this firmware's markets. */
	constructor(storage: Storage, hashes: Hashes, markets: readonly string[]) {
		this.#storage = storage;
		this.#hashes = hashes;
		this.#markets = markets;
	}

	/**
	 * Checks at the start that flash holds exactly what was set, and completes a change that a power cut interrupted. Settings
	 * of firmware 0.1, which had no index, are listed once. Throws `ConsoleError` `SettingsDamaged`.
	 */
	check(): void {
		const index = this.index();
		for (const key of this.keys()) if (!this.#isWhole(index, key)) throw this.#damaged(index, key);
		if (!index.isEmpty) index.mend();
		// Deleted only once the index has it.
		if (read(this.#storage, PAUSED) !== undefined) this.#storage.delete(PAUSED);
	}

	/** Lists all readable entries in a new index, and pauses the agent. Used when the index is lost. */
	accept(): void {
		const index = this.#listed();
		index.isPaused = true;
		index.writeTwice();
	}

	/** Reads the index, and settles in it a change that a power cut interrupted. Throws `ConsoleError` `SettingsDamaged`. */
	index(): SettingsIndex {
		const index = SettingsIndex.read(this.#storage, this.#hashes) ?? this.#listed();
		const { next } = index;
		if (next === undefined) return index;
		const digest = index.digestOf(read(this.#storage, next.key));
		const isMade = digest === next.row.digest;
		// Otherwise the entry is damaged, and stays so.
		if (isMade || digest === index.digestIn(next.key)) index.settle(isMade);
		return index;
	}

	/**
	 * Returns the settings; with `change`, as they would be after it, as far as the change matters. Entries are read on demand,
	 * one by one. A damaged entry throws `ConsoleError` `SettingsDamaged`; with a change, which may repair it, it is left out.
	 */
	source(change?: Change): Source {
		const missing = new Field(undefined, "");
		const index = this.index();
		return {
			slot: missing,
			count: missing,
			markets: this.#accounts(index, change),
			parts: (kind) => this.#parts(index, kind, change),
			plan: (name) => this.#plan(name, change),
		};
	}

	/** Yields the entries of one kind. */
	*entries(kind: Kind): Generator<Entry> {
		const index = this.#indexIfReadable();
		for (let i = 0; i < LIMITS[kind]; i++) {
			const key = keyOf(kind, i);
			const value = this.#read(index, key);
			if (value !== undefined) yield { key, name: nameOf(kind, value), value };
			else if (this.#isSet(index, key)) yield { key, name: index?.row(key)?.name ?? "", value };
		}
	}

	/** Finds an entry by name; a damaged one goes by its key. Throws `ConsoleError` `NotFound`. */
	find(kind: Kind, name: string): Entry {
		for (const entry of this.entries(kind)) {
			if (entry.value === undefined ? entry.key === name : entry.name === name) return entry;
		}
		const what = kind.slice(0, -1);
		throw new ConsoleError("NotFound", `there is no ${what} of that name: "${what}" lists the names`);
	}

	/**
	 * Returns the change that sets `value`: it replaces the entry of that name, or a damaged one that may have been it, or else
	 * adds one.
	 */
	changeTo(kind: Kind, value: unknown): Change {
		let damaged: string | undefined;
		let other: string | undefined;
		const wanted = nameOf(kind, value);
		for (const { key, name, value: before } of this.entries(kind)) {
			if (before !== undefined && name === wanted) return { key, value };
			// At most the beginning of a damaged entry's name is known.
			if (before === undefined && wanted.startsWith(name)) damaged ??= key;
			else if (before === undefined) other ??= key;
		}
		const key = damaged ?? this.#freeKey(kind) ?? other;
		if (key !== undefined) return { key, value };
		throw new ConsoleError(
			"SettingsFull",
			`there are already ${LIMITS[kind]} ${kind}, the most that are allowed: remove one first`,
		);
	}

	market(name: string, value: unknown): Change {
		const isKnown = this.#markets.includes(name);
		if (isKnown) return { key: `${MARKET}${name}`, value };
		throw new ConsoleError("NotFound", `no such market in this firmware: expected one of ${this.#markets.join(", ")}`);
	}

	/** The names of the markets that have an account. */
	get accounts(): readonly string[] {
		const index = this.#indexIfReadable();
		return this.#markets.filter((name) => this.#isSet(index, `${MARKET}${name}`));
	}

	/** Makes a change durable and atomic. */
	commit({ key, value }: Change): void {
		const bytes = value === undefined ? undefined : this.#bytesOf(value);
		const index = this.index();
		index.announce(key, bytes, nameOf(kindOf(key), value));
		index.write();
		if (bytes === undefined) this.#storage.delete(key);
		else this.#storage.write(key, bytes);
		index.settle(true);
		index.write();
	}

	/** True also if the index, which stores it, cannot be read. */
	get isPaused(): boolean {
		return this.#indexIfReadable()?.isPaused ?? true;
	}

	pause(isPaused: boolean): void {
		const index = this.index();
		index.isPaused = isPaused;
		index.writeTwice();
	}

	get isErasing(): boolean {
		return read(this.#storage, ERASING) !== undefined;
	}

	erasing(isErasing: boolean): void {
		if (isErasing) this.#storage.write(ERASING, Uint8Array.of(1));
		else this.#storage.delete(ERASING);
	}

	/** Yields the keys of all entries in a safe order of deletion: rules before what they depend on. */
	*keys(): Generator<string> {
		for (const kind of ["rules", "plans", "assets", "networks"] as const) {
			for (let i = 0; i < LIMITS[kind]; i++) yield keyOf(kind, i);
		}
		for (const name of this.#markets) yield `${MARKET}${name}`;
	}

	/** Yields the keys of the index: to be deleted after the entries. */
	*indexKeys(): Generator<string> {
		yield* INDEX_COPIES;
		yield PAUSED;
	}

	/** Builds an index of all readable entries. */
	#listed(): SettingsIndex {
		const index = new SettingsIndex(this.#storage, this.#hashes);
		for (const key of this.keys()) {
			const bytes = read(this.#storage, key);
			const value = this.#parse(bytes);
			if (value !== undefined) index.put(key, { digest: index.digestOf(bytes), name: nameOf(kindOf(key), value) });
		}
		index.isPaused = read(this.#storage, PAUSED) !== undefined;
		return index;
	}

	#indexIfReadable(): SettingsIndex | undefined {
		try {
			return this.index();
		} catch {
			return undefined;
		}
	}

	#freeKey(kind: Kind): string | undefined {
		const index = this.index();
		for (let i = 0; i < LIMITS[kind]; i++) if (!this.#isSet(index, keyOf(kind, i))) return keyOf(kind, i);
		return undefined;
	}

	/** True if there is an entry, or was one. */
	#isSet(index: SettingsIndex | undefined, key: string): boolean {
		return index?.row(key) !== undefined || read(this.#storage, key) !== undefined;
	}

	/** True if flash holds the entry that the index lists. */
	#isWhole(index: SettingsIndex, key: string): boolean {
		return index.digestIn(key) === index.digestOf(read(this.#storage, key));
	}

	#bytesOf(value: unknown): Uint8Array {
		const text = utf8.encode(JSON.stringify(value));
		if (text.length > ENTRY_LIMIT) {
			throw new ConsoleError("SettingTooLarge", `expected at most ${ENTRY_LIMIT} bytes of JSON, got ${text.length}`);
		}
		const bytes = new Uint8Array(text.length + 4);
		bytes.set(text);
		return appendChecksum(this.#hashes, bytes);
	}

	*#parts(index: SettingsIndex, kind: Kind, change: Change | undefined): Generator<Field> {
		// No plan depends on another, or on anything but a market's account; and a plan may be long.
		const isOnlyChange = kind === "plans" && change !== undefined && !change.key.startsWith(MARKET);
		for (let i = 0; i < LIMITS[kind]; i++) {
			const key = keyOf(kind, i);
			if (isOnlyChange && key !== change.key) continue;
			const value = this.#valueOf(index, key, change);
			if (value === undefined) continue;
			if (key !== change?.key) asOfOldFirmware(key, value as Record<string, unknown>);
			yield new Field(value, pathOf(kind, nameOf(kind, value) || String(i)));
		}
	}

	/** Reads a plan. Throws `ConsoleError` `SettingsDamaged` if it is gone. */
	#plan(name: string, change: Change | undefined): Field {
		for (const field of this.#parts(this.index(), "plans", change))
			if (field.path === pathOf("plans", name)) return field;
		throw new ConsoleError("SettingsDamaged", `plan "${name}" is missing in flash and does not buy: set it again`);
	}

	#accounts(index: SettingsIndex, change: Change | undefined): ReadonlyMap<string, Field> {
		const accounts = new Map<string, Field>();
		for (const name of this.#markets) {
			const value = this.#valueOf(index, `${MARKET}${name}`, change);
			if (value !== undefined) accounts.set(name, new Field(value, `markets.${name}`, true));
		}
		return accounts;
	}

	/** Reads an entry. Throws `ConsoleError` `SettingsDamaged`, unless there is a change. */
	#valueOf(index: SettingsIndex, key: string, change: Change | undefined): unknown {
		if (change?.key === key) return change.value;
		const value = this.#read(index, key);
		if (value === undefined && change === undefined && this.#isSet(index, key)) throw this.#damaged(index, key);
		return value;
	}

	/** Returns `undefined` for an entry that is missing or damaged. */
	#read(index: SettingsIndex | undefined, key: string): unknown {
		const bytes = read(this.#storage, key);
		const isWhole = bytes !== undefined && (index === undefined || index.digestIn(key) === index.digestOf(bytes));
		const value = isWhole ? this.#parse(bytes) : undefined;
		// Plans of firmware 0.1 may have it.
		if (key.startsWith(PLAN) && value !== undefined) delete (value as { expect?: unknown }).expect;
		return value;
	}

	#parse(bytes: Uint8Array | undefined): unknown {
		if (bytes === undefined) return undefined;
		try {
			return JSON.parse(utf8.decode(verifyChecksum(this.#hashes, bytes).subarray(0, -4)));
		} catch {
			return undefined;
		}
	}

	#damaged(index: SettingsIndex, key: string): ConsoleError {
		const row = index.row(key);
		const kind = kindOf(key);
		const command = kind === undefined ? "market" : kind.slice(0, -1);
		const name = kind === undefined ? key.slice(MARKET.length) : key;
		const entry = row === undefined || row.name === "" ? `${command} ${name}` : `${command} "${row.name}" (${key})`;
		const state = read(this.#storage, key) === undefined ? "is missing in flash" : "is damaged in flash";
		const remedy = `set it again with "${command} set", or give it up with "${command} remove ${name}"`;
		return new ConsoleError("SettingsDamaged", `${entry} ${state}, so the agent buys nothing: ${remedy}`);
	}
}

/** Reads values that firmware 0.1 accepted and this one refuses, with the meaning that they had in firmware 0.1. */
function asOfOldFirmware(key: string, value: Record<string, unknown>): void {
	if (key.startsWith(RULE) && value.methods === undefined) value.methods = ["eip3009"];
	if (!key.startsWith(PLAN)) return;
	for (const name of value.market === undefined ? OF_MARKETS : OF_SELLERS) delete value[name];
}

function pathOf(kind: Kind, name: string): string {
	return `${kind}[${name}]`;
}

function keyOf(kind: Kind, place: number): string {
	return `c.${kind.charAt(0)}${place}`;
}

/** Returns `undefined` for an account at a market. */
function kindOf(key: string): Kind | undefined {
	return key.startsWith(MARKET) ? undefined : KINDS.find((kind) => kind.charAt(0) === key.charAt(2));
}

/** Returns the name of an entry; "" if it has none, which the configuration's reader refuses. */
export function nameOf(kind: Kind | undefined, value: unknown): string {
	const { id, name } = (typeof value === "object" ? (value ?? {}) : {}) as { id?: unknown; name?: unknown };
	const found = kind === "networks" || kind === "assets" ? id : name;
	return typeof found === "string" && kind !== undefined ? found : "";
}
