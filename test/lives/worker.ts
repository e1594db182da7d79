/** One process of `npm run test:lives`: lives from one seed on, and what they came to, as JSON on standard output. */
import { drawLife, type LifeEnd, live, shrink } from "./life.js";

const [first = "1", lives = "0", purchases = "0"] = process.argv.slice(2);

/** What lives came to. */
export interface Lived {
	lives: number;
	purchases: number;
	signatures: number;
	asks: number;
	cuts: number;
	repairs: number;
	stops: number;
	/** The first life that failed, made smaller. */
	failure: { readonly seed: number; readonly steps: string[]; readonly violations: readonly string[] } | undefined;
}

const sum: Lived = {
	lives: 0,
	purchases: 0,
	signatures: 0,
	asks: 0,
	cuts: 0,
	repairs: 0,
	stops: 0,
	failure: undefined,
};
for (let seed = Number(first); sum.failure === undefined; seed++) {
	if (sum.lives >= Number(lives) && sum.purchases >= Number(purchases)) break;
	const life = drawLife(seed);
	const end = await live(life);
	sum.lives++;
	for (const name of ["purchases", "signatures", "asks", "cuts", "repairs", "stops"] as const) sum[name] += end[name];
	if (end.violations.length > 0) sum.failure = await failureOf(seed, life);
}
process.stdout.write(`${JSON.stringify(sum)}\n`);

async function failureOf(seed: number, life: ReturnType<typeof drawLife>): Promise<NonNullable<Lived["failure"]>> {
	const smallest = await shrink(life);
	const { violations }: LifeEnd = await live(smallest);
	return { seed, steps: smallest.steps.map((step) => JSON.stringify(step)), violations };
}
