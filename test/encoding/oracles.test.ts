/** The encodings against others' implementations, at random. */
import { randomBytes } from "node:crypto";
import test from "ava";
import { encodeBase58 } from "ethers";
import { formatUnits, parseUnits } from "viem";
import * as base58 from "../../modules/encoding/base58.js";
import * as base64 from "../../modules/encoding/base64.js";
import * as hex from "../../modules/encoding/hex.js";
import * as canonicalJson from "../../modules/encoding/json/canonical.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as units from "../../modules/encoding/units.js";
import { Random } from "./random.js";

test("hex and base64 agree with Node's Buffer", (t) => {
	for (let length = 0; length < 300; length++) {
		const bytes = randomBytes(length);
		t.is(hex.encode(bytes), bytes.toString("hex"));
		t.deepEqual(Buffer.from(hex.decode(bytes.toString("hex").toUpperCase())), bytes);
		t.is(base64.encode(bytes), bytes.toString("base64"));
		t.deepEqual(Buffer.from(base64.decode(bytes.toString("base64"))), bytes);
	}
});

test("base64 accepts what atob accepts, except white space", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 20_000; i++) {
		const text = Array.from({ length: random.integer(9) }, () => random.pick([..."AZaz09+/AQ==-_."])).join("");
		const actual = attempt(() => Buffer.from(base64.decode(text)).toString("latin1"));
		t.is(
			actual,
			attempt(() => atob(text)),
			text,
		);
	}
});

test("base58 encodes and decodes as ethers does", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 2_000; i++) {
		// ethers takes the bytes as a number alone and so drops the leading zeros.
		const bytes = random.bytes(1 + random.integer(62));
		bytes[0] ||= 1;
		const text = encodeBase58(bytes);
		t.is(base58.encode(bytes), text);
		t.deepEqual(base58.decode(`11${text}`), Uint8Array.of(0, 0, ...bytes));
	}
});

test("uint256 agrees with BigInt", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 5_000; i++) {
		const [a, b] = [random.bigint(256), random.bigint(256)];
		const [x, y] = [uint256.fromDecimal(String(a)), uint256.fromDecimal(String(b))];
		t.is(hex.encode(x), a.toString(16).padStart(64, "0"));
		t.is(uint256.toDecimal(x), String(a));
		t.is(Math.sign(uint256.compare(x, y)), a < b ? -1 : a > b ? 1 : 0);
		t.is(
			attempt(() => uint256.toDecimal(uint256.add(x, y))),
			a + b < 1n << 256n ? String(a + b) : undefined,
		);
		t.is(
			attempt(() => uint256.toDecimal(uint256.subtract(x, y))),
			a >= b ? String(a - b) : undefined,
		);
		t.deepEqual(uint256.fromMinimal(uint256.toMinimal(x)), x);
		t.is(uint256.isZero(x), a === 0n);
	}
	t.is(uint256.toDecimal(uint256.fromNumber(Number.MAX_SAFE_INTEGER)), String(Number.MAX_SAFE_INTEGER));
});

test("format writes what viem's formatUnits writes, and parse reads it back", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 5_000; i++) {
		const amount = random.bigint(256);
		const decimals = random.integer(40);
		const value = uint256.fromDecimal(String(amount));
		const text = formatUnits(amount, decimals);
		t.is(units.format(value, decimals), text);
		t.deepEqual(units.parse(text, decimals), value);
	}
});

test("parse reads every decimal that it accepts as viem's parseUnits does", (t) => {
	const random = new Random(t);
	let taken = 0;
	for (let i = 0; i < 20_000; i++) {
		const text = Array.from({ length: random.integer(9) }, () => random.pick([..."0012579.-e"])).join("");
		const decimals = random.integer(8);
		const actual = attempt(() => uint256.toDecimal(units.parse(text, decimals)));
		if (actual === undefined) continue;
		t.is(actual, String(parseUnits(text, decimals)), `${text} at ${decimals}`);
		taken++;
	}
	t.true(taken > 1_000, `${taken} were taken`);
});

test("canonical JSON parses to what it was made of, and does not depend on the order of keys", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 2_000; i++) {
		const value = json(random, 4);
		const text = canonicalJson.encode(value);
		t.deepEqual(JSON.parse(text), value);
		t.is(canonicalJson.encode(reversed(value)), text);
	}
});

function attempt(action: () => string): string | undefined {
	try {
		return action();
	} catch {
		return undefined;
	}
}

function json(random: Random, depth: number): canonicalJson.JsonValue {
	const kind = random.integer(depth > 0 ? 6 : 4);
	if (kind === 0) return random.text(random.integer(8));
	if (kind === 1) return Number(random.bigint(53)) * random.pick([1, -1]) || 0;
	if (kind === 2) return random.boolean();
	if (kind === 3) return null;
	if (kind === 4) return Array.from({ length: random.integer(5) }, () => json(random, depth - 1));
	const keys = Array.from({ length: random.integer(6) }, () =>
		random.boolean() ? String(random.integer(120)) : random.text(random.integer(3)),
	);
	return Object.fromEntries(keys.map((key) => [key, json(random, depth - 1)]));
}

function reversed(value: canonicalJson.JsonValue): canonicalJson.JsonValue {
	if (Array.isArray(value)) return value.map(reversed);
	if (typeof value !== "object" || value === null) return value;
	const entries = Object.entries(value).map(([key, member]) => [key, reversed(member as canonicalJson.JsonValue)]);
	return Object.fromEntries(entries.reverse());
}
