import { spawn } from "node:child_process";
import fs from "node:fs";
import net, { type AddressInfo } from "node:net";
import path from "node:path";
import test, { type ExecutionContext } from "ava";
import { buildSync } from "esbuild";
import { EXIT_CUT } from "../../hal/node/power.js";
import { makeFolder, removeFolder, temporaryFolder } from "../support/folder.js";

const bundle = path.join(temporaryFolder(), "device.cjs");
test.before(() => {
	const entryPoints = [path.join(import.meta.dirname, "support/device.ts")];
	buildSync({ entryPoints, bundle: true, platform: "node", format: "cjs", outfile: bundle });
});
test.after.always(() => removeFolder(path.dirname(bundle)));

/** What was left of a device, and of what it did, when its power had gone. */
async function run(t: ExecutionContext, at: number, side: string) {
	let heard = "";
	let accepted = () => {};
	const server = net.createServer((socket) => {
		socket.on("data", (bytes) => {
			if (`${bytes}` === ".") accepted();
			else heard += bytes;
			if (heard === "ping") socket.write("pong");
		});
		socket.on("error", () => {});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const flash = makeFolder(t);
	fs.writeFileSync(path.join(flash, "kv.a"), "old");
	fs.writeFileSync(path.join(flash, "kv.b"), "there");
	const { port } = server.address() as AddressInfo;
	const child = spawn(process.execPath, [bundle, `${port}`, flash, `${at}`, side], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	let output = "";
	child.stdout.on("data", (text) => {
		output += text;
	});
	const code = await new Promise((resolve) => child.on("close", resolve));
	// Connections are accepted in their order: after one of our own, and the end of all, every byte of the device is here.
	await new Promise<void>((resolve) => {
		accepted = resolve;
		net.connect(port, "127.0.0.1").end(".");
	});
	await new Promise((resolve) => server.close(resolve));
	const events = output
		.split("\n")
		.filter(Boolean)
		.map((line) => JSON.parse(line) as { event: string });
	return {
		code,
		events: events.map(({ event }) => event).join(" "),
		a: fs.readFileSync(path.join(flash, "kv.a"), "utf8"),
		torn: fs.existsSync(path.join(flash, ".tmp")),
		heard,
		b: fs.existsSync(path.join(flash, "kv.b")),
		last: events.at(-1),
	};
}

test.serial("a device whose power is not cut does seven operations", async (t) => {
	const { code, a, b, heard, last } = await run(t, 0, "before");
	t.deepEqual([code, a, b, heard], [0, "new", false, "ping"]);
	t.deepEqual(last, { event: "ended", operations: 7 } as object);
});

/** Operation, side, then what was done by then: the write, the send, what was told, the delete. */
const CUTS: readonly (readonly [at: number, side: string, a: string, heard: string, events: string, b: boolean])[] = [
	[1, "before", "old", "", "", true],
	[1, "during", "old", "", "", true],
	[1, "after", "new", "", "", true],
	[2, "before", "new", "", "", true],
	[2, "after", "new", "", "", true],
	[3, "before", "new", "", "", true],
	[3, "during", "new", "pi", "", true],
	[3, "after", "new", "ping", "", true],
	[4, "before", "new", "ping", "sent", true],
	[4, "after", "new", "ping", "sent", true],
	[5, "before", "new", "ping", "sent received", true],
	[5, "after", "new", "ping", "sent received fired", true],
	[6, "before", "new", "ping", "sent received fired", true],
	[7, "before", "new", "ping", "sent received fired", true],
	[7, "during", "new", "ping", "sent received fired", false],
	[7, "after", "new", "ping", "sent received fired", false],
];

for (const [at, side, a, heard, events, b] of CUTS) {
	test.serial(`a power cut ${side} operation ${at} leaves what was done until then`, async (t) => {
		t.like(await run(t, at, side), { code: EXIT_CUT, a, heard, events, b, torn: at === 1 && side === "during" });
	});
}
