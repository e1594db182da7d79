import { endsAtMarkets } from "./markets.js";

/** The final states of the demonstration's purchases, by plan, if not "delivered". */
export type ExpectedEnds = Readonly<Record<string, "refused" | "unknown">>;

export const expectedEnds: ExpectedEnds = {
	"in euro, which no rule allows": "refused",
	"a photograph, over budget": "refused",
	...endsAtMarkets,
};
