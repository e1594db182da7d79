/** What ESP-IDF is set to, by chip and profile. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { allBoards, BOARDS, PROFILES, sdkconfigOf } from "../../tools/moddable/boards.js";
import { KCONFIG } from "./kconfig.js";
import { linesOf, settingsOf, valuesOf } from "./settings.js";

const FAMILIES = ["esp32", "hmac"] as const;
const folderOf = (family: string, profile: string) => path.join(BOARDS, "sdkconfig", family, profile);
const all = FAMILIES.flatMap((family) =>
	PROFILES.map((profile) => ({ name: `${family}, ${profile}`, folder: folderOf(family, profile) })),
);

for (const { name, folder } of all) {
	test(`${name}: mcconfig understands each line`, (t) => {
		for (const line of linesOf(folder)) t.regex(line, /^(|#( .*)?|CONFIG_[A-Z0-9_]+=[A-Za-z0-9]+)$/);
		for (const line of linesOf(folder)) t.notRegex(line, /is not set$/);
		const keys = settingsOf(folder).map(({ key }) => key);
		t.is(new Set(keys).size, keys.length);
	});

	test(`${name}: each setting stands under the Kconfig file of ESP-IDF 6.0 that defines it`, (t) => {
		for (const { key, kconfig } of settingsOf(folder)) t.true(KCONFIG[kconfig!]?.includes(key), `${key} in ${kconfig}`);
	});
}

test("the table of settings lists no setting that no board has", (t) => {
	const used = new Set(all.flatMap(({ folder }) => settingsOf(folder).map(({ key, kconfig }) => `${kconfig} ${key}`)));
	const listed = Object.entries(KCONFIG).flatMap(([file, keys]) => keys.map((key) => `${file} ${key}`));
	t.deepEqual(listed.toSorted(), [...used].sort());
});

test("ESP-IDF's Kconfig files define each setting", (t) => {
	const idf = process.env.IDF_PATH;
	if (idf === undefined || !existsSync(path.join(idf, "Kconfig"))) {
		t.log("IDF_PATH names no ESP-IDF: the table was held to its tag v6.0 when it was made, and not again now");
		t.pass();
		return;
	}
	for (const [pattern, keys] of Object.entries(KCONFIG)) {
		const files = filesOf(idf, pattern);
		t.true(files.length > 0, pattern);
		for (const key of keys) {
			for (const file of files) t.regex(readFileSync(file, "utf8"), new RegExp(`^\\s*config ${key}$`, "m"), file);
		}
	}
});

/** `port/*` stands for the chips of the boards, not for all that ESP-IDF has. */
function filesOf(idf: string, pattern: string): string[] {
	if (!pattern.includes("*")) return [path.join(idf, pattern)].filter(existsSync);
	const chips = new Set(allBoards().map(({ chip }) => chip));
	return [...chips].map((chip) => path.join(idf, pattern.replace("*", chip))).filter(existsSync);
}

/** Of each choice that Kconfig offers, one is taken. */
const CHOICES: readonly (readonly string[])[] = [
	["ESP_SYSTEM_PANIC_SILENT_REBOOT", "ESP_SYSTEM_PANIC_GDBSTUB"],
	["ESP_COREDUMP_ENABLE_TO_NONE", "ESP_COREDUMP_ENABLE_TO_UART"],
	["FREERTOS_CHECK_STACKOVERFLOW_CANARY", "FREERTOS_CHECK_STACKOVERFLOW_PTRVAL"],
	["NVS_SEC_KEY_PROTECT_USING_HMAC", "NVS_SEC_KEY_PROTECT_USING_FLASH_ENC"],
	["SECURE_ENABLE_SECURE_ROM_DL_MODE", "SECURE_DISABLE_ROM_DL_MODE"],
];

for (const { name, folder } of all) {
	test(`${name}: no setting has two values`, (t) => {
		const values = valuesOf(folder);
		for (const choice of CHOICES) {
			const taken = choice.filter((key) => values.get(key) === "y");
			t.true(taken.length <= 1, taken.join(" and "));
		}
	});
}

for (const board of allBoards()) {
	for (const profile of PROFILES) {
		test(`${board.name}, ${profile}: boot validation, watchdogs and brown-out detector are on`, (t) => {
			const values = valuesOf(sdkconfigOf(board, profile));
			const expected = {
				BOOTLOADER_SKIP_VALIDATE_ALWAYS: "n",
				BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON: "n",
				BOOTLOADER_SKIP_VALIDATE_IN_DEEP_SLEEP: "n",
				BOOTLOADER_APP_ROLLBACK_ENABLE: "y",
				BOOTLOADER_WDT_ENABLE: "y",
				ESP_INT_WDT: "y",
				ESP_TASK_WDT_EN: "y",
				ESP_TASK_WDT_INIT: "y",
				ESP_TASK_WDT_PANIC: "y",
				ESP_BROWNOUT_DET: "y",
				ESP_SYSTEM_PANIC_SILENT_REBOOT: "y",
				ESP_COREDUMP_ENABLE_TO_NONE: "y",
				ESP_DEBUG_STUBS_ENABLE: "n",
				ESP_CONSOLE_NONE: "y",
			};
			for (const [key, value] of Object.entries(expected)) t.is(values.get(key), value, key);
		});
	}
}

test("the release profile is the development profile and more", (t) => {
	for (const family of FAMILIES) {
		const release = valuesOf(folderOf(family, "release"));
		for (const [key, value] of valuesOf(folderOf(family, "development"))) t.is(release.get(key), value, key);
	}
});

test("the two chip families differ only in what their chips can do", (t) => {
	const [esp32, hmac] = FAMILIES.map((family) => valuesOf(folderOf(family, "release")));
	const keys = [...new Set([...esp32!.keys(), ...hmac!.keys()])];
	t.deepEqual(keys.filter((key) => esp32!.get(key) !== hmac!.get(key)).sort(), [
		"ESP32_DISABLE_BASIC_ROM_CONSOLE",
		"ESP32_REV_MIN_3",
		"ESP_CONSOLE_SECONDARY_NONE",
		"NVS_SEC_HMAC_EFUSE_KEY_ID",
		"NVS_SEC_KEY_PROTECT_USING_FLASH_ENC",
		"NVS_SEC_KEY_PROTECT_USING_HMAC",
		"SECURE_BOOT_ENABLE_AGGRESSIVE_KEY_REVOKE",
		"SECURE_DISABLE_ROM_DL_MODE",
		"SECURE_ENABLE_SECURE_ROM_DL_MODE",
	]);
});

test("the development profile burns at most the block that encrypts NVS", (t) => {
	for (const family of FAMILIES) {
		const keys = [...valuesOf(folderOf(family, "development")).keys()];
		t.deepEqual(
			keys.filter((key) => key.startsWith("SECURE_")),
			[],
		);
	}
	t.is(valuesOf(folderOf("esp32", "development")).get("ESP32_DISABLE_BASIC_ROM_CONSOLE"), "n");
	t.false(valuesOf(folderOf("esp32", "development")).has("NVS_ENCRYPTION"));
});

test("the release profile has secure boot v2 and flash encryption, with nothing left open", (t) => {
	for (const family of FAMILIES) {
		const values = valuesOf(folderOf(family, "release"));
		const expected = {
			NVS_ENCRYPTION: "y",
			SECURE_BOOT: "y",
			SECURE_BOOT_V2_ENABLED: "y",
			SECURE_BOOT_INSECURE: "n",
			SECURE_BOOT_BUILD_SIGNED_BINARIES: "n",
			SECURE_FLASH_ENC_ENABLED: "y",
			SECURE_FLASH_ENCRYPTION_MODE_RELEASE: "y",
		};
		for (const [key, value] of Object.entries(expected)) t.is(values.get(key), value, key);
	}
	t.is(valuesOf(folderOf("esp32", "release")).get("SECURE_DISABLE_ROM_DL_MODE"), "y");
	t.is(valuesOf(folderOf("hmac", "release")).get("SECURE_ENABLE_SECURE_ROM_DL_MODE"), "y");
	// Flash encryption cannot take block 5, so it cannot take this one.
	t.is(valuesOf(folderOf("hmac", "release")).get("NVS_SEC_HMAC_EFUSE_KEY_ID"), "5");
});
