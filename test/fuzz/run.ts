/**
 * `npm run fuzz -- [--inputs N] [--target NAME] [--seed N]`: random inputs for every parser that a server, flash or a console
 * reaches, 1,000,000 for each if not said otherwise, and what became of them.
 */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { fuzz } from "./fuzz.js";
import { TARGETS } from "./targets.js";

const { values } = parseArgs({
	options: { inputs: { type: "string" }, target: { type: "string" }, seed: { type: "string" } },
});
const inputs = Number(values.inputs ?? 1_000_000);
const seed = Number(values.seed ?? randomInt(2 ** 30));
const names = Object.keys(TARGETS).filter((name) => values.target === undefined || name === values.target);
if (names.length === 0) {
	console.log(`no target ${JSON.stringify(values.target)}: there are ${Object.keys(TARGETS).join(", ")}`);
	process.exitCode = 1;
}
console.log(`seed ${seed}, ${inputs.toLocaleString("en")} inputs for each of ${names.length} parsers`);
for (const name of names) {
	const before = process.cpuUsage().user;
	const { accepted, refused, faults, slowest } = await fuzz(TARGETS[name]!, inputs, seed);
	const took = (process.cpuUsage().user - before) / 1_000_000;
	const errors = Object.entries(refused).sort(([, a], [, b]) => b - a);
	const shown = errors.slice(0, 4).map(([error, count]) => `${error} ${count.toLocaleString("en")}`);
	const more = errors.length > 4 ? `, ${errors.length - 4} more` : "";
	console.log(
		`${name}: ${accepted.toLocaleString("en")} accepted, ${shown.join(", ")}${more}; ${took.toFixed(0)} s, ${slowest.toFixed(0)} ms at most`,
	);
	for (const fault of faults) console.log(`  ✘ ${fault}`);
	if (faults.length > 0) process.exitCode = 1;
}
