/** Power that fails at every operation of a fixed sequence: before it, in its middle, after it. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import net from "node:net";
import path from "node:path";
import type { ExecutionContext } from "ava";
import { type CutPhase, EXIT, type XsResult } from "../../tools/xs/run.js";
import { makeFolder } from "../support/folder.js";
import { listen, runProgram, xsTest } from "./device.js";

const OPERATIONS = ["write a=1", "write a=2", "timer", "open", "send", "receive", "write b=3", "delete a"] as const;

interface Outcome {
	readonly result: XsResult;
	readonly a: number | undefined;
	readonly b: number | undefined;
	readonly opened: boolean;
	readonly server: string;
	/** A temporary file that never got its name. */
	readonly torn: boolean;
}

async function runSequence(t: ExecutionContext, operation?: number, phase?: CutPhase): Promise<Outcome> {
	const flash = makeFolder(t);
	let opened = false;
	let received = "";
	let closed = Promise.resolve();
	const serverPort = await listen(
		t,
		net.createServer((socket) => {
			opened = true;
			closed = new Promise((resolve) => socket.once("close", () => resolve()));
			socket.on("error", () => {});
			socket.on("data", (bytes) => {
				received += bytes;
				if (received === "ping") socket.write("pong");
			});
		}),
	);
	const cut = operation === undefined ? undefined : { operation, phase };
	const { result } = await runProgram(t, "sequence", { serverPort }, { flash, cut });
	await closed;
	const value = async (key: string) => {
		const file = path.join(flash, `kv.${key}`);
		return existsSync(file) ? (await readFile(file))[0] : undefined;
	};
	const torn = existsSync(path.join(flash, ".tmp"));
	return { result, a: await value("a"), b: await value("b"), opened, server: received, torn };
}

xsTest("without a cut all operations are done, and counted", async (t) => {
	const { result, a, b, server, torn } = await runSequence(t);
	t.is(result.exitCode, EXIT.done);
	t.is(result.operations, OPERATIONS.length);
	t.deepEqual({ a, b, server, torn }, { a: undefined, b: 3, server: "ping", torn: false });
});

for (const phase of ["before", "during", "after"] as const) {
	xsTest(`a cut ${phase} any operation leaves exactly what was done until then`, async (t) => {
		for (const [index, name] of OPERATIONS.entries()) {
			const operation = index + 1;
			const { result, a, b, opened, server, torn } = await runSequence(t, operation, phase);
			t.is(result.exitCode, EXIT.cut, name);
			t.is(result.reason, `power cut ${phase} operation ${operation}`);
			const isWrite = name.startsWith("write");
			const isSend = name === "send";
			// A storage write and a send can be torn; whatever else is cut in its middle has been done.
			const isDone = phase === "after" || (phase === "during" && !isWrite && !isSend);
			// A timer is done when its callback is, which opens the stream.
			const done = !isDone ? index : name === "timer" ? operation + 1 : operation;
			t.is(result.operations, Math.max(done, operation), name);
			t.is(a, done < 1 || done >= 8 ? undefined : done < 2 ? 1 : 2, name);
			t.is(b, done < 7 ? undefined : 3, name);
			t.is(torn, phase === "during" && isWrite, name);
			if (done < 4) t.false(opened, name);
			t.is(server, done >= 5 ? "ping" : phase === "during" && isSend ? "pi" : "", name);
		}
	});
}

xsTest("a cut beyond the last operation never comes", async (t) => {
	const { result } = await runSequence(t, OPERATIONS.length + 1);
	t.is(result.exitCode, EXIT.done);
});
