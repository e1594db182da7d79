/**
 * With the SDK: mcconfig writes the makefile of every board, in both profiles, without a word; and what it makes of the SDK's
 * settings and the board's is what the board asks for.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { allBoards, PROFILES, sdkconfigOf } from "../../tools/moddable/boards.js";
import { generateMakefile } from "../../tools/moddable/link_app.js";
import type { Sdk } from "../../tools/moddable/sdk.js";
import { valuesOf } from "./settings.js";

/** What is wrong, one line each. */
export function faultsOfMakefiles(sdk: Sdk, tell: (line: string) => void = () => {}): string[] {
	const faults: string[] = [];
	for (const board of allBoards()) {
		for (const profile of PROFILES) {
			const name = `${board.name}, ${profile}`;
			const { folder, output } = generateMakefile(sdk, board, profile);
			const project = path.join(folder, `xsProj-${board.chip}`);
			const merged = mergedSettings(path.join(project, "sdkconfig.mc"));
			if (output !== "") faults.push(`${name}: mcconfig said ${output}`);
			for (const [key, value] of valuesOf(sdkconfigOf(board, profile))) {
				const got = merged.get(key);
				if (got !== value) faults.push(`${name}: expected CONFIG_${key}=${value}, got ${got}`);
			}
			const table = (file: string) => readFileSync(file, "utf8");
			if (table(path.join(project, "partitions.csv")) !== table(board.partitions)) {
				faults.push(`${name}: mcconfig has changed the partition table`);
			}
			tell(`${name}: ${merged.size} settings, ${folder}`);
		}
	}
	return faults;
}

/** As ESP-IDF's kconfgen reads them: the last one counts, and an empty one is off. */
function mergedSettings(file: string): Map<string, string> {
	const merged = new Map<string, string>();
	for (const line of readFileSync(file, "utf8").split("\n")) {
		const setting = /^CONFIG_(\w+)=(.*)$/.exec(line);
		const off = /^# CONFIG_(\w+) is not set$/.exec(line);
		if (setting) merged.set(setting[1]!, setting[2] === "" ? "n" : setting[2]!);
		if (off) merged.set(off[1]!, "n");
	}
	return merged;
}
