/**
 * One purchase as the ledger keeps it: deterministic CBOR (RFC 8949 §4.2), a map with the integer keys of `RECORD_FIELDS`,
 * small enough for one entry of NVS (4,000 bytes). docs/flash.md describes it for other readers.
 *
 * intended → authorized → delivered | refused | unknown | expired
 *
 * | state | money may have left | counts |
 * |---|---|---|
 * | intended | no | as reserved |
 * | authorized | perhaps | as reserved |
 * | delivered | yes | as spent |
 * | unknown | yes, and it may have been used | as spent |
 * | refused | yes, and each time the seller said that it did not use it | as reserved; in the window until it has run out |
 * | expired | no | not at all |
 */
import { isSame } from "../../modules/encoding/bytes.js";
import type { CborValue } from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { asAmount, asBytes, asNumber, asText, type Codec, encodeWithin, Fields } from "./cbor_fields.js";
import { damaged, LedgerError } from "./errors.js";

export type State = "intended" | "authorized" | "delivered" | "refused" | "unknown" | "expired";

/** How money leaves: by a signature of the wallet's key, by a market that charges an account, or not at all. */
export type PurchaseKind = "payment" | "charge" | "free";

const STATES: readonly State[] = Object.freeze([
	"intended",
	"authorized",
	"delivered",
	"refused",
	"unknown",
	"expired",
] as const);
const KINDS: readonly PurchaseKind[] = Object.freeze(["payment", "charge", "free"] as const);

/** What is needed to count a purchase. */
export interface Summary {
	/** Counts up over the ledger's life, without gaps. */
	readonly sequence: number;
	readonly plan: string;
	readonly period: number;
	readonly state: State;
	/** The name of the rule that allowed it; "" for what was free. */
	readonly rule: string;
	/** What that rule is known by when it has another name (`ruleIdentity`); 0 when that is not known. */
	readonly ruleIdentity: number;
	/** CAIP-2 and lower-case address; "" for what was free. */
	readonly network: string;
	readonly asset: string;
	/** Base units, 32 bytes: the most that this purchase can move. */
	readonly amount: Uint8Array;
	/** Base units, 32 bytes: what a market says that a charge has cost, which counts in the window; else `amount`. */
	readonly cost: Uint8Array;
	/** Of the intent, in seconds since the epoch. */
	readonly time: number;
	readonly validBefore: number;
	/** What it counts as in `maxCountPerWindow`: 2 when a second signature has replaced a prepayment; 0 when it is free. */
	readonly count: number;
}

/** What is needed to make the same payment again. Dropped from the record when the purchase has ended. */
export interface Intent {
	/** SHA-256 of method, address and body: the payment is sent with the same request or not at all. */
	readonly request: Uint8Array;
	/** The payer's address. A nonce is taken once from one payer: by another key it would be another payment. */
	readonly payer: string;
	readonly x402Version: 1 | 2;
	/** JSON as the seller sent it. */
	readonly accepted: string;
	readonly resource: string;
	readonly extensions: string;
}

export interface PurchaseRecord extends Summary {
	readonly kind: PurchaseKind;
	/** Counts the changes of this record. An older copy of it, found in flash that has decayed, has a lower one. */
	readonly revision: number;
	/** Whom it pays: a lower-case address; "" where a market does not say. */
	readonly payTo: string;
	/** 32 bytes: what the chain knows a payment by. Empty for what is none. */
	readonly nonce: Uint8Array;
	/** Of a payment that is open. */
	readonly intent: Intent | undefined;
	/** Of a charge: the market's own note of where it is. Empty for a payment, and at the end. */
	readonly progress: Uint8Array;
	/** What became of it, in one word: "paid", "nonce_already_used", … "" while it is open. */
	readonly outcome: string;
	/** 0x hash, as the seller named it; "" if it named none. */
	readonly transaction: string;
}

/** A record as far as it is decoded, in the order of the table. */
type Decoded = { readonly [Name in keyof PurchaseRecord]?: PurchaseRecord[Name] };

interface RecordField<Value> {
	/** In the map. */
	readonly key: number;
	readonly codec: Codec<Value>;
	/** True if `Summary` has it. */
	readonly isSummary: boolean;
	/** For a field that format 1 does not have: what it is in such a record. */
	readonly inFormat1: ((record: Decoded) => Value) | undefined;
}

const NUMBER: Codec<number> = Object.freeze({ write: (value: number) => value, read: asNumber });
const TEXT: Codec<string> = Object.freeze({ write: (value: string) => value, read: asText });
const BYTES: Codec<Uint8Array> = Object.freeze({ write: (value: Uint8Array) => value, read: asBytes });
const AMOUNT: Codec<Uint8Array> = Object.freeze({ write: uint256.toMinimal, read: asAmount });
const NONCE: Codec<Uint8Array> = Object.freeze({
	write: (value: Uint8Array) => value,
	read(value: CborValue | undefined) {
		const nonce = asBytes(value);
		if (nonce.length !== 32 && nonce.length !== 0) throw damaged("a nonce of another length");
		return nonce;
	},
});
const INTENT: Codec<Intent | undefined> = Object.freeze({ write: writeIntent, read: readIntent });

/**
 * One table for encoding, decoding and summaries. A field of format 2 stands after those it follows from in format 1. Keys
 * are never used again for something else: 14 and 15 are taken, 16 was the checksum of format 1.
 */
export const RECORD_FIELDS: { readonly [Name in keyof PurchaseRecord]: RecordField<PurchaseRecord[Name]> } =
	Object.freeze({
		sequence: counted(1, NUMBER),
		plan: counted(2, TEXT),
		period: counted(3, NUMBER),
		state: counted(4, oneOf(STATES, "state")),
		rule: counted(5, TEXT),
		network: counted(6, TEXT),
		asset: counted(7, TEXT),
		amount: counted(8, AMOUNT),
		time: counted(9, NUMBER),
		validBefore: counted(10, NUMBER),
		nonce: kept(11, NONCE),
		outcome: kept(12, TEXT),
		transaction: kept(13, TEXT),
		intent: kept(14, INTENT),
		progress: kept(15, BYTES),
		kind: kept(17, oneOf(KINDS, "kind"), kindInFormat1),
		revision: kept(18, NUMBER, () => 0),
		ruleIdentity: counted(19, NUMBER, () => 0),
		count: counted(20, NUMBER, ({ rule }) => (rule === "" ? 0 : 1)),
		cost: counted(21, AMOUNT, ({ amount }) => amount!),
		payTo: kept(22, TEXT, () => ""),
	});

const NAMES: readonly (keyof PurchaseRecord)[] = Object.freeze(Object.keys(RECORD_FIELDS) as (keyof PurchaseRecord)[]);

function counted<Value>(key: number, codec: Codec<Value>, inFormat1?: (record: Decoded) => Value): RecordField<Value> {
	return Object.freeze({ key, codec, isSummary: true, inFormat1 });
}

function kept<Value>(key: number, codec: Codec<Value>, inFormat1?: (record: Decoded) => Value): RecordField<Value> {
	return Object.freeze({ key, codec, isSummary: false, inFormat1 });
}

function oneOf<Choice extends string>(choices: readonly Choice[], what: string): Codec<Choice> {
	return Object.freeze({
		write: (value: Choice) => choices.indexOf(value),
		read(value: CborValue | undefined) {
			const choice = choices[asNumber(value)];
			if (choice === undefined) throw damaged(`a record of no known ${what}`);
			return choice;
		},
	});
}

/** Format 1 told the kinds apart by what they have: only a payment has a nonce, and what was free has no rule. */
function kindInFormat1({ nonce, rule }: Decoded): PurchaseKind {
	if (nonce?.length !== 0) return "payment";
	return rule === "" ? "free" : "charge";
}

export function isFinal(state: State): boolean {
	return state !== "intended" && state !== "authorized";
}

/** The last four bytes are left for `appendChecksum`. Throws `LedgerError` `RecordTooLarge` over `limit` bytes. */
export function encodeRecord(record: PurchaseRecord, limit: number): Uint8Array {
	const fields = new Map<number, CborValue>();
	for (const name of NAMES) {
		const { key, codec } = RECORD_FIELDS[name] as RecordField<unknown>;
		fields.set(key, codec.write(record[name]));
	}
	const bytes = encodeWithin(limit, fields);
	if (bytes === undefined) {
		throw new LedgerError(
			"RecordTooLarge",
			`the seller's terms make a record of more than the ${limit} bytes that fit into flash`,
		);
	}
	return bytes;
}

/** Throws `LedgerError` `LedgerDamaged`, `LedgerTooNew`. */
export function decodeRecord(bytes: Uint8Array): PurchaseRecord {
	const fields = new Fields(bytes);
	const record: Partial<Record<keyof PurchaseRecord, unknown>> = {};
	for (const name of NAMES) {
		const { key, codec, inFormat1 } = RECORD_FIELDS[name] as RecordField<unknown>;
		const isMissing = fields.format === 1 && inFormat1 !== undefined;
		record[name] = isMissing ? inFormat1(record as Decoded) : codec.read(fields.value(key));
	}
	return record as unknown as PurchaseRecord;
}

/**
 * The part of a record that a ledger keeps in memory. What `others` have too is theirs: a device has no memory for sixteen
 * copies of a token's address.
 */
export function summaryOf(record: PurchaseRecord, others: readonly (Summary | undefined)[]): Summary {
	const summary: Partial<Record<keyof PurchaseRecord, unknown>> = {};
	for (const name of NAMES) if (RECORD_FIELDS[name].isSummary) summary[name] = record[name];
	for (const name of ["rule", "network", "asset"] as const) {
		summary[name] = others.find((other) => other?.[name] === record[name])?.[name] ?? record[name];
	}
	const sameAmount = (amount: Uint8Array) =>
		others.find((other) => other !== undefined && isSame(other.amount, amount));
	summary.amount = sameAmount(record.amount)?.amount ?? record.amount;
	summary.cost = isSame(record.cost, record.amount) ? summary.amount : (sameAmount(record.cost)?.amount ?? record.cost);
	return summary as unknown as Summary;
}

function writeIntent(intent: Intent | undefined): CborValue {
	if (intent === undefined) return null;
	return [intent.request, intent.x402Version, intent.accepted, intent.resource, intent.extensions, intent.payer];
}

function readIntent(value: CborValue | undefined): Intent | undefined {
	if (value === null) return undefined;
	const [request, x402Version, accepted, resource, extensions, payer] = Array.isArray(value) ? value : [];
	if (
		!(request instanceof Uint8Array) ||
		(x402Version !== 1 && x402Version !== 2) ||
		typeof accepted !== "string" ||
		typeof resource !== "string" ||
		typeof extensions !== "string" ||
		typeof payer !== "string"
	) {
		throw damaged("an intent of another shape");
	}
	return { request, x402Version, accepted, resource, extensions, payer };
}
