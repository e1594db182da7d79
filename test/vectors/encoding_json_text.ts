/** What is JSON (RFC 8259) and what is not: a device's engine has to know it as `JSON.parse` of Node does. */
import { type JsonText, readJson } from "../../modules/encoding/json/text.js";
import { type Check, refusal } from "./encoding_check.js";

export const taken = [
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

export const refused = [
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

/** What `JSON.parse` would make of it, by way of members and elements alone. */
export function build(value: JsonText, like: unknown): unknown {
	if (value.isArray) return value.elements(1_000).map((element, i) => build(element, (like as unknown[])[i]));
	if (!value.isObject) return value.leaf;
	const names = Object.keys(like as object);
	return Object.fromEntries(
		value
			.members(...names)
			.map((member, i) => [names[i], build(member!, (like as Record<string, unknown>)[names[i]!])]),
	);
}

export function cases(check: Check): void {
	for (const text of taken) {
		const value: unknown = JSON.parse(text);
		check(`taken: ${text}`, JSON.stringify(build(readJson(text), value)), JSON.stringify(value));
	}
	for (const text of refused)
		check(
			`refused: ${text}`,
			refusal(() => readJson(text)),
			"JsonMalformed",
		);
	const deep = (levels: number) => "[".repeat(levels) + "]".repeat(levels);
	check(
		"too deep",
		refusal(() => readJson(deep(17))),
		"TooDeep",
	);
}
