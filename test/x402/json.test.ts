/** JSON from a seller: as JSON.parse reads it, and no more of it than a device has memory for. */
import test from "ava";
import { parseJson } from "../../src/x402/json.js";

test("what JSON.parse reads is read the same", (t) => {
	const texts = [
		"{}",
		"0",
		'"\\""',
		'"\\\\"',
		'["[{,", "\\"[[[", "\\\\", {"a\\\\": [1, 2]}]',
		`"${"[,".repeat(5_000)}"`,
		`"${'\\"['.repeat(2_000)}"`,
		`${"[".repeat(16)}${"]".repeat(16)}`,
		`[${"0,".repeat(253)}0]`,
		"[[],[]]",
	];
	for (const text of texts) t.deepEqual(parseJson(text), JSON.parse(text));
});

test("too much of it is refused before it is parsed", (t) => {
	const texts = [
		`${"[".repeat(17)}${"]".repeat(17)}`,
		`${'{"a":'.repeat(17)}0${"}".repeat(17)}`,
		"[".repeat(6_000),
		`[${"0,".repeat(255)}0]`,
		`[${"[],".repeat(128)}0]`,
		`"\\\\",${"[".repeat(20)}`,
	];
	for (const text of texts) t.throws(() => parseJson(text), { instanceOf: RangeError }, text.slice(0, 30));
});

test("what is no JSON is not read", (t) => {
	for (const text of ["", "{", "]", "]]]][", '"', '"\\', "undefined", "{'a':1}", "01"]) {
		t.throws(() => parseJson(text), { instanceOf: SyntaxError }, text);
	}
});
