/**
 * Lists what is in a firmware's image: its modules, and the size of each one's bytecode.
 * @module
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import path from "node:path";
import type { Readable } from "node:stream";
import { makeScratch } from "../scratch.js";
import type { XsBuild } from "./build.js";

export interface ImageModule {
	/** Its path from the project's root, without its ending. */
	readonly name: string;
	/** Bytes of XS bytecode. */
	readonly code: number;
}

/** Loads the firmware as the device's ROM has it, and runs nothing. */
export async function imageOf({ executable, modules, entry }: XsBuild): Promise<ImageModule[]> {
	const scratch = await makeScratch();
	const { folder } = scratch;
	const file = path.join(folder, "image");
	const parameters = ["--modules", modules, "--entry", entry, "--flash", path.join(folder, "flash"), "--image", file];
	try {
		const child = spawn(executable, parameters, { stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"] });
		// The report of a run that never was.
		(child.stdio[4] as Readable).resume();
		const exitCode = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
		if (exitCode !== 0) throw new Error(`the image could not be made: exit code ${exitCode}`);
		const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
		return lines.map((line) => {
			const [code, name] = line.split(" ");
			return { name: name!, code: Number(code) };
		});
	} finally {
		await scratch.remove();
	}
}
