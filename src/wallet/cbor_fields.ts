/**
 * Typed readers for the ledger's CBOR. Each throws `LedgerError` `LedgerDamaged` for a value of another type, so that damaged
 * flash is detected and never spent from.
 */
import * as cbor from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { damaged, LedgerError } from "./errors.js";

/** The format that this version writes. It reads all earlier ones. */
export const FORMAT = 2;
export const FORMAT_KEY = 0;
/** The greatest one-byte key: the checksum stays last in the encoding, whatever fields a later version adds. */
export const CHECKSUM_KEY = 23;

/** Writes one type of value to CBOR and reads it back. */
export interface Codec<Value> {
	write(value: Value): cbor.CborValue;
	read(value: cbor.CborValue | undefined): Value;
}

/** The fields of a CBOR map with integer keys. */
export class Fields {
	/** 1 or 2. */
	readonly format: number;
	readonly #map: cbor.CborMap;

	/** Throws `LedgerError` `LedgerTooNew` for a format that this version does not know, and `LedgerDamaged`. */
	constructor(bytes: Uint8Array) {
		let value: cbor.CborValue;
		try {
			value = cbor.decode(bytes);
		} catch (error) {
			throw damaged(`invalid CBOR: ${(error as Error).message})`);
		}
		if (!(value instanceof Map)) throw damaged("not a map");
		this.#map = value;
		this.format = this.number(FORMAT_KEY);
		if (this.format === 0) throw damaged("format 0");
		if (this.format > FORMAT) {
			throw new LedgerError(
				"LedgerTooNew",
				`the ledger in flash has format ${this.format}, this firmware reads up to ${FORMAT}: install a later firmware`,
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
	if (typeof value !== "number" || value < 0) throw damaged("expected a number");
	return value;
}

export function asText(value: cbor.CborValue | undefined): string {
	if (typeof value !== "string") throw damaged("expected a text");
	return value;
}

export function asBytes(value: cbor.CborValue | undefined): Uint8Array {
	if (!(value instanceof Uint8Array)) throw damaged("expected bytes");
	return value;
}

export function asAmount(value: cbor.CborValue | undefined): Uint8Array {
	if (!(value instanceof Uint8Array) || value.length > 32 || value[0] === 0) {
		throw damaged("expected an amount");
	}
	return uint256.fromMinimal(value);
}

export function asArray(value: cbor.CborValue | undefined): readonly cbor.CborValue[] {
	if (!Array.isArray(value)) throw damaged("expected an array");
	return value as readonly cbor.CborValue[];
}

/** Encodes `fields` with room for the checksum at the end. Returns `undefined` if that takes more than `limit` bytes. */
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
