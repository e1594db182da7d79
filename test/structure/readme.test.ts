/** What the README says is there, is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { parseConfiguration } from "../../src/configuration/configuration.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(path.join(ROOT, "README.md"), "utf8");

test("every file and folder that it names exists", (t) => {
	// What begins with the project's name is a module of the firmware.
	const names = /(?<!micropayer\/)\b(?:src|modules|hal|test|boards)\/[a-z0-9_./]*[a-z0-9_]/g;
	const named = [...readme.matchAll(names)].map(([name]) => name);
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
	const text = readme + readFileSync(path.join(ROOT, "boards/README.md"), "utf8");
	const named = [...text.matchAll(/npm (start|test|run ([a-z][a-z:]*))/g)].map(([, name, script]) => script ?? name!);
	t.true(new Set(named).size > 7, named.join(" "));
	t.deepEqual(
		named.filter((name) => scripts[name] === undefined),
		[],
	);
});

/** By the name of a market in the README: its folder, and the beginning of its tests' file. */
const MARKETS: Readonly<Record<string, string>> = {
	Pactum: "pactum",
	"Pact Network Market": "pact",
	AgentPMT: "agentpmt",
	PayanAgent: "payanagent",
};

/** The text of a market's tests, in one file or in a folder of them. */
function testsOf(market: string): string {
	const names = readdirSync(path.join(ROOT, "test/markets"), { recursive: true, encoding: "utf8" });
	const own = names.filter((name) => name.startsWith(`${market}_client`) && name.endsWith(".test.ts"));
	return own.map((name) => readFileSync(path.join(ROOT, "test/markets", name), "utf8")).join("");
}

test("every operation of a market that it lists has its method and its test", (t) => {
	const rows = [...readme.matchAll(/^\| ([^|]+) \| ([^|]+) \| `([#\w]+)` \| ([^|]+) \|$/gm)].map((match) =>
		match.slice(1),
	);
	t.true(rows.length > 50, `${rows.length} rows`);
	const missing = rows.filter(([market, , method, title]) => {
		const folder = MARKETS[market!]!;
		const files = readdirSync(path.join(ROOT, "src/markets", folder));
		const code = files.map((file) => readFileSync(path.join(ROOT, "src/markets", folder, file), "utf8")).join("");
		const tests = testsOf(folder);
		return !new RegExp(`[\\s*]${method}\\(`).test(code) || !tests.includes(title!);
	});
	t.deepEqual(missing, []);
	t.deepEqual(
		Object.keys(MARKETS).filter((market) => !rows.some(([each]) => each === market)),
		[],
	);
});
