/**
 * Temporary folders. A process that was just killed may still write for a moment, so a removal that finds a new file is
 * tried again.
 */
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ExecutionContext } from "ava";

/** The waits grow by the delay each time: nine seconds in all. */
const RETRIES = { maxRetries: 12, retryDelay: 120 };

/** Makes a folder in the system's temporary one. Whoever calls this removes it. */
export function temporaryFolder(): string {
	return mkdtempSync(path.join(tmpdir(), "micropayer-test-"));
}

/** Removes a folder and everything in it. Does nothing if it does not exist. */
export async function removeFolder(folder: string): Promise<void> {
	await rm(folder, { recursive: true, force: true, ...RETRIES });
}

/** Makes a temporary folder that is removed at the end of the test. */
export function makeFolder(t: ExecutionContext): string {
	const folder = temporaryFolder();
	t.teardown(() => removeFolder(folder));
	return folder;
}

/** Calls `use` with a temporary folder that is removed afterwards, and returns what it returns. */
export async function withFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
	const folder = temporaryFolder();
	try {
		return await use(folder);
	} finally {
		await removeFolder(folder);
	}
}
