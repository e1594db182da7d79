/**
 * One purchase as the ledger keeps it: deterministic CBOR (RFC 8949 §4.2), a map with the integer keys below, small
 * enough for one entry of NVS (4,000 bytes).
 *
 * intended → authorized → delivered | refused | unknown | expired
 *
 * | state | a signature has left | counts |
 * |---|---|---|
 * | intended | no | as reserved |
 * | authorized | perhaps | as reserved |
 * | delivered | yes | as spent |
 * | unknown | yes, and it may have been used | as spent |
 * | refused | yes, and each time the seller said that it did not use it | as reserved; in the window until it has run out |
 * | expired | no | not at all |
 */
import * as cbor from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { LedgerError } from "./errors.js";

export type State = "intended" | "authorized" | "delivered" | "refused" | "unknown" | "expired";

const STATES: readonly State[] = Object.freeze([
	"intended",
	"authorized",
	"delivered",
	"refused",
	"unknown",
	"expired",
] as const);

/** What is needed to count a purchase. */
export interface Summary {
	/** Counts up over the ledger's life. */
	readonly sequence: number;
	readonly plan: string;
	readonly period: number;
	readonly state: State;
	/** The name of the rule that allowed it; "" for what was free. */
	readonly rule: string;
	/** CAIP-2 and lower-case address; "" for what was free. */
	readonly network: string;
	readonly asset: string;
	/** Base units, 32 bytes: the most that this purchase can move. */
	readonly amount: Uint8Array;
	/** Of the intent, in seconds since the epoch. */
	readonly time: number;
	readonly validBefore: number;
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
	/** 32 bytes: what the chain knows the payment by. Empty for what was free. */
	readonly nonce: Uint8Array;
	readonly intent: Intent | undefined;
	/** Of a purchase by a market's account: the market's own note of where it is. Empty for a payment, and at the end. */
	readonly progress: Uint8Array;
	/** What became of it, in one word: "paid", "nonce_already_used", … "" while it is open. */
	readonly outcome: string;
	/** 0x hash, as the seller named it; "" if it named none. */
	readonly transaction: string;
}

const FORMAT = 1;

export function isFinal(state: State): boolean {
	return state !== "intended" && state !== "authorized";
}

/** The last four bytes are left for `appendChecksum`. Throws `LedgerError` `RecordTooLarge` over `limit` bytes. */
export function encodeRecord(record: PurchaseRecord, limit: number): Uint8Array {
	const { intent } = record;
	const bytes = encodeWithin(
		limit,
		new Map<number, cbor.CborValue>([
			[0, FORMAT],
			[1, record.sequence],
			[2, record.plan],
			[3, record.period],
			[4, STATES.indexOf(record.state)],
			[5, record.rule],
			[6, record.network],
			[7, record.asset],
			[8, uint256.toMinimal(record.amount)],
			[9, record.time],
			[10, record.validBefore],
			[11, record.nonce],
			[12, record.outcome],
			[13, record.transaction],
			[
				14,
				intent === undefined
					? null
					: [intent.request, intent.x402Version, intent.accepted, intent.resource, intent.extensions, intent.payer],
			],
			[15, record.progress],
			[16, new Uint8Array(4)],
		]),
	);
	if (bytes === undefined) {
		throw new LedgerError(
			"RecordTooLarge",
			`the seller's terms make a record of more than the ${limit} bytes that fit into flash`,
		);
	}
	return bytes;
}

/** The CBOR of `value`, or `undefined` when it has more than `limit` bytes. */
export function encodeWithin(limit: number, value: cbor.CborValue): Uint8Array | undefined {
	try {
		const bytes = cbor.encode(value);
		return bytes.length <= limit ? bytes : undefined;
	} catch (error) {
		// The encoder has a limit of its own.
		if ((error as Error).name === "TooLong") return undefined;
		throw error;
	}
}

/** Throws `LedgerError` `LedgerDamaged`. */
export function decodeRecord(bytes: Uint8Array): PurchaseRecord {
	const fields = new Fields(bytes);
	if (fields.number(0) !== FORMAT) throw damaged("a record of another format");
	const state = STATES[fields.number(4)];
	if (state === undefined) throw damaged("a record in no known state");
	const nonce = fields.bytes(11);
	if (nonce.length !== 32 && nonce.length !== 0) throw damaged("a nonce of another length");
	return {
		sequence: fields.number(1),
		plan: fields.text(2),
		period: fields.number(3),
		state,
		rule: fields.text(5),
		network: fields.text(6),
		asset: fields.text(7),
		amount: fields.amount(8),
		time: fields.number(9),
		validBefore: fields.number(10),
		nonce,
		outcome: fields.text(12),
		transaction: fields.text(13),
		intent: readIntent(fields.value(14)),
		progress: fields.bytes(15),
	};
}

function readIntent(value: cbor.CborValue): Intent | undefined {
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

/** The fields of a map with integer keys. Each getter throws `LedgerDamaged` for a value of another type. */
export class Fields {
	readonly #map: cbor.CborMap;

	constructor(bytes: Uint8Array) {
		let value: cbor.CborValue;
		try {
			value = cbor.decode(bytes);
		} catch (error) {
			throw damaged(`CBOR that cannot be read (${(error as Error).message})`);
		}
		if (!(value instanceof Map)) throw damaged("something that is not a map");
		this.#map = value;
	}

	value(key: number): cbor.CborValue {
		const value = this.#map.get(key);
		if (value === undefined) throw damaged(`no field ${key}`);
		return value;
	}

	number(key: number): number {
		return asNumber(this.value(key));
	}

	text(key: number): string {
		return asText(this.value(key));
	}

	bytes(key: number): Uint8Array {
		const value = this.value(key);
		if (!(value instanceof Uint8Array)) throw damaged("something else where bytes belong");
		return value;
	}

	amount(key: number): Uint8Array {
		return asAmount(this.value(key));
	}
}

export function asNumber(value: cbor.CborValue | undefined): number {
	if (typeof value !== "number" || value < 0) throw damaged("something else where a number belongs");
	return value;
}

export function asText(value: cbor.CborValue | undefined): string {
	if (typeof value !== "string") throw damaged("something else where a text belongs");
	return value;
}

export function asAmount(value: cbor.CborValue | undefined): Uint8Array {
	if (!(value instanceof Uint8Array) || value.length > 32 || value[0] === 0) {
		throw damaged("something else where an amount belongs");
	}
	return uint256.fromMinimal(value);
}

export function asArray(value: cbor.CborValue | undefined): readonly cbor.CborValue[] {
	if (!Array.isArray(value)) throw damaged("something else where an array belongs");
	return value as readonly cbor.CborValue[];
}

/** A ledger that cannot be read whole is not spent from. */
export function damaged(found: string): LedgerError {
	return new LedgerError(
		"LedgerDamaged",
		`expected a record that this ledger wrote, found ${found}: nothing is signed`,
	);
}
