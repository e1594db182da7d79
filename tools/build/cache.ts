/**
 * The cache of all builds: folders under `build/`, each named by the hash of its inputs. A folder is there completely or not
 * at all, however a build ends, and two processes never make the same one at once.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ROOT } from "../project.js";

/** Returns the files of a folder with that ending, sorted, as paths from the project's root. */
export async function filesIn(folder: string, ending: string): Promise<string[]> {
	const names = (await readdir(path.resolve(ROOT, folder))).filter((name) => name.endsWith(ending)).sort();
	return names.map((name) => path.join(folder, name));
}

/** Hashes strings, and names and contents of files, given as paths from the project's root. */
export async function hashOf(strings: readonly string[], files: readonly string[]): Promise<string> {
	const hash = createHash("sha256").update(JSON.stringify(strings));
	for (const file of files) {
		const content = await readFile(path.resolve(ROOT, file));
		hash.update(`${file} ${content.length}\n`).update(content);
	}
	return hash.digest("hex").slice(0, 16);
}

/**
 * Returns the folder `build/NAME`, as a path from the project's root. If it does not exist, `produce` fills it; a failure
 * leaves nothing behind.
 */
export async function cached(name: string, produce: (folder: string) => Promise<void>): Promise<string> {
	const folder = `build/${name}`;
	const place = path.join(ROOT, folder);
	if (existsSync(place)) return folder;
	await mkdir(path.dirname(place), { recursive: true });
	const lock = `${place}.lock`;
	while (!(await takeLock(lock))) {
		await sleep(100);
		if (existsSync(place)) return folder;
	}
	try {
		if (!existsSync(place)) {
			await rm(`${place}.tmp`, { recursive: true, force: true });
			await mkdir(`${place}.tmp`);
			await produce(`${folder}.tmp`);
			await rename(`${place}.tmp`, place);
		}
	} finally {
		await rm(lock, { force: true });
	}
	return folder;
}

/** Makes the lock file. Returns false if a living process has it; a dead one's is removed. */
async function takeLock(lock: string): Promise<boolean> {
	try {
		await writeFile(lock, String(process.pid), { flag: "wx" });
		return true;
	} catch {
		const owner = Number(await readFile(lock, "utf8").catch(() => ""));
		if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
		return false;
	}
}

function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as { code?: string }).code === "EPERM";
	}
}
