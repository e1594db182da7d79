/**
 * Reading the ledger's CBOR: each reader throws `LedgerError` `LedgerDamaged` for a value of another type, so that flash that
 * is not what a ledger wrote is noticed and never spent by.
 */
import * as cbor from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { damaged, LedgerError } from "./errors.js";

/** The format that this version writes; it reads the earlier ones too. */
export const FORMAT = 2;
export const FORMAT_KEY = 0;
/** The greatest key of one byte: the checksum ends the encoding whatever fields a later version adds. */
export const CHECKSUM_KEY = 23;

/** How one type of value is written to CBOR and read back. */
export interface Codec<Value> {
	write(value: Value): cbor.CborValue;
	read(value: cbor.CborValue | undefined): Value;
}

/** The fields of a map with integer keys. */
export class Fields {
	/** 1 or 2. */
	readonly format: number;
	readonly #map: cbor.CborMap;

	/** Throws `LedgerError` `LedgerTooNew` for a format that this version does not know, `LedgerDamaged`. */
	constructor(bytes: Uint8Array) {
		let value: cbor.CborValue;
		try {
			value = cbor.decode(bytes);
		} catch (error) {
			throw damaged(`CBOR that cannot be read (${(error as Error).message})`);
		}
		if (!(value instanceof Map)) throw damaged("something that is not a map");
		this.#map = value;
		this.format = this.number(FORMAT_KEY);
		if (this.format === 0) throw damaged("format 0");
		if (this.format > FORMAT) {
			throw new LedgerError(
				"LedgerTooNew",
				`the ledger in flash has format ${this.format} and this firmware reads up to ${FORMAT}: install a later firmware`,
			);
		}
	}

	/** The value under `key`, or `undefined`. */
	value(key: number): cbor.CborValue | undefined {
		return this.#map.get(key);
	}

	number(key: number): number {
		return asNumber(this.value(key));
	}

	array(key: number): readonly cbor.CborValue[] {
		return asArray(this.value(key));
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

export function asBytes(value: cbor.CborValue | undefined): Uint8Array {
	if (!(value instanceof Uint8Array)) throw damaged("something else where bytes belong");
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

/** The CBOR of `fields` with room for the checksum at its end, or `undefined` when it has more than `limit` bytes. */
export function encodeWithin(limit: number, fields: Map<number, cbor.CborValue>): Uint8Array | undefined {
	fields.set(FORMAT_KEY, FORMAT);
	fields.set(CHECKSUM_KEY, new Uint8Array(4));
	try {
		const bytes = cbor.encode(fields);
		return bytes.length <= limit ? bytes : undefined;
	} catch (error) {
		// The encoder has a limit of its own.
		if ((error as Error).name === "TooLong") return undefined;
		throw error;
	}
}
