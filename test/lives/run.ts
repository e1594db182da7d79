/**
 * `npm run test:lives -- [--purchases N] [--seed N] [--lives N]`: random lives of a device until so many purchases have been
 * made, 100,000 if not said otherwise, from a random seed, on all processors. A life that fails is shown as small as it can be made.
 */
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { compile } from "../support/compile.js";
import type { Lived } from "./worker.js";

const { values } = parseArgs({
	options: { purchases: { type: "string" }, seed: { type: "string" }, lives: { type: "string" } },
});
const seed = Number(values.seed ?? randomInt(2 ** 30));
const workers = values.lives === undefined ? availableParallelism() : 1;
const purchases = values.lives === undefined ? Number(values.purchases ?? 100_000) : 0;
/** Seeds between two workers. */
const APART = 10_000_000;

const program = await compile("test/lives/worker.ts", "lives");
console.log(`seed ${seed}`);
const started = process.hrtime.bigint();
const parts = await Promise.all(
	Array.from({ length: workers }, (_, i) => work(seed + i * APART, Number(values.lives ?? 0), purchases / workers)),
);
const minutes = Number((process.hrtime.bigint() - started) / 1_000_000_000n) / 60;
const of = (name: "lives" | "purchases" | "signatures" | "asks" | "cuts" | "repairs" | "stops") =>
	parts.reduce((sum, part) => sum + part[name], 0).toLocaleString("en");
console.log(`${of("lives")} lives, ${of("purchases")} purchases, in ${minutes.toFixed(1)} minutes:`);
console.log(`${of("signatures")} payments and ${of("asks")} asks that cost reached a seller,`);
console.log(
	`${of("cuts")} power cuts, ${of("repairs")} ledgers put right by their owners, ${of("stops")} starts without a setting or the key`,
);
for (const { failure } of parts) {
	if (failure === undefined) continue;
	process.exitCode = 1;
	console.log(`\nfailed: npm run test:lives -- --lives 1 --seed ${failure.seed}; the smallest life that does:`);
	for (const step of failure.steps) console.log(`  ${step}`);
	for (const violation of failure.violations) console.log(`  ✘ ${violation}`);
}

function work(first: number, lives: number, purchases: number): Promise<Lived> {
	const child = spawn(process.execPath, [program, String(first), String(lives), String(purchases)], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	let said = "";
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		said += text;
	});
	return new Promise((resolve, reject) => {
		child.once("error", reject);
		child.once("close", (status) => {
			if (status === 0) resolve(JSON.parse(said) as Lived);
			else reject(new Error(`the lives from seed ${first} ended with ${status}`));
		});
	});
}
