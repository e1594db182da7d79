/**
 * The proof of the signer core: `npx tsx test/signer/core/check.ts [--quick | --full] [part of a name]`.
 *
 * One line a check. Ends with 1 if one failed, with 77 if none failed but some could not run for want of a tool.
 */
import { createPublicKey, verify } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { recoverAddress } from "viem";
import { publicKeyToAddress } from "viem/accounts";
import { FLAG, readOptions, requireNone } from "../../../tools/cli/options.js";
import { BUILD, build, buildRv32, CORE, needs, run, runRv32, SIGNER, SOURCES, ToolMissing } from "./build.js";
import { type Case, hex, randomBytes, randomSignatures, sums, vectors } from "./cases.js";
import { BLOCKS, entryValue, inverse, mod, offset, SPACING, TABLES, TEETH } from "./tables.js";

const USAGE = `npx tsx test/signer/core/check.ts [--quick | --full] [PART OF A NAME]

Proves the signer core, a line a check. Ends with 1 if one failed, with 77 if none failed but a tool was missing.

  --quick   a small part of the random cases, as \`npm test\` runs it
  --full    all of them, hours
`;
const { quick, full, only } = readOptions(
	USAGE,
	{ quick: FLAG, full: FLAG },
	({ quick = false, full = false }, [only, ...more]) => {
		requireNone(more);
		return { quick, full, only };
	},
);
/** How many of something: a little, as in CI, or as much as the issue asks for once. */
const count = (few: number, many: number, most = many): number => (quick ? few : full ? most : many);

const WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Werror"];
const DRIVER = join(CORE, "driver.c");
const POWERPC = "/usr/powerpc-linux-gnu";

/** Asks a program all lines at once. */
const ask = (program: string, lines: string[]): string[] =>
	run(program, [], { input: `${lines.join("\n")}\n` }).split("\n");
const askRv32 = (program: string, lines: string[]): string[] => runRv32(program, `${lines.join("\n")}\n`).split("\n");

function compare(cases: Case[], answers: string[]): number {
	cases.forEach(({ ask, answer }, i) => {
		if (answers[i] !== answer) throw new Error(`${ask}\nexpected ${answer}\ngot      ${answers[i]}`);
	});
	return cases.length;
}

function compareSums(list: ReturnType<typeof sums>, answers: string[]): number {
	list.forEach(({ ask, right }, i) => {
		const bytes = Buffer.from(answers[i]!.slice(2), "hex").reverse();
		if (!right(BigInt(`0x${bytes.toString("hex")}`))) throw new Error(`${ask}\ngot ${answers[i]}`);
	});
	return list.length;
}

/** 65 bytes r, s, v of the answer as node:crypto and viem take them. */
async function othersAccept(program: string, seeds: number): Promise<string> {
	const bytes = randomBytes("others");
	for (let i = 0; i < seeds; i++) {
		const [key, digest] = [bytes.next().value, bytes.next().value];
		const [signature, point, edSignature, edPoint] = ask(program, [
			`secp256k1_sign ${hex(digest)} ${hex(key)}`,
			`secp256k1_public_key ${hex(key)}`,
			`ed25519_sign ${hex(digest)} ${hex(key)}`,
			`ed25519_public_key ${hex(key)}`,
		]).map((line) => Buffer.from(line.slice(2), "hex"));
		const base64 = (part: Uint8Array) => Buffer.from(part).toString("base64url");
		const ec = { kty: "EC", crv: "secp256k1", x: base64(point!.subarray(1, 33)), y: base64(point!.subarray(33)) };
		/* node:crypto hashes for itself, so it is given a public key that it accepts as on the curve, and noble verifies. */
		createPublicKey({ key: ec, format: "jwk" });
		if (!secp256k1.verify(signature!.subarray(0, 64), digest, point!, { prehash: false }))
			throw new Error("noble refuses");
		const recovered = await recoverAddress({
			hash: `0x${hex(digest)}`,
			signature: `0x${hex(signature!.subarray(0, 64))}${(27 + signature![64]!).toString(16)}`,
		});
		if (recovered !== publicKeyToAddress(`0x${hex(point!)}`)) throw new Error("viem recovers another address");
		const ed = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: base64(edPoint!) }, format: "jwk" });
		if (!verify(null, digest, ed, edSignature!)) throw new Error("node:crypto refuses the ed25519 signature");
	}
	return `${seeds} keys: secp256k1 recovered by viem and verified by noble, ed25519 verified by node:crypto`;
}

/** The powers of two in the comb's sum before an addition, and the bits of the recoded scalar that have not come in yet. */
function powersBefore(position: number, block: number): { all: bigint; rest: bigint } {
	let [all, rest] = [0n, 0n];
	for (let tooth = 0; tooth < BLOCKS * TEETH; tooth++)
		for (let at = 0; at < SPACING; at++)
			if (at > position || (at === position && tooth >= TEETH * (block + 1)))
				all |= 1n << BigInt(SPACING * tooth + at - position);
			else rest |= 1n << BigInt(SPACING * tooth + at);
	return { all, rest };
}

/**
 * Whether any scalar makes the secp256k1 comb add a point to itself, to its negative or to infinity, which its incomplete
 * formulas cannot. The sum before an addition is a signed sum of distinct powers of two, and would have to be ± the entry
 * and some multiple of the order: for each addition, entry, sign and multiple there is one candidate to look at.
 */
function combIsComplete(): string {
	const n = secp256k1.Point.Fn.ORDER;
	const from = offset(n);
	let candidates = 0;
	for (let position = SPACING - 1; position >= 0; position--)
		for (let block = position === SPACING - 1 ? BLOCKS - 2 : BLOCKS - 1; block >= 0; block--) {
			const { all, rest } = powersBefore(position, block);
			for (let index = 0; index < 1 << (TEETH - 1); index++)
				for (let multiple = -all / n - 1n; multiple <= all / n + 1n; multiple++)
					for (const entry of [entryValue(block, index), -entryValue(block, index)]) {
						candidates++;
						const before = entry + multiple * n;
						/* Its bits, of which none may lie outside of those powers. */
						const twice = before + all;
						if (twice < 0n || twice & 1n || (twice >> 1n) & ~all) continue;
						/* The scalars that have these bits, less the offset, must be from 1 to the order - 1. */
						const least = (twice >> 1n) << BigInt(position);
						if ((least | rest) <= from || least >= from + n) continue;
						/* The last addition makes zero of it, for the scalar zero, or twice the entry: then all bits are known. */
						const bits = (before + entry + 2n ** BigInt(BLOCKS * TEETH * SPACING) - 1n) / 2n;
						if (position === 0 && block === 0 && (bits < from || bits >= from + n)) continue;
						throw new Error(`position ${position}, block ${block}, entry ${index}: the sum can be ${before}`);
					}
		}
	return `${candidates} candidates, none of them reached by a scalar`;
}

/** How many signed powers of two make up a number: few, if it is a flipped bit or a carry. */
function weight(value: bigint): number {
	let ones = 0;
	for (let bits = value < 0n ? -value : value; bits > 0n; bits >>= 1n)
		if (bits & 1n) {
			ones++;
			if (bits & 2n) bits += 1n;
		}
	return ones;
}

/** The nonce that a signature by the key 0x1111... of the message 0x4242... was made with, if it was made at all. */
const nonceOf = [
	(signature: Buffer): bigint => {
		const n = secp256k1.Point.Fn.ORDER;
		const [r, s] = [signature.subarray(0, 32), signature.subarray(32, 64)].map((part) => BigInt(`0x${hex(part)}`));
		return mod((BigInt(`0x${"42".repeat(32)}`) + r! * BigInt(`0x${"11".repeat(32)}`)) * inverse(s!, n), n);
	},
	(signature: Buffer): bigint => {
		const number = (bytes: Uint8Array): bigint => BigInt(`0x${hex(Buffer.from(bytes).reverse())}`);
		const { scalar, pointBytes } = ed25519.utils.getExtendedPublicKey(Buffer.alloc(32, 0x11));
		const hashed = sha512(Buffer.concat([signature.subarray(0, 32), pointBytes, Buffer.alloc(32, 0x42)]));
		return mod(number(signature.subarray(32, 64)) - number(hashed) * scalar, ed25519.Point.Fn.ORDER);
	},
];

/**
 * Flips one bit of the signer's stack at a random moment, many times. A wrong signature gives the key away together with
 * the right one if it shares r (or R) with it, or if the nonce that it was made with is known to be near the right one's:
 * none such may be released. A flip before the last HMAC of RFC 6979 makes another nonce, and a good signature with it; a
 * flipped return address can end the call before there is a signature; and a bit of the finished signature can flip.
 */
function faults(): string {
	const objects = SOURCES.map((source) => {
		const object = join(BUILD, `fault_${source.slice(SIGNER.length, -2)}.o`);
		run("gcc", ["-std=c99", "-O0", "-fsanitize-coverage=trace-pc", "-c", source, "-o", object]);
		return object;
	});
	const injector = build("fault", "gcc", [...WARNINGS, "-O0"], [join(CORE, "fault.c"), ...objects]);
	const times = count(300, 3_000, 50_000);
	const total = { right: 0, refused: 0, crashed: 0, otherNonce: 0, noSignature: 0, spoilt: 0 };
	for (const entry of [0, 1, 2]) {
		const order = (entry === 0 ? secp256k1 : ed25519).Point.Fn.ORDER;
		const implied = nonceOf[Math.min(entry, 1)]!;
		/* The code and the signature: the 65th byte is not ed25519's. */
		const said = run(injector, [String(entry), String(times), "1"])
			.trim()
			.split("\n");
		const [right, ...lines] = said.map((line) => line.slice(0, entry === 0 ? 132 : 130));
		const expected = implied(Buffer.from(right!.slice(2), "hex"));
		for (const line of lines)
			if (line === right) total.right++;
			else if (line.length !== right!.length) total.crashed++;
			else if (!line.startsWith("0 ")) total.refused++;
			else {
				const signature = Buffer.from(line.slice(2), "hex");
				/* The flip was in the finished signature, or in copying it out, which tells nothing. */
				const off = signature.map((byte, i) => byte ^ Buffer.from(right!.slice(2), "hex")[i]!);
				const bits = off.reduce((sum, byte) => sum + weight(BigInt(byte)), 0);
				if (bits === 1 || off.findIndex((byte) => byte !== 0) >= 40) {
					total.spoilt++;
					continue;
				}
				const nonce = implied(signature);
				const distances = [nonce - expected, nonce - expected + order, nonce + expected, nonce + expected - order];
				if (line.slice(2, 66) === right!.slice(2, 66) || Math.min(...distances.map(weight)) < 30)
					throw new Error(`released for entry ${entry}: ${line}`);
				const { publicKey, digest } = {
					publicKey: secp256k1.getPublicKey(Buffer.alloc(32, 0x11)),
					digest: Buffer.alloc(32, 0x42),
				};
				if (entry === 0 && secp256k1.verify(signature.subarray(0, 64), digest, publicKey, { prehash: false }))
					total.otherNonce++;
				else total.noSignature++;
			}
	}
	const { right, refused, crashed, otherNonce, noSignature, spoilt } = total;
	const outcomes = [
		`${right} right`,
		`${refused} refused`,
		`${crashed} crashed`,
		`${otherNonce} good under another nonce`,
	];
	return `${3 * times} bits: ${outcomes.join(", ")}, ${spoilt} spoilt at the end, ${noSignature} without a signature, 0 that give a key away`;
}

interface Check {
	name: string;
	check: () => string | Promise<string>;
}

const memory: { program?: string } = {};
const program = (): string => {
	memory.program ??= build("driver", "gcc", ["-Os", ...WARNINGS]);
	return memory.program;
};

const checks: Check[] = [
	{
		name: "tables are what the generator makes",
		check: () => {
			for (const [file, make] of TABLES)
				if (readFileSync(file, "utf8") !== make()) throw new Error(`${file.pathname}: run tables.ts`);
			return "2 headers";
		},
	},
	{ name: "the secp256k1 comb meets no exception", check: combIsComplete },
	{
		name: "vectors and edges",
		check: () =>
			`${compare(
				vectors(),
				ask(
					program(),
					vectors().map(({ ask }) => ask),
				),
			)} answers`,
	},
	{
		name: "random signatures equal noble's",
		check: () => {
			const cases = randomSignatures("random", count(500, 10_000, 100_000));
			return `${compare(
				cases,
				ask(
					program(),
					cases.map(({ ask }) => ask),
				),
			)} answers`;
		},
	},
	{ name: "accepted by others", check: () => othersAccept(program(), count(5, 50)) },
	{
		name: "arithmetic equals BigInt's",
		check: () => {
			const list = sums("sums", count(100, 5_000));
			return `${compareSums(
				list,
				ask(
					program(),
					list.map(({ ask }) => ask),
				),
			)} answers`;
		},
	},
	...[
		["gcc", "-m64", "-O0"],
		["gcc", "-m64", "-O3"],
		["gcc", "-m32", "-Os"],
		["gcc", "-m32", "-O3"],
		["clang", "-m64", "-Os"],
		["clang", "-m64", "-O3"],
		["clang", "-m32", "-O2"],
	].map(
		([compiler, ...flags]): Check => ({
			name: `${compiler} ${flags.join(" ")}, no warning`,
			check: () => {
				if (flags.includes("-m32")) needs("/usr/lib32/crt1.o", "gcc-multilib");
				const other = build(`driver_${compiler}${flags.join("")}`, compiler!, [...flags, ...WARNINGS]);
				const cases = [...vectors(), ...randomSignatures(flags.join(), count(20, 200))];
				const list = sums(flags.join(), count(10, 100));
				const answered = compare(
					cases,
					ask(
						other,
						cases.map(({ ask }) => ask),
					),
				);
				return `${
					answered +
					compareSums(
						list,
						ask(
							other,
							list.map(({ ask }) => ask),
						),
					)
				} answers`;
			},
		}),
	),
	{
		name: "rv32imc in QEMU, no warning",
		check: () => {
			const image = buildRv32("driver_rv32", [DRIVER, ...SOURCES], WARNINGS);
			const cases = [...vectors(), ...randomSignatures("rv32", count(20, 200))];
			const list = sums("rv32", count(10, 500));
			const answered = compare(
				cases,
				askRv32(
					image,
					cases.map(({ ask }) => ask),
				),
			);
			return `${
				answered +
				compareSums(
					list,
					askRv32(
						image,
						list.map(({ ask }) => ask),
					),
				)
			} answers`;
		},
	},
	{
		name: "powerpc, big-endian, no warning",
		check: () => {
			/* By clang: the cross gcc cannot be installed beside gcc-multilib. */
			needs(`${POWERPC}/lib/crt1.o`, "libc6-dev-powerpc-cross libgcc-12-dev-powerpc-cross binutils-powerpc-linux-gnu");
			const target = ["--target=powerpc-linux-gnu", `--sysroot=${POWERPC}`, "-static", "-O2"];
			const other = build("driver_powerpc", "clang", [...target, ...WARNINGS]);
			const cases = [...vectors(), ...randomSignatures("powerpc", count(20, 100))];
			const list = sums("powerpc", count(10, 100));
			const asked = [...cases, ...list].map(({ ask }) => ask);
			const answers = run("qemu-ppc", [other], { input: `${asked.join("\n")}\n` }).split("\n");
			return `${compare(cases, answers) + compareSums(list, answers.slice(cases.length))} answers`;
		},
	},
	{
		name: "address and undefined-behaviour sanitizers",
		check: () => {
			const sanitizers = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g", "-O1"];
			const cases = [...vectors(), ...randomSignatures("sanitizers", count(20, 300))];
			const lines = cases.map(({ ask }) => ask);
			const list = sums("sanitizers", count(10, 100));
			for (const compiler of ["gcc", "clang"]) {
				const sanitized = build(`driver_sanitized_${compiler}`, compiler, sanitizers);
				compare(cases, ask(sanitized, lines));
				compareSums(
					list,
					ask(
						sanitized,
						list.map(({ ask }) => ask),
					),
				);
			}
			return `${2 * (cases.length + list.length)} answers`;
		},
	},
	...["gcc", "clang"].flatMap((compiler) =>
		["-O0", "-Os", "-O3"].map(
			(level): Check => ({
				name: `valgrind, secrets undefined, ${compiler} ${level}`,
				check: () => {
					const watched = build(
						`ctime_${compiler}${level}`,
						compiler,
						[level, "-gdwarf-4"],
						[join(CORE, "ctime.c"), ...SOURCES],
					);
					const said = run("valgrind", ["-q", "--error-exitcode=1", watched]);
					if (said !== "") throw new Error(said);
					return "0 reports";
				},
			}),
		),
	),
	{
		name: "the same number of instructions, a clean stack",
		check: () => {
			const runs = count(50, 1_000);
			const image = buildRv32(
				"count_rv32",
				[join(CORE, "rv32.c"), join(CORE, "rv32_signer.c"), ...SOURCES],
				[`-DRUNS=${runs}`],
			);
			for (const line of runRv32(image).trim().split("\n")) {
				const [name, least, most, depth, left] = line.split("|");
				if (least !== most || least === undefined) throw new Error(`${name}: from ${least} to ${most}`);
				if (Number(depth) > 1_500) throw new Error(`${name}: ${depth} bytes of stack`);
				/* Keccak clears its state alone: what is hashed with it is public. */
				if (!name!.startsWith("keccak") && Number(left) > 160)
					throw new Error(`${name} left something ${left} bytes deep`);
			}
			return `${runs} random keys and messages for each operation`;
		},
	},
	{ name: "flipped bits", check: faults },
	{ name: "coverage", check: coverage },
	{
		name: "fuzzing",
		check: () => {
			const entries = [1, 2, 3, 4, 5, 6, 7, 8, 9];
			const runs = count(200, 3_000, 100_000);
			for (const entry of entries) {
				const flags = ["-O1", "-fsanitize=fuzzer,address,undefined", "-fno-sanitize-recover=all", `-DENTRY=${entry}`];
				const fuzzer = build(`fuzz_${entry}`, "clang", flags, [join(CORE, "fuzz.c"), ...SOURCES]);
				run(fuzzer, [`-runs=${runs}`, "-seed=1", "-max_len=512", "-verbosity=0"], { cwd: BUILD });
			}
			return `${entries.length} entries, ${runs} inputs each`;
		},
	},
];

/** Lines and branches of the core that vectors and edges reach, by gcov. */
function coverage(): string {
	run("rm", ["-rf", join(BUILD, "coverage")]);
	run("mkdir", ["-p", join(BUILD, "coverage")]);
	const cwd = join(BUILD, "coverage");
	run("gcc", ["-std=c99", "-O0", "--coverage", DRIVER, ...SOURCES, "-o", "driver"], { cwd });
	const cases = vectors();
	run(join(cwd, "driver"), [], { cwd, input: `${cases.map(({ ask }) => ask).join("\n")}\n` });
	const names = SOURCES.map((source) => source.slice(SIGNER.length));
	const report = run("gcov", ["-b", ...names.map((name) => `driver-${name}`)], { cwd });
	const total = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
	const missed: string[] = [];
	for (const part of report.split("File '").slice(1)) {
		const file = part.slice(0, part.indexOf("'"));
		if (!file.startsWith(SIGNER)) continue;
		const [, hit, of] = /Lines executed:([\d.]+)% of (\d+)/.exec(part) ?? [];
		const [, taken, branches] = /Taken at least once:([\d.]+)% of (\d+)/.exec(part) ?? [];
		total.lines += Number(of);
		total.linesHit += Math.round((Number(hit) * Number(of)) / 100);
		if (branches !== undefined) {
			total.branches += Number(branches);
			total.branchesHit += Math.round((Number(taken) * Number(branches)) / 100);
		}
		if (Number(hit) < 100) missed.push(`${file.slice(SIGNER.length)} ${hit} % of its lines`);
	}
	if (missed.length > 0 || total.lines === 0) throw new Error(missed.join(", ") || report);
	const branches = (100 * total.branchesHit) / total.branches;
	if (branches < 95) throw new Error(`${branches.toFixed(1)} % of branches\n${report}`);
	return `100 % of ${total.lines} lines, ${branches.toFixed(1)} % of ${total.branches} branches`;
}

let [failed, notRun] = [0, 0];
for (const { name, check } of checks.filter(({ name }) => only === undefined || name.includes(only)))
	try {
		console.log(`ok       ${name}: ${await check()}`);
	} catch (error) {
		if (error instanceof ToolMissing) {
			notRun++;
			console.log(`not run: ${name}: ${error.message}`);
		} else {
			failed++;
			console.log(`FAILED   ${name}: ${(error as Error).message}`);
		}
	}
process.exitCode = failed > 0 ? 1 : notRun > 0 ? 77 : 0;
