/**
 * The tests' recorder of secrets and of output; the local world reports to it what it makes. Whoever makes a secret notes it
 * here (`secret`, `Secrets`, `Keys`); whoever runs a device records what it said and kept (`heard`, `Heard`, `kept`). Both go
 * to the folder that `MICROPAYER_SECRETS` names, and at its end `npm test` searches the one for the other. Without that
 * variable, as in `npm start`, all of this is a no-op.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const FOLDER = process.env.MICROPAYER_SECRETS;
/** Endings of file names: secrets, in hex, one a line; and output, as it came. */
const SECRETS = ".secrets";
const HEARD = ".heard";

/** One that is shorter, a code of six digits for instance, is found by chance. */
const SHORTEST = 12;
/** A key that a test makes up of fewer different bytes is found by chance too. */
const LEAST_VARIED = 8;
const PIECE_BYTES = 1 << 16;

const known = new Set<string>();
let pending: Buffer[] = [];
let pendingBytes = 0;
if (FOLDER !== undefined) process.once("exit", flush);

/** Notes a secret, text or a key, and gives it back. */
export function secret<Value extends string | Uint8Array>(value: Value): Value {
	if (FOLDER !== undefined) for (const form of formsOf(value)) note(form);
	return value;
}

/** A set of secrets: what is added is noted. */
export class Secrets extends Set<string> {
	override add(value: string): this {
		return super.add(secret(value));
	}
}

/** Key slots of a signer in the memory of a test. */
export class Keys extends Map<number, Uint8Array> {
	override set(slot: number, record: Uint8Array): this {
		secret(keyIn(record));
		return super.set(slot, record);
	}
}

/** Records output or stored data. */
export function heard(what: string | Uint8Array): void {
	if (FOLDER === undefined) return;
	const bytes = Buffer.from(what);
	pending.push(bytes, Buffer.from("\n"));
	pendingBytes += bytes.length + 1;
	if (pendingBytes > PIECE_BYTES) flush();
}

/** A list of what is said: what is pushed is written down. Spread it where it is given away: ava tells it from a list. */
export class Heard<Item extends string | object> extends Array<Item> {
	/** Methods such as `map` make plain arrays. */
	static override get [Symbol.species](): ArrayConstructor {
		return Array;
	}

	override push(...items: Item[]): number {
		for (const item of items) heard(typeof item === "string" ? item : JSON.stringify(item));
		return super.push(...items);
	}
}

/** The beginning of storage keys with market accounts, which contain their secrets. */
const ACCOUNTS = "c.m.";

/** Records an entry of storage. */
export function keptEntry(key: string, bytes: Uint8Array): void {
	if (!key.startsWith(ACCOUNTS)) heard(bytes);
}

/** Records a folder that was a device's flash: its keys as secrets, the rest as output. */
export function kept(flash: string): void {
	if (FOLDER === undefined || !existsSync(flash)) return;
	for (const name of readdirSync(flash)) {
		const bytes = readFileSync(path.join(flash, name));
		if (name.startsWith("key.")) secret(keyIn(bytes));
		else keptEntry(name.replace(/^kv\./, ""), bytes);
	}
}

/** A byte for the curve, then the key, then what the C core keeps beside it. */
function keyIn(record: Uint8Array): Uint8Array {
	return record.subarray(1, 33);
}

/** The forms in which a secret may appear: text unchanged, a key raw and as people and JSON write it. */
function formsOf(value: string | Uint8Array): Buffer[] {
	if (typeof value === "string") {
		const isKey = /^0x[0-9a-f]{64}$/i.test(value);
		return isKey ? formsOf(Buffer.from(value.slice(2), "hex")) : [Buffer.from(value)];
	}
	const bytes = Buffer.from(value);
	if (new Set(bytes).size < LEAST_VARIED) return [];
	const hex = bytes.toString("hex");
	const decimal = [...bytes].map(String);
	const texts = [
		hex,
		hex.toUpperCase(),
		hex.replace(/..(?!$)/g, "$& "),
		bytes.toString("base64").replace(/=+$/, ""),
		bytes.toString("base64url"),
		decimal.join(","),
		decimal.join(", "),
	];
	return [bytes, ...texts.map((text) => Buffer.from(text))];
}

function note(form: Buffer): void {
	const line = form.toString("hex");
	if (form.length < SHORTEST || known.has(line)) return;
	known.add(line);
	appendFileSync(path.join(FOLDER!, `${process.pid}${SECRETS}`), `${line}\n`);
}

function flush(): void {
	if (pendingBytes > 0) appendFileSync(path.join(FOLDER!, `${process.pid}${HEARD}`), Buffer.concat(pending));
	pending = [];
	pendingBytes = 0;
}

// The search

export interface Found {
	/** The file of what was said, and what stands there before the secret. */
	readonly file: string;
	readonly before: string;
}

export interface Search {
	/** The number of secrets, each form counted. */
	readonly secrets: number;
	readonly bytes: number;
	readonly found: readonly Found[];
}

/** Searches all recorded output for every secret of a folder. */
export function searchSecrets(folder: string): Search {
	const names = readdirSync(folder).sort();
	const read = (ending: string) =>
		names.filter((name) => name.endsWith(ending)).map((name) => [name, readFileSync(path.join(folder, name))] as const);
	const lines = read(SECRETS).flatMap(([, text]) => text.toString().split("\n"));
	const secrets = [...new Set(lines)].filter((line) => line !== "").map((line) => Buffer.from(line, "hex"));
	const byEnd = new Map<number, Buffer[]>();
	for (const each of secrets) {
		const end = each.readInt32LE(each.length - 4);
		byEnd.set(end, [...(byEnd.get(end) ?? []), each]);
	}
	const files = read(HEARD);
	return {
		secrets: secrets.length,
		bytes: files.reduce((sum, [, text]) => sum + text.length, 0),
		found: files.flatMap(([name, text]) => find(byEnd, text).map((at) => ({ file: name, before: beforeIn(text, at) }))),
	};
}

/** Finds where secrets begin in a text, in one pass. `byEnd`: the secrets by their last four bytes. */
function find(byEnd: ReadonlyMap<number, readonly Buffer[]>, text: Buffer): number[] {
	const found: number[] = [];
	let last = 0;
	for (let i = 0; i < text.length; i++) {
		last = (last >>> 8) | (text[i]! << 24);
		for (const secret of byEnd.get(last) ?? []) {
			const at = i + 1 - secret.length;
			if (at >= 0 && secret.compare(text, at, i + 1) === 0) found.push(at);
		}
	}
	return found;
}

function beforeIn(text: Buffer, at: number): string {
	return JSON.stringify(text.subarray(Math.max(0, at - 120), at).toString());
}
