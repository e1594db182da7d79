/**
 * Budgets: what a purchase may take of a device. `budgets.json` has the bounds, `npm run bench` prints each figure beside its bound,
 * and `budgets_on_xs.test.ts` fails when one is exceeded. A bound is lowered when a figure falls, and raised only on purpose.
 */
import { readFileSync } from "node:fs";
import type { CodeRow } from "./markets.js";
import type { Rv32PurchaseRow } from "./purchase_rv32.js";

export interface BudgetRow {
	readonly bench: "budget";
	readonly what: string;
	readonly unit: "instructions" | "bytes taken" | "bytes of bytecode";
	readonly now: number;
	readonly budget: number;
}

type Bounds = Readonly<Record<string, number>>;

const FILE = new URL("./budgets.json", import.meta.url);

/** Returns each figure that has a budget, beside it. Throws for a budget without a figure: its name may be wrong. */
export function besideBudgets(purchases: readonly Rv32PurchaseRow[], parts: readonly CodeRow[]): BudgetRow[] {
	const budgets = JSON.parse(readFileSync(FILE, "utf8")) as Readonly<Record<"instructions" | "taken" | "code", Bounds>>;
	const rows = (unit: BudgetRow["unit"], bounds: Bounds, figureOf: (what: string) => number | undefined) =>
		Object.entries(bounds).map(([what, budget]): BudgetRow => {
			const now = figureOf(what);
			if (now === undefined) throw new Error(`budgets.json has "${what}" (${unit}), and the bench has no such figure`);
			return { bench: "budget", what, unit, now, budget };
		});
	const purchaseOf = (what: string) => purchases.find(({ purchase }) => purchase === what);
	return [
		...rows("instructions", budgets.instructions, (what) => purchaseOf(what)?.instructions),
		...rows("bytes taken", budgets.taken, (what) => purchaseOf(what)?.taken),
		...rows("bytes of bytecode", budgets.code, (what) => parts.find(({ part }) => part === what)?.code),
	];
}
