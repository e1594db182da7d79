/** `npm run soak`: see soak.ts. */
import { runCommand } from "../../tools/cli/command.js";
import { integer, oneOf, readOptions, requireNone, TEXT } from "../../tools/cli/options.js";
import { xsAvailable } from "../../tools/xs/build.js";
import { soak } from "./soak.js";

const USAGE = `npm run soak -- [OPTIONS]

One device buys for hours: 1 in 20 of its purchases meets a fault, its heap must stay flat, and its totals must agree with
the sellers' books and the chain to the unit.

  --purchases N     how many (default: 10000)
  --engine xs|node  the engine (default: xs, if there is a C compiler)
  --seed N          of the faults (default: another one each time)
  --help
`;

const options = readOptions(
	USAGE,
	{ purchases: TEXT, engine: TEXT, seed: TEXT },
	({ purchases, engine, seed }, positionals) => {
		requireNone(positionals);
		return {
			purchases: integer("purchases", purchases, 10, 1_000_000) ?? 10_000,
			engine: oneOf("engine", engine, ["xs", "node"]) ?? (xsAvailable() ? "xs" : "node"),
			seed: integer("seed", seed, 0, 2 ** 32 - 1) ?? Date.now() % 2 ** 32,
		};
	},
);

await runCommand(async () => {
	const print = (name: string, value: string | number | bigint) => console.log(`  ${name.padEnd(24)}${value}`);
	print("engine, seed", `${options.engine}, ${options.seed}`);
	const result = await soak({ ...options, onProgress: (line) => console.log(`  … ${line}`) });
	const { counts, faults, moved, counted, heap, seconds, failures } = result;
	print("purchases", `${options.purchases} in ${Math.round(seconds)} s`);
	for (const [state, count] of Object.entries(counts)) print(state, count);
	for (const [fault, count] of [...faults].sort()) print(`fault: ${fault}`, count);
	print("moved", `${moved} base units, by the books and the chain`);
	print("counted", `${counted} base units, by the device`);
	heap.forEach(({ live, peak }, i) => {
		print(`heap, ${i + 1}. tenth`, `${live.toLocaleString("en")} bytes live, ${peak.toLocaleString("en")} at the peak`);
	});
	for (const failure of failures.slice(0, 20)) console.log(`FAILED  ${failure}`);
	console.log(failures.length === 0 ? "passed" : `${failures.length} failures, seed ${options.seed}`);
	return failures.length === 0 ? 0 : 1;
});
