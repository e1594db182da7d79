/** JSON read as text, against JSON.parse. */
import test from "ava";
import { Scanner } from "../../modules/encoding/json/scanner.js";
import { readJson } from "../../modules/encoding/json/text.js";
import { same, throwsNamed } from "../support/quick.js";
import { build, refused, taken } from "../vectors/encoding_json_text.js";
import { Random } from "./random.js";

for (const text of taken) {
	test(`${JSON.stringify(text).slice(0, 60)} is parsed as by JSON.parse`, (t) => {
		const value = JSON.parse(text);
		t.deepEqual(build(readJson(text), value), value);
		t.is(readJson(text).text, text.trim());
	});
}

for (const text of refused) {
	test(`${JSON.stringify(text)} is refused`, (t) => {
		t.throws(() => JSON.parse(text));
		t.throws(() => readJson(text), { name: "JsonMalformed" });
	});
}

test("nesting beyond the limit is TooDeep", (t) => {
	t.throws(() => readJson(`${"[".repeat(17)}${"]".repeat(17)}`), { name: "TooDeep" });
	t.throws(() => readJson("[".repeat(100_000)), { name: "TooDeep" });
});

test("mutated documents are accepted exactly when JSON.parse accepts them, with the same meaning", (t) => {
	const random = new Random(t);
	const document = '{"a":[1,-2.5e3,"x\\"y",{"b":null,"é":[true,false]}],"c":{},"d":"\\u00e9"}';
	let takes = 0;
	for (let i = 0; i < 20_000; i++) {
		const at = random.integer(document.length);
		const change = '{}[]",:\\ 0e-n'.charAt(random.integer(13));
		const text = document.slice(0, at) + change + document.slice(at + random.integer(3));
		let value: unknown;
		try {
			value = JSON.parse(text);
		} catch {
			throwsNamed(t, () => readJson(text), "JsonMalformed", text);
			continue;
		}
		takes++;
		same(t, build(readJson(text), value), value, text);
	}
	t.true(takes > 500, `${takes} taken`);
});

/** Counts the bytes that native searches look at. */
class Searched extends Uint8Array {
	looked = 0;

	override indexOf(byte: number, from = 0): number {
		const found = super.indexOf(byte, from);
		this.looked += (found < 0 ? this.length : found + 1) - from;
		return found;
	}
}

test("a document is scanned once, whatever strings it holds", (t) => {
	for (const string of ['"a",', '"\\n",', `"${"\\n".repeat(1_000)}",`, '"\\"",']) {
		const text = `[${string.repeat(Math.ceil(4_000 / string.length))}0]`;
		const bytes = new Searched(new TextEncoder().encode(text));
		t.is(new Scanner().end(bytes, 0), text.length, string);
		t.true(bytes.looked > 1_000 && bytes.looked <= 2 * text.length, `${bytes.looked} of ${text.length}`);
	}
});
