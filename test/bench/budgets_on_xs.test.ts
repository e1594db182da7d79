/** Holds the figures of the bench to `budgets.json`. */
import test from "ava";
import { rv32Missing } from "../../tools/rv32/build.js";
import { testWith } from "../support/needs.js";
import { type BudgetRow, besideBudgets } from "./budgets.js";
import { codeBench } from "./markets.js";
import { purchaseRv32Bench } from "./purchase_rv32.js";

testWith(rv32Missing(), "purchases, memory and bytecode are within their budgets", async (t) => {
	const rows = besideBudgets(await purchaseRv32Bench(), await codeBench());
	const textOf = ({ what, unit, now, budget }: BudgetRow) =>
		`${what}: ${now.toLocaleString("en")} ${unit} of ${budget.toLocaleString("en")}`;
	for (const row of rows) t.log(textOf(row));
	t.deepEqual(rows.filter(({ now, budget }) => now > budget).map(textOf), []);
});

test("a budget without a figure is refused", (t) => {
	t.throws(() => besideBudgets([], []), { message: /the bench has no such figure/ });
});
