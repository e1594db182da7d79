/**
 * A plan: what to buy, from where, how often, at most for how much, and where the result goes.
 */
export interface Plan {
	/** The ledger knows the plan by this name: one that is renamed may buy again. */
	readonly name: string;
	/** On a device it is read from flash each time. */
	readonly buys: FromSeller | FromMarket;
	/** Base units. */
	readonly maxAmount: string;
	/** 0: once. */
	readonly everySeconds: number;
	readonly sink: SinkChoice;
}

/** A resource at an address, for which the seller asks by x402, or nothing. */
export interface FromSeller {
	readonly method: string;
	/** Parsed when it is due: sixteen parsed addresses take a kilobyte and more. */
	readonly url: string;
	readonly headers: readonly (readonly [string, string])[];
	readonly body: string | undefined;
}

/** An offer of a market, by the market's own name for it. */
export interface FromMarket {
	readonly market: string;
	readonly offer: string;
	/** JSON text, or "". */
	readonly input: string;
}

export interface SinkChoice {
	readonly kind: "log" | "storage";
	/** Of storage. */
	readonly key: string;
	/** Bytes: of a log, what of the result is shown; of storage, what is taken at all. */
	readonly limit: number;
}

/**
 * The period that `now` (seconds since the epoch) lies in: the second in which it began. A plan buys at most once in each.
 * It follows from wall time alone, so a restart does not change it, and a plan whose `everySeconds` changes goes on.
 */
export function periodOf(plan: Plan, now: number): number {
	return plan.everySeconds === 0 ? 0 : Math.floor(now / plan.everySeconds) * plan.everySeconds;
}

/** When the next period begins, in seconds since the epoch; `undefined` for a plan that buys once. */
export function nextPeriodAt(plan: Plan, now: number): number | undefined {
	return plan.everySeconds === 0 ? undefined : periodOf(plan, now) + plan.everySeconds;
}
