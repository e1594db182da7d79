/** `npm run console`, as a person and as a program use it. */
import { spawn } from "node:child_process";
import http from "node:http";
import net from "node:net";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { privateKeyToAccount } from "viem/accounts";
import { linesOf, printable } from "../../tools/console/render.js";
import { makeFolder } from "../support/folder.js";
import { listen } from "../xs/device.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

interface Ended {
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
	/** The lines of standard output, as JSON. */
	readonly answers: readonly Readonly<Record<string, unknown>>[];
}

async function run(parameters: readonly string[], input = ""): Promise<Ended> {
	const child = spawn(process.execPath, ["tools/bootstrap.mjs", "tools/console.ts", ...parameters], { cwd: ROOT });
	let stdout = "";
	let stderr = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
	child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
	child.stdin.on("error", () => {}).end(input);
	const exitCode = await new Promise<number | null>((resolve) => child.once("close", resolve));
	const lines = stdout.split("\n").filter((line) => line.startsWith("{"));
	return { exitCode, stdout, stderr, answers: lines.map((line) => JSON.parse(line)) };
}

function onNode(t: ExecutionContext): string[] {
	return ["--engine", "node", "--flash", makeFolder(t)];
}

test("a command prints its answer's line, and its exit code says whether it succeeded", async (t) => {
	const device = onNode(t);
	const made = await run([...device, "key", "new"]);
	t.is(made.exitCode, 0, made.stderr);
	t.is(made.stdout.split("\n").length, 2, "one line");
	t.like(made.answers[0], { ok: true, key: { slot: 0 }, restarting: true });
	const again = await run([...device, "key", "new"]);
	t.is(again.exitCode, 1);
	t.like(again.answers[0], { ok: false, error: "SlotTaken" });
	const rule = await run([...device, "rule", "set", '{"name": "a b"}']);
	t.like(rule.answers[0], {
		error: "ConfigurationInvalid",
		message: "rules[a b].origin: expected a text of 1 to 1024 characters, found nothing",
	});
	t.like((await run([...device, "wifi", "my home", ""])).answers[0], { error: "NoWifi" });
});

test("lines from a program are answered one by one, a typed key included", async (t) => {
	const device = onNode(t);
	const key = `0x${"5a".repeat(32)}` as const;
	const ended = await run(device, `\nkey import 0 secp256k1\n${key.slice(2)}\n\nnonsense\nstatus\n`);
	t.is(ended.exitCode, 1, "one was refused");
	t.is(ended.answers.length, 4);
	const { address } = privateKeyToAccount(key);
	t.like(ended.answers[1], { key: { address } });
	t.like(ended.answers[3], { ok: true, address, doing: "done" });
	t.false((ended.stdout + ended.stderr).includes(key.slice(2)));
});

test("a key for a command comes from standard input", async (t) => {
	const ended = await run([...onNode(t), "key", "import", "0", "secp256k1"], `${"5a".repeat(32)}\n`);
	t.is(ended.exitCode, 0, ended.stderr);
	t.like(ended.answers[0], { ok: true, key: { address: privateKeyToAccount(`0x${"5a".repeat(32)}`).address } });
});

test("agentpmt-wallet moves a market's key into the device's slot, and prints it nowhere", async (t) => {
	const key = `0x${"b7".repeat(32)}` as const;
	const { address } = privateKeyToAccount(key);
	const market = http.createServer((request, response) => {
		t.is(`${request.method} ${request.url}`, "POST /api/external/agentaddress");
		response.end(
			JSON.stringify({ success: true, data: { evmAddress: address, evmPrivateKey: key, mnemonic: "a b c" } }),
		);
	});
	const device = onNode(t);
	const host = `http://127.0.0.1:${await listen(t, market)}`;
	const ended = await run([...device, "agentpmt-wallet", "1", host]);
	t.is(ended.exitCode, 0, ended.stderr);
	t.like(ended.answers[0], { ok: true, key: { slot: 1, address } });
	t.false((ended.stdout + ended.stderr).includes(key.slice(2)));
	t.is((await run([...device, "agentpmt-wallet", "1", host])).exitCode, 1, "the slot is taken");
	const gone = await run([...device, "agentpmt-wallet", "2", "http://127.0.0.1:1"]);
	t.is(gone.exitCode, 1);
	t.like((await run([...device, "key"])).answers[0], { keys: [{ slot: 1, address }] });
});

test("at the simulator's port noise and events are not taken for answers, and a restart is waited for", async (t) => {
	let connections = 0;
	const server = net.createServer((socket) => {
		connections++;
		socket.on("error", () => {});
		if (connections > 1) socket.write('{"ok":true,"ready":"micropayer"}\n');
		socket.on("data", (bytes) => {
			const line = String(bytes).trim();
			socket.write('boot: \u001b[31mnoise\n{"event":"buying"}\n');
			socket.write(
				line === "restart" ? '{"ok":true,"restarting":true}\n' : `${JSON.stringify({ ok: true, connections })}\r\n`,
			);
			if (line === "restart") socket.end();
		});
	});
	const port = await listen(t, server);
	const ended = await run(["--tcp", `127.0.0.1:${port}`, "--events"], "status\nrestart\nstatus\n");
	t.deepEqual(ended.answers, [
		{ ok: true, connections: 1 },
		{ ok: true, restarting: true },
		{ ok: true, connections: 2 },
	]);
	t.is(ended.exitCode, 0, ended.stderr);
	t.regex(ended.stderr, /^(\{"event":"buying","time":"[\dT:.-]+Z"\}\n){3}$/);
	const gone = await run(["--tcp", "1", "status"]);
	t.is(gone.exitCode, 1);
	t.regex(gone.stderr, /^micropayer: .*ECONNREFUSED/);
});

test("a wrong option, file or device is a message and an exit code", async (t) => {
	for (const [parameters, message] of [
		[["--nonsense"], "Unknown option '--nonsense'"],
		[["--flash"], "Option '--flash <value>' argument missing"],
		[["--engine", "v8"], '--engine: expected xs or node, got "v8"'],
		[["--baud", "fast"], '--baud: expected an integer from 1 to 10000000, got "fast"'],
		[["--tcp", "simulator"], '--tcp: expected HOST:PORT, got "simulator"'],
		[["--ca", "nothing.pem"], "--ca: no file nothing.pem"],
		[["--config", "nothing.json"], "--config: no file nothing.json"],
	] as const) {
		const { exitCode, stderr } = await run(parameters);
		t.is(exitCode, 64);
		t.true(stderr.startsWith(`micropayer: ${message}\n`), stderr);
	}
	const serial = await run(["--port", "/dev/null/no-line", "status"]);
	t.is(serial.exitCode, 1);
	t.regex(serial.stderr, /^micropayer: expected a serial line at \/dev\/null\/no-line: /);
	const flash = await run(["--engine", "node", "--flash", "/dev/null/flash", "status"]);
	t.is(flash.exitCode, 1);
	t.is(
		flash.stderr,
		"micropayer: the flash /dev/null/flash cannot be used: a part of its path is a file, not a folder\n",
	);
	t.is((await run(["--help"])).exitCode, 0);
});

test("an answer is printed in words, without control characters", (t) => {
	t.deepEqual(linesOf({ ok: false, error: "NoRpc", message: "expected an rpc" }), ["NoRpc: expected an rpc"]);
	t.deepEqual(linesOf({ ok: true }), ["done"]);
	t.deepEqual(linesOf({ ok: true, would: ["pay a", "to b"], confirm: "000001", withinSeconds: 120 }), [
		"this would be allowed, or done:",
		"  pay a",
		"  to b",
		"if you mean it, within 120 s: confirm 000001",
	]);
	t.deepEqual(linesOf({ ok: true, set: "weather", restarting: true }), ["set: weather", "the device restarts"]);
	t.deepEqual(linesOf({ ok: true, help: ["one", "two"] }), ["one", "two"]);
	t.deepEqual(linesOf({ ok: true, keys: [] }), ["keys: none"]);
	t.deepEqual(linesOf({ ok: true, time: null }), ["time: not set"]);
	t.deepEqual(linesOf({ ok: true, limits: [{ rule: "a", life: { used: "0", allowed: "1" } }], next: "limits 1" }), [
		"limits:",
		"  rule a, life (used 0, allowed 1)",
		"more: limits 1",
	]);
	t.is(printable("a\u001b[31m\u202eb"), "a\\u001b[31m\\u202eb");
});
