/**
 * A temporary folder that never outlives this process, however it ends. As with anvil (tools/world/anvil.ts), a small shell in
 * a process group of its own waits on a pipe from us: when we end, even by SIGKILL, the system closes the pipe, and the shell
 * removes the folder. The shell also makes it, so that it always has an owner.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

export interface Scratch {
	readonly folder: string;
	/** Removes the folder, and returns once it is gone. May be called again. */
	remove(): Promise<void>;
}

/** A device that is just being killed may still write there and make `rm` fail, so it retries. */
const GUARD = `
umask 077
folder=$(mktemp -d "$1") || exit 1
echo "$folder"
cat >/dev/null
for try in 1 2 3 4 5 6 7 8 9; do rm -rf "$folder" && exit; sleep 1; done
`;

export async function makeScratch(): Promise<Scratch> {
	const pattern = path.join(tmpdir(), "micropayer-XXXXXX");
	const shell = spawn("/bin/sh", ["-c", GUARD, "sh", pattern], { stdio: ["pipe", "pipe", "inherit"], detached: true });
	const gone = once(shell, "exit");
	const lines = createInterface({ input: shell.stdout });
	const folder = await Promise.race([
		once(lines, "line").then(([line]) => line as string),
		gone.then(() => Promise.reject(new Error(`no temporary folder could be made in ${tmpdir()}`))),
	]);
	// It must not keep Node alive.
	shell.unref();
	for (const pipe of [shell.stdin, shell.stdout]) (pipe as unknown as { unref(): void }).unref();
	let removed: Promise<void> | undefined;
	const remove = (): Promise<void> => {
		removed ??= (async () => {
			shell.ref();
			shell.stdin.destroy();
			await gone;
		})();
		return removed;
	};
	return { folder, remove };
}
