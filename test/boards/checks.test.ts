/** What `npm run doctor` says, and what `npm run flash` asks for, on machines made for it. */
import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import {
	checkCrossCompiler,
	checkHostCompiler,
	checkIdf,
	checkIdfPrograms,
	checkPorts,
	checkSdk,
	checkTestProgram,
	checkTools,
	checkTypeScript,
	inWords,
	TEST_PROGRAMS,
} from "../../tools/moddable/checks.js";
import { serialPorts } from "../../tools/moddable/serial_ports.js";
import { ROOT } from "../../tools/project.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";

const machine = temporaryFolder();
test.after.always(() => removeFolder(machine));

/** Writes a file of the machine, its folders too, and gives its path. */
function file(name: string, text = ""): string {
	const where = path.join(machine, name);
	mkdirSync(path.dirname(where), { recursive: true });
	writeFileSync(where, text);
	return where;
}

function program(name: string, says: string): void {
	chmodSync(file(name, `#!/bin/sh\necho ${says}\n`), 0o755);
}

const folder = (name: string) => path.join(machine, name);

test("doctor names the SDK's version, and accepts 8 alone", (t) => {
	file("sdk8/tools/VERSION", "8.2.3\n");
	file("sdk7/tools/VERSION", "7.1.0\n");
	t.like(checkSdk({ MODDABLE: folder("sdk8") }), { isOk: true, found: `8.2.3 in ${folder("sdk8")}` });
	t.like(checkSdk({ MODDABLE: folder("sdk7") }), { isOk: false, found: `7.1.0 in ${folder("sdk7")}` });
	t.like(checkSdk({ MODDABLE: folder("none") }), { isOk: false, found: `${folder("none")} has no tools/VERSION` });
	t.like(checkSdk({}), { isOk: false, found: "MODDABLE is not set" });
	t.regex(checkSdk({}).remedy, /xs-dev setup/);
});

test("doctor wants each of the SDK's tools", (t) => {
	const platform = process.platform === "darwin" ? "mac" : "lin";
	for (const tool of ["mcconfig", "mcrez", "xsc", "xsid"]) file(`half/build/bin/${platform}/release/${tool}`);
	t.like(checkTools({ MODDABLE: folder("half") }), { isOk: false });
	t.regex(checkTools({ MODDABLE: folder("half") }).found, /^no xsl in /);
	file(`half/build/bin/${platform}/release/xsl`);
	t.like(checkTools({ MODDABLE: folder("half") }), { isOk: true });
	t.like(checkTools({}), { isOk: false, found: "none" });
});

test("doctor accepts this project's TypeScript, and not version 5", (t) => {
	t.true(checkTypeScript().isOk);
	file("old/node_modules/typescript/package.json", '{"version":"5.9.3"}');
	t.like(checkTypeScript(folder("old")), { isOk: false, found: "5.9.3" });
	t.like(checkTypeScript(folder("none")), { isOk: false, found: "none" });
});

test("doctor accepts ESP-IDF 6.0 with any patch", (t) => {
	const version = (major: number, minor: number, patch: number) =>
		`set(IDF_VERSION_MAJOR ${major})\nset(IDF_VERSION_MINOR ${minor})\nset(IDF_VERSION_PATCH ${patch})\n`;
	const cases = [
		["5.5.1", [5, 5, 1], false],
		["6.0.0", [6, 0, 0], true],
		["6.0.2", [6, 0, 2], true],
		["6.1.0", [6, 1, 0], false],
	] as const;
	for (const [name, [major, minor, patch], isOk] of cases) {
		file(`idf${name}/tools/cmake/version.cmake`, version(major, minor, patch));
		const IDF_PATH = folder(`idf${name}`);
		t.like(checkIdf({ IDF_PATH }), { isOk, found: `${name} in ${IDF_PATH}` });
	}
	t.like(checkIdf({}), { isOk: false, found: "IDF_PATH is not set" });
	t.like(checkIdf({ IDF_PATH: machine }), { isOk: false });
});

test("doctor finds ESP-IDF's programs by the names that the SDK's makefile calls", (t) => {
	program("bin/idf.py", "x");
	program("bin/riscv32-esp-elf-gcc", "14.2.0");
	program("bin/xtensa-esp32-elf-gcc", "14.2.0");
	const environment = { PATH: `${folder("bin")}${path.delimiter}/bin` };
	t.like(checkIdfPrograms(environment), { isOk: true, found: path.join(folder("bin"), "idf.py") });
	t.like(checkIdfPrograms({ PATH: "/none" }), { isOk: false });
	for (const chip of ["esp32c3", "esp32c6", "esp32"]) t.like(checkCrossCompiler(chip, environment), { isOk: true });
	t.like(checkCrossCompiler("esp32s3", environment), { isOk: false, found: "no xtensa-esp32s3-elf-gcc on the path" });
});

test("serial ports are listed with what is at their other end", (t) => {
	for (const name of ["ttyS0", "null", "ttyUSB0", "ttyACM0", "ttyACM1"]) file(`dev/${name}`);
	file("usb/1-1/idVendor", "10c4\n");
	file("usb/1-1/idProduct", "ea60\n");
	file("usb/1-1/1-1:1.0/ttyUSB0/x");
	file("usb/1-2/idVendor", "303a\n");
	file("usb/1-2/idProduct", "1001\n");
	file("usb/1-2/1-2:1.0/x");
	file("sys/ttyUSB0/x");
	file("sys/ttyACM0/x");
	symlinkSync(folder("usb/1-1/1-1:1.0/ttyUSB0"), folder("sys/ttyUSB0/device"));
	symlinkSync(folder("usb/1-2/1-2:1.0"), folder("sys/ttyACM0/device"));
	t.deepEqual(serialPorts({ devices: folder("dev"), classes: folder("sys") }), [
		{ path: folder("dev/ttyACM0"), bridge: "the USB port of an ESP32-C3, C6 or S3", isOpen: true },
		{ path: folder("dev/ttyACM1"), bridge: undefined, isOpen: true },
		{ path: folder("dev/ttyUSB0"), bridge: "a CP210x", isOpen: true },
	]);
});

test("doctor wants a board that this user may open", (t) => {
	const port = { path: "/dev/ttyUSB0", bridge: "a CP210x", isOpen: true };
	t.like(checkPorts([port]), { isOk: true, found: "/dev/ttyUSB0, a CP210x" });
	t.like(checkPorts([{ ...port, isOpen: false }]), {
		isOk: false,
		found: "/dev/ttyUSB0, a CP210x, no permission to open it",
	});
	t.like(checkPorts([]), { isOk: false, found: "at no serial port" });
});

test("doctor prints what it found, and below it the remedy", (t) => {
	const finding = { what: "ESP-IDF", isOk: true, found: "6.0.1 in /opt/idf", remedy: "get it" };
	t.is(inWords(finding), "  ok       ESP-IDF                  6.0.1 in /opt/idf");
	t.is(
		inWords({ ...finding, isOk: false, found: "IDF_PATH is not set" }),
		`  missing  ESP-IDF                  IDF_PATH is not set\n${" ".repeat(36)}get it`,
	);
});

function npmRun(script: string, parameters: string[], environment: NodeJS.ProcessEnv = {}) {
	const command = ["tools/bootstrap.mjs", `tools/${script}.ts`, ...parameters];
	const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
	for (const name of ["MODDABLE", "IDF_PATH"]) if (!(name in environment)) delete env[name];
	return spawnSync(process.execPath, command, { cwd: ROOT, encoding: "utf8", env });
}

test("doctor says what the compiler for XS is good for", (t) => {
	if (process.platform === "linux") {
		t.like(checkHostCompiler(true, true), { isOk: true, found: "with 32-bit slots, as on a device" });
		t.like(checkHostCompiler(true, false), { isOk: false, remedy: "apt install gcc gcc-multilib" });
		t.like(checkHostCompiler(false, false), { isOk: false });
	} else t.like(checkHostCompiler(false, false), { isOk: true });
});

test("doctor names the packages of each program that npm test needs", (t) => {
	program("bin/valgrind", "valgrind-3.19.0");
	const environment = { PATH: `${folder("bin")}${path.delimiter}/bin` };
	t.like(checkTestProgram("valgrind", environment), { isOk: true, found: "valgrind-3.19.0" });
	const nowhere = { PATH: "/none" };
	for (const [name, packages] of Object.entries(TEST_PROGRAMS)) {
		t.like(checkTestProgram(name, nowhere), { isOk: false, remedy: `apt install ${packages}` });
	}
});

test("without an SDK doctor exits with 1 and prints each remedy", (t) => {
	const { status, stdout } = npmRun("doctor", []);
	t.is(status, 1);
	t.regex(stdout, /missing {2}Moddable SDK +MODDABLE is not set\n +get it with `npx xs-dev setup`/);
	t.regex(stdout, /^for npm start\n {2}ok {7}Node/m);
	t.regex(stdout, /^for all of npm test$/m);
	t.regex(stdout, /ok {7}TypeScript/);
});

test("npm run flash builds nothing for an unknown board or without ESP-IDF", (t) => {
	t.like(npmRun("flash", ["esp8266"]), { status: 64 });
	t.regex(npmRun("flash", ["esp8266"]).stderr, /no board "esp8266"; there are esp32_devkit, /);
	t.like(npmRun("flash", []), { status: 64 });
	const { status, stderr } = npmRun("flash", ["m5stack", "--port", "/dev/null"]);
	t.is(status, 1);
	t.regex(stderr, /missing {2}ESP-IDF +IDF_PATH is not set/);
	t.notRegex(stderr, /missing {2}(port|board)/);
	t.regex(npmRun("flash", ["m5stack", "--port", "/dev/none"]).stderr, /missing {2}port +no \/dev\/none/);
});

test("npm run size without the SDK says how to get it", (t) => {
	const { status, stderr } = npmRun("size", ["m5stack"]);
	t.is(status, 1);
	t.regex(stderr, /MODDABLE.*xs-dev setup/);
	t.is(npmRun("size", []).status, 64);
});
