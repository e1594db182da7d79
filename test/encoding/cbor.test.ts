/** CBOR against cbor-x in both directions, and against bytes that nobody meant. */
import test from "ava";
import { Encoder } from "cbor-x";
import { type CborKey, type CborMap, type CborValue, decode, encode } from "../../modules/encoding/cbor.js";
import { EncodingError } from "../../modules/encoding/errors.js";
import { same, throwsNamed } from "../support/quick.js";
import { Random } from "./random.js";

const oracle = new Encoder({ mapsAsObjects: false, useRecords: false, variableMapSize: true, tagUint8Array: false });

test("cbor-x decodes what we encode", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 1_500; i++) {
		const value = record(random, 3);
		same(t, plain(oracle.decode(encode(value))), plain(value));
	}
	t.pass();
});

test("we decode what cbor-x encodes of a sorted value, and encode it to the same bytes", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 1_500; i++) {
		// Decoding here puts the keys in order, which cbor-x then keeps.
		const value = decode(encode(record(random, 3)));
		const bytes = new Uint8Array(oracle.encode(forOracle(value)));
		same(t, hex(encode(value)), hex(bytes));
		same(t, plain(decode(bytes)), plain(value));
	}
	t.pass();
});

test("mutated bytes are refused by name, or decode to a value that encodes to exactly these bytes", (t) => {
	const random = new Random(t);
	let taken = 0;
	for (let i = 0; i < 30_000; i++) {
		const bytes = mutated(random, encode(record(random, 3)));
		try {
			same(t, hex(encode(decode(bytes))), hex(bytes));
			taken++;
		} catch (error) {
			if (!(error instanceof EncodingError)) throw error;
		}
	}
	t.log(`${taken} of 30,000 were taken`);
	t.true(taken > 0 && taken < 30_000);
});

test("random bytes are refused by name, or encode again to the same bytes", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 30_000; i++) {
		const bytes = random.bytes(random.integer(12));
		try {
			same(t, hex(encode(decode(bytes))), hex(bytes));
		} catch (error) {
			if (!(error instanceof EncodingError)) throw error;
		}
	}
	t.pass();
});

test("every proper prefix of a record is refused as truncated", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 200; i++) {
		const bytes = encode(record(random, 3));
		for (let length = 0; length < bytes.length; length++) {
			throwsNamed(t, () => decode(bytes.subarray(0, length)), "CborTruncated", `${hex(bytes)}, ${length} bytes`);
		}
	}
	t.pass();
});

function record(random: Random, depth: number): CborValue {
	const kind = random.integer(depth > 0 ? 8 : 5);
	if (kind === 0) return integer(random);
	if (kind === 1) return random.text(random.integer(random.pick([4, 30, 120])));
	if (kind === 2) return random.bytes(random.integer(random.pick([4, 30, 120])));
	if (kind === 3) return random.boolean();
	if (kind === 4) return null;
	if (kind === 5) return Array.from({ length: random.integer(26) }, () => record(random, depth - 3));
	return new Map<CborKey, CborValue>(
		Array.from({ length: random.integer(5) }, () => [
			random.boolean() ? random.integer(600) - 300 : random.text(random.integer(30)),
			record(random, depth - 1),
		]),
	);
}

/** Not from −2^32 to −2^31 − 1, which cbor-x writes as a float or in 8 bytes but never in 4, the shortest form. */
function integer(random: Random): number {
	const integer = Number(random.bigint(53));
	return random.boolean() || (integer > 0x8000_0000 && integer <= 0x1_0000_0000) ? integer : -integer || 0;
}

function mutated(random: Random, bytes: Uint8Array): Uint8Array {
	const copy = bytes.slice();
	for (let i = random.integer(3); i >= 0; i--) {
		const at = random.integer(copy.length);
		const way = random.integer(3);
		if (way === 0) copy[at] = random.integer(256);
		else if (way === 1) copy[at]! ^= 1 << random.integer(8);
		else copy.copyWithin(at, at + 1);
	}
	return copy;
}

/** cbor-x writes integers beyond 32 bits as floats unless they are BigInts, and puts bytes into Buffers. */
function forOracle(value: CborValue): unknown {
	if (typeof value === "number" && (value > 0xffff_ffff || value < -0x8000_0000)) return BigInt(value);
	if (value instanceof Map) return new Map([...(value as CborMap)].map(([key, item]) => [key, forOracle(item)]));
	return Array.isArray(value) ? value.map(forOracle) : value;
}

function hex(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("hex");
}

/** One shape for both: entries in order for Maps, lists for bytes, numbers for safe BigInts. */
function plain(value: unknown): unknown {
	if (typeof value === "bigint") return Number(value);
	if (value instanceof Uint8Array) return { bytes: [...value] };
	if (value instanceof Map) {
		const entries = [...value].map(([key, item]) => [typeof key, String(key), plain(item)] as const);
		return { map: entries.sort(([t1, k1], [t2, k2]) => (t1 + k1 < t2 + k2 ? -1 : 1)) };
	}
	return Array.isArray(value) ? value.map(plain) : value;
}
