/** What the README says is there, is there. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { parseConfiguration } from "../../src/agent/configuration.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");

test("every file and folder that it names exists", (t) => {
	const named = [...readme.matchAll(/\b(?:src|modules|hal|test|boards)\/[a-z0-9_./]*[a-z0-9_]/g)].map(([name]) => name);
	t.true(named.length > 15, `${named.length} names`);
	t.deepEqual(
		named.filter((name) => !existsSync(path.join(ROOT, name))),
		[],
	);
});

test("its configuration is one that the device takes, with every field a rule or plan can have", (t) => {
	const json = /```json\n([\s\S]*?)```/.exec(readme)![1]!;
	const { rules, plans } = parseConfiguration(json, hashes, []);
	const { buys } = plans[0]!;
	t.is(rules[0]?.origin, "url" in buys ? buys.url.origin : "");
	t.deepEqual(Object.keys(JSON.parse(json).rules[0]).sort(), Object.keys(rules[0]!).sort());
});

test("every npm script that it names exists", (t) => {
	const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8"));
	const named = [...readme.matchAll(/npm (?:run )?(start|test|bench|build|typecheck|lint)\b/g)].map(
		([, name]) => name!,
	);
	t.deepEqual(
		named.filter((name) => scripts[name] === undefined),
		[],
	);
});
