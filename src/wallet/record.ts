/**
 * One purchase as the ledger stores it: deterministic CBOR (RFC 8949 §4.2), a map with the integer keys of `RECORD_FIELDS`,
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
 * | refused | yes, and each time the seller said that it did not use it | as reserved; in the window until the signature has expired |
 * | expired | no | not at all |
 */
import { isSame } from "../../modules/encoding/bytes.js";
import type { CborValue } from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import {
	asAmount,
	asBytes,
	asNumber,
	asText,
	type Codec,
	encodeWithin,
	Fields,
	FORMAT,
	FORMAT_KEY,
} from "./cbor_fields.js";
import { damaged, LedgerError } from "./errors.js";

/** The outcome of a payment that its payer's wallet cannot cover. */
export const WALLET_EMPTY = "WalletEmpty";

export type State = "intended" | "authorized" | "delivered" | "refused" | "unknown" | "expired";

/** The way money leaves: by a signature of the wallet's key, by a market that charges an account, or not at all. */
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

/** The fields that are needed to count a purchase. */
export interface Summary {
	/** Counts up over the ledger's life, without gaps. */
	readonly sequence: number;
	readonly plan: string;
	readonly period: number;
	readonly state: State;
	/** The name of the rule that allowed it; "" for a free delivery. */
	readonly rule: string;
	/** The rule's identity under any name (`ruleIdentity`); 0 if not known. */
	readonly ruleIdentity: number;
	/** CAIP-2 and lower-case address; "" for a free delivery. */
	readonly network: string;
	readonly asset: string;
	/** Base units, 32 bytes: the most that this purchase can cost. */
	readonly amount: Uint8Array;
	/** Base units, 32 bytes: the cost of a charge as the market reports it, which counts in the window; otherwise `amount`. */
	readonly cost: Uint8Array;
	/** The time of the intent, and the end of the signature's validity: seconds since the epoch. */
	readonly time: number;
	readonly validBefore: number;
	/**
	 * The number that it adds to `maxCountPerWindow`'s count: 2 if a second signature replaced a prepayment, 0 if it was free.
	 */
	readonly count: number;
}

/** The data needed to make the same payment again. Removed from the record when the purchase ends. */
export interface Intent {
	/** SHA-256 of method, address and body: the payment is sent only with the same request. */
	readonly request: Uint8Array;
	/** The payer's address. A nonce is used up per payer: with another key it would be another payment. */
	readonly payer: string;
	readonly x402Version: 1 | 2;
	/** JSON as received from the seller: everything that version 2 echoes, or only the members of `accepted` that are read. */
	readonly accepted: string;
	readonly resource: string;
	readonly extensions: string;
	/** Bytes of an echo that is too long for the record and lies beside it (`LongEcho`); otherwise 0. */
	readonly echoBytes: number;
}

export interface PurchaseRecord extends Summary {
	readonly kind: PurchaseKind;
	/** Counts the changes of this record. An older copy returned by decayed flash has a lower one. */
	readonly revision: number;
	/** The payee: a lower-case address; "" if a market does not name one. */
	readonly payTo: string;
	/** 32 bytes: identifies a payment on the chain. Empty if it is no payment. */
	readonly nonce: Uint8Array;
	/** Only in an open payment. */
	readonly intent: Intent | undefined;
	/** A market's own resume state, of an open charge. Empty for a payment and after the end. */
	readonly progress: Uint8Array;
	/** The outcome in one word: "paid", "nonce_already_used", … "" while it is open. */
	readonly outcome: string;
	/** 0x hash as the seller reported it; "" if it reported none. */
	readonly transaction: string;
}

/** The part of a record decoded so far, in the order of the table. */
type Decoded = { readonly [Name in keyof PurchaseRecord]?: PurchaseRecord[Name] };

interface RecordField<Value> {
	/** The key in the CBOR map. */
	readonly key: number;
	readonly codec: Codec<Value>;
	/** True if `Summary` has the field. */
	readonly isSummary: boolean;
	/** For a field that format 1 does not have: its value in such a record. */
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
		if (nonce.length !== 32 && nonce.length !== 0) throw damaged("expected a nonce of 0 or 32 bytes");
		return nonce;
	},
});
const INTENT: Codec<Intent | undefined> = Object.freeze({ write: writeIntent, read: readIntent });

/**
 * The table for encoding, decoding and summaries. A field that format 1 lacks comes after the fields it is derived from. A
 * key is never reused: 14 and 15 are taken, 16 was the checksum of format 1.
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
			if (choice === undefined) throw damaged(`unknown ${what}`);
			return choice;
		},
	});
}

/** Format 1 told the kinds apart by their fields: only a payment has a nonce, and a free delivery has no rule. */
function kindInFormat1({ nonce, rule }: Decoded): PurchaseKind {
	if (nonce?.length !== 0) return "payment";
	return rule === "" ? "free" : "charge";
}

/** True of a payment that its wallet could not cover, by the seller's word: it stays open, to be made again with the same nonce. */
export function isUnfunded({ state, outcome }: Pick<PurchaseRecord, "state" | "outcome">): boolean {
	return state === "authorized" && outcome === WALLET_EMPTY;
}

export function isFinal(state: State): boolean {
	return state !== "intended" && state !== "authorized";
}

/**
 * Encodes a record and leaves the last four bytes for `appendChecksum`. Throws `LedgerError` `RecordTooLarge` over `limit`
 * bytes.
 */
export function encodeRecord(record: PurchaseRecord, limit: number): Uint8Array {
	// The format comes first, so that the encoder has no keys to sort.
	const fields = new Map<number, CborValue>([[FORMAT_KEY, FORMAT]]);
	for (const name of NAMES) {
		const { key, codec } = RECORD_FIELDS[name] as RecordField<unknown>;
		fields.set(key, codec.write(record[name]));
	}
	const bytes = encodeWithin(limit, fields);
	if (bytes === undefined) {
		throw new LedgerError(
			"RecordTooLarge",
			`the seller's terms are too long: their record exceeds the ${limit} bytes of a flash entry`,
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
 * Makes the summary that a ledger keeps in memory. Strings that `others` already have are shared: a device has no memory for
 * sixteen copies of a token's address.
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
	const { request, x402Version, accepted, resource, extensions, payer, echoBytes } = intent;
	const fields = [request, x402Version, accepted, resource, extensions, payer];
	return echoBytes === 0 ? fields : [...fields, echoBytes];
}

function readIntent(value: CborValue | undefined): Intent | undefined {
	if (value === null) return undefined;
	const [request, x402Version, accepted, resource, extensions, payer, echoBytes = 0] = Array.isArray(value)
		? value
		: [];
	if (
		!(request instanceof Uint8Array) ||
		(x402Version !== 1 && x402Version !== 2) ||
		typeof accepted !== "string" ||
		typeof resource !== "string" ||
		typeof extensions !== "string" ||
		typeof payer !== "string" ||
		typeof echoBytes !== "number"
	) {
		throw damaged("malformed intent");
	}
	return { request, x402Version, accepted, resource, extensions, payer, echoBytes };
}
