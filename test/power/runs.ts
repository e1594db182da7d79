/**
 * The campaign's runs, in a fixed order. A round takes each scenario, cuts it at each of its operations, and cuts the recovery
 * from each of these cuts at each of its operations. Where in an operation the power fails (before, during, after) changes
 * from one to the next, and from round to round, so that nine rounds have every pair.
 */
import type { PowerCut } from "../support/power_flash.js";
import { type Cuts, Life, type LifeEnd } from "./life.js";
import { imageOf, SCENARIOS, type Scenario } from "./scenarios.js";

const SIDES = ["before", "during", "after"] as const;
const ROUNDS = SIDES.length ** 2;

export interface RunEnd extends LifeEnd {
	readonly scenario: string;
	/** Whole rounds before it. */
	readonly rounds: number;
	/** As the command line has it, so that this run can be had alone. */
	readonly command: string;
}

/** `every`: of the runs whose recovery is cut, each so many-th is made. */
export interface Choice {
	readonly seed: number;
	readonly every: number;
	/** Of so many parts of the whole, which: each can be made by a process of its own. */
	readonly part: number;
	readonly parts: number;
	/** The names of scenarios begin so. */
	readonly only: string;
}

/** Makes runs, as long as whoever asks for them goes on. */
export async function* runs({ seed, every, part, parts, only }: Choice): AsyncGenerator<RunEnd, void> {
	let unit = 0;
	let count = 0;
	for (let round = 0; round < ROUNDS; round++) {
		for (const scenario of SCENARIOS.filter(({ name }) => name.startsWith(only))) {
			const { operations } = await make(scenario, { seed });
			for (let at = 1; at <= operations[0]!; at++) {
				if (unit++ % parts !== part) continue;
				const first = { at, side: SIDES[(at + round) % 3]! };
				const single = await make(scenario, { first, seed });
				yield { ...single, rounds: round };
				for (let then = 1; then <= (single.operations[1] ?? 0); then++) {
					if (count++ % every !== 0) continue;
					const second = { at: then, side: SIDES[(at + then + Math.floor(round / 3)) % 3]! };
					yield { ...(await make(scenario, { first, second, seed })), rounds: round };
				}
			}
		}
	}
}

/** One run. */
export async function make(scenario: Scenario, cuts: Cuts): Promise<Omit<RunEnd, "rounds">> {
	const end = await lived(scenario, cuts);
	const { first, second, seed } = cuts;
	const options = [
		`--scenario ${JSON.stringify(scenario.name)}`,
		...(first === undefined ? [] : [`--cut ${textOf(first)}`]),
		...(second === undefined ? [] : [`--then ${textOf(second)}`]),
		`--seed ${seed}`,
	];
	return { ...end, scenario: scenario.name, command: `npm run test:power -- ${options.join(" ")}` };
}

async function lived(scenario: Scenario, cuts: Cuts): Promise<LifeEnd> {
	try {
		return await new Life(scenario, await imageOf(scenario), cuts).live();
	} catch (error) {
		return { operations: [0], cuts: 0, ends: [], violations: [(error as Error).stack ?? String(error)] };
	}
}

function textOf({ at, side }: PowerCut): string {
	return `${at}:${side}`;
}

/** Throws for what is no cut: an operation, and where in it, "after" if that is not said. */
export function readCut(text: string | undefined): PowerCut | undefined {
	if (text === undefined) return undefined;
	const [at = "", name = "after"] = text.split(":");
	const side = SIDES.find((each) => each === name);
	if (/^[1-9][0-9]*$/.test(at) && side !== undefined) return { at: Number(at), side };
	throw new Error(`expected a cut such as 12 or 12:during, got ${JSON.stringify(text)}`);
}

/** What runs came to. */
export class Tally {
	runs = 0;
	cuts = 0;
	secondCuts = 0;
	/** How often each pair of operations was cut. */
	rounds = Number.POSITIVE_INFINITY;
	/** Operations of the longest run between two cuts, or from one to the end. */
	mostOperations = 0;
	/** By scenario. */
	readonly scenarios: Record<string, { runs: number; ends: Record<string, number> }> = {};
	readonly failures: { readonly command: string; readonly violations: readonly string[] }[] = [];

	add({ scenario, rounds, operations, cuts, ends, command, violations }: RunEnd): void {
		this.runs++;
		this.rounds = rounds;
		this.cuts += cuts;
		if (cuts > 1) this.secondCuts++;
		this.mostOperations = Math.max(this.mostOperations, ...operations);
		this.#count(
			scenario,
			1,
			ends.map((end) => [end, 1]),
		);
		if (violations.length > 0) this.failures.push({ command, violations });
	}

	/** Adds what another process has. */
	join(other: Tally): void {
		this.runs += other.runs;
		this.rounds = Math.min(this.rounds, other.rounds);
		this.cuts += other.cuts;
		this.secondCuts += other.secondCuts;
		this.mostOperations = Math.max(this.mostOperations, other.mostOperations);
		for (const [name, { runs, ends }] of Object.entries(other.scenarios)) this.#count(name, runs, Object.entries(ends));
		this.failures.push(...other.failures);
	}

	#count(scenario: string, runs: number, ends: readonly (readonly [end: string, times: number])[]): void {
		const row = this.scenarios[scenario] ?? { runs: 0, ends: {} };
		this.scenarios[scenario] = row;
		row.runs += runs;
		for (const [end, times] of ends) row.ends[end] = (row.ends[end] ?? 0) + times;
	}
}
