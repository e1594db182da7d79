/** Processes that a test started and killed: they end a moment later, and so do those that they started. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

const LONGEST_WAIT_MS = 30_000;
const POLL_MS = 50;

/** Waits until `isTrue`. Throws an error with `what` when that takes half a minute. */
export async function until(isTrue: () => boolean, what: () => string): Promise<void> {
	const deadline = Date.now() + LONGEST_WAIT_MS;
	while (!isTrue()) {
		if (Date.now() > deadline) throw new Error(`after ${LONGEST_WAIT_MS} ms: ${what()}`);
		await setTimeout(POLL_MS);
	}
}

export function isRunning(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch {
		return false;
	}
}

/** Waits until none of these processes runs. */
export async function ended(pids: readonly number[]): Promise<void> {
	await until(
		() => !pids.some(isRunning),
		() => `still running: ${pids.filter(isRunning).join(", ")}`,
	);
}

/** The process that has the lock of a flash folder, as its lock file names it. */
export function holderOf(flash: string): number {
	const file = path.join(flash, ".lock");
	const [, pid] = /^(\d+) /.exec(existsSync(file) ? readFileSync(file, "utf8") : "") ?? [];
	if (pid === undefined) throw new Error(`${file} names no process`);
	return Number(pid);
}
