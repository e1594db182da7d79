/**
 * What the bootloader and flash encryption ask of a partition table (ESP-IDF 6.0, docs/en/api-guides/partition-tables.rst and
 * components/partition_table/gen_esp32part.py).
 */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import test from "ava";
import { allBoards, type Board } from "../../tools/moddable/boards.js";
import { type Partition, readPartitions } from "../../tools/moddable/partitions.js";
import { testWith } from "../support/needs.js";

const FLASH = 4 * 1024 * 1024;
/** CONFIG_PARTITION_TABLE_OFFSET; the table itself takes a sector, the bootloader what is before it. */
const TABLE = 0x10000;
const SECTOR = 0x1000;
/** The flash cache maps pages of 64 KiB; secure boot v2 pads an image to one. */
const PAGE = 0x10000;
/** An NVS partition writes into one sector while it erases another. */
const NVS_SECTORS = 3;
/** Data that ESP-IDF and the firmware look for, by name or by subtype. */
const WANTED = ["nvs", "keys", "otadata", "phy_init", "ota_0", "ota_1"];
/** A record of the ledger has up to 4,000 bytes, a page: 16 of them, the totals, and a spare page. */
const LEDGER_PAGES = 18;
/** XS, Wi-Fi, TLS and the agent, with room to grow. What an image takes, `npm run size` tells. */
const SLOT = 0x180000;

const boards = allBoards();
const tableOf = (board: Board) => readPartitions(board.partitions);
const end = ({ offset, size }: Partition) => offset + size;

test("the boards are found", (t) => {
	t.deepEqual(
		boards.map(({ name, chip }) => [name, chip]),
		[
			["esp32_devkit", "esp32"],
			["esp32c3_devkit", "esp32c3"],
			["esp32c6_devkit", "esp32c6"],
			["esp32s3_devkit", "esp32s3"],
			["m5stack", "esp32"],
		],
	);
});

for (const board of boards) {
	const table = tableOf(board);
	const find = (label: string) => table.find((partition) => partition.label === label)!;

	test(`${board.name}: partitions follow one another after the table, and end with the flash`, (t) => {
		let free = TABLE + SECTOR;
		for (const partition of table) {
			t.true(partition.offset >= free, `${partition.label} begins at 0x${partition.offset.toString(16)}`);
			free = end(partition);
		}
		t.true(free <= FLASH);
	});

	test(`${board.name}: each partition is aligned as its type requires`, (t) => {
		for (const { label, type, offset, size } of table) {
			const unit = type === "app" ? PAGE : SECTOR;
			t.is(offset % unit, 0, label);
			t.is(size % unit, 0, label);
		}
	});

	test(`${board.name}: two app slots of one size, no factory image, and an otadata partition`, (t) => {
		const apps = table.filter(({ type }) => type === "app");
		t.deepEqual(
			apps.map(({ subtype }) => subtype),
			["ota_0", "ota_1"],
		);
		t.is(apps[0]!.size, apps[1]!.size);
		t.true(apps[0]!.size >= SLOT);
		t.is(find("otadata").subtype, "ota");
		t.is(find("otadata").size, 2 * SECTOR);
	});

	test(`${board.name}: the agent and the keys have an NVS partition each`, (t) => {
		t.is(find("nvs").subtype, "nvs");
		t.is(find("keys").subtype, "nvs");
		t.true(find("nvs").size >= LEDGER_PAGES * SECTOR);
		t.true(find("keys").size >= NVS_SECTORS * SECTOR);
		// NVS encrypts itself, and refuses a partition that flash encryption encrypts once more.
		t.deepEqual([...find("nvs").flags, ...find("keys").flags], []);
	});

	test(`${board.name}: every partition that the code names is there, and none for core dumps`, (t) => {
		const labels = table.map(({ label }) => label);
		const keys = board.chip === "esp32" ? ["nvs_keys"] : [];
		t.deepEqual(labels.toSorted(), [...WANTED, ...keys].toSorted());
		t.is(new Set(labels).size, labels.length);
		for (const label of labels) t.true(label.length <= 16);
	});
}

test("the partition of NVS's keys is encrypted wherever flash encryption is on", (t) => {
	for (const board of boards.filter(({ chip }) => chip === "esp32")) {
		const keys = tableOf(board).find(({ subtype }) => subtype === "nvs_keys")!;
		t.deepEqual(keys.flags, ["encrypted"]);
		t.is(keys.size, SECTOR);
	}
});

const generator = path.join(process.env.IDF_PATH ?? "", "components/partition_table/gen_esp32part.py");
const noGenerator = existsSync(generator) ? undefined : "no ESP-IDF (set IDF_PATH to it)";

testWith(noGenerator, "ESP-IDF's own generator takes each table of partitions, with secure boot v2 too", (t) => {
	for (const { partitions, name, chip } of boards) {
		const bootloader = chip === "esp32" ? "0x1000" : "0x0";
		const flash = ["--offset", `0x${TABLE.toString(16)}`, "--flash-size", "4MB"];
		const security = ["--primary-bootloader-offset", bootloader, "--secure", "v2"];
		const parameters = [generator, ...flash, ...security, partitions, "/dev/null"];
		const { status, stderr } = spawnSync("python3", parameters, { encoding: "utf8" });
		t.is(status, 0, `${name}: ${stderr}`);
	}
});
