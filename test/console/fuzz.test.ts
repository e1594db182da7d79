/** Lines at random: each is answered by one line of JSON that says nothing secret, and none lets anything go. */
import { PassThrough } from "node:stream";
import test from "ava";
import { LineSplitter } from "../../hal/node/lines.js";
import { StreamConsole } from "../../hal/node/stream_console.js";
import { createPortableSigner } from "../../modules/signer/portable.js";
import { CONSOLE_LINE_LIMIT } from "../../src/device/console_line.js";
import { Owner, plan, provisioned, rule } from "./owner.js";

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/** Integers below `limit`, by mulberry32. */
function dice(seed: number): (limit: number) => number {
	let state = seed;
	return (limit) => {
		state = (state + 0x6d2b79f5) | 0;
		let t = Math.imul(state ^ (state >>> 15), 1 | state);
		t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
		return ((t ^ (t >>> 14)) >>> 0) % limit;
	};
}

const WORDS = [
	...["status", "address", "balance", "limits", "ledger", "wifi", "time", "key", "network", "asset", "rule", "plan"],
	...[
		"market",
		"confirm",
		"pause",
		"export",
		"help",
		"new",
		"import",
		"set",
		"show",
		"remove",
		"pactum",
		"0",
		"1",
		"-1",
	],
	...[
		"weather",
		"forecast",
		'"',
		'"a b"',
		"{",
		"}",
		"[]",
		"null",
		"\\",
		"\u0000",
		"\u202e",
		"é",
		"😀",
		"\ud800",
		"000000",
	],
	...[
		JSON.stringify(rule),
		JSON.stringify(plan),
		'{"apiKey":"hidden-thing-that-is-too-long-for-a-name"}',
		'{"__proto__":{"a":1}}',
	],
];

test("a random line is answered by one line of JSON, and changes no setting", async (t) => {
	t.log(`SEED=${SEED}`);
	const pick = dice(SEED);
	const owner = await provisioned();
	const settings = owner.flash.entries.get("c.r0");
	for (let i = 0; i < 1_500; i++) {
		const line = Array.from({ length: 1 + pick(5) }, () => WORDS[pick(WORDS.length)]!).join(" ".repeat(1 + pick(2)));
		const asksForKey = /^\s*key\s+import\b/.test(line);
		const answer = await owner.say(line);
		t.is(typeof answer.ok, "boolean", line);
		if (asksForKey && answer.ok) await owner.say("no key");
		if (answer.ok) continue;
		t.regex(String(answer.error), /^[A-Z][A-Za-z]+$/, line);
		t.false(/^(Type|Range|Reference|Syntax)Error$/.test(String(answer.error)), `${line} → ${JSON.stringify(answer)}`);
	}
	for (const line of owner.output.split("\n")) t.true(Buffer.byteLength(line) <= CONSOLE_LINE_LIMIT);
	t.false(owner.output.includes("hidden-thing"));
	t.false(owner.output.includes("a-secret"));
	// Removed perhaps, changed never: no code was typed but one that was made up.
	t.true([undefined, settings].some((bytes) => bytes === owner.flash.entries.get("c.r0")));
});

test("random bytes on the Node port's line give one line for each newline", async (t) => {
	t.log(`SEED=${SEED}`);
	const pick = dice(SEED);
	const input = new PassThrough();
	const signer = createPortableSigner({ keys: new Map(), random: () => {} });
	const seen: (string | undefined)[] = [];
	new StreamConsole({ input, onLine: () => {} }, signer).open(
		(line) => seen.push(line),
		() => 4_000,
	);
	let newlines = 0;
	for (let i = 0; i < 400; i++) {
		const bytes = Buffer.from(Array.from({ length: pick(300) }, () => (pick(20) === 0 ? 0x0a : pick(256))));
		newlines += bytes.filter((byte) => byte === 0x0a).length;
		input.write(bytes);
	}
	await new Promise(setImmediate);
	t.is(seen.length, newlines);
	t.true(seen.includes(undefined), "no UTF-8");
});

test("lines are the same whatever pieces they arrive in", (t) => {
	const long = "a".repeat(CONSOLE_LINE_LIMIT);
	const text = `one\r\ntwo\n\n\r\n${long}\n${long}\r\n${long}b\n${long.repeat(3)}\nend\nnot yet`;
	for (const size of [1, 2, 3, 7, 1_024, 1 << 20]) {
		const lines: string[] = [];
		const splitter = new LineSplitter((line) => lines.push(line.toString()));
		const bytes = Buffer.from(text);
		for (let at = 0; at < bytes.length; at += size) splitter.push(bytes.subarray(at, at + size));
		t.deepEqual(lines, ["one", "two", "", "", long, long, `${long}b`, `${long}a`, "end"], `pieces of ${size}`);
	}
});

test("a line that is too long or not UTF-8 is answered with an error", async (t) => {
	const owner = new Owner().boot();
	t.like(await owner.say(undefined), { ok: false, error: "LineUnreadable" });
	t.like(await owner.say(`plan set ${JSON.stringify({ ...plan, body: "b".repeat(3_700) })}`), { ok: true });
	t.like(await owner.say(`plan set ${JSON.stringify({ ...plan, name: "x", body: "b".repeat(4_090) })}`), {
		error: "SettingTooLarge",
	});
});
