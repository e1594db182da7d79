import type { Brake, PlanWaits } from "./plan_limits.js";

/**
 * A plan: what to buy, where, how often, at which price at most, and the destination of the result.
 */
export interface Plan {
	/** The ledger's name for the plan: a renamed plan may buy again. */
	readonly name: string;
	/** On a device, read from flash on each use. */
	readonly buys: FromSeller | FromMarket;
	/** The plan's cap, base units. */
	readonly maxAmount: string;
	/** 0: once. */
	readonly everySeconds: number;
	readonly sink: SinkChoice;
	readonly waits: PlanWaits;
	readonly brake: Brake;
}

/** A resource at an address, sold by x402 or free. */
export interface FromSeller {
	readonly method: string;
	/** Parsed when it is due: sixteen parsed addresses take more than a kilobyte. */
	readonly url: string;
	readonly headers: readonly (readonly [string, string])[];
	readonly body: string | undefined;
}

/** A market's offer, by the market's own name for it. */
export interface FromMarket {
	readonly market: string;
	readonly offer: string;
	/** JSON text, or "". */
	readonly input: string;
}

export interface SinkChoice {
	readonly kind: "log" | "storage";
	/** The key in storage. */
	readonly key: string;
	/** Bytes: for a log, the part of the result that is shown; for storage, the most that is accepted. */
	readonly limit: number;
}

/**
 * Returns the period of `now` (seconds since the epoch): the second in which it began. A plan buys at most once in each. It
 * depends on wall time alone, so a restart does not change it, and a plan whose `everySeconds` changes continues.
 */
export function periodOf(plan: Plan, now: number): number {
	return plan.everySeconds === 0 ? 0 : Math.floor(now / plan.everySeconds) * plan.everySeconds;
}

/** Returns the start of the next period, in seconds since the epoch; `undefined` for a plan that buys once. */
export function nextPeriodAt(plan: Plan, now: number): number | undefined {
	return plan.everySeconds === 0 ? undefined : periodOf(plan, now) + plan.everySeconds;
}
