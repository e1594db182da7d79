/** Checks whether a machine has what it needs to build the firmware and to flash a board. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "../project.js";
import { findSdk } from "./sdk.js";
import { type SerialPort, serialPorts } from "./serial_ports.js";

export interface Finding {
	readonly what: string;
	readonly isOk: boolean;
	readonly found: string;
	/** The remedy if it is not. */
	readonly remedy: string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const SDK_VERSION = 8;
const IDF_VERSION = "6.0";
const TYPESCRIPT = [6, 7];
const TOOLS = ["mcconfig", "mcrez", "xsc", "xsid", "xsl"];
const SETUP = "npx xs-dev setup";
const SETUP_IDF = `${SETUP} --device esp32`;
const EXPORT = "put its programs on the path: . $IDF_PATH/export.sh";

export function checkSdk(environment: Environment = process.env): Finding {
	const what = "Moddable SDK";
	const remedy = `get it with \`${SETUP}\`, and set MODDABLE to its folder`;
	const root = environment.MODDABLE;
	if (!root) return { what, isOk: false, found: "MODDABLE is not set", remedy };
	const version = firstLine(path.join(root, "tools/VERSION"));
	if (version === undefined) return { what, isOk: false, found: `${root} has no tools/VERSION`, remedy };
	return {
		what,
		isOk: Number.parseInt(version, 10) === SDK_VERSION,
		found: `${version} in ${root}`,
		remedy: `the firmware is built with version ${SDK_VERSION}: \`npx xs-dev update\``,
	};
}

export function checkTools(environment: Environment = process.env): Finding {
	const what = "its tools";
	const remedy = `build them with \`${SETUP}\``;
	try {
		const { tools } = findSdk(environment);
		const ending = process.platform === "win32" ? ".exe" : "";
		const missing = TOOLS.filter((name) => !existsSync(path.join(tools, name + ending)));
		const found = missing.length > 0 ? `no ${missing.join(", ")} in ${tools}` : `${TOOLS.join(", ")} in ${tools}`;
		return { what, isOk: missing.length === 0, found, remedy };
	} catch {
		return { what, isOk: false, found: "none", remedy };
	}
}

export function checkTypeScript(root: string = ROOT): Finding {
	const what = "TypeScript";
	const remedy = `the SDK takes version ${TYPESCRIPT.join(" or ")}: \`npm ci\``;
	const file = path.join(root, "node_modules/typescript/package.json");
	if (!existsSync(file)) return { what, isOk: false, found: "none", remedy };
	const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };
	return { what, isOk: TYPESCRIPT.includes(Number.parseInt(version, 10)), found: version, remedy };
}

/** Checks for the compiler of the demonstration and of the tests on XS. */
export function checkHostCompiler(isThere: boolean, makes32: boolean): Finding {
	const isLinux = process.platform === "linux";
	const found = !isLinux
		? `not used on ${process.platform}: the agent runs on Node`
		: !isThere
			? "none: the agent runs on Node, without a device's memory"
			: makes32
				? "with 32-bit slots, as on a device"
				: "without 32-bit programs: slots and limits are twice a device's";
	return { what: "C compiler for XS", isOk: !isLinux || makes32, found, remedy: "apt install gcc gcc-multilib" };
}

/** Programs that `npm test` uses in addition to the compiler, with their Debian packages. */
export const TEST_PROGRAMS: Readonly<Record<string, string>> = Object.freeze({
	clang: "clang libclang-rt-14-dev",
	valgrind: "valgrind",
	"qemu-system-riscv32": "qemu-system-misc",
	"riscv64-unknown-elf-gcc": "gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf",
	"qemu-ppc": "qemu-user binutils-powerpc-linux-gnu libc6-dev-powerpc-cross libgcc-12-dev-powerpc-cross",
	faketime: "faketime",
});

export function checkTestProgram(program: string, environment: Environment = process.env): Finding {
	return checkProgram(program, program, `apt install ${TEST_PROGRAMS[program]}`, environment);
}

/** Checks for the compiler of the simulator, which is a program of this machine. */
export function checkCompiler(environment: Environment = process.env): Finding {
	const remedy = process.platform === "darwin" ? "xcode-select --install" : "apt install gcc make";
	return checkProgram("C compiler", "cc", remedy, environment);
}

/** Checks for glib, the simulator's event loop on Linux. */
export function checkGlib(environment: Environment = process.env): Finding {
	const { status, stdout } = run("pkg-config", ["--modversion", "glib-2.0"], environment);
	const isOk = status === 0;
	return { what: "glib", isOk, found: isOk ? stdout.trim() : "none", remedy: "apt install libglib2.0-dev pkg-config" };
}

export function checkIdf(environment: Environment = process.env): Finding {
	const what = "ESP-IDF";
	const remedy = `get version ${IDF_VERSION} with \`${SETUP_IDF}\``;
	const root = environment.IDF_PATH;
	if (!root) return { what, isOk: false, found: "IDF_PATH is not set", remedy };
	const file = path.join(root, "tools/cmake/version.cmake");
	if (!existsSync(file)) return { what, isOk: false, found: `${root} has no tools/cmake/version.cmake`, remedy };
	const text = readFileSync(file, "utf8");
	const version = ["MAJOR", "MINOR", "PATCH"]
		.map((part) => new RegExp(`set\\(IDF_VERSION_${part} (\\d+)\\)`).exec(text)?.[1] ?? "?")
		.join(".");
	return { what, isOk: version.startsWith(`${IDF_VERSION}.`), found: `${version} in ${root}`, remedy };
}

/** Checks the path for ESP-IDF's programs, which its `export.sh` adds. */
export function checkIdfPrograms(environment: Environment = process.env): Finding {
	const folders = (environment.PATH ?? "").split(path.delimiter);
	const found = folders.map((folder) => path.join(folder, "idf.py")).find((file) => existsSync(file));
	const isOk = found !== undefined;
	return { what: "its idf.py", isOk, found: found ?? "not on the path", remedy: EXPORT };
}

/** Checks for the compiler that the SDK's makefile calls for a chip. */
export function checkCrossCompiler(chip: string, environment: Environment = process.env): Finding {
	const isXtensa = /^esp32(s[23])?$/.test(chip);
	const program = `${isXtensa ? `xtensa-${chip}` : "riscv32-esp"}-elf-gcc`;
	return checkProgram(`compiler for ${chip}`, program, EXPORT, environment);
}

export function checkPorts(ports: readonly SerialPort[] = serialPorts()): Finding {
	const what = "board";
	if (ports.length === 0) {
		const windows = "the Device Manager shows its port: give it as --port COM3";
		const remedy = process.platform === "win32" ? windows : "plug one in, with a cable that carries data";
		return { what, isOk: false, found: "at no serial port", remedy };
	}
	const inWords = ({ path: file, bridge, isOpen }: SerialPort) =>
		`${file}${bridge === undefined ? "" : `, ${bridge}`}${isOpen ? "" : ", no permission to open it"}`;
	const remedy = "add your user to the port's group (sudo usermod -aG dialout $USER), and log in again";
	return { what, isOk: ports.some(({ isOpen }) => isOpen), found: ports.map(inWords).join("; "), remedy };
}

/** If the given port does not exist, the SDK would search for another one, and write to it. */
export function checkPort(port: string): Finding {
	const isOk = process.platform === "win32" || existsSync(port);
	return { what: "port", isOk, found: isOk ? port : `no ${port}`, remedy: "npm run doctor lists the ports" };
}

function checkProgram(what: string, program: string, remedy: string, environment: Environment): Finding {
	const { status, stdout } = run(program, ["--version"], environment);
	const isOk = status === 0;
	return { what, isOk, found: isOk ? stdout.trim().split("\n")[0] || "there" : `no ${program} on the path`, remedy };
}

function run(program: string, parameters: string[], environment: Environment) {
	return spawnSync(program, parameters, { encoding: "utf8", env: { ...environment } });
}

function firstLine(file: string): string | undefined {
	return existsSync(file) ? readFileSync(file, "utf8").split("\n")[0]!.trim() : undefined;
}

/** Formats a finding as one line, with the remedy below it if there is something to do. */
export function inWords({ what, isOk, found, remedy }: Finding): string {
	const line = `  ${isOk ? "ok     " : "missing"}  ${what.padEnd(25)}${found}`;
	return isOk ? line : `${line}\n${" ".repeat(36)}${remedy}`;
}
