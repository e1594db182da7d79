/** `npm start` on Node, and what it says of its parameters and of a configuration. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import test, { type ExecutionContext } from "ava";
import { startWorld, type World } from "../../tools/world/world.js";
import { makeFolder } from "../support/folder.js";
import { ended } from "../support/processes.js";
import { configure } from "../world/configuration.js";
import { endOf, events, launch, start } from "./command.js";
import { demonstrate } from "./demonstration.js";

let world: World;
test.before(async () => {
	world = await startWorld();
});
test.after.always(() => world?.stop());

/** `--config` with this text, `--flash` with a fresh folder. */
function device(t: ExecutionContext, configuration: string): string[] {
	const folder = makeFolder(t);
	const file = path.join(folder, "device.json");
	writeFileSync(file, configuration);
	return ["--engine", "node", "--config", file, "--flash", path.join(folder, "flash")];
}

test("npm start buys a day that the chain confirms, and a second run continues it", async (t) => {
	await demonstrate(t, "node");
});

test("a purchase at a market is printed with offer, price, rule, and what came back", async (t) => {
	const ended = await start("--engine", "node");
	t.is(ended.exitCode, 0, ended.stderr);
	const [, refunded] = /\n11\. ((?:.+\n)+)/.exec(ended.stdout) ?? [];
	t.deepEqual(refunded?.split("\n").slice(0, 6), [
		"a call that fails, refunded",
		"  market        Pact Network Market",
		"  offer         dummy/quote/AAPL…",
		"  asks          0.001 USD (account)",
		'  decision      allowed by rule "pact"',
		"  refunded      0.011 USD came back, for 1 call: the service answered 503",
	]);
	t.regex(ended.stdout, /^ {2}asks {10}5 credits \(account\)$/m);
	t.regex(ended.stdout, /^ {2}spent {9}5 credits at AgentPMT, of 1000 credits that the rules allow$/m);
});

test("--config runs a configuration of one's own", async (t) => {
	const parameters = device(t, configure(world, [{ name: "free", url: `${world.seller.url}/free` }]));
	const ended = await start(...parameters, "--json");
	t.is(ended.exitCode, 0, ended.stderr);
	t.like(events(ended).at(-1), { event: "summary", engine: "node", purchases: 1, delivered: 1 });
});

test("--count ends a repeating plan", async (t) => {
	const plan = { name: "free", url: `${world.seller.url}/free`, everySeconds: 1 };
	const ended = await start(...device(t, configure(world, [plan])), "--count", "2", "--json");
	t.is(ended.exitCode, 0, ended.stderr);
	t.like(events(ended).at(-1), { purchases: 2, delivered: 2 });
});

test("a purchase that is not delivered makes the exit code 1", async (t) => {
	const plan = { name: "in euro", url: `${world.seller.url}/eurc` };
	t.is((await start(...device(t, configure(world, [plan])))).exitCode, 1);
});

test("an invalid configuration is refused with the field's path", async (t) => {
	const plan = { name: "free", url: `${world.seller.url}/free`, maxAmount: 1 };
	const ended = await start(...device(t, configure(world, [plan])));
	t.is(ended.exitCode, 1);
	t.regex(ended.stdout, /ConfigurationInvalid: plans\[0\]\.maxAmount: expected .*, found 1$/m);
});

test("without a C compiler npm start says so in one line, and runs on Node", async (t) => {
	const ended = await endOf(launch(["--json"], { CC: "no-such-compiler" }));
	t.is(ended.exitCode, 0, ended.stderr);
	t.regex(
		ended.stderr,
		/^micropayer: no C compiler, so the agent runs on Node, not on XS \(Debian: apt install .*\)$/m,
	);
	t.like(events(ended).at(-1), { event: "summary", engine: "node", purchases: 16, delivered: 13 });
});

test("elsewhere than on Linux it says so in one line, and runs on Node", async (t) => {
	const elsewhere = "--import=data:text/javascript,Object.defineProperty(process,'platform',{value:'sunos'})";
	const environment = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ""} ${elsewhere}` };
	const file = path.join(makeFolder(t), "device.json");
	writeFileSync(file, "{}");
	const parameters = ["--config", file, "--flash", path.join(path.dirname(file), "flash")];
	const ended = await endOf(launch(parameters, environment));
	t.regex(ended.stderr, /^micropayer: the agent runs on Node: XS .* runs on Linux, and this is sunos$/m);
	const forced = await endOf(launch([...parameters, "--engine", "xs"], environment));
	t.is(forced.exitCode, 1);
	t.is(forced.stderr, "micropayer: XS with a device's memory runs on Linux, and this is sunos: take --engine node\n");
});

for (const [signal, exitCode] of [
	["SIGINT", 130],
	["SIGTERM", 143],
] as const) {
	test(`a device that is interrupted by ${signal} ends with the summary, and the next run goes on`, async (t) => {
		const plan = { name: "data", url: `${world.seller.url}/free`, everySeconds: 86_400 };
		const parameters = device(t, configure(world, [plan]));
		const child = launch([...parameters, "--json"]);
		const output = endOf(child);
		const lines = createInterface({ input: child.stdout });
		for await (const line of lines) if ((JSON.parse(line) as { event: string }).event === "purchase") break;
		// It was paused with the end of the lines.
		child.stdout.resume();
		child.kill(signal);
		const ended = await output;
		t.is(ended.exitCode, exitCode, ended.stderr);
		t.like(events(ended).at(-1), { event: "summary", purchases: 1, delivered: 1 });
		t.regex(ended.stderr, /^micropayer: interrupted: the next run with this flash resumes what was in progress$/m);
		for (const event of events(ended).slice(0, -1)) t.regex(String(event.time), /^20\d\d-\d\d-\d\dT.*Z$/, "event");
	});

	test(`${signal} leaves no process running`, async (t) => {
		const child = launch(["--json", "--engine", "node"]);
		const output = endOf(child);
		await new Promise((resolve) => child.stdout.once("data", resolve));
		const started = descendantsOf(child.pid!);
		t.true(started.length >= 2, "a chain and a device");
		child.kill(signal);
		await output;
		await t.notThrowsAsync(ended(started));
	});
}

test("a reader that closes the pipe, as head(1) does, ends the command without a message", async (t) => {
	const plan = { name: "data", url: `${world.seller.url}/free`, everySeconds: 1 };
	const child = launch(device(t, configure(world, [plan])));
	const output = endOf(child);
	child.stdout.once("data", () => child.stdout.destroy());
	const ended = await output;
	t.is(ended.exitCode, 141);
	t.is(ended.stderr, "");
});

/** The processes that a process started, and those that they did. */
function descendantsOf(pid: number): number[] {
	const parents = new Map<number, number>();
	for (const name of readdirSync("/proc").filter((name) => /^[0-9]+$/.test(name))) {
		try {
			const [, parent] = /\) \S (\d+)/.exec(readFileSync(`/proc/${name}/stat`, "utf8")) ?? [];
			parents.set(Number(name), Number(parent));
		} catch {
			// It has ended meanwhile.
		}
	}
	const isDescendant = (each: number): boolean =>
		each === pid || (parents.has(each) && isDescendant(parents.get(each)!));
	return [...parents.keys()].filter((each) => each !== pid && isDescendant(each));
}

const wrong: readonly [string, string[], RegExp][] = [
	["an unknown option", ["--bogus"], /bogus/],
	["a file that is not there", ["--config", "nowhere.json", "--flash", "x"], /no file nowhere\.json/],
	["--config without --flash", ["--config", "package.json"], /go together/],
	["an engine that is none", ["--engine", "v8"], /xs or node/],
	["a cut that is none", ["--cut", "soon"], /--cut: expected an integer/],
];
for (const [what, parameters, message] of wrong) {
	test(`${what} prints one line and the usage`, async (t) => {
		const { exitCode, stderr } = await start(...parameters);
		t.is(exitCode, 64);
		t.regex(stderr, message);
		t.regex(stderr, /npm start/);
	});
}
