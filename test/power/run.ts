/**
 * `npm run test:power -- [--runs N] [--seed N] [--scenario NAME [--cut N[:during] [--then N[:before]]]]`: power cuts at each
 * operation of a purchase, and at each of its recovery, in 10,000 runs if not said otherwise. With `--cut` one run alone.
 */
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { compile } from "../support/compile.js";
import { make, readCut, Tally } from "./runs.js";
import { SCENARIOS } from "./scenarios.js";

const { values } = parseArgs({
	options: {
		runs: { type: "string" },
		seed: { type: "string" },
		scenario: { type: "string" },
		cut: { type: "string" },
		// biome-ignore lint/suspicious/noThenProperty: the name of an option
		then: { type: "string" },
	},
});
const { runs = "10000", seed = "1", scenario = "", cut } = values;
/** The whole is the same on every machine: so many parts, however many processors there are. */
const PARTS = 4;

if (cut === undefined) await runAll();
else await runOne();

async function runAll(): Promise<void> {
	const program = await compile("test/power/worker.ts", "power");
	const started = process.hrtime.bigint();
	const tally = new Tally();
	let next = 0;
	const work = async () => {
		while (next < PARTS) tally.join(await part(program, next++));
	};
	await Promise.all(Array.from({ length: availableParallelism() }, work));
	const seconds = Number((process.hrtime.bigint() - started) / 1_000_000_000n);
	for (const [name, { runs, ends }] of Object.entries(tally.scenarios)) {
		const how = Object.entries(ends).map(([end, times]) => `${times} ${end}`);
		console.log(`${String(runs).padStart(6)}  ${name.padEnd(26)} ${how.join("; ")}`);
	}
	const { cuts, secondCuts, mostOperations, rounds } = tally;
	console.log(`${tally.runs} runs, ${cuts} power cuts, ${secondCuts} of them in a recovery, in ${seconds} s`);
	console.log(
		`at most ${mostOperations} operations between two cuts; whole rounds of all pairs of operations: ${rounds}`,
	);
	report(tally);
}

async function runOne(): Promise<void> {
	const chosen = SCENARIOS.find(({ name }) => name === scenario);
	if (chosen === undefined) {
		console.error(`no scenario "${scenario}": name one of ${SCENARIOS.map(({ name }) => name).join("; ")}`);
		process.exitCode = 1;
		return;
	}
	const tally = new Tally();
	const run = await make(chosen, { first: readCut(cut), second: readCut(values.then), seed: Number(seed) });
	tally.add({ ...run, rounds: 0 });
	console.log(`${run.cuts} power cuts, ${run.operations.join(", ")} operations: ${run.ends.join("; ")}`);
	report(tally);
}

function report({ failures }: Tally): void {
	for (const { command, violations } of failures.slice(0, 20)) {
		console.log(`\n✘ ${command}`);
		for (const violation of violations) console.log(`  ${violation}`);
	}
	if (failures.length === 0) return;
	console.log(`\n${failures.length} runs failed`);
	process.exitCode = 1;
}

function part(program: string, number: number): Promise<Tally> {
	const most = Math.ceil((Number(runs) - number) / PARTS);
	const options = [number, PARTS, most, 1, seed, scenario].map(String);
	const child = spawn(process.execPath, [program, ...options], { stdio: ["ignore", "pipe", "inherit"] });
	let said = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (status) => {
			if (status === 0) resolve(JSON.parse(said) as Tally);
			else reject(new Error(`part ${number} of the runs ended with ${status}`));
		});
	});
}
