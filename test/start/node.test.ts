/** `npm start` on Node, and what it says of its parameters and of a configuration. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import test, { type ExecutionContext } from "ava";
import { configure } from "../world/configuration.js";
import { startWorld, type World } from "../world/world.js";
import { events, start } from "./command.js";
import { demonstrate } from "./demonstration.js";

let world: World;
test.before(async () => {
	world = await startWorld();
});
test.after.always(() => world?.stop());

/** `--config` with this text, `--flash` with a fresh folder. */
function device(t: ExecutionContext, configuration: string): string[] {
	const folder = mkdtempSync(path.join(tmpdir(), "micropayer-start-"));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const file = path.join(folder, "device.json");
	writeFileSync(file, configuration);
	return ["--engine", "node", "--config", file, "--flash", path.join(folder, "flash")];
}

test("six purchases, and the chain agrees; a second run goes on where the first ended", async (t) => {
	await demonstrate(t, "node");
});

test("a configuration of one's own", async (t) => {
	const parameters = device(t, configure(world, [{ name: "free", url: `${world.seller.url}/free` }]));
	const ended = await start(...parameters, "--json");
	t.is(ended.exitCode, 0, ended.stderr);
	t.like(events(ended).at(-1), { event: "summary", engine: "node", purchases: 1, delivered: 1 });
});

test("--count ends a plan that repeats", async (t) => {
	const plan = { name: "free", url: `${world.seller.url}/free`, everySeconds: 1 };
	const ended = await start(...device(t, configure(world, [plan])), "--count", "2", "--json");
	t.is(ended.exitCode, 0, ended.stderr);
	t.like(events(ended).at(-1), { purchases: 2, delivered: 2 });
});

test("a purchase that does not end as its plan expects is exit code 1", async (t) => {
	const plan = { name: "free", url: `${world.seller.url}/free`, expect: "refused" };
	t.is((await start(...device(t, configure(world, [plan])))).exitCode, 1);
});

test("a configuration that is wrong is refused with the path of the field", async (t) => {
	const plan = { name: "free", url: `${world.seller.url}/free`, maxAmount: 1 };
	const ended = await start(...device(t, configure(world, [plan])));
	t.is(ended.exitCode, 1);
	t.regex(ended.stdout, /ConfigurationInvalid: plans\[0\]\.maxAmount: expected .*, found 1$/m);
});

const wrong: readonly [string, string[], RegExp][] = [
	["an unknown option", ["--bogus"], /bogus/],
	["a file that is not there", ["--config", "nowhere.json", "--flash", "x"], /no file nowhere\.json/],
	["--config without --flash", ["--config", "package.json"], /go together/],
	["an engine that is none", ["--engine", "v8"], /xs or node/],
	["a cut that is none", ["--cut", "soon"], /--cut: expected an integer/],
];
for (const [what, parameters, message] of wrong) {
	test(`${what} is a line and the usage`, async (t) => {
		const { exitCode, stderr } = await start(...parameters);
		t.is(exitCode, 64);
		t.regex(stderr, message);
		t.regex(stderr, /npm start/);
	});
}
