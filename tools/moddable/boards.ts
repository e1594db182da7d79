/** The boards that `boards/` has for the Moddable SDK. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "../cli/host_error.js";
import { ROOT } from "../project.js";

export const BOARDS = path.join(ROOT, "boards");

/** How a board is protected (boards/README.md). Its manifest takes the profile from `MICROPAYER_PROFILE`. */
export type Profile = "development" | "release";
export const PROFILES: readonly Profile[] = ["development", "release"];

export interface Board {
	readonly name: string;
	readonly folder: string;
	/** As ESP-IDF and the SDK name it: `esp32`, `esp32c3`, … */
	readonly chip: string;
}

export function allBoards(): Board[] {
	const names = readdirSync(BOARDS).filter((name) => existsSync(path.join(BOARDS, name, "partitions.csv")));
	return names.sort().map(readBoard);
}

/** @throws HostError `BoardUnknown` */
export function findBoard(name: string): Board {
	const boards = allBoards();
	const board = boards.find((candidate) => candidate.name === name);
	if (board !== undefined) return board;
	const names = boards.map((candidate) => candidate.name).join(", ");
	throw new HostError("BoardUnknown", `expected one of ${names}, got "${name}"`);
}

function readBoard(name: string): Board {
	const folder = path.join(BOARDS, name);
	const manifest = JSON.parse(readFileSync(path.join(folder, "manifest.json"), "utf8"));
	return { name, folder, chip: manifest.build.ESP32_SUBCLASS };
}

/** The board as mcconfig's `-p` takes it. */
export function platformOf(board: Board): string {
	return `esp32:./boards/${board.name}`;
}

/** The folder of its sdkconfig.defaults. */
export function sdkconfigOf(board: Board, profile: Profile): string {
	return path.join(BOARDS, "sdkconfig", board.chip === "esp32" ? "esp32" : "hmac", profile);
}

/**
 * What its manifest calls the app, and the SDK the folder of a build. One a profile: the SDK's makefile does not compile
 * again what was compiled with other settings of ESP-IDF.
 */
export function appOf(profile: Profile): string {
	return `micropayer_${profile}`;
}
