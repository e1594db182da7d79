/** boards/sdkconfig/sdkconfig_check.c lets no other configuration through than those of the boards. */
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { allBoards, BOARDS, PROFILES, sdkconfigOf } from "../../tools/moddable/boards.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";
import { testWith } from "../support/needs.js";
import { valuesOf } from "./settings.js";

const COMPILER = process.env.CC ?? "cc";
const missing =
	spawnSync(COMPILER, ["--version"]).status === 0 ? undefined : "no C compiler (Debian: apt install gcc gcc-multilib)";
const folder = temporaryFolder();
test.after.always(() => removeFolder(folder));

/** The errors of a build with these settings, as ESP-IDF puts them into sdkconfig.h: one that is off is not there. */
function errorsOf(chip: string, values: ReadonlyMap<string, string>): string[] {
	const settings = new Map([...values, [`IDF_TARGET_${chip.toUpperCase()}`, "y"]]);
	const defines = [...settings]
		.filter(([, value]) => value !== "n")
		.map(([key, value]) => `#define CONFIG_${key} ${value === "y" ? 1 : value}\n`);
	writeFileSync(path.join(folder, "sdkconfig.h"), defines.join(""));
	const warnings = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror"];
	const source = path.join(BOARDS, "sdkconfig/sdkconfig_check.c");
	const { status, stderr } = spawnSync(COMPILER, [...warnings, "-fsyntax-only", `-I${folder}`, source], {
		encoding: "utf8",
	});
	const errors = [...stderr.matchAll(/#error "?([^"\n]+)/g)].map((match) => match[1]!);
	return status === 0 || errors.length > 0 ? errors : [stderr];
}

for (const { name, ...board } of allBoards()) {
	for (const profile of PROFILES) {
		testWith(missing, `${name}, ${profile}: its own settings pass`, (t) => {
			t.deepEqual(errorsOf(board.chip, valuesOf(sdkconfigOf({ name, ...board }, profile))), []);
		});
	}
}

const MISTAKES: readonly [chip: string, key: string, value: string, error: RegExp][] = [
	["esp32c3", "BOOTLOADER_SKIP_VALIDATE_ALWAYS", "y", /not validated/],
	["esp32c3", "BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON", "y", /not validated/],
	["esp32c3", "BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP", "y", /not validated/],
	["esp32c3", "BOOTLOADER_APP_ROLLBACK_ENABLE", "n", /rolled back/],
	["esp32c3", "PARTITION_TABLE_OFFSET", "0x8000", /0x10000/],
	["esp32c3", "ESP_INT_WDT", "n", /watchdog/],
	["esp32c3", "ESP_TASK_WDT_EN", "n", /watchdog/],
	["esp32c3", "ESP_TASK_WDT_INIT", "n", /watchdog/],
	["esp32c3", "ESP_TASK_WDT_PANIC", "n", /watchdog/],
	["esp32c3", "ESP_BROWNOUT_DET", "n", /brown-out/],
	["esp32c3", "ESP_SYSTEM_PANIC_SILENT_REBOOT", "n", /memory/],
	["esp32c3", "ESP_COREDUMP_ENABLE", "y", /memory/],
	["esp32c3", "ESP_DEBUG_STUBS_ENABLE", "y", /memory/],
	["esp32c3", "NVS_ENCRYPTION", "n", /encrypted/],
	["esp32", "NVS_ENCRYPTION", "n", /encrypted/],
	["esp32", "SECURE_BOOT_V2_ENABLED", "n", /secure boot/],
	["esp32", "SECURE_BOOT_INSECURE", "y", /secure boot/],
	["esp32", "SECURE_FLASH_ENC_ENABLED", "n", /flash encryption/],
	["esp32", "SECURE_FLASH_ENCRYPTION_MODE_RELEASE", "n", /flash encryption/],
	["esp32", "SECURE_INSECURE_ALLOW_DL_MODE", "y", /download mode/],
];

for (const [chip, key, value, error] of MISTAKES) {
	testWith(missing, `${chip}, release: ${key}=${value} does not compile`, (t) => {
		const board = allBoards().find((candidate) => candidate.chip === chip)!;
		const errors = errorsOf(chip, new Map([...valuesOf(sdkconfigOf(board, "release")), [key, value]]));
		t.regex(errors.join("\n"), error);
	});
}

testWith(missing, "a folder of settings that is not there does not compile", (t) => {
	t.true(errorsOf("esp32", new Map()).length >= 5);
});
