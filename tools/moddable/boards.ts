/** The boards of `boards/`. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";

export const BOARDS = path.join(ROOT, "boards");

/** The protection of a board (boards/README.md). Its manifest takes the profile from `MICROPAYER_PROFILE`. */
export type Profile = "development" | "release";
export const PROFILES: readonly Profile[] = ["development", "release"];

export interface Board {
	readonly name: string;
	readonly folder: string;
	/** The chip's name in ESP-IDF and in the SDK: `esp32`, `esp32c3`, … */
	readonly chip: string;
	/** The file of its partition table. */
	readonly partitions: string;
}

export function allBoards(): Board[] {
	return readdirSync(BOARDS).sort().flatMap(readBoard);
}

/** @throws HostError `BoardUnknown` */
export function findBoard(name: string): Board {
	const boards = allBoards();
	const board = boards.find((candidate) => candidate.name === name);
	if (board !== undefined) return board;
	const names = boards.map((candidate) => candidate.name).join(", ");
	throw new HostError("BoardUnknown", `no board "${name}"; there are ${names}`);
}

/** Returns nothing for a folder that boards share. */
function readBoard(name: string): Board[] {
	const folder = path.join(BOARDS, name);
	const manifest = path.join(folder, "manifest.json");
	if (!existsSync(manifest)) return [];
	const { build } = JSON.parse(readFileSync(manifest, "utf8")) as { build?: Record<string, string> };
	if (build?.ESP32_SUBCLASS === undefined || build.PARTITIONS_FILE === undefined) return [];
	return [{ name, folder, chip: build.ESP32_SUBCLASS, partitions: path.join(folder, build.PARTITIONS_FILE) }];
}

/** Returns the board as mcconfig's `-p` expects it. */
export function platformOf(board: Board): string {
	return `esp32:./boards/${board.name}`;
}

/** Returns the folder of its sdkconfig.defaults. */
export function sdkconfigOf(board: Board, profile: Profile): string {
	return path.join(BOARDS, "sdkconfig", board.chip === "esp32" ? "esp32" : "hmac", profile);
}

/**
 * Returns the app's name in its manifest, which the SDK also gives to the build folder. There is one for each profile, since
 * the SDK's makefile does not recompile after a change of ESP-IDF's settings.
 */
export function appOf(profile: Profile): string {
	return `micropayer_${profile}`;
}
