/**
 * Decides whose turn it is. Of the plans that are due, the one that has been due longest goes first, whatever their order in
 * the configuration. A plan in whose turn the machine keeps crashing (`run_mark.ts`) waits until the others have had theirs.
 */
import { nextPeriodAt, type Plan, periodOf } from "../configuration/plan.js";

/** A plan and the time at which it is due next: seconds since the epoch. */
export interface Due {
	readonly plan: string;
	readonly at: number;
	/** True if it was tried before without buying. */
	readonly isRetry: boolean;
}

/** A plan's past, by its name. */
export interface History {
	/** The last period in which it bought. */
	lastPeriod(plan: string): number | undefined;
	/** Seconds that it must still wait because of crashes in its last turns; `undefined` if there were none. */
	suspension(plan: string): number | undefined;
	/** Seconds of its pause for payments without a delivery: 0 if it is not paused, infinity for a pause without an end. */
	paused(plan: string): number;
	/** Seconds since the start, independent of the wall clock. */
	uptime(): number;
}

/** A plan whose last turn bought nothing and cost nothing. */
interface Retry {
	/** Setbacks in a row. */
	readonly count: number;
	/** The time of the next try: seconds of uptime, since the wall clock may be set meanwhile. */
	readonly at: number;
}

export class Schedule {
	readonly #plans: readonly Plan[];
	readonly #history: History;
	readonly #retries = new Map<string, Retry>();
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
			if (!this.#isDue(plan, now) || this.#retryWait(plan) > 0 || this.#history.paused(plan.name) > 0) continue;
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
			const isRetry = this.#retryWait(plan) > 0;
			const paused = this.#history.paused(plan.name);
			const wait = Math.max(this.#history.suspension(plan.name) ?? 0, this.#retryWait(plan));
			const due = this.#isDue(plan, now) ? now + wait : nextPeriodAt(plan, now);
			const at = due === undefined || paused === Number.POSITIVE_INFINITY ? undefined : Math.max(due, now + paused);
			if (at !== undefined && (next === undefined || at < next.at)) next = { plan: plan.name, at, isRetry };
		}
		return next;
	}

	/** Marks the plan's turn in `period` as begun: it gets no other in that period. */
	begin(plan: Plan, period: number): void {
		this.#dealt.set(plan.name, period);
	}

	/** Repeats the turn of this period, which cost nothing, `seconds` from now or when the next period begins. */
	postpone(plan: Plan, seconds: number): void {
		this.#dealt.delete(plan.name);
		this.#retries.set(plan.name, { count: this.setbacks(plan) + 1, at: this.#history.uptime() + seconds });
	}

	/** Resets the plan's setbacks. */
	settle(plan: Plan): void {
		this.#retries.delete(plan.name);
	}

	/** Returns the number of setbacks in a row. */
	setbacks(plan: Plan): number {
		return this.#retries.get(plan.name)?.count ?? 0;
	}

	/** Returns the seconds to wait; 0 for a plan that may be tried. */
	#retryWait({ name }: Plan): number {
		return Math.max((this.#retries.get(name)?.at ?? 0) - this.#history.uptime(), 0);
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
