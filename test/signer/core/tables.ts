/**
 * Writes the comb tables and constants of the signer core: `npx tsx test/signer/core/tables.ts`. With `--check` it only
 * compares them with what is committed.
 *
 * A comb of 4 blocks, 5 teeth and spacing 13 covers 260 bits. Counted in halves of the base point, entry `index` of
 * block i stands for the integer 2^p(4) ± 2^p(3) ± 2^p(2) ± 2^p(1) ± 2^p(0), p(j) = 13 (5 i + j), with a plus where bit j
 * of the index is set. Its tag is that integer modulo 2^32 - 5.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";

export const BLOCKS = 4;
export const TEETH = 5;
export const SPACING = 13;
export const TAG = 2n ** 32n - 5n;
const BITS = BigInt(BLOCKS * TEETH * SPACING);

export const mod = (a: bigint, m: bigint): bigint => ((a % m) + m) % m;

export const inverse = (a: bigint, m: bigint): bigint => {
	let [r0, r1, s0, s1] = [m, mod(a, m), 0n, 1n];
	while (r1 !== 0n) {
		const q = r0 / r1;
		[r0, r1, s0, s1] = [r1, r0 - q * r1, s1, s0 - q * s1];
	}
	return mod(s0, m);
};

/** The integer a table entry stands for, in halves of the base point. */
export const entryValue = (block: number, index: number): bigint => {
	const bit = (tooth: number) => 1n << BigInt(SPACING * (TEETH * block + tooth));
	let value = bit(TEETH - 1);
	for (let tooth = 0; tooth < TEETH - 1; tooth++) value += (index >> tooth) & 1 ? bit(tooth) : -bit(tooth);
	return value;
};

const words = (value: bigint, count = 8): string =>
	Array.from(
		{ length: count },
		(_, i) => `0x${((value >> BigInt(32 * i)) & 0xffffffffn).toString(16).padStart(8, "0")}`,
	).join(", ");

/** Of each block: the first words of its 16 entries, then their second words, and so on; the tags last. */
const entries = (row: (value: bigint) => bigint[]): string => {
	const lines: string[] = [];
	for (let block = 0; block < BLOCKS; block++) {
		const values = Array.from({ length: 1 << (TEETH - 1) }, (_, index) => entryValue(block, index));
		const rows = values.map((value) => [...row(value), mod(value, TAG)]);
		for (let number = 0; number < rows[0]!.length; number++)
			for (let word = 0; word < (number === rows[0]!.length - 1 ? 1 : 8); word++)
				for (let index = 0; index < rows.length; index += 8) {
					const line = rows.slice(index, index + 8).map((numbers) => words(numbers[number]! >> BigInt(32 * word), 1));
					lines.push(`\t${line.join(", ")},\n`);
				}
	}
	return lines.join("");
};

const header = (guard: string, body: string): string =>
	`/* Made by test/signer/core/tables.ts, which says what is in it. */\n#ifndef ${guard}\n#define ${guard}\n\n#include <stdint.h>\n\n${body}\n#endif\n`;

const modulus = (name: string, m: bigint): string =>
	`static const signer_modulus ${name} = {\n\t{${words(m)}},\n\t${words(mod(-inverse(m, 2n ** 32n), 2n ** 32n), 1)},\n};\n`;

const array = (name: string, value: bigint, count = 8): string =>
	`static const uint32_t ${name}[${count}] = {${words(value, count)}};\n`;

/** What is added to a scalar so that its bits, read as ±1, make twice the scalar. */
export const offset = (order: bigint): bigint => mod((2n ** BITS - 1n) * inverse(2n, order), order);

/** The tag of what the integer of a sum exceeds twice the scalar by. */
const excess = (order: bigint): string =>
	`#define EXCESS ${words(mod(2n * offset(order) - (2n ** BITS - 1n), TAG), 1)}\n`;

export function secp256k1Header(): string {
	const n = secp256k1.Point.Fn.ORDER;
	const half = inverse(2n, n);
	const body = [
		modulus("PRIME", secp256k1.Point.Fp.ORDER),
		modulus("ORDER", n),
		array("ORDER_R2", 2n ** 512n % n),
		array("ORDER_HALF", n >> 1n),
		array("OFFSET", offset(n)),
		excess(n),
		"/* x, y, tag: 17 words an entry. */\n",
		`static const uint32_t TABLE[${BLOCKS} * ${1 << (TEETH - 1)} * 17] = {\n`,
		entries((value) => {
			const { x, y } = secp256k1.Point.BASE.multiply(mod(value * half, n)).toAffine();
			return [x, y];
		}),
		"};\n",
	];
	return header("SIGNER_SECP256K1_TABLE_H", body.join(""));
}

export function ed25519Header(): string {
	const p = ed25519.Point.Fp.ORDER;
	const l = ed25519.Point.Fn.ORDER;
	const half = inverse(2n, l);
	const d = mod(-121665n * inverse(121666n, p), p);
	const body = [
		modulus("PRIME", p),
		modulus("ORDER", l),
		array("ORDER_R2", 2n ** 512n % l),
		array("OFFSET", offset(l)),
		excess(l),
		array("D", d),
		"/* (y + x) / 2, (y - x) / 2, d x y, tag: 25 words an entry. */\n",
		`static const uint32_t TABLE[${BLOCKS} * ${1 << (TEETH - 1)} * 25] = {\n`,
		entries((value) => {
			const { x, y } = ed25519.Point.BASE.multiply(mod(value * half, l)).toAffine();
			const halfOne = inverse(2n, p);
			return [mod((y + x) * halfOne, p), mod((y - x) * halfOne, p), mod(d * x * y, p)];
		}),
		"};\n",
	];
	return header("SIGNER_ED25519_TABLE_H", body.join(""));
}

export const TABLES: [URL, () => string][] = [
	[new URL("../../../modules/signer/secp256k1_table.h", import.meta.url), secp256k1Header],
	[new URL("../../../modules/signer/ed25519_table.h", import.meta.url), ed25519Header],
];

if (process.argv[1] === import.meta.filename)
	for (const [file, make] of TABLES)
		if (!process.argv.includes("--check")) writeFileSync(file, make());
		else if (readFileSync(file, "utf8") !== make()) {
			console.error(`${file.pathname} is not what the generator makes: run it without --check`);
			process.exitCode = 1;
		}
