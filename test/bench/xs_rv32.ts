/**
 * What signing costs on XS on rv32imc, from JavaScript: noble and tweetnacl, and this project's signer through its binding.
 * `npx tsx test/bench/xs_rv32.ts [--json]`. Counted as test/bench/signer.ts counts, and every output checked against noble on
 * Node.
 *
 * noble runs in two ways: as it fits the ESP32-C3's 94,208 bytes, without its table of multiples, and as it comes, with the
 * table and all the memory it can use. In both the heap has been made larger beforehand (`makeRoom`), which is in noble's
 * favour. There is no `crypto` on XS, so noble does not blind its scalars, which it would have to pay for too.
 */
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { buildRv32 } from "../../tools/rv32/build.js";
import { type Rv32RunOptions, runRv32 } from "../../tools/rv32/run.js";
import { input, KEY, type Measurement, RUNS } from "./xs_rv32/measure.js";

export interface Row {
	readonly bench: "signer";
	readonly op: string;
	readonly library: string;
	readonly target: "rv32imc";
	/** The mean of the operations after the first. */
	readonly instructions: number;
	/** The first operation, which makes the table if there is one. */
	readonly first: number;
	/** Bytes of the machine's memory that the program took at its highest, of all its operations. */
	readonly memory: number;
}

interface Program {
	readonly file: string;
	readonly library: string;
	readonly options: Rv32RunOptions;
}

/** The ESP32-C3's memory, and the SDK's stack for it. */
const DEVICE: Rv32RunOptions = { arena: 94_208, stack: 512 };
const AMPLE: Rv32RunOptions = { arena: 4_000_000, stack: 512 };

const PROGRAMS: readonly Program[] = [
	{ file: "secp256k1_noble", library: "@noble/curves on XS", options: DEVICE },
	{ file: "secp256k1_noble_table", library: "@noble/curves on XS, with table", options: AMPLE },
	{ file: "ed25519_noble", library: "@noble/curves on XS", options: DEVICE },
	{ file: "ed25519_noble_table", library: "@noble/curves on XS, with table", options: AMPLE },
	{ file: "ed25519_tweetnacl", library: "tweetnacl on XS", options: DEVICE },
	{ file: "keccak256_noble", library: "@noble/hashes on XS", options: DEVICE },
	{ file: "micropayer", library: "micropayer from XS", options: DEVICE },
];

/** What an operation may give, hexadecimal. */
const EXPECTED: Readonly<Record<string, (run: number) => string[]>> = {
	"secp256k1 sign": (run) => {
		const signature = secp256k1.sign(input(run, 32), KEY, { prehash: false, format: "recovered" });
		const [recovery, rs] = [signature[0]!, signature.subarray(1)];
		return [signature, Uint8Array.of(...rs, 27 + recovery)].map((bytes) => bytesToHex(bytes));
	},
	"ed25519 sign 32 B": (run) => [bytesToHex(ed25519.sign(input(run, 32), KEY))],
	"keccak256 5 B": (run) => [bytesToHex(keccak_256(input(run, 5)))],
};

/** @throws HostError in one line when the compiler or QEMU is not installed */
export async function nobleOnXsBench(): Promise<Row[]> {
	const rows: Row[] = [];
	for (const program of PROGRAMS) rows.push(...(await runProgram(program)));
	return rows;
}

async function runProgram({ file, library, options }: Program): Promise<Row[]> {
	const image = await buildRv32(`test/bench/xs_rv32/${file}.ts`);
	const { lines, heap, reason } = await runRv32(image, options);
	if (reason !== undefined) throw new Error(`${file} on rv32imc: ${reason}`);
	return lines.map((line) => {
		const { op, instructions, outputs } = JSON.parse(line) as Measurement;
		check(file, op, outputs);
		const [first, ...others] = instructions;
		const mean = Math.round(others.reduce((sum, count) => sum + count, 0) / others.length);
		return { bench: "signer", op, library, target: "rv32imc", instructions: mean, first: first!, memory: heap.peak };
	});
}

function check(file: string, op: string, outputs: readonly string[]): void {
	for (let run = 0; run < RUNS; run++) {
		const expected = EXPECTED[op]!(run);
		const output = outputs[run] ?? "nothing";
		if (!expected.includes(output)) throw new Error(`${file}, ${op}: expected ${expected.join(" or ")}, got ${output}`);
	}
}

if (process.argv[1] === import.meta.filename) {
	const number = (value: number) => value.toLocaleString("en").padStart(14);
	const rows = await nobleOnXsBench().catch((error: Error) => {
		console.error(error.message);
		process.exit(1);
	});
	for (const row of rows) {
		if (process.argv.includes("--json")) console.log(JSON.stringify(row));
		else {
			const { op, library, instructions, first, memory } = row;
			const figures = `${number(instructions)} instructions, first${number(first)}${number(memory)} B`;
			console.log(`${op.padEnd(20)}${figures}  ${library}`);
		}
	}
}
