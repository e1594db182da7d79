/**
 * What must be true of a device's life, whatever the power does. It goes by the books of the chain, the sellers and the
 * markets, and asks the ledger what it says of them.
 */
import type { Ledger } from "../../src/wallet/ledger.js";
import { isFinal, type PurchaseRecord } from "../../src/wallet/record.js";
import type { Rule } from "../../src/wallet/rule.js";
import type { PlanModel } from "../lives/witness.js";
import type { PortRun } from "../support/port_device.js";
import type { Books } from "./books.js";
import { AWAY, PERIOD, sourceOf } from "./configuration.js";
import type { Life } from "./life.js";
import type { Scenario } from "./scenarios.js";
import { readPayment } from "./token_book.js";

/** Seconds: an intent may be so much older than the arrival of its payment. */
const LONGEST_INTENT = 700;
/** Seconds that a signature must still be good for, to be sent again. */
const USABLE = 20;

/** Ends of purchases for which money has moved. */
const MOVED: readonly string[] = ["delivered, paid", "unknown, nonce_already_used"];

export class Judge {
	/** What must not be, and was. */
	readonly violations: string[] = [];
	/** Key slots, as flash first had them: in hexadecimal digits. */
	readonly keys = new Map<number, string>();
	readonly #life: Life;
	readonly #scenario: Scenario;
	readonly #books: Books;
	/** What rules had let go before the life began. */
	readonly #before = new Map<string, bigint>();
	/** Key slots as they were when the power came back. */
	#keysLeft: ReadonlyMap<number, string> | undefined;
	readonly #addresses = new Set<string>();
	/** Nonces of payments that had left and were open when the power failed, and how often they had arrived. */
	readonly #interrupted = new Map<string, number>();

	/** At the beginning of a life. */
	constructor(life: Life, scenario: Scenario) {
		this.#life = life;
		this.#scenario = scenario;
		this.#books = life.books;
	}

	/** Notes what flash holds at the beginning. */
	begin(): void {
		const ledger = this.#life.ledger()!;
		for (const rule of this.#life.rules()) {
			const open = ledger.openPurchases().filter((record) => record.rule === rule.name);
			const reserved = open.reduce((sum, { amount }) => sum + integer(amount), 0n);
			this.#before.set(rule.name, integer(ledger.spending(rule, this.#life.now).life) - reserved);
		}
		const { sentBefore } = this.#scenario;
		if (sentBefore !== undefined) this.#interrupted.set(readPayment(sentBefore).nonce, 0);
		this.#checkKeys([]);
	}

	/** What has happened to flash since the power failed is not the device's doing. */
	powerIsBack(): void {
		this.#keysLeft = new Map([...this.#life.device.flash.slots].map(([slot, record]) => [slot, hexOf(record)]));
	}

	/** After each run. `told`: addresses that the device says are its own. */
	checkRun(run: PortRun, told: readonly string[]): void {
		this.#checkKeys(told);
		this.#checkErrors(run);
		this.#checkSums();
		if (run.wasCut) this.#noteInterrupted();
	}

	/** What has left by `rule`, all in all. */
	leftBy(rule: Rule): bigint {
		return this.#leftFor(rule) + (this.#before.get(rule.name) ?? 0n);
	}

	/** A key stays the one that it was, and so does the address that the device has told. */
	#checkKeys(addresses: readonly string[]): void {
		const { slots } = this.#life.device.flash;
		for (const [slot, record] of slots) {
			const key = hexOf(record);
			const isOwn = key === (this.keys.get(slot) ?? key) || key === this.#keysLeft?.get(slot);
			if (!isOwn) this.violations.push(`slot ${slot} has another key`);
			if (!this.keys.has(slot)) this.keys.set(slot, key);
		}
		for (const slot of this.keys.keys()) {
			const isLost = !slots.has(slot) && (this.#keysLeft?.has(slot) ?? true);
			if (isLost) this.violations.push(`the key of slot ${slot} is gone`);
		}
		for (const address of addresses) this.#addresses.add(address.toLowerCase());
		for (const { payment } of this.#books.arrivals) if (payment !== undefined) this.#addresses.add(payment.from);
		if (this.#addresses.size > 1) this.violations.push(`it had the addresses ${[...this.#addresses].join(", ")}`);
	}

	/** What stops an agent from starting, or flash from being written, has no reason here but decay. */
	#checkErrors({ events }: PortRun): void {
		for (const { event, name, message } of events) {
			const isLack = this.#scenario.mayLack?.includes(String(name)) ?? false;
			if (event === "error" && !isLack && this.#life.isSound) this.violations.push(`${name}: ${message}`);
		}
	}

	/** At any moment the ledger counts what has left, by each rule, for life and in its window. */
	#checkSums(): void {
		const ledger = this.#life.ledger();
		if (ledger === undefined) return;
		for (const origin of new Set(this.#life.rules().map((rule) => rule.origin))) {
			const rules = this.#life.rules().filter((rule) => rule.origin === origin);
			const spending = rules.map((rule) => ledger.spending(rule, this.#life.now));
			const life = spending.reduce((sum, { life }) => sum + integer(life), 0n);
			const before = rules.reduce((sum, { name }) => sum + (this.#before.get(name) ?? 0n), 0n);
			const left = this.#leftFor(rules[0]!);
			if (life < before + left) {
				this.violations.push(`for life the ledger counts ${life} at ${origin}, ${before} + ${left} have left`);
			}
			const since = this.#life.now - rules[0]!.windowSeconds + LONGEST_INTENT;
			const recent = this.#books.left(origin).filter(({ at }) => at > since);
			const inWindow = recent.reduce((sum, { value }) => sum + value, 0n);
			const window = spending.reduce((sum, { window }) => sum + integer(window), 0n);
			const count = spending.reduce((sum, { windowCount }) => sum + windowCount, 0);
			if (window < inWindow || count < recent.length) {
				this.violations.push(`in its window the ledger counts ${window} (${count}) at ${origin}, not ${inWindow}`);
			}
		}
	}

	#leftFor({ origin }: Pick<Rule, "origin">): bigint {
		return this.#books.left(origin).reduce((sum, { value }) => sum + value, 0n);
	}

	#noteInterrupted(): void {
		for (const { state, nonce, validBefore } of this.#life.ledger()?.openPurchases() ?? []) {
			const id = nameOf(nonce);
			const times = this.#arrivalsOf(id);
			const away = this.#scenario.awaySeconds ?? AWAY;
			if (state !== "authorized" || times === 0 || validBefore - this.#life.now < away + USABLE) continue;
			if (!this.#interrupted.has(id)) this.#interrupted.set(id, times);
		}
	}

	#arrivalsOf(id: string): number {
		return this.#books.arrivals.filter((each) => each.id === id).length;
	}

	/** Every purchase has ended, each in its period, as it may; returns how. */
	checkEnded(): string[] {
		const ledger = this.#life.ledger();
		if (ledger === undefined) return ["damaged"];
		const records = ledger.purchases().map(({ sequence }) => ledger.purchase(sequence)!);
		for (const { plan, state } of records) {
			if (!isFinal(state)) this.violations.push(`a purchase of "${plan}" stays ${state}`);
		}
		if (this.#life.isSound) {
			for (const [id, times] of this.#interrupted) {
				const isRepeated = this.#arrivalsOf(id) > times || this.#scenario.mayGiveUp === true;
				if (!isRepeated) this.violations.push(`payment ${id} had left and was not sent again`);
			}
			this.#checkRemembered(records);
		}
		const { plans } = this.#scenario.first ?? this.#scenario.configuration;
		return plans.map((plan) => this.#endOf(plan, ledger, records));
	}

	/** What has left has a record that says so. */
	#checkRemembered(records: readonly PurchaseRecord[]): void {
		const ids = new Map(records.map(({ nonce, state }) => [nameOf(nonce), state]));
		const oldest = Math.min(...records.map(({ time }) => time));
		for (const { id, at, payment } of this.#books.left("")) {
			if (payment === undefined || at < oldest) continue;
			const state = ids.get(id);
			if (state === undefined || state === "expired") {
				this.violations.push(`payment ${id} has left, and the ledger says ${state ?? "nothing"}`);
			}
		}
	}

	#endOf(plan: PlanModel, ledger: Ledger, records: readonly PurchaseRecord[]): string {
		const last = records.findLast(({ plan: name, state }) => name === plan.name && state !== "expired");
		const end = last === undefined ? "not bought" : `${last.state}, ${last.outcome}`;
		const period = plan.everySeconds === 0 ? 0 : this.#life.now - (this.#life.now % plan.everySeconds);
		this.#checkEnd(plan, end, last?.time ?? 0);
		const hasEnded = (ledger.lastPeriod(plan.name) ?? -1) >= period || this.#scenario.ends.includes("not bought");
		if (!hasEnded) this.violations.push(`"${plan.name}" was not bought in this period: ${end}`);
		const { uncut = "delivered, paid" } = this.#scenario;
		if (this.#life.cuts.first === undefined && end !== uncut) this.violations.push(`not cut, it ended ${end}`);
		return end;
	}

	/** An end is one that may be, and money has moved for one that says so. */
	#checkEnd(plan: PlanModel, end: string, since: number): void {
		if (!this.#life.isSound) return;
		const { ends, nothingLeft = [] } = this.#scenario;
		const isRecent = ({ at }: { readonly at: number }) => at >= since;
		const hasLeft = this.#books.left(sourceOf(plan)).some(isRecent);
		const isAllowed = ["delivered, paid", ...ends].includes(end) || (!hasLeft && nothingLeft.includes(end));
		if (!isAllowed) this.violations.push(`"${plan.name}" ended ${end}`);
		const hasMoved = this.#books.moved(sourceOf(plan)).some(isRecent);
		if (MOVED.includes(end) && !hasMoved) this.violations.push(`"${plan.name}" ended ${end}, and nothing has moved`);
	}

	/** In the next period each plan buys once. `before`: how often each had paid. */
	checkNextPeriod({ events }: PortRun, before: readonly number[]): void {
		for (const [index, plan] of this.#life.configuration.plans.entries()) {
			const times = this.#books.moved(sourceOf(plan)).length - before[index]!;
			const last = events.findLast(({ event, plan: name }) => event === "purchase" && name === plan.name);
			if (plan.everySeconds === 0) {
				if (times > 0) this.violations.push(`"${plan.name}" buys once, and bought again`);
			} else if (this.#scenario.buysNext === false) {
				if (times > 0) this.violations.push(`"${plan.name}" paid ${times} times beyond its rule`);
			} else if (last?.state !== "delivered" || (times !== 1 && last.outcome !== "free")) {
				const how = last === undefined ? "no purchase" : `${last.state}, ${last.outcome}: ${last.detail}`;
				this.violations.push(`in the next period "${plan.name}" paid ${times} times: ${how}`);
			}
		}
	}

	/** No more than a rule allows has left, in any of its windows or for life. */
	#checkCaps(): void {
		const [rule, ...others] = this.#life.rules();
		if (others.length > 0 || !this.#life.isSound) return;
		const { origin, windowSeconds, maxCountPerWindow } = rule!;
		const left = this.#books.left(origin);
		for (const { at } of left) {
			const recent = left.filter((each) => each.at <= at && each.at > at - windowSeconds + LONGEST_INTENT);
			if (recent.length > maxCountPerWindow) this.violations.push(`${recent.length} payments in a window at ${origin}`);
		}
	}

	/** No plan is paid twice in one period, and no payment that has left is replaced by another of its nonce. */
	checkBooks(): void {
		this.#checkCaps();
		for (const plan of this.#life.configuration.plans) {
			let free = 0;
			for (const { at, id } of this.#books.left(sourceOf(plan)).toSorted((a, b) => a.at - b.at)) {
				const period = plan.everySeconds === 0 ? 0 : at - (at % plan.everySeconds);
				if (free > period) this.violations.push(`"${plan.name}" has paid twice in one period, by ${id}`);
				free = Math.max(free, period - PERIOD * (this.#scenario.periodsLate ?? 0)) + Math.max(plan.everySeconds, 1);
			}
		}
		const headers = new Map<string, Set<string>>();
		const { sentBefore } = this.#scenario;
		if (sentBefore !== undefined) headers.set(readPayment(sentBefore).nonce, new Set([sentBefore]));
		for (const { id, payment } of this.#books.arrivals) {
			if (payment !== undefined) headers.set(id, (headers.get(id) ?? new Set()).add(payment.header));
		}
		for (const [id, { size }] of headers) {
			if (size > (this.#scenario.replacements ?? 0) + 1) this.violations.push(`payment ${id} was sent in ${size} ways`);
		}
	}
}

function hexOf(record: Uint8Array): string {
	return Buffer.from(record).toString("hex");
}

function nameOf(nonce: Uint8Array): string {
	return integer(nonce).toString(16);
}

export function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}
