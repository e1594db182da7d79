/** docs/flash.md has the keys and fields that the code writes, and no others. */
import { readFileSync } from "node:fs";
import test from "ava";
import { HEAD_FIELDS, LedgerFlash } from "../../src/wallet/ledger_flash.js";
import { RECORD_FIELDS } from "../../src/wallet/record.js";
import { TOTALS_FIELDS } from "../../src/wallet/totals.js";

const text = readFileSync(new URL("../../docs/flash.md", import.meta.url), "utf8");

/** `key name since` of each row of the first table of fields below a heading. */
function fieldsBelow(heading: string): string[] {
	const section = text.slice(text.indexOf(`\n### ${heading}\n`)).split("\n### ")[1]!;
	return [...section.matchAll(/^\| ([0-9]+) \| `(\w+)` \|.*\| ([12]) \|$/gm)].map(([, key, name, since]) => {
		return `${key} ${name} ${since}`;
	});
}

test("docs/flash.md lists a record's fields", (t) => {
	const fields = Object.entries(RECORD_FIELDS).map(([name, { key, inFormat1 }]) => {
		return `${key} ${name} ${inFormat1 === undefined ? 1 : 2}`;
	});
	t.deepEqual(fieldsBelow("Records"), fields);
});

test("docs/flash.md lists the fields of the sums and of the head", (t) => {
	const names = (rows: string[]) => rows.map((row) => row.split(" ").slice(0, 2).join(" "));
	const fields = (table: object) => Object.entries(table).map(([name, key]) => `${key} ${name}`);
	t.deepEqual(names(fieldsBelow("Sums")), fields(TOTALS_FIELDS));
	t.deepEqual(names(fieldsBelow("Heads")), fields(HEAD_FIELDS));
});

test("docs/flash.md lists the ledger's keys", (t) => {
	const named = [...text.slice(0, text.indexOf("\n## The ledger")).matchAll(/`([a-z]+[0-9.b]*)`/g)].map(
		([, key]) => key,
	);
	for (const key of LedgerFlash.keys()) t.true(named.includes(key) || /^(r([0-9]|1[0-5])|e[0-3])$/.test(key), key);
	for (const range of ["`r0` to `r15`", "`e0` to `e3`"]) t.true(text.includes(range));
});
