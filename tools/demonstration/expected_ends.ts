import { endsAtMarkets } from "./markets.js";

/** The states in which the demonstration's purchases end, by plan, where that is not "delivered". */
export type ExpectedEnds = Readonly<Record<string, "refused" | "unknown">>;

export const expectedEnds: ExpectedEnds = {
	"in euro, which no rule allows": "refused",
	"a photograph, over budget": "refused",
	...endsAtMarkets,
};
