/**
 * The agent: turns plans into purchases, one at a time, each as often as its plan says. It continues with the next plan
 * whatever the outcome of one. Purchases that a restart interrupted come before new ones.
 */
import * as hex from "../../modules/encoding/hex.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as units from "../../modules/encoding/units.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Configuration } from "../configuration/configuration.js";
import { nextPeriodAt, type Plan, periodOf } from "../configuration/plan.js";
import { type Clock, seconds } from "../device/clock.js";
import type { Storage } from "../device/storage.js";
import type { Timer } from "../device/timer.js";
import type { Watchdog } from "../device/watchdog.js";
import type { HttpClient } from "../http/client.js";
import type { HttpCounters } from "../http/connection.js";
import type { HttpResponse } from "../http/response.js";
import { withoutSecrets } from "../http/shown.js";
import type { OpenMarket } from "../markets/market.js";
import { isUnfunded, type PurchaseRecord, type State, WALLET_EMPTY } from "../wallet/record.js";
import type { Asset } from "../wallet/rule.js";
import type { Wallet } from "../wallet/wallet.js";
import type { Brake, PausedPlan } from "./brake.js";
import type { LongWait } from "./heartbeat.js";
import { type AskedPayment, PurchaseRun } from "./purchase_run.js";
import type { RunMark } from "./run_mark.js";
import { type Due, Schedule } from "./schedule.js";
import { type Setback, setbackOf, setbackOfStatus, UNFUNDED, waitAfter } from "./setback.js";
import { type Delivery, deliver } from "./sink.js";
import type { Turn } from "./turn.js";

/** Dependencies of the agent. */
export interface AgentDeps {
	readonly clock: Clock;
	readonly timer: Timer;
	readonly http: HttpClient;
	readonly storage: Storage;
	readonly wallet: Wallet;
	/** By market name. */
	readonly markets: ReadonlyMap<string, OpenMarket>;
	readonly watchdog: Watchdog;
	readonly log: (event: object) => void;
	readonly mark: RunMark;
	readonly brake: Brake;
	readonly turn: Turn;
	/** True if the owner wants no new purchases. */
	readonly isPaused: () => boolean;
}

/** The end of a purchase. */
interface Ended {
	readonly state: State;
	readonly outcome: string;
	readonly detail: string;
	readonly transaction: string;
}

/** The longest wait without feeding the watchdog. */
const LONGEST_SLEEP_MS = 10_000;
/** How often a paused agent checks whether it may resume. */
const PAUSED_SLEEP_MS = 1_000;

export class Agent {
	readonly #deps: AgentDeps;
	readonly #configuration: Configuration;
	readonly #schedule: Schedule;
	/** By plan: a purchase that a restart left open and that waits while other plans have their turns. */
	readonly #postponed = new Map<string, PurchaseRecord>();
	#count = 0;
	#doing = "starting";
	/** The plan whose turn it is. */
	#buying: string | undefined;

	constructor(deps: AgentDeps, configuration: Configuration) {
		this.#deps = deps;
		this.#configuration = configuration;
		this.#schedule = new Schedule(configuration.plans, {
			lastPeriod: (plan) => (this.#postponed.has(plan) ? undefined : deps.wallet.lastPeriod(plan)),
			suspension: (plan) => deps.mark.suspension(plan),
			paused: (plan) => deps.brake.seconds(plan),
			uptime: () => deps.clock.monotonic() / 1_000,
		});
	}

	/** The current activity, for a person. */
	get doing(): string {
		return this.#doing;
	}

	/** Reports an exchange that takes long: it does not hang. */
	tellWait({ seconds, atMostSeconds }: LongWait): void {
		const plan = this.#buying;
		if (plan === undefined) return;
		this.#doing = `buying "${plan}": waiting for an answer for ${seconds} s, ${atMostSeconds} s at most`;
		this.#deps.log({ event: "waiting", for: "an answer", plan, seconds, atMostSeconds });
	}

	/** True during a purchase, which takes most of a device's memory. */
	get isBuying(): boolean {
		return this.#buying !== undefined;
	}

	/** Returns the paused plans. */
	get pausedPlans(): PausedPlan[] {
		return this.#deps.brake.paused;
	}

	/** Ends a plan's pause. Returns true if there was one. Throws what storage throws. */
	resume(plan: string): boolean {
		return this.#deps.brake.resume(plan);
	}

	/** Returns the plan that is due next, at `now` (seconds since the epoch). */
	nextDue(now: number): Due | undefined {
		return this.#schedule.nextDue(now);
	}

	/** Runs until every plan has bought all that it ever will, or `count` purchases have ended. */
	async run(): Promise<void> {
		await this.#wallTime();
		for (const record of this.#deps.wallet.openPurchases()) {
			const isPlanned = this.#configuration.plans.some(({ name }) => name === record.plan);
			const mayWait = isUnfunded(record) && isPlanned;
			if (!mayWait && this.#deps.mark.suspension(record.plan) === undefined) await this.#resume(record);
			else this.#postponed.set(record.plan, record);
		}
		while (!this.#isDone()) {
			this.#deps.watchdog.feed();
			const now = await this.#wallTime();
			if (this.#deps.isPaused()) {
				this.#doing = "paused";
				const record = this.#postponedDue();
				if (record === undefined) await this.#sleep(PAUSED_SLEEP_MS);
				else await this.#resumePostponed(record);
				continue;
			}
			const plan = this.#schedule.next(now);
			if (plan !== undefined) await this.#begin(plan, now);
			else if (!(await this.#sleepUntilDue(now))) break;
		}
		this.#doing = "done";
	}

	#isDone(): boolean {
		const { count } = this.#configuration;
		return count !== 0 && this.#count >= count;
	}

	/** Gives a plan its turn: resumes a postponed purchase, or buys. Not async, since each suspended frame takes memory. */
	#begin(plan: Plan, now: number): Promise<void> {
		const record = this.#postponed.get(plan.name);
		if (record === undefined) return this.#run(plan, periodOf(plan, now));
		if (!isUnfunded(record)) return this.#resumePostponed(record);
		this.#postponed.delete(plan.name);
		// The ledger may have closed it meanwhile, to make room.
		const current = this.#deps.wallet.purchaseOf(record.sequence);
		if (current === undefined || !isUnfunded(current)) return Promise.resolve();
		return this.#run(plan, periodOf(plan, now), current);
	}

	/** Returns a postponed purchase whose wait is over. */
	#postponedDue(): PurchaseRecord | undefined {
		for (const [plan, record] of this.#postponed) {
			if (!isUnfunded(record) && (this.#deps.mark.suspension(plan) ?? 0) <= 0) return record;
		}
		return undefined;
	}

	#resumePostponed(record: PurchaseRecord): Promise<void> {
		this.#postponed.delete(record.plan);
		return this.#resume(record);
	}

	/** Waits until the clock is set; returns seconds since the epoch. */
	async #wallTime(): Promise<number> {
		let isLogged = false;
		for (;;) {
			const now = seconds(this.#deps.clock);
			if (now !== undefined) return now;
			if (!isLogged) this.#deps.log({ event: "waiting", for: "wall time" });
			isLogged = true;
			this.#doing = "waiting for wall time";
			this.#deps.watchdog.feed();
			await this.#sleep(250);
		}
	}

	/** Sleeps for part of the time until a plan is due. Returns `false` if none will ever be. */
	async #sleepUntilDue(now: number): Promise<boolean> {
		const next = this.nextDue(now);
		if (next === undefined) return false;
		this.#doing = next.isRetry ? `waiting to try "${next.plan}" again` : "waiting for the next plan";
		await this.#sleep(Math.min(Math.max(Math.ceil((next.at - now) * 1_000), 1), LONGEST_SLEEP_MS));
		return true;
	}

	#sleep(milliseconds: number): Promise<void> {
		return new Promise((resolve) => this.#deps.timer.set(resolve, milliseconds));
	}

	/** Resumes or closes a purchase that a restart left open. */
	async #resume(record: PurchaseRecord): Promise<void> {
		const plan = this.#configuration.plans.find(({ name }) => name === record.plan);
		const reason = plan === undefined ? "plan_removed" : this.#reasonToClose(plan, record, await this.#wallTime());
		if (plan !== undefined && reason === undefined) return await this.#run(plan, record.period, record);
		try {
			this.#deps.wallet.close(record, reason ?? "");
		} catch (error) {
			this.#logError(error as Error);
		}
	}

	/** Returns the reason not to resume a purchase that a restart left open; `undefined` if it is to be resumed. */
	#reasonToClose(plan: Plan, { state, period }: PurchaseRecord, now: number): string | undefined {
		if (state !== "intended") return undefined;
		if (period !== periodOf(plan, now)) return "expired";
		// Nothing has left: it is bought as a new purchase, if the owner allows it.
		return this.#deps.isPaused() ? "paused" : undefined;
	}

	/** Gives a plan its turn, in one function: each function that is suspended during a purchase takes more than a kilobyte. */
	async #run(plan: Plan, period: number, record?: PurchaseRecord): Promise<void> {
		const { mark, turn } = this.#deps;
		this.#schedule.begin(plan, period);
		this.#doing = `buying "${plan.name}"`;
		this.#buying = plan.name;
		this.#keep(() => mark.begin(plan.name));
		const run = new PurchaseRun(this.#deps, plan, period, record);
		turn.begin(() => run.record);
		this.#deps.log({ event: "buying", plan: plan.name, period, url: run.what, resumed: record !== undefined });
		let delivery: Delivery | undefined;
		const take = (response: HttpResponse) =>
			deliver(response, plan.sink, this.#deps.storage, (taken) => {
				delivery = taken;
			});
		const before = { ...this.#deps.http.counters };
		let ended: Ended;
		let setback: Setback | undefined;
		try {
			// Unwinds the stack first: a market needs much of it.
			await undefined;
			const outcome = await run.buy(take);
			run.end(outcome);
			ended = outcome;
			setback = setbackOfStatus(outcome.status ?? 0, outcome.afterSeconds ?? 0);
		} catch (error) {
			ended = this.#stopped(run, error as Error);
			setback = setbackOf(error as Error);
		}
		turn.end();
		this.#keep(() => mark.end(plan.name));
		this.#count++;
		this.#buying = undefined;
		if (run.record !== undefined && isUnfunded(run.record)) {
			this.#postponed.set(plan.name, run.record);
			if (ended.outcome === WALLET_EMPTY) {
				setback = UNFUNDED;
				ended = { ...ended, detail: `${this.#fundingAdvice(run)}: ${ended.detail}` };
			}
		}
		const retryInSeconds = this.#reschedule(plan, run, setback);
		this.#report(plan, ended, run, this.#trafficSince(before), delivery, retryInSeconds);
		this.#keep(() => this.#brake(run.record));
	}

	/** Pauses a plan whose payments brought no delivery. */
	#brake(record: PurchaseRecord | undefined): void {
		const pause = record && this.#deps.brake.count(record);
		if (pause === undefined) return;
		const until = pause.until === undefined ? {} : { until: new Date(pause.until * 1_000).toISOString() };
		this.#deps.log({ event: "paused", ...pause, ...until });
	}

	/** Keeps the period of a turn that cost nothing. Returns the seconds until the next try, if there is one. */
	#reschedule(plan: Plan, { record }: PurchaseRun, setback: Setback | undefined): number | undefined {
		const now = seconds(this.#deps.clock);
		const isFree = record === undefined || record.state === "expired" || isUnfunded(record);
		if (setback === undefined || !isFree || now === undefined) {
			this.#schedule.settle(plan);
			return undefined;
		}
		const wait = waitAfter(setback, this.#schedule.setbacks(plan) + 1, this.#jitter(plan));
		// A new period begins on time, unless the server has asked for a longer wait.
		const rest = (nextPeriodAt(plan, now) ?? Number.POSITIVE_INFINITY) - now;
		const inSeconds = Math.max(Math.min(wait, rest), setback.atLeast);
		this.#schedule.postpone(plan, inSeconds);
		return Math.round(inSeconds * 10) / 10;
	}

	/** What an owner does about an empty wallet. */
	#fundingAdvice({ record }: PurchaseRun): string {
		const { network, asset, amount } = record!;
		const { networks, assets } = this.#configuration;
		const known = assets.find((each) => each.network === network && each.address === asset);
		const name = networks.find(({ id }) => id === network)?.name ?? network;
		const least = units.format(amount, known?.decimals ?? 0);
		return `send ${known?.symbol ?? asset} on ${name} to ${this.#deps.wallet.address}, at least ${least}`;
	}

	/**
	 * Returns a number from 0 to 1 that differs by device, plan and try, so that a fleet does not ask a recovering server all
	 * at once.
	 */
	#jitter(plan: Plan): number {
		const { wallet } = this.#deps;
		const what = `${wallet.address} ${plan.name} ${this.#schedule.setbacks(plan)}`;
		return wallet.digest(utf8.encode(what))[0]! / 255;
	}

	/** Changes the run mark. If flash does not take it, no money is at risk: the turn continues without it. */
	#keep(change: () => void): void {
		try {
			change();
		} catch (error) {
			this.#logError(error as Error);
		}
	}

	/** Ends a purchase that was refused before a payment left. */
	#stopped(run: PurchaseRun, error: Error): Ended {
		try {
			run.abandon(error.name);
		} catch (second) {
			this.#logError(second as Error);
		}
		const { record } = run;
		const mayBePaid = record?.state === "authorized" || record?.state === "unknown";
		const state = mayBePaid && !isUnfunded(record) ? "unknown" : "refused";
		return { state, outcome: error.name, detail: error.message, transaction: "" };
	}

	/**
	 * Reports that flash did not take the end of a purchase. It stays open, counts as reserved, and is closed after the next
	 * restart.
	 */
	#logError({ name, message }: Error): void {
		this.#deps.log({ event: "error", name, message: withoutSecrets(message) });
	}

	/** Returns the traffic on the network since `before`, as a metered link counts it. */
	#trafficSince(before: HttpCounters): HttpCounters {
		const { connections, requests, bytesSent, bytesReceived } = this.#deps.http.counters;
		return {
			connections: connections - before.connections,
			requests: requests - before.requests,
			bytesSent: bytesSent - before.bytesSent,
			bytesReceived: bytesReceived - before.bytesReceived,
		};
	}

	#report(
		plan: Plan,
		ended: Ended,
		run: PurchaseRun,
		traffic: HttpCounters,
		delivery: Delivery | undefined,
		retryInSeconds: number | undefined,
	): void {
		const { state, outcome, detail, transaction } = ended;
		const { asked, record, seller, what } = run;
		this.#deps.log({
			event: "purchase",
			plan: plan.name,
			seller,
			url: what,
			state,
			outcome,
			detail: run.shown(detail),
			...traffic,
			...(asked !== undefined && this.#price(asked)),
			...(record !== undefined && record.rule !== "" && { rule: record.rule }),
			...(record !== undefined && record.nonce.length > 0 && { nonce: `0x${hex.encode(record.nonce)}` }),
			...(transaction !== "" && { transaction }),
			...(state === "delivered" && delivery !== undefined && { bytes: delivery.bytes, data: delivery.preview }),
			...(retryInSeconds !== undefined && { retryInSeconds }),
		});
	}

	#price({ network, asset, amount, method }: AskedPayment): object {
		const known = this.#configuration.assets.find((each) => each.network === network && each.address === asset);
		return { network, asset, amount: uint256.toDecimal(amount), method, ...named(known) };
	}
}

function named(asset: Asset | undefined): object {
	return asset === undefined ? {} : { symbol: asset.symbol, decimals: asset.decimals };
}
