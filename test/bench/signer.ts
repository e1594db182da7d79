/**
 * What the signer costs on rv32imc at -Os, beside the C libraries that npm carries, counted in the same way:
 * `npx tsx test/bench/signer.ts [--json]`. Instructions and bytes of stack for each operation, bytes of code and tables.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { BUILD, buildRv32, CORE, RV32, RV32_FLAGS, run, runRv32, SOURCES } from "../signer/core/build.js";

export type Row =
	| { bench: "signer"; op: string; target: "rv32imc"; library?: string; instructions: number; stack: number }
	| { bench: "signer size"; target: "rv32imc"; library?: string; code: number; tables: number };

/** One line of rv32.c: a name, instructions, stack. */
type Count = [op: string, instructions: number, stack: number];

const PACKAGES = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const SECP256K1 = join(PACKAGES, "secp256k1/src/secp256k1");
const ED25519 = join(PACKAGES, "ed25519-supercop/vendor/ed25519/src");

function counts(name: string, sources: string[], flags: string[] = []): Count[] {
	const image = buildRv32(name, [join(CORE, "rv32.c"), ...sources], flags);
	const lines = runRv32(image).trim().split("\n");
	return lines.map((line) => {
		const [op, instructions, , stack] = line.split("|");
		if (op === undefined || stack === undefined) throw new Error(`rv32.c printed ${line}`);
		return [op, Number(instructions), Number(stack)];
	});
}

const rows = (list: Count[], library?: string): Row[] =>
	list.map(([op, instructions, stack]) => ({
		bench: "signer",
		op,
		target: "rv32imc",
		...(library && { library }),
		instructions,
		stack,
	}));

/** Code and constants that an image of the sources has, linked with nothing else, without what `entries` do not need. */
function size(name: string, sources: string[], entries: string[], flags: string[] = [], library?: string): Row {
	const output = join(BUILD, `${name}_size`);
	const sections = [
		"-ffunction-sections",
		"-fdata-sections",
		"-Wl,--gc-sections",
		...entries.map((entry) => `-Wl,-u,${entry}`),
	];
	const alone = [
		`-T${join(CORE, "size.ld")}`,
		"-nostdlib",
		"-nostartfiles",
		"-Wl,--unresolved-symbols=ignore-all",
		`-Wl,-e,${entries[0]}`,
	];
	mkdirSync(BUILD, { recursive: true });
	run(RV32, [
		"--specs=picolibc.specs",
		...RV32_FLAGS,
		...flags,
		...sections,
		...sources,
		...alone,
		"-lgcc",
		"-o",
		output,
	]);
	const [code, tables] = [/^\.text\s+(\d+)/m, /^\.s?rodata\s+(\d+)/gm].map((section) =>
		[...run("riscv64-unknown-elf-size", ["-A", output]).matchAll(new RegExp(section, "gm"))]
			.map((match) => Number(match[1]))
			.reduce((a, b) => a + b, 0),
	);
	return { bench: "signer size", target: "rv32imc", ...(library && { library }), code: code!, tables: tables! };
}

/** What the self-check of a signature adds up to, from its parts. */
function selfCheck(curve: string): Row[] {
	const others = SOURCES.filter((source) => !source.endsWith(`/${curve}.c`));
	const parts = counts(`check_${curve}`, [join(CORE, `rv32_check_${curve}.c`), ...others]);
	const total = parts.reduce(
		(sum, [sign, instructions]) => (sign === "-" ? sum - instructions : sum + instructions),
		0,
	);
	const deepest = Math.max(...parts.map(([, , stack]) => stack));
	return rows([[`${curve} self-check, part of sign`, total, deepest]]);
}

function secp256k1Library(precision: number): Row[] {
	const library = `secp256k1 5.0.2 (npm), ${(16 * 2 ** precision) / precision} kB table`;
	const cwd = join(BUILD, `context_${precision}`);
	mkdirSync(join(cwd, "src"), { recursive: true });
	const options = [
		"USE_NUM_NONE",
		"USE_FIELD_INV_BUILTIN",
		"USE_SCALAR_INV_BUILTIN",
		"USE_FIELD_10X26",
		"USE_SCALAR_8X32",
	];
	const defines = [
		...options.map((option) => `-D${option}=1`),
		`-DECMULT_GEN_PREC_BITS=${precision}`,
		"-DECMULT_WINDOW_SIZE=2",
	];
	const paths = [`-I${SECP256K1}`, `-I${SECP256K1}/src`];
	/* The library's own generator writes the table, as its configure script would have it. */
	run("gcc", ["-w", ...defines, ...paths, join(SECP256K1, "src/gen_context.c"), "-o", "gen_context"], { cwd });
	run(join(cwd, "gen_context"), [], { cwd });
	const flags = [
		"-w",
		...defines,
		"-DENABLE_MODULE_RECOVERY=1",
		"-DUSE_ECMULT_STATIC_PRECOMPUTATION=1",
		...paths,
		`-I${cwd}`,
		`-I${cwd}/src`,
		`-I${CORE}`,
	];
	const source = join(CORE, "rv32_secp256k1.c");
	const entries = [
		"secp256k1_context_preallocated_create",
		"secp256k1_ecdsa_sign_recoverable",
		"secp256k1_ec_pubkey_create",
	];
	return [
		...rows(counts(`secp256k1_${precision}`, [source], flags), library),
		size(`secp256k1_${precision}`, [join(SECP256K1, "src/secp256k1.c")], entries, flags, library),
	];
}

function ed25519Library(): Row[] {
	const library = "ed25519-supercop 2.0.1 (npm)";
	const sources = ["fe", "ge", "keypair", "sc", "sha512", "sign"].map((name) => join(ED25519, `${name}.c`));
	const flags = ["-w", `-I${ED25519}`, `-I${CORE}`];
	return [
		...rows(counts("ed25519", [join(CORE, "rv32_ed25519.c"), ...sources], flags), library),
		size("ed25519", sources, ["ed25519_sign", "ed25519_create_keypair"], flags, library),
	];
}

const ENTRIES = [
	...[
		"secp256k1_sign",
		"secp256k1_public_key",
		"ed25519_sign",
		"ed25519_expand",
		"ed25519_sign_expanded",
		"ed25519_public_key",
	],
	...["keccak256", "sha256", "sha512"],
].map((name) => `signer_${name}`);

export async function signerBench(): Promise<Row[]> {
	return [
		...rows(counts("signer", [join(CORE, "rv32_signer.c"), ...SOURCES])),
		...selfCheck("secp256k1"),
		...selfCheck("ed25519"),
		size("signer", SOURCES, ENTRIES),
		...secp256k1Library(2),
		...secp256k1Library(4),
		...ed25519Library(),
	];
}

if (process.argv[1] === import.meta.filename)
	for (const row of await signerBench())
		if (process.argv.includes("--json")) console.log(JSON.stringify(row));
		else {
			const { library = "this signer" } = row;
			const number = (value: number): string => value.toLocaleString("en").padStart(9);
			if (row.bench === "signer")
				console.log(
					`${row.op.padEnd(36)}${number(row.instructions)} instructions${number(row.stack)} B stack  ${library}`,
				);
			else console.log(`${"size".padEnd(36)}${number(row.code)} B code${number(row.tables)} B tables       ${library}`);
		}
