/** What the documents, and the comments of the sources, say is there, is there. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { listedMarkets } from "../../hal/node/markets.js";
import { hashes } from "../../modules/signer/portable.js";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { writeOut } from "../../tools/configuration/short_form.js";
import { withTables } from "../../tools/market_docs.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(path.join(ROOT, file), "utf8");

const DOCUMENTS = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "boards/README.md", "hal/xs/link.md"]
	.concat(filesIn("docs"))
	.filter((file) => existsSync(path.join(ROOT, file)));
const SOURCES = ["src", "modules", "hal", "tools", "test", "boards"]
	.flatMap(filesIn)
	.filter((file) => /\.(ts|mjs|c|h)$/.test(file) && !file.startsWith("test/vectors/"));

/** A changelog names what was there once. */
const PRESENT = DOCUMENTS.filter((file) => file !== "CHANGELOG.md");

/** Of the Moddable SDK and of ESP-IDF; and patterns, whose parts in capitals stand for a name. */
const NOT_OURS = /^modules\/(?:io|network|base|crypt|files)\b|^docs\/en\/|\/(?:NAME|BOARD)\b/;

function filesIn(folder: string): string[] {
	const names = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8", withFileTypes: true });
	return names
		.filter((each) => each.isFile())
		.map((each) => path.relative(ROOT, path.join(each.parentPath, each.name)));
}

/** Files and folders from the project's root, as text names them. */
function pathsIn(text: string): string[] {
	// What begins with the project's name is a module of the firmware; a pattern of a market's name or a glob is none.
	const names = /(?<![\w./-])(?:src|modules|hal|tools|test|boards|docs|\.ci)\/[\w./*-]*[\w*]/g;
	return [...text.matchAll(names)].map(([name]) => name).filter((name) => !name.includes("*") && !NOT_OURS.test(name));
}

function isThere(name: string): boolean {
	return (
		existsSync(path.join(ROOT, name)) ||
		[".ts", ".d.ts"].some((end) => existsSync(path.join(ROOT, name.replace(/\.js$/, end))))
	);
}

/** Comments of C and TypeScript. */
function commentsOf(code: string): string {
	return [...code.matchAll(/\/\*[\s\S]*?\*\/|(?<![:"'`\w])\/\/.*$/gm)].map(([comment]) => comment).join("\n");
}

/** As GitHub makes them of headings. */
function anchorsOf(document: string): Set<string> {
	const headings = [...document.replace(/^```[\s\S]*?^```/gm, "").matchAll(/^#+ (.*)$/gm)];
	return new Set(
		headings.map(([, heading]) =>
			heading!
				.toLowerCase()
				.replace(/[^\p{L}\p{N} _-]/gu, "")
				.replaceAll(" ", "-"),
		),
	);
}

test("the README has at most 200 lines", (t) => {
	const lines = read("README.md").trimEnd().split("\n").length;
	t.true(lines <= 200, `${lines} lines`);
});

test("every file and folder that a document names exists", (t) => {
	const named = PRESENT.flatMap((file) => pathsIn(read(file)).map((name) => `${file}: ${name}`));
	t.true(named.length > 100, `${named.length} names`);
	t.deepEqual(
		named.filter((each) => !isThere(each.slice(each.indexOf(": ") + 2))),
		[],
	);
});

test("every file and folder that a comment names exists", (t) => {
	const named = SOURCES.flatMap((file) => pathsIn(commentsOf(read(file))).map((name) => `${file}: ${name}`));
	t.true(named.length > 50, `${named.length} names`);
	t.deepEqual(
		named.filter((each) => !isThere(each.slice(each.indexOf(": ") + 2))),
		[],
	);
});

test("every link of a document leads to a file, and to a heading of it", (t) => {
	const broken: string[] = [];
	let links = 0;
	for (const file of DOCUMENTS) {
		for (const [, target] of read(file).matchAll(/\]\(([^)\s]+)\)/g)) {
			if (/^[a-z]+:/.test(target!)) continue;
			links++;
			const [name, anchor] = target!.split("#");
			const to = name === "" ? file : path.join(path.dirname(file), name!);
			const isBroken = !existsSync(path.join(ROOT, to)) || (anchor !== undefined && !anchorsOf(read(to)).has(anchor));
			if (isBroken) broken.push(`${file}: ${target}`);
		}
	}
	t.true(links > 30, `${links} links`);
	t.deepEqual(broken, []);
});

test("every npm script that a document names exists", (t) => {
	const { scripts } = JSON.parse(read("package.json"));
	const named = PRESENT.flatMap((file) =>
		[...read(file).matchAll(/npm (start|test|run ([a-z][a-z:0-9]*))/g)].map(
			([, name, script]) => `${file}: ${script ?? name}`,
		),
	);
	t.true(named.length > 20, `${named.length} names`);
	t.deepEqual(
		named.filter((each) => scripts[each.slice(each.indexOf(": ") + 2)] === undefined),
		[],
	);
});

test("every option of a command that a document names is in its usage", (t) => {
	const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
	const unknown: string[] = [];
	let options = 0;
	for (const file of PRESENT) {
		for (const [line, name, script] of read(file).matchAll(/npm (start|run ([a-z:0-9]+)) -- [^\n`|]*/g)) {
			const program = scripts[script ?? name!]?.split(" ").at(-1);
			const usage = program === undefined ? "" : read(program);
			for (const [option] of line.matchAll(/(?<= )--[a-z][a-z-]*/g)) {
				options++;
				if (!usage.includes(option)) unknown.push(`${file}: ${line.trim()}`);
			}
		}
	}
	t.true(options > 10, `${options} options`);
	t.deepEqual(unknown, []);
});

test("every pattern of test files that a document gives to ava has files", (t) => {
	const given = PRESENT.flatMap((file) =>
		[...read(file).matchAll(/npx ava '?([\w/.*-]+)'?/g)].map(([, pattern]) => `${file}: ${pattern}`),
	);
	t.true(given.length > 0);
	t.deepEqual(
		given.filter((each) => {
			const [folder] = each.slice(each.indexOf(": ") + 2).split("*");
			return !existsSync(path.join(ROOT, folder!));
		}),
		[],
	);
});

test("the documents' JSON is configuration that the device takes, with every field of a rule", (t) => {
	const markets = filesIn("src/markets")
		.map((file) => /^src\/markets\/(\w+)\/kind\.ts$/.exec(file)?.[1])
		.filter((name) => name !== undefined);
	const examples = DOCUMENTS.flatMap((file) =>
		[...read(file).matchAll(/^```json\n([\s\S]*?)^```/gm)].map(([, json]) => ({ file, json: json! })),
	);
	t.true(examples.length >= 1 + markets.length, `${examples.length} examples`);
	const parse = (json: string) => parseConfiguration(JSON.stringify(writeOut(JSON.parse(json))), hashes, markets);
	for (const { file, json } of examples) t.notThrows(() => parse(json), file);
	const whole = examples.find(({ file, json }) => file === "docs/configuration.md" && json.includes('"rules"'))!.json;
	const { rules, plans } = parseConfiguration(whole, hashes, []);
	const { buys } = plans[0]!;
	t.is(rules[0]?.origin, "url" in buys ? new URL(buys.url).origin : "");
	t.deepEqual(Object.keys(JSON.parse(whole).rules[0]).sort(), Object.keys(rules[0]!).sort());
});

test("every figure of the README's table is one of docs/figures.md", (t) => {
	const table = /## Figures[\s\S]*?\n((?:\|.*\n)+)/.exec(read("README.md"))![1]!;
	const figures = new Set(read("docs/figures.md").match(/\d{1,3}(?:,\d{3})*/g));
	const quoted = table.match(/\d{1,3}(?:,\d{3})+/g) ?? [];
	t.true(quoted.length > 10, `${quoted.length} figures`);
	t.deepEqual(
		quoted.filter((figure) => figure !== "94,208" && !figures.has(figure)),
		[],
	);
});

test("the tables of operations in docs/markets.md are those of the markets' catalogues: npm run docs writes them", async (t) => {
	const text = read("docs/markets.md");
	t.is(text, await withTables(text));
	t.not(text.replace("| a plan |", "| a person |"), await withTables(text), "a table that differs is noticed");
});

test("every operation of a market has its function, in the image if a plan reaches it, and its test", async (t) => {
	const wrong: string[] = [];
	let count = 0;
	for (const { kind, catalogue } of await listedMarkets()) {
		const folder = `src/markets/${kind.name}`;
		const files = filesIn(folder).filter((file) => !file.endsWith("/catalogue.ts"));
		const isApart = (file: string) => file.startsWith(`${folder}/operations`);
		const apart = files.filter(isApart).map(read).join("");
		const image = files
			.filter((file) => !isApart(file))
			.map(read)
			.join("");
		const tests = filesIn("test/markets")
			.filter((file) => file.startsWith(`test/markets/${kind.name}/`) && file.endsWith(".test.ts"))
			.map(read)
			.join("");
		for (const { request, method, from, test } of catalogue.operations) {
			const code = from === "not in the image" ? apart : image;
			if (!new RegExp(`[\\s*]${method}\\(`).test(code) || !tests.includes(test)) wrong.push(`${kind.name}: ${request}`);
		}
		count += catalogue.operations.length;
	}
	t.true(count > 50, `${count} operations`);
	t.deepEqual(wrong, []);
});

/** Whether `file` has a test whose title ends with `title`, or goes on where that ends with "…" or a colon. */
function hasTest(file: string, title: string): boolean {
	const code = read(file);
	const start = title.replace(/ ?…$/, "");
	if (start !== title || title.endsWith(":")) return code.includes(start);
	return [`"`, "`"].some((quote) => code.includes(title + quote));
}

test("every test that SECURITY.md names exists, by its title", (t) => {
	const rows = [...read("SECURITY.md").matchAll(/^\|.*\| `(test\/[^`]+)` \| ([^|]+) \|$/gm)];
	t.true(rows.length > 20, `${rows.length} rows`);
	t.deepEqual(
		rows.filter(([, file, title]) => !hasTest(file!, title!)).map(([row]) => row),
		[],
	);
});

/** The names of errors in the device's code and in the commands': members of NamedError's unions, and of events. */
function errorNames(): string[] {
	const files = SOURCES.filter(
		(file) =>
			/^(src|modules|hal)\/.*\.ts$/.test(file) ||
			file === "tools/cli/host_error.ts" ||
			file === "tools/configuration/errors.ts",
	).filter((file) => file !== "modules/signer/errors.ts");
	const names = files.flatMap((file) => {
		const code = read(file);
		const unions = [...code.matchAll(/NamedError<([^>]*)>|type \w*ErrorName =([^;]*);/g)];
		const inUnions = unions.flatMap(([, one, other]) => (one ?? other)!.match(/"\w+"/g) ?? []);
		const inEvents = code.match(/event: "(?:error|warning)",\s*name: ("\w+")/g) ?? [];
		return [...inUnions, ...inEvents.map((event) => /"\w+"$/.exec(event)![0])];
	});
	// Of the signer's, what a person can meet: typed data and points are a program's.
	const signer = /class SignerError[\s\S]*?> \{\}/.exec(read("modules/signer/errors.ts"))![0];
	return [...new Set([...names, ...(signer.match(/"\w+"/g) ?? [])])].map((name) => name.slice(1, -1)).sort();
}

/** A program's mistake, never an owner's. */
const NOT_MET = ["DigestLength"];

test("every named error that an owner can meet is in docs/troubleshooting.md", (t) => {
	const names = errorNames();
	t.true(names.length > 150, `${names.length} names`);
	const text = read("docs/troubleshooting.md");
	t.deepEqual(
		names.filter((name) => !NOT_MET.includes(name) && !text.includes(`\`${name}\``)),
		[],
		"add a row that says what it means and what to do",
	);
});

test("every error that docs/troubleshooting.md names exists", (t) => {
	const known = new Set([...errorNames(), "AddressChecksum", "AddressFormat"]);
	const named = [...read("docs/troubleshooting.md").matchAll(/`([A-Z][A-Za-z0-9]+)`/g)].map(([, name]) => name!);
	t.deepEqual(
		named.filter((name) => !known.has(name)),
		[],
	);
});
