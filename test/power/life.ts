/**
 * One life of a device whose power fails twice, and what must be true of it. It buys, loses its power at one operation, is
 * switched on again, loses it at an operation of its recovery, and then keeps it: until nothing more is to be done, and into
 * the next period. The chain's and the sellers' books judge.
 */
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { LedgerError } from "../../src/wallet/errors.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { findLoss, settleLoss } from "../../src/wallet/ledger_repair.js";
import { isFinal, type PurchaseRecord } from "../../src/wallet/record.js";
import type { Rule } from "../../src/wallet/rule.js";
import type { PlanModel } from "../lives/witness.js";
import { lightSigner } from "../support/light_signer.js";
import { KINDS, PortDevice, type PortRun } from "../support/port_device.js";
import { type PowerCut, PowerSupply } from "../support/power_flash.js";
import { VirtualTime } from "../support/virtual_time.js";
import { Books } from "./books.js";
import { type Configuration, PERIOD, sourceOf, textOf } from "./configuration.js";
import { ConsoleOwner } from "./owner.js";
import type { Scenario } from "./scenarios.js";
import { readPayment } from "./token_book.js";

/** Flash and time at the beginning of a life. */
export interface Image {
	readonly entries: ReadonlyMap<string, Uint8Array>;
	readonly slots: ReadonlyMap<number, Uint8Array>;
	/** Seconds since the epoch. */
	readonly now: number;
}

/** The cuts of a life, and a number that what else may differ follows from. */
export interface Cuts {
	readonly first?: PowerCut | undefined;
	readonly second?: PowerCut | undefined;
	readonly seed: number;
}

/** An entry of flash, or the key, that has decayed; the agent still has to work if that is harmless. */
export interface Decayed {
	readonly key: string;
	readonly isHarmless: boolean;
}

export interface LifeEnd {
	/** Of each run. */
	readonly operations: readonly number[];
	readonly cuts: number;
	/** How the purchases ended that were cut. */
	readonly ends: readonly string[];
	/** What must not be, and was. */
	readonly violations: readonly string[];
}

/** Seconds without power. */
const AWAY = 5;
/** Milliseconds without an operation after which a device has done what there is to do. */
const QUIET_MS = 30_000;
/** Seconds: an intent may be so much older than the arrival of its payment. */
const LONGEST_INTENT = 700;
/** Seconds that a signature must still be good for, to be sent again. */
const USABLE = 20;

/** Ends of purchases for which money has moved. */
const MOVED: readonly string[] = ["delivered, paid", "unknown, nonce_already_used"];

export class Life {
	readonly time: VirtualTime;
	readonly books: Books;
	readonly device: PortDevice;
	readonly cuts: Cuts;
	/** As the device reads it next. */
	configuration: Configuration;
	readonly violations: string[] = [];
	/** What has decayed in flash. */
	decayed: Decayed | undefined;
	readonly #scenario: Scenario;
	readonly #operations: number[] = [];
	readonly #owner: ConsoleOwner | undefined;
	/** What rules had let go before the life began. */
	readonly #before = new Map<string, bigint>();
	/** Key slots, as flash first had them. */
	readonly #keys = new Map<number, string>();
	/** As they were when the power came back. */
	#keysLeft: ReadonlyMap<number, string> | undefined;
	readonly #addresses = new Set<string>();
	/** Nonces of payments that had left and were open when the power failed, and how often they had arrived. */
	readonly #interrupted = new Map<string, number>();

	constructor(scenario: Scenario, image: Image, cuts: Cuts) {
		this.#scenario = scenario;
		this.cuts = cuts;
		this.time = new VirtualTime(image.now * 1_000);
		this.books = new Books(() => Math.floor(this.time.now / 1_000));
		this.configuration = scenario.configuration;
		if (scenario.typed !== undefined) this.#owner = new ConsoleOwner(scenario.typed);
		this.device = new PortDevice(scenario.servers(this.books), this.time, cuts.seed * 1_000);
		const { flash } = this.device;
		for (const [key, bytes] of image.entries) flash.entries.set(key, bytes);
		for (const [slot, record] of image.slots) flash.slots.set(slot, record);
		flash.layout = ((cuts.first?.at ?? 0) + (cuts.second?.at ?? 0) + cuts.seed) % 2 === 0 ? "nvs" : "files";
		const ledger = this.ledger();
		for (const rule of this.#rules()) {
			const open = ledger!.openPurchases().filter((record) => record.rule === rule.name);
			const reserved = open.reduce((sum, { amount }) => sum + integer(amount), 0n);
			this.#before.set(rule.name, integer(ledger!.spending(rule, this.now).life) - reserved);
		}
		if (scenario.sentBefore !== undefined) this.#interrupted.set(readPayment(scenario.sentBefore).nonce, 0);
		this.#checkKeys([]);
	}

	/** Seconds since the epoch. */
	get now(): number {
		return this.books.now;
	}

	get image(): Image {
		const { entries, slots } = this.device.flash;
		return { entries, slots, now: this.now };
	}

	/** Switches the device on until it has done what there is to do, or its power fails. */
	async boot(cut?: PowerCut): Promise<PortRun> {
		const run = await this.device.run({
			configuration: this.#owner === undefined ? textOf(this.configuration) : undefined,
			owner: this.#owner,
			cut,
			quietMs: this.#scenario.quietMs ?? QUIET_MS,
			clockSetAfterMs: this.#scenario.clockSetAfterMs ?? 0,
		});
		this.#operations.push(run.operations);
		const told = run.events.flatMap(({ event, address }) => (event === "start" ? [String(address)] : []));
		this.#checkKeys([...told, ...(this.#owner?.addresses ?? [])]);
		this.violations.push(...(this.#owner?.refusals.splice(0) ?? []));
		this.#checkErrors(run);
		this.#checkSums();
		if (run.wasCut) this.#noteInterrupted();
		return run;
	}

	/** A life to its end. */
	async live(): Promise<LifeEnd> {
		const { first, second } = this.cuts;
		const runs = [await this.boot(first)];
		if (runs[0]!.wasCut) {
			this.time.skip((this.#scenario.awaySeconds ?? AWAY) * 1_000);
			this.#scenario.interrupted?.(this);
			this.#keysLeft = new Map([...this.device.flash.slots].map(([slot, record]) => [slot, hexOf(record)]));
			runs.push(await this.boot(second));
			if (runs[1]!.wasCut) {
				this.time.skip(AWAY * 1_000);
				runs.push(await this.boot());
			}
		}
		await this.#put(runs);
		const ends = this.#checkEnded();
		await this.#checkNextPeriod();
		this.#checkBooks();
		const cuts = runs.filter(({ wasCut }) => wasCut).length;
		return { operations: this.#operations, cuts, ends, violations: this.violations };
	}

	/** The ledger as flash has it; `undefined` when it is damaged, which only decay may do. */
	ledger(): Ledger | undefined {
		try {
			const plans = this.configuration.plans.map(({ name }) => name);
			return new Ledger(this.#storage(), lightSigner, this.#rules(), plans);
		} catch (error) {
			if (!(error instanceof LedgerError)) throw error;
			if (this.#isSound) this.violations.push(`${error.name}: ${error.message}`);
			return undefined;
		}
	}

	/** The owner puts right what has decayed, by the remedies that there are. */
	async #put(runs: readonly PortRun[]): Promise<void> {
		if (this.#isSound) return;
		const { slots } = this.device.flash;
		for (const [slot, key] of this.#keys) slots.set(slot, Buffer.from(key, "hex"));
		const rules = this.#rules();
		const plans = this.configuration.plans.map(({ name }) => name);
		const options = { storage: this.#storage(), hashes: lightSigner, rules, plans };
		const loss = findLoss(options);
		if (loss !== undefined) {
			const atMost = loss.known.map(({ rule, life }) => {
				const left = this.#leftBy(rule) + (this.#before.get(rule.name) ?? 0n);
				const known = integer(life);
				return [rule.name, bytesOf(left > known ? left : known)] as const;
			});
			settleLoss(options, new Map(atMost), this.now);
		}
		if (loss !== undefined || runs.at(-1)!.events.some(({ event }) => event === "error")) await this.boot();
	}

	/** True if the agent has to work whatever has decayed. */
	get #isSound(): boolean {
		return this.decayed?.isHarmless ?? true;
	}

	#storage() {
		return this.device.flash.storage(new PowerSupply());
	}

	#rules(): readonly Rule[] {
		return rulesOf(textOf(this.configuration));
	}

	/** A key stays the one that it was, and so does the address that the device has told. */
	#checkKeys(addresses: readonly string[]): void {
		const { slots } = this.device.flash;
		for (const [slot, record] of slots) {
			const key = hexOf(record);
			const isOwn = key === (this.#keys.get(slot) ?? key) || key === this.#keysLeft?.get(slot);
			if (!isOwn) this.violations.push(`slot ${slot} has another key`);
			if (!this.#keys.has(slot)) this.#keys.set(slot, key);
		}
		for (const slot of this.#keys.keys()) {
			const isLost = !slots.has(slot) && (this.#keysLeft?.has(slot) ?? true);
			if (isLost) this.violations.push(`the key of slot ${slot} is gone`);
		}
		for (const address of addresses) this.#addresses.add(address.toLowerCase());
		for (const { payment } of this.books.arrivals) if (payment !== undefined) this.#addresses.add(payment.from);
		if (this.#addresses.size > 1) this.violations.push(`it had the addresses ${[...this.#addresses].join(", ")}`);
	}

	/** What stops an agent from starting, or flash from being written, has no reason here but decay. */
	#checkErrors({ events }: PortRun): void {
		for (const { event, name, message } of events) {
			const isLack = this.#scenario.mayLack?.includes(String(name)) ?? false;
			if (event === "error" && !isLack && this.#isSound) this.violations.push(`${name}: ${message}`);
		}
	}

	/** At any moment the ledger counts what has left, by each rule, for life and in its window. */
	#checkSums(): void {
		const ledger = this.ledger();
		if (ledger === undefined) return;
		for (const origin of new Set(this.#rules().map((rule) => rule.origin))) {
			const rules = this.#rules().filter((rule) => rule.origin === origin);
			const spending = rules.map((rule) => ledger.spending(rule, this.now));
			const life = spending.reduce((sum, { life }) => sum + integer(life), 0n);
			const before = rules.reduce((sum, { name }) => sum + (this.#before.get(name) ?? 0n), 0n);
			const left = this.#leftBy(rules[0]!);
			if (life < before + left) {
				this.violations.push(`for life the ledger counts ${life} at ${origin}, ${before} + ${left} have left`);
			}
			const since = this.now - rules[0]!.windowSeconds + LONGEST_INTENT;
			const recent = this.books.left(origin).filter(({ at }) => at > since);
			const inWindow = recent.reduce((sum, { value }) => sum + value, 0n);
			const window = spending.reduce((sum, { window }) => sum + integer(window), 0n);
			const count = spending.reduce((sum, { windowCount }) => sum + windowCount, 0);
			if (window < inWindow || count < recent.length) {
				this.violations.push(`in its window the ledger counts ${window} (${count}) at ${origin}, not ${inWindow}`);
			}
		}
	}

	#leftBy({ origin }: Pick<Rule, "origin">): bigint {
		return this.books.left(origin).reduce((sum, { value }) => sum + value, 0n);
	}

	#noteInterrupted(): void {
		for (const { state, nonce, validBefore } of this.ledger()?.openPurchases() ?? []) {
			const id = nameOf(nonce);
			const times = this.#arrivalsOf(id);
			const away = this.#scenario.awaySeconds ?? AWAY;
			if (state !== "authorized" || times === 0 || validBefore - this.now < away + USABLE) continue;
			if (!this.#interrupted.has(id)) this.#interrupted.set(id, times);
		}
	}

	#arrivalsOf(id: string): number {
		return this.books.arrivals.filter((each) => each.id === id).length;
	}

	/** Every purchase has ended, each in its period, as it may; returns how. */
	#checkEnded(): string[] {
		const ledger = this.ledger();
		if (ledger === undefined) return ["damaged"];
		const records = ledger.purchases().map(({ sequence }) => ledger.purchase(sequence)!);
		for (const { plan, state } of records) {
			if (!isFinal(state)) this.violations.push(`a purchase of "${plan}" stays ${state}`);
		}
		if (this.#isSound) {
			for (const [id, times] of this.#interrupted) {
				const isRepeated = this.#arrivalsOf(id) > times || this.#scenario.mayGiveUp === true;
				if (!isRepeated) this.violations.push(`payment ${id} had left and was not sent again`);
			}
			this.#checkRemembered(records);
		}
		return this.#scenario.configuration.plans.map((plan) => this.#endOf(plan, ledger, records));
	}

	/** What has left has a record that says so. */
	#checkRemembered(records: readonly PurchaseRecord[]): void {
		const ids = new Map(records.map(({ nonce, state }) => [nameOf(nonce), state]));
		const oldest = Math.min(...records.map(({ time }) => time));
		for (const { id, at, payment } of this.books.left("")) {
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
		const period = plan.everySeconds === 0 ? 0 : this.now - (this.now % plan.everySeconds);
		this.#checkEnd(plan, end, last?.time ?? 0);
		const hasEnded = (ledger.lastPeriod(plan.name) ?? -1) >= period || this.#scenario.ends.includes("not bought");
		if (!hasEnded) this.violations.push(`"${plan.name}" was not bought in this period: ${end}`);
		const { uncut = "delivered, paid" } = this.#scenario;
		if (this.cuts.first === undefined && end !== uncut) this.violations.push(`not cut, it ended ${end}`);
		return end;
	}

	/** An end is one that may be, and money has moved for one that says so. */
	#checkEnd(plan: PlanModel, end: string, since: number): void {
		if (!this.#isSound) return;
		const { ends, nothingLeft = [] } = this.#scenario;
		const isRecent = ({ at }: { readonly at: number }) => at >= since;
		const hasLeft = this.books.left(sourceOf(plan)).some(isRecent);
		const isAllowed = ["delivered, paid", ...ends].includes(end) || (!hasLeft && nothingLeft.includes(end));
		if (!isAllowed) this.violations.push(`"${plan.name}" ended ${end}`);
		const hasMoved = this.books.moved(sourceOf(plan)).some(isRecent);
		if (MOVED.includes(end) && !hasMoved) this.violations.push(`"${plan.name}" ended ${end}, and nothing has moved`);
	}

	/** The device goes on: in the next period each plan buys once. */
	async #checkNextPeriod(): Promise<void> {
		this.configuration = this.#scenario.configuration;
		this.time.skip((PERIOD - (this.now % PERIOD) + 60) * 1_000);
		const before = this.configuration.plans.map((plan) => this.books.moved(sourceOf(plan)).length);
		const { events } = await this.boot();
		for (const [index, plan] of this.configuration.plans.entries()) {
			const times = this.books.moved(sourceOf(plan)).length - before[index]!;
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
		const [rule, ...others] = this.#rules();
		if (others.length > 0 || !this.#isSound) return;
		const { origin, windowSeconds, maxCountPerWindow } = rule!;
		const left = this.books.left(origin);
		for (const { at } of left) {
			const recent = left.filter((each) => each.at <= at && each.at > at - windowSeconds + LONGEST_INTENT);
			if (recent.length > maxCountPerWindow) this.violations.push(`${recent.length} payments in a window at ${origin}`);
		}
	}

	/** No plan is paid twice in one period, and no payment that has left is replaced by another of its nonce. */
	#checkBooks(): void {
		this.#checkCaps();
		for (const plan of this.configuration.plans) {
			let free = 0;
			for (const { at, id } of this.books.left(sourceOf(plan)).toSorted((a, b) => a.at - b.at)) {
				const period = plan.everySeconds === 0 ? 0 : at - (at % plan.everySeconds);
				if (free > period) this.violations.push(`"${plan.name}" has paid twice in one period, by ${id}`);
				free = Math.max(free, period - PERIOD * (this.#scenario.periodsLate ?? 0)) + Math.max(plan.everySeconds, 1);
			}
		}
		const headers = new Map<string, Set<string>>();
		const { sentBefore } = this.#scenario;
		if (sentBefore !== undefined) headers.set(readPayment(sentBefore).nonce, new Set([sentBefore]));
		for (const { id, payment } of this.books.arrivals) {
			if (payment !== undefined) headers.set(id, (headers.get(id) ?? new Set()).add(payment.header));
		}
		for (const [id, { size }] of headers) {
			if (size > (this.#scenario.replacements ?? 0) + 1) this.violations.push(`payment ${id} was sent in ${size} ways`);
		}
	}
}

const parsed = new Map<string, readonly Rule[]>();

function rulesOf(text: string): readonly Rule[] {
	const names = KINDS.map(({ name }) => name);
	const rules = parsed.get(text) ?? parseConfiguration(text, lightSigner, names).rules;
	parsed.set(text, rules);
	return rules;
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

function bytesOf(value: bigint): Uint8Array {
	return new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}
