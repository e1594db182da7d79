/**
 * Starts anvil from npm's `@foundry-rs/anvil`: the binary of the platform's package, run directly (npm's postinstall,
 * which would link it, is not needed).
 *
 * anvil never outlives the process that started it, however that ends. It runs under a small shell whose standard input
 * is a pipe from us: when we end — normally, by an exception, by a signal, even SIGKILL — the system closes the pipe, `cat`
 * returns and the shell kills anvil. Both are in a process group of their own, so that Ctrl-C in a terminal reaches
 * only us, and this one mechanism is the only one.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { NamedError } from "../../modules/encoding/named_error.js";

/** `AnvilMissing`: npm has no anvil here. `AnvilFailed`: it did not start; its own words are in the message. */
export class AnvilError extends NamedError<"AnvilMissing" | "AnvilFailed"> {}

export interface Anvil {
	/** `http://127.0.0.1:<port>` */
	readonly rpcUrl: string;
	readonly pid: number;
	/** Ends anvil and returns when it is gone. May be called again. */
	stop(): Promise<void>;
}

const guard = `
exec 3<&0
"$@" 3<&- </dev/null &
echo "pid $!"
cat <&3 >/dev/null
kill -KILL $!
wait $! 2>/dev/null
`;

/**
 * Finds anvil's binary.
 *
 * @throws {AnvilError} AnvilMissing, with the package that would have it.
 */
function anvilBinary(): string {
	const arch = process.arch === "x64" ? "amd64" : process.arch;
	const name = `@foundry-rs/anvil-${process.platform}-${arch}`;
	try {
		// The platform's package is a dependency of @foundry-rs/anvil: it is looked up from there.
		const fromAnvil = createRequire(createRequire(import.meta.url).resolve("@foundry-rs/anvil/package.json"));
		return join(dirname(fromAnvil.resolve(`${name}/package.json`)), "bin", "anvil");
	} catch {
		throw new AnvilError(
			"AnvilMissing",
			`the local chain needs anvil, and ${name} is not installed: run "npm ci" without --omit=optional; ` +
				"Linux and macOS on x64 and arm64 have it",
		);
	}
}

/** Starts a chain that mines each transaction at once, on a free port of the loopback interface. */
export async function startAnvil(chainId: number): Promise<Anvil> {
	const args = ["--host", "127.0.0.1", "--port", "0", "--chain-id", String(chainId), "--accounts", "4"];
	// Accounts need neither keys nor ether: the test acts for any address, and gas costs nothing.
	args.push("--auto-impersonate", "--gas-price", "0", "--block-base-fee-per-gas", "0", "--disable-min-priority-fee");
	const shell = spawn("/bin/sh", ["-c", guard, "sh", anvilBinary(), ...args], {
		stdio: ["pipe", "pipe", "pipe"],
		detached: true,
	});
	const { rpcUrl, pid } = await listening(shell);
	const gone = new Promise<void>((resolve) => shell.once("exit", () => resolve()));
	// A chain that nobody stopped must not keep Node alive; its pipes have done their work but for staying open.
	shell.unref();
	for (const pipe of [shell.stdin, shell.stdout, shell.stderr]) (pipe as unknown as { unref(): void }).unref();
	let stopped: Promise<void> | undefined;
	const stop = (): Promise<void> => {
		stopped ??= (async () => {
			shell.ref();
			shell.stdin.destroy();
			await gone;
		})();
		return stopped;
	};
	return { rpcUrl, pid, stop };
}

/** Reads anvil's output until it listens, and keeps reading, so that a full pipe never blocks it. */
function listening(shell: ChildProcessByStdio<Writable, Readable, Readable>): Promise<{ rpcUrl: string; pid: number }> {
	return new Promise((resolve, reject) => {
		let said = "";
		const read = (chunk: Buffer): void => {
			if (said.length > 65_536) return;
			said += chunk.toString();
			const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(said);
			if (port) resolve({ rpcUrl: `http://127.0.0.1:${port[1]}`, pid: Number(/^pid (\d+)/m.exec(said)![1]) });
		};
		const fail = (why: string): void => reject(new AnvilError("AnvilFailed", `anvil did not start: ${why}`));
		shell.stdout.on("data", read);
		shell.stderr.on("data", read);
		shell.once("error", (error) => fail(error.message));
		shell.once("exit", () => fail(said.trim().split("\n").at(-1) ?? ""));
	});
}
