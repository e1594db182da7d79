/**
 * The C of hal/esp32/native on this machine. It compiles for the ESP32-C3's instruction set, against small headers in the place of
 * ESP-IDF's and the SDK's (include/); and what it decides is run here, over NVS, drivers and tasks in memory (c/).
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BUILD = path.join(ROOT, "build/esp32");
const XS = "node_modules/@agoric/xsnap/moddable/xs/includes";
const INCLUDES = ["test/esp32/include", "modules/signer", "modules/signer/xs", "hal/esp32/native", "test/esp32/c"];
const FLAGS = [
	"-std=gnu99",
	"-Os",
	"-Wall",
	"-Wextra",
	"-Werror",
	"-D_GNU_SOURCE",
	/* The SDK's platform header has it, and xs.h wants it. */
	"-include",
	"stddef.h",
	...INCLUDES.flatMap((folder) => ["-I", folder]),
];
const HOST = process.env.CC ?? "gcc";
/** The ESP32-C3's and C6's. A machine that has no such compiler looks with its own, but in CI. */
const hasRv32 = spawnSync("riscv64-unknown-elf-gcc", ["--version"]).status === 0 || process.env.CI === "true";
const [TARGET, TARGET_FLAGS] = hasRv32
	? ["rv32imc", ["riscv64-unknown-elf-gcc", "--specs=picolibc.specs", "-march=rv32imc", "-mabi=ilp32"]]
	: ["this machine", [HOST]];
const SANITIZED = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
const SLOT = "modules/signer/xs/signer_slot.c";
const SIGNER = path.join(BUILD, "signer.o");
const STORE = ["hal/esp32/native/key_store.c", "test/esp32/c/fake_nvs.c", "test/esp32/c/own_stack.c", SIGNER];

function sources(folder: string): string[] {
	const names = readdirSync(path.join(ROOT, folder)).filter((name) => name.endsWith(".c"));
	return names.map((name) => path.join(folder, name));
}

function compile(compiler: string, ...parameters: string[]): { ok: boolean; said: string } {
	const { status, stderr, error } = spawnSync(compiler, [...FLAGS, ...parameters], { cwd: ROOT, encoding: "utf8" });
	return { ok: status === 0, said: error?.message ?? stderr };
}

function compileForTarget(source: string, ...parameters: string[]): { ok: boolean; said: string } {
	const [compiler, ...flags] = TARGET_FLAGS;
	return compile(compiler!, ...flags, "-isystem", XS, ...parameters, "-c", source, "-o", "/dev/null");
}

test.before("the signer is built once for all", (t) => {
	mkdirSync(BUILD, { recursive: true });
	const { ok, said } = compile(HOST, "-r", "-nostdlib", ...sources("modules/signer"), SLOT, "-o", SIGNER);
	t.true(ok, said);
});

/**
 * Builds the program of one file of checks, and runs one of its cases: what it printed. Functions are bound before it starts:
 * the linker, binding one at its first call, saves all registers on the stack, with what was in them.
 */
function run(
	t: ExecutionContext,
	program: string,
	name: string,
	files: readonly string[],
	flags: readonly string[],
): string {
	const binary = path.join(BUILD, `${program}_${name.replaceAll(" ", "_")}`);
	const built = compile(
		HOST,
		"-g",
		...flags,
		`test/esp32/c/${program}.c`,
		...files,
		"-o",
		binary,
		"-lpthread",
		"-Wl,-z,now",
	);
	t.true(built.ok, built.said);
	// What a power cut leaves on the heap is no leak.
	const env = {
		...process.env,
		...(["power cuts", "both", "decays", "stuck"].includes(name) && { ASAN_OPTIONS: "detect_leaks=0" }),
	};
	return execFileSync(binary, [name], { encoding: "utf8", timeout: 60_000, env });
}

for (const source of [...sources("hal/esp32/native"), ...sources("modules/signer"), ...sources("modules/signer/xs")]) {
	test(`${source} compiles for ${TARGET} without a warning`, (t) => {
		const settings = [[], ["-DMODDEF_CONSOLE_USB=1"], ["-DESP_IDF_VERSION_PATCH=1", "-DWITHOUT_NVS_ENCRYPTION"]];
		for (const setting of settings) {
			const { ok, said } = compileForTarget(source, ...setting);
			t.true(ok, said);
		}
	});
}

const REFUSED: readonly [what: string, source: string, setting: string[], why: RegExp][] = [
	["keys in the clear beside secure boot", "key_store", ["-DCONFIG_SECURE_BOOT=1"], /CONFIG_NVS_ENCRYPTION=y/],
	[
		"keys in the clear in encrypted flash",
		"key_store",
		["-DCONFIG_SECURE_FLASH_ENC_ENABLED=1"],
		/CONFIG_NVS_ENCRYPTION/,
	],
	["no watchdog", "app_watchdog", ["-DWITHOUT_WATCHDOG"], /CONFIG_ESP_TASK_WDT_EN/],
];
for (const [what, source, setting, why] of REFUSED) {
	test(`a board's configuration does not compile with ${what}`, (t) => {
		const { ok, said } = compileForTarget(`hal/esp32/native/${source}.c`, "-DWITHOUT_NVS_ENCRYPTION", ...setting);
		t.false(ok);
		t.regex(said, why);
	});
}

const KEY_STORE: readonly [name: string, what: string, setting: string[]][] = [
	["keeps", "records are kept, read and erased", SANITIZED],
	["power cuts", "with the power cut at any step of a change a slot holds its old record or the new one", SANITIZED],
	[
		"failures",
		"with the flash failing at any step the answer is true of what the slot holds, then and after a cut",
		SANITIZED,
	],
	["taken", "a slot that is taken takes no other record", SANITIZED],
	["full", "a full partition refuses", SANITIZED],
	["read back", "a record that does not read as it was written is refused", SANITIZED],
	["unreadable", "a record that cannot be read is handed out in no part", SANITIZED],
	["decay", "a slot whose record, mark or page decays before any call is unreadable, never empty", SANITIZED],
	["unmarked", "a record without a mark is marked when it is read", SANITIZED],
	[
		"foreign",
		"a partition that other keys encrypted is left as it is: unreadable, until the keys are back or a slot is given up",
		SANITIZED,
	],
	["empty fits", "a partition without entries fits any keys", SANITIZED],
	[
		"encrypted",
		"without encryption's keys, or a readable partition, there are no slots; nothing is opened in the clear",
		SANITIZED,
	],
	[
		"in the clear",
		"a development profile keeps keys in the clear, and says so",
		[...SANITIZED, "-DWITHOUT_NVS_ENCRYPTION"],
	],
	["purged", "ESP-IDF 6.0 leaves an erased record in its page, encrypted", SANITIZED],
	["purged", "ESP-IDF 6.0.1 overwrites what it erases", [...SANITIZED, "-DESP_IDF_VERSION_PATCH=1"]],
	["stack is clean", "no record and no key of the partition is left on the stack", []],
];
for (const [name, what, flags] of KEY_STORE) {
	test(`key store: ${what}`, (t) => {
		run(t, "key_store_check", name, STORE, flags);
	});
}

const STORE_CASES: readonly [name: string, what: string][] = [
	["keeps", "what is written is read, each key in one entry"],
	["apart", "the Wi-Fi's keys are apart from the agent's"],
	["power cuts", "with the power cut at any step of two changes a key holds its old bytes or its new ones"],
	["both", "of two entries of a key the newer one counts"],
	[
		"decays",
		"when an entry of a key decays the key holds its new bytes, its old ones or none, and no other key suffers",
	],
	["failures", "with the flash failing at any step the answer is true of what the key holds after a restart"],
	["full", "a full partition refuses, and the old bytes stand, even where NVS loses what it was to overwrite"],
	["read back", "bytes that do not read as they were written leave a doubt"],
	["unreadable", "a change that cannot be read back leaves a doubt"],
	["stuck", "a key whose entry NVS finds and cannot read is unreadable, until it is written or erased"],
	[
		"reads while decaying",
		"a key that decays before any call is never missing in the run that saw it, and never has other bytes",
	],
	["not open", "without NVS there is no store"],
];
for (const [name, what] of STORE_CASES) {
	test(`store: ${what}`, (t) => {
		const files = ["hal/esp32/native/store.c", "test/esp32/c/fake_nvs.c"];
		run(t, "store_check", name, files, SANITIZED);
	});
}

test("drbg: HMAC_DRBG of SP 800-90A, seeded with noise on, reseeded from the hardware before each draw", (t) => {
	const lines = run(t, "drbg_check", "draws", STORE, SANITIZED).trim().split("\n");
	let [key, value] = [Buffer.alloc(32, 0), Buffer.alloc(32, 1)];
	const hmac = (...parts: Buffer[]) => createHmac("sha256", key).update(Buffer.concat(parts)).digest();
	const update = (...data: Buffer[]) => {
		for (const mark of data.length === 0 ? [0] : [0, 1]) {
			key = hmac(value, Buffer.from([mark]), ...data);
			value = hmac(value);
		}
	};
	let next = 0;
	const hardware = (length: number) => Buffer.from(Array.from({ length }, () => next++ & 255));
	update(hardware(64));
	for (const line of lines) {
		update(hardware(32));
		const drawn: Buffer[] = [];
		for (let length = 0; length < line.length / 2; length += 32) {
			value = hmac(value);
			drawn.push(value);
		}
		update();
		t.is(line, Buffer.concat(drawn).toString("hex").slice(0, line.length));
	}
	t.is(lines.length, 4);
});

test("drbg: no bytes before the seed, beside Wi-Fi, or from a generator that stands still", (t) => {
	run(t, "drbg_check", "refuses", STORE, SANITIZED);
});

test("drbg: leaves neither seed nor state on the stack", (t) => {
	run(t, "drbg_check", "stack is clean", STORE, []);
});

const TEXT: readonly [name: string, what: string][] = [
	["ends", "a line ends with CR, LF or both; empty lines are passed over"],
	["limit", "a line of 4,000 bytes is one, a longer one is too long, and neither is left behind"],
	["fuzz", "random bytes in random pieces give the lines between the ends"],
];
for (const [name, what] of TEXT) {
	test(`console: ${what}`, (t) => {
		run(t, "line_buffer_check", name, ["hal/esp32/native/line_buffer.c", ...STORE], SANITIZED);
	});
}

const CONSOLE = ["-I", "test/esp32/c/fake_xs", "hal/esp32/native/owner_console.c", "hal/esp32/native/line_buffer.c"];
const OWNER: readonly [name: string, what: string][] = [
	["lines", "lines come to JavaScript in their order, and one that is too long as none"],
	["key", "a key's digits go to its slot, and none of them to JavaScript"],
	["wrong keys", "what is no key is refused, and does not come to JavaScript either"],
];
for (const [name, what] of OWNER) {
	test(`console: ${what}`, (t) => {
		run(t, "owner_console_check", name, CONSOLE, SANITIZED);
	});
	test(`console: ${what}, without a race`, (t) => {
		run(t, "owner_console_check", name, CONSOLE, ["-fsanitize=thread"]);
	});
}

test("console: over USB a line goes out whole or not at all, or the next one begins on a line of its own", (t) => {
	const flags = [...SANITIZED, "-DMODDEF_CONSOLE_USB=1"];
	run(t, "serial_line_check", "usb", ["hal/esp32/native/serial_line.c"], flags);
});

test("reset reason: a run knows why the previous one ended", (t) => {
	for (const name of ["reasons", "long reasons", "power cut", "counts", "crashes"])
		run(t, "reset_reason_check", name, [], SANITIZED);
});

test("app watchdog: watches from the first feed on and allows five minutes between feeds", (t) => {
	for (const name of ["feeds", "refuses"])
		run(t, "app_watchdog_check", name, ["hal/esp32/native/app_watchdog.c"], SANITIZED);
});
