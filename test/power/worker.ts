/** One process of `npm run test:power`: a part of the runs, and what they came to, as JSON on standard output. */
import { runs, Tally } from "./runs.js";

const [part = "0", parts = "1", most = "100", every = "1", seed = "1", only = "", stop = ""] = process.argv.slice(2);

const tally = new Tally();
for await (const run of runs({
	part: Number(part),
	parts: Number(parts),
	every: Number(every),
	seed: Number(seed),
	only,
})) {
	tally.add(run);
	if (tally.runs >= Number(most) || (stop === "stop" && tally.failures.length > 0)) break;
}
process.stdout.write(`${JSON.stringify(tally)}\n`);
