/**
 * What is in a firmware's image: its modules, and how much bytecode each of them is.
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import type { XsBuild } from "./build.js";

export interface ImageModule {
	/** Its path from the project's root, without its ending. */
	readonly name: string;
	/** Bytes of XS bytecode. */
	readonly code: number;
}

/** Loads the firmware as the device's ROM has it, and runs nothing. */
export async function imageOf({ executable, modules, entry }: XsBuild): Promise<ImageModule[]> {
	const folder = await mkdtemp(path.join(tmpdir(), "micropayer-image-"));
	const file = path.join(folder, "image");
	const parameters = ["--modules", modules, "--entry", entry, "--flash", path.join(folder, "flash"), "--image", file];
	try {
		const child = spawn(executable, parameters, { stdio: ["ignore", "ignore", "inherit", "pipe", "pipe"] });
		// What it says at its end of a run that never was.
		(child.stdio[4] as Readable).resume();
		const exitCode = await new Promise((resolve, reject) => child.once("error", reject).once("close", resolve));
		if (exitCode !== 0) throw new Error(`the image could not be made: exit code ${exitCode}`);
		const lines = (await readFile(file, "utf8")).trimEnd().split("\n");
		return lines.map((line) => {
			const [code, name] = line.split(" ");
			return { name: name!, code: Number(code) };
		});
	} finally {
		await rm(folder, { recursive: true });
	}
}
