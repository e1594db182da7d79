/**
 * Decides whose turn it is. Of the plans that are due, the one that has been due longest goes first, whatever their order in
 * the configuration. A plan in whose turn the machine keeps crashing (`run_mark.ts`) waits until the others have had theirs.
 */
import { nextPeriodAt, type Plan, periodOf } from "../configuration/plan.js";

/** A plan and the time at which it is due next: seconds since the epoch. */
export interface Due {
	readonly plan: string;
	readonly at: number;
}

/** A plan's past, by its name. */
export interface History {
	/** The last period in which it bought. */
	lastPeriod(plan: string): number | undefined;
	/** Seconds that it must still wait because of crashes in its last turns; `undefined` if there were none. */
	suspension(plan: string): number | undefined;
}

export class Schedule {
	readonly #plans: readonly Plan[];
	readonly #history: History;
	/** By plan: the period that this run has handled. */
	readonly #dealt = new Map<string, number>();

	constructor(plans: readonly Plan[], history: History) {
		this.#plans = plans;
		this.#history = history;
	}

	/** Returns the plan whose turn it is at `now` (seconds since the epoch). */
	next(now: number): Plan | undefined {
		let next: Plan | undefined;
		let suspended: Plan | undefined;
		for (const plan of this.#plans) {
			if (!this.#isDue(plan, now)) continue;
			const wait = this.#history.suspension(plan.name);
			if (wait === undefined) next = overdue(next, plan, now);
			else if (wait <= 0) suspended = overdue(suspended, plan, now);
		}
		return next ?? suspended;
	}

	/** Returns the next turn: the plan and the time. */
	nextDue(now: number): Due | undefined {
		let next: Due | undefined;
		for (const plan of this.#plans) {
			const wait = Math.max(this.#history.suspension(plan.name) ?? 0, 0);
			const at = this.#isDue(plan, now) ? now + wait : nextPeriodAt(plan, now);
			if (at !== undefined && (next === undefined || at < next.at)) next = { plan: plan.name, at };
		}
		return next;
	}

	/** Marks the plan's turn in `period` as begun: it gets no other in that period. */
	begin(plan: Plan, period: number): void {
		this.#dealt.set(plan.name, period);
	}

	#isDue(plan: Plan, now: number): boolean {
		const period = periodOf(plan, now);
		// Not "or later": the clock may have been wrong then and set since.
		if (this.#dealt.get(plan.name) === period) return false;
		const last = this.#history.lastPeriod(plan.name);
		return last === undefined || last < period;
	}
}

/** Returns the plan whose period began earlier; the first if both began at once. */
function overdue(one: Plan | undefined, other: Plan, now: number): Plan {
	return one === undefined || periodOf(other, now) < periodOf(one, now) ? other : one;
}
