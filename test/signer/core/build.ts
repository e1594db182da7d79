/**
 * Builds the signer core for this machine and for a bare rv32imc in QEMU, and runs what has been built.
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

export const SIGNER = path("../../../modules/signer/");
export const CORE = path("./");
/** Where builds go; not in the repository. */
export const BUILD = path("../../../build/signer/");

/** The core, without the binding to the engine. */
export const SOURCES = ["arithmetic", "inverse", "comb", "rfc6979", "secp256k1", "ed25519", "sha2", "keccak"].map(
	(name) => join(SIGNER, `${name}.c`),
);

export const RV32 = "riscv64-unknown-elf-gcc";
export const RV32_FLAGS = ["-march=rv32imc", "-mabi=ilp32", "-Os"];
const MEMORY = {
	__flash: "0x80000000",
	__flash_size: "0x400000",
	__ram: "0x80400000",
	__ram_size: "0x100000",
	__stack_size: "0x4000",
};
const RV32_LINK = [
	"--specs=picolibc.specs",
	"--oslib=semihost",
	"--crt0=semihost",
	...Object.entries(MEMORY).map(([symbol, value]) => `-Wl,--defsym=${symbol}=${value}`),
];

/** A tool that is not installed, and the Debian package that has it. */
export class ToolMissing extends Error {}

const PACKAGES: Record<string, string> = {
	gcc: "gcc gcc-multilib",
	clang: "clang libclang-rt-14-dev",
	gcov: "gcc",
	valgrind: "valgrind",
	[RV32]: "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
	"riscv64-unknown-elf-nm": "binutils-riscv64-unknown-elf",
	"qemu-system-riscv32": "qemu-system-misc",
	"qemu-ppc": "qemu-user",
};

/** Throws unless a file is there that comes with Debian packages. */
export function needs(file: string, packages: string): void {
	if (!existsSync(file)) throw new ToolMissing(`${file} (apt install ${packages})`);
}

export interface Run {
	input?: string;
	cwd?: string;
	/** Exit statuses that are an answer, not a failure. Only 0 unless given. */
	statuses?: number[];
}

/** Standard output of a command; throws with what it said on any other status. */
export function run(command: string, parameters: string[], { input = "", cwd, statuses = [0] }: Run = {}): string {
	const result = spawnSync(command, parameters, { input, encoding: "utf8", maxBuffer: 2 ** 30, ...(cwd && { cwd }) });
	if (result.error && "code" in result.error && result.error.code === "ENOENT")
		throw new ToolMissing(`${command} (apt install ${PACKAGES[command] ?? command})`);
	if (result.error) throw result.error;
	if (!statuses.includes(result.status ?? -1))
		throw new Error(
			`${command} ended with ${result.status ?? result.signal}\n${result.stdout.slice(-4000)}${result.stderr.slice(-4000)}`,
		);
	return result.stdout;
}

/** Compiles and links, warnings included in the error thrown if there is any. The path of the program. */
export function build(
	name: string,
	compiler: string,
	flags: string[],
	sources: string[] = [join(CORE, "driver.c"), ...SOURCES],
): string {
	mkdirSync(BUILD, { recursive: true });
	const output = join(BUILD, name);
	run(compiler, ["-std=c99", ...flags, ...sources, "-o", output]);
	return output;
}

export function buildRv32(name: string, sources: string[], flags: string[] = []): string {
	return build(name, RV32, ["-std=gnu99", ...RV32_FLAGS, ...flags, ...RV32_LINK], sources);
}

/** Runs a bare rv32imc program, every instruction counted once; `commands` is what it reads as the file of that name. */
export function runRv32(program: string, commands = ""): string {
	const cwd = `${program}.run`;
	mkdirSync(cwd, { recursive: true });
	writeFileSync(join(cwd, "commands"), commands);
	const machine = ["-M", "virt", "-cpu", "rv32", "-m", "128M", "-bios", "none", "-icount", "shift=0"];
	/* Else semihosting writes to standard error. */
	const console = ["-display", "none", "-monitor", "none", "-serial", "none", "-chardev", "stdio,id=out,signal=off"];
	const semihosting = ["-semihosting-config", "enable=on,target=native,chardev=out"];
	return run("qemu-system-riscv32", [...machine, ...console, ...semihosting, "-kernel", program], { cwd });
}
