/**
 * Reads a partition table in ESP-IDF's CSV format (docs/en/api-guides/partition-tables.rst), limited to the form that the
 * boards use: every offset and size is given, in hexadecimal.
 */
import { readFileSync } from "node:fs";

export interface Partition {
	readonly label: string;
	/** `app` or `data`. */
	readonly type: string;
	readonly subtype: string;
	/** Bytes, like `size`. */
	readonly offset: number;
	readonly size: number;
	readonly flags: readonly string[];
}

/** Throws `TypeError` for a line that is no partition. */
export function readPartitions(file: string): Partition[] {
	const lines = readFileSync(file, "utf8").split("\n");
	return lines.filter((line) => line.trim() !== "" && !line.startsWith("#")).map(readPartition);
}

function readPartition(line: string): Partition {
	const [label = "", type = "", subtype = "", offset = "", size = "", flags = ""] = line
		.split(",")
		.map((s) => s.trim());
	const isHexadecimal = /^0x[0-9a-f]+$/;
	if (!label || !type || !subtype || !isHexadecimal.test(offset) || !isHexadecimal.test(size)) {
		throw new TypeError(`expected "label, type, subtype, 0xoffset, 0xsize, flags", got "${line}"`);
	}
	const list = flags === "" ? [] : flags.split(":");
	return { label, type, subtype, offset: Number(offset), size: Number(size), flags: list };
}
