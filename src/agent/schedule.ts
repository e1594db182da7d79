/**
 * Whose turn it is. Of the plans that are due the one goes first that has been due longest, whatever the order in which they
 * were set. A plan during whose turn the machine keeps ending (`run_mark.ts`) waits until the others had their turn.
 */
import { nextPeriodAt, type Plan, periodOf } from "../configuration/plan.js";

/** A plan, and when it is due next: seconds since the epoch. */
export interface Due {
	readonly plan: string;
	readonly at: number;
}

/** What the schedule asks about a plan, by its name. */
export interface History {
	/** The last period in which it bought. */
	lastPeriod(plan: string): number | undefined;
	/** How long it still has to wait, in seconds, for what happened in its last turns; `undefined` if nothing did. */
	suspension(plan: string): number | undefined;
}

export class Schedule {
	readonly #plans: readonly Plan[];
	readonly #history: History;
	/** By plan: the period that this run has dealt with. */
	readonly #dealt = new Map<string, number>();

	constructor(plans: readonly Plan[], history: History) {
		this.#plans = plans;
		this.#history = history;
	}

	/** The plan whose turn it is at `now` (seconds since the epoch). */
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

	/** When the next turn is, and whose. */
	nextDue(now: number): Due | undefined {
		let next: Due | undefined;
		for (const plan of this.#plans) {
			const wait = Math.max(this.#history.suspension(plan.name) ?? 0, 0);
			const at = this.#isDue(plan, now) ? now + wait : nextPeriodAt(plan, now);
			if (at !== undefined && (next === undefined || at < next.at)) next = { plan: plan.name, at };
		}
		return next;
	}

	/** The plan's turn in `period` has begun: there is no other in it. */
	begin(plan: Plan, period: number): void {
		this.#dealt.set(plan.name, period);
	}

	#isDue(plan: Plan, now: number): boolean {
		const period = periodOf(plan, now);
		// Not "or later": the clock may have been wrong at that time, and put right since.
		if (this.#dealt.get(plan.name) === period) return false;
		const last = this.#history.lastPeriod(plan.name);
		return last === undefined || last < period;
	}
}

/** The one of two due plans whose period began earlier; the first, if both did at once. */
function overdue(one: Plan | undefined, other: Plan, now: number): Plan {
	return one === undefined || periodOf(other, now) < periodOf(one, now) ? other : one;
}
