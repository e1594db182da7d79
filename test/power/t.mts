import { Life } from "./life.js";
import { readCut } from "./runs.js";
import { imageOf, SCENARIOS } from "./scenarios.js";

const [name, cut, then] = process.argv.slice(2);
const s = SCENARIOS.find((x) => x.name === name)!;
const life = new Life(s, await imageOf(s), { seed: 1, first: readCut(cut), second: readCut(then) });
const boot = life.boot.bind(life);
life.boot = async (c) => {
	const r = await boot(c);
	console.log("BOOT", c, r.operations, r.wasCut, r.last, life.now);
	for (const e of r.events) console.log("  ", JSON.stringify(e));
	for (const a of life.books.arrivals) console.log("   arrived", a.url, a.id.slice(0, 12), a.value, a.at);
	const l = life.ledger();
	for (const p of l?.purchases() ?? [])
		console.log("   record", p.sequence, p.plan, p.state, p.time, l!.purchase(p.sequence)!.outcome);
	return r;
};
console.log(await life.live());
