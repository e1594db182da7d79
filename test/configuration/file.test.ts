/** A configuration's file as people write it: what a parser would pass over in silence, or say without a place. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import test from "ava";
import type { HostError } from "../../tools/cli/host_error.js";
import { readConfigurationFile } from "../../tools/configuration/file.js";
import { makeFolder } from "../support/folder.js";

const secret = "pk_live_1";
const table: Readonly<Record<string, readonly [text: string | Buffer, message: string]>> = {
	"a comma too many in an object": [
		'{\n\t"plans": [\n\t\t{ "name": "a", }\n\t]\n}',
		"3:18: not JSON: a name is missing, or there is a comma too many",
	],
	"a comma too many in an array": [
		'{ "plans": [1, ] }',
		"1:16: not JSON: a value is missing, or there is a comma too many",
	],
	"a comma that is missing": [`{"a": "${secret}" "b": 2}`, "1:19: not JSON: a comma is missing"],
	"a comment": ['{\n// mine\n"plans": []}', "2:1: not JSON: a comment, which JSON does not have"],
	"a string that does not end": [`{"apiKey": "${secret}\n}`, "1:12: not JSON: a string without an end on its line"],
	"a file that ends too early": ['{"plans": [', "1:12: not JSON: "],
	"an empty file": ["", "1:1: not JSON: "],
	"text after the end": ['{"plans": [1]}\n}', "2:1: not JSON: "],
	"a name that stands twice": [
		'{"rules": [{\n"maxForLife": "1",\n"maxForLife": "1000000"}], "plans": [1]}',
		'3:1: expected each name once, found "maxForLife" again',
	],
	"a name that stands twice, once escaped": [
		'{"a": 1, "\\u0061": 2}',
		'1:10: expected each name once, found "a" again',
	],
	"an array": ["[]", "1:1: expected an object with networks, assets, rules and plans"],
	"a file without plans": ["{}", "1:1: expected plans, found none: nothing would be bought"],
	"a file with no plan in it": ['{"plans": []}', "1:1: expected plans, found none: nothing would be bought"],
	"a text that is not UTF-8": [Buffer.from('{"plans": "\xb0"}', "latin1"), "it is not UTF-8"],
};

for (const [what, [text, message]] of Object.entries(table)) {
	test(`${what} is refused: ${message}`, (t) => {
		const file = path.join(makeFolder(t), "device.json");
		writeFileSync(file, text);
		const error = t.throws<HostError>(() => readConfigurationFile(file), { name: "ConfigurationUnreadable" });
		t.true(error!.message.startsWith(`${file}:`), error!.message);
		t.true(error!.message.includes(message), error!.message);
		t.false(error!.message.includes(secret), error!.message);
	});
}

test("a name may occur once in each of two objects", (t) => {
	const file = path.join(makeFolder(t), "device.json");
	const text = '{"plans": [{"name": "a"}, {"name": "b"}]}';
	writeFileSync(file, text);
	t.deepEqual(JSON.parse(readConfigurationFile(file)), JSON.parse(text));
});

test("a byte order mark is skipped", (t) => {
	const file = path.join(makeFolder(t), "device.json");
	writeFileSync(file, '\ufeff{"plans": [1]}');
	t.is(readConfigurationFile(file), '{"plans":[1]}');
});

test("--count replaces the configuration's count", (t) => {
	const file = path.join(makeFolder(t), "device.json");
	writeFileSync(file, '{"plans": [1]}');
	t.deepEqual(JSON.parse(readConfigurationFile(file, { count: 3 })), { plans: [1], count: 3 });
});

test("a folder in place of the file is refused", (t) => {
	const folder = path.join(makeFolder(t), "device.json");
	mkdirSync(folder);
	t.throws(() => readConfigurationFile(folder), { name: "ConfigurationUnreadable" });
});
