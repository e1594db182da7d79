/** JSON read as text, against JSON.parse. */
import test from "ava";
import { type JsonText, readJson } from "../../modules/encoding/json_text.js";
import { Random } from "./random.js";

/** What `JSON.parse` would make of it, by way of members and elements alone. */
function build(value: JsonText, like: unknown): unknown {
	if (value.isArray) return value.elements(1_000).map((element, i) => build(element, (like as unknown[])[i]));
	if (!value.isObject) return value.leaf;
	const names = Object.keys(like as object);
	return Object.fromEntries(
		value
			.members(...names)
			.map((member, i) => [names[i], build(member!, (like as Record<string, unknown>)[names[i]!])]),
	);
}

const taken = [
	"null",
	" true ",
	"0",
	"-0.5e+7",
	'"é\\u00e9\\n\\"\\\\ \\ud83d\\ude00"',
	"[]",
	"{}",
	'[ 1 , [ ] , { } , "]" ]',
	'{"a":1,"a":2}',
	'{"a\\u0062":1,"ab":3,"":{"é":[null]}}',
	'\t{ "x" :\r\n[ { "y" : "}" } ] }\n',
	`${"[".repeat(16)}${"]".repeat(16)}`,
];
for (const text of taken) {
	test(`taken: ${JSON.stringify(text).slice(0, 60)}`, (t) => {
		const value = JSON.parse(text);
		t.deepEqual(build(readJson(text), value), value);
		t.is(readJson(text).text, text.trim());
	});
}

const refused = [
	...[
		"",
		" ",
		"nul",
		"tru",
		"01",
		"1.",
		".5",
		"-",
		"+1",
		"1e",
		"0x10",
		"NaN",
		"'a'",
		'"',
		'"\\x"',
		'"\\u12g4"',
		'"\n"',
	],
	...[
		"[",
		"]",
		"[1",
		"[,]",
		"[1,]",
		"[1 2]",
		"{",
		"}",
		'{"a"}',
		'{"a":}',
		'{"a":1,}',
		"{a:1}",
		'{"a":1 "b":2}',
		"[}",
		"{]",
	],
	...["1 2", "{} x", "\u00a01", "[1}"],
];
for (const text of refused) {
	test(`refused: ${JSON.stringify(text)}`, (t) => {
		t.throws(() => JSON.parse(text));
		t.throws(() => readJson(text), { name: "JsonMalformed" });
	});
}

test("too deep", (t) => {
	t.throws(() => readJson(`${"[".repeat(17)}${"]".repeat(17)}`), { name: "TooDeep" });
	t.throws(() => readJson("[".repeat(100_000)), { name: "TooDeep" });
});

test("mutated documents: what JSON.parse takes is taken, with the same meaning, and the rest is refused", (t) => {
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
			t.throws(() => readJson(text), { name: "JsonMalformed" }, text);
			continue;
		}
		takes++;
		t.deepEqual(build(readJson(text), value), value, text);
	}
	t.true(takes > 500, `${takes} taken`);
});
