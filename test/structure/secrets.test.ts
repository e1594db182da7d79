/** The search for secrets finds them, in each form that they may get out in. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test, { type ExecutionContext } from "ava";
import { searchSecrets } from "../../tools/world/secret_log.js";
import { makeFolder } from "../support/folder.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a process comes to that does `code` with tools/world/secret_log.ts. */
function afterwards(t: ExecutionContext, code: string) {
	const folder = makeFolder(t);
	const program = `import { Heard, heard, kept, Keys, Secrets, secret } from "./tools/world/secret_log.ts"; ${code}`;
	const { status, stderr } = spawnSync(process.execPath, ["--import=tsx", "--input-type=module", "--eval", program], {
		cwd: ROOT,
		env: { ...process.env, MICROPAYER_SECRETS: folder },
		encoding: "utf8",
	});
	t.is(status, 0, stderr);
	return searchSecrets(folder);
}

const KEY = "Uint8Array.from({ length: 32 }, (_, i) => (i * 37 + 11) % 256)";

const leaks: readonly (readonly [what: string, code: string])[] = [
	["a text", 'secret("pk_live_0123456789"); heard("said: pk_live_0123456789.");'],
	["a text that is noted after it was said", 'heard("pk_live_0123456789"); secret("pk_live_0123456789");'],
	["one of a set", 'new Secrets().add("pk_live_0123456789"); heard("pk_live_0123456789");'],
	["an event", 'secret("pk_live_0123456789"); new Heard().push({ event: "x", key: "pk_live_0123456789" });'],
	["a key, as bytes", `new Keys().set(0, Uint8Array.of(0, ...${KEY})); heard(${KEY});`],
	["a key, in hex", `secret(${KEY}); heard(Buffer.from(${KEY}).toString("hex"));`],
	[
		"a key that was given in hex, in base64",
		`secret("0x" + Buffer.from(${KEY}).toString("hex")); heard(Buffer.from(${KEY}).toString("base64"));`,
	],
	["a key, as JSON", `secret(${KEY}); heard(JSON.stringify([...${KEY}]));`],
	[
		"a key, as Node prints it",
		`secret(${KEY}); heard(String(Buffer.from(${KEY}).inspect())); heard([...${KEY}].join(", "));`,
	],
];
for (const [what, code] of leaks) {
	test(`${what} is found`, (t) => {
		const { found, secrets } = afterwards(t, code);
		t.true(secrets > 0);
		t.true(found.length >= 1);
	});
}

test("a secret that is not in the output is not found, and both are counted", (t) => {
	const search = afterwards(t, 'secret("pk_live_0123456789"); heard("pk_live_012345678"); heard("x".repeat(1_000));');
	t.deepEqual(search, { secrets: 1, bytes: 1_019, found: [] });
});

test("a key in a device's flash is a secret, and its own slot is no leak", (t) => {
	const search = afterwards(
		t,
		`import fs from "node:fs"; const flash = fs.mkdtempSync("/tmp/micropayer-flash-");
		fs.writeFileSync(flash + "/key.0", Uint8Array.of(0, ...${KEY})); fs.writeFileSync(flash + "/kv.r1", "a record");
		kept(flash); fs.rmSync(flash, { recursive: true });`,
	);
	t.deepEqual(search, { secrets: 8, bytes: 9, found: [] });
});
