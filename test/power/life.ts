/**
 * One life of a device whose power fails twice, and what must be true of it. It buys, loses its power at one operation, is
 * switched on again, loses it at an operation of its recovery, and then keeps it: until nothing more is to be done, and into
 * the next period. The chain's and the sellers' books judge.
 */
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { LedgerError } from "../../src/wallet/errors.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { findLoss, settleLoss } from "../../src/wallet/ledger_repair.js";
import type { Rule } from "../../src/wallet/rule.js";
import { lightSigner } from "../support/light_signer.js";
import { KINDS, PortDevice, type PortRun } from "../support/port_device.js";
import { type PowerCut, PowerSupply } from "../support/power_flash.js";
import { VirtualTime } from "../support/virtual_time.js";
import { Books } from "./books.js";
import { AWAY, type Configuration, PERIOD, sourceOf, textOf } from "./configuration.js";
import { integer, Judge } from "./judge.js";
import { ConsoleOwner } from "./owner.js";
import type { Scenario } from "./scenarios.js";

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

/** Milliseconds without an operation after which a device has done what there is to do. */
const QUIET_MS = 30_000;

export class Life {
	readonly time: VirtualTime;
	readonly books: Books;
	readonly device: PortDevice;
	readonly cuts: Cuts;
	/** As the device reads it next. */
	configuration: Configuration;
	readonly judge: Judge;
	/** What has decayed in flash. */
	decayed: Decayed | undefined;
	readonly #scenario: Scenario;
	readonly #operations: number[] = [];
	readonly #owner: ConsoleOwner | undefined;

	constructor(scenario: Scenario, image: Image, cuts: Cuts) {
		this.#scenario = scenario;
		this.cuts = cuts;
		this.time = new VirtualTime(image.now * 1_000);
		this.books = new Books(() => Math.floor(this.time.now / 1_000));
		this.configuration = scenario.first ?? scenario.configuration;
		if (scenario.typed !== undefined) this.#owner = new ConsoleOwner(scenario.typed);
		this.device = new PortDevice(scenario.servers(this.books), this.time, cuts.seed * 1_000);
		const { flash } = this.device;
		for (const [key, bytes] of image.entries) flash.entries.set(key, bytes);
		for (const [slot, record] of image.slots) flash.slots.set(slot, record);
		flash.layout = ((cuts.first?.at ?? 0) + (cuts.second?.at ?? 0) + cuts.seed) % 2 === 0 ? "nvs" : "files";
		this.judge = new Judge(this, scenario);
		this.judge.begin();
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
		this.judge.violations.push(...(this.#owner?.refusals.splice(0) ?? []));
		this.judge.checkRun(run, [...told, ...(this.#owner?.addresses ?? [])]);
		return run;
	}

	/** A life to its end. */
	async live(): Promise<LifeEnd> {
		const { first, second } = this.cuts;
		const runs = [await this.boot(first)];
		if (runs[0]!.wasCut) {
			this.time.skip((this.#scenario.awaySeconds ?? AWAY) * 1_000);
			this.#scenario.interrupted?.(this);
			this.judge.powerIsBack();
			runs.push(await this.boot(second));
			if (runs[1]!.wasCut) {
				this.time.skip(AWAY * 1_000);
				runs.push(await this.boot());
			}
		}
		await this.#put(runs);
		const ends = this.judge.checkEnded();
		await this.#goOn();
		this.judge.checkBooks();
		const cuts = runs.filter(({ wasCut }) => wasCut).length;
		return { operations: this.#operations, cuts, ends, violations: this.judge.violations };
	}

	/** The device goes on, into the next period, with its first configuration. */
	async #goOn(): Promise<void> {
		this.configuration = this.#scenario.configuration;
		this.time.skip((PERIOD - (this.now % PERIOD) + 60) * 1_000);
		const before = this.configuration.plans.map((plan) => this.books.moved(sourceOf(plan)).length);
		this.judge.checkNextPeriod(await this.boot(), before);
	}

	/** The ledger as flash has it; `undefined` when it is damaged, which only decay may do. */
	ledger(): Ledger | undefined {
		try {
			const plans = this.configuration.plans.map(({ name }) => name);
			return new Ledger(this.#storage(), lightSigner, this.rules(), plans);
		} catch (error) {
			if (!(error instanceof LedgerError)) throw error;
			if (this.isSound) this.judge.violations.push(`${error.name}: ${error.message}`);
			return undefined;
		}
	}

	/** The owner puts right what has decayed, by the remedies that there are. */
	async #put(runs: readonly PortRun[]): Promise<void> {
		if (this.isSound) return;
		const { slots } = this.device.flash;
		for (const [slot, key] of this.judge.keys) slots.set(slot, Buffer.from(key, "hex"));
		const rules = this.rules();
		const plans = this.configuration.plans.map(({ name }) => name);
		const options = { storage: this.#storage(), hashes: lightSigner, rules, plans };
		const loss = findLoss(options);
		if (loss !== undefined) {
			const atMost = loss.known.map(({ rule, life }) => {
				const missing = this.judge.leftBy(rule) - integer(life);
				return [rule.name, bytesOf(integer(life) + (missing > 0n ? missing : 0n))] as const;
			});
			settleLoss(options, new Map(atMost), this.now);
		}
		if (loss !== undefined || runs.at(-1)!.events.some(({ event }) => event === "error")) await this.boot();
	}

	/** True if the agent has to work whatever has decayed. */
	get isSound(): boolean {
		return this.decayed?.isHarmless ?? true;
	}

	#storage() {
		return this.device.flash.storage(new PowerSupply());
	}

	rules(): readonly Rule[] {
		return rulesOf(textOf(this.configuration));
	}
}

const parsed = new Map<string, readonly Rule[]>();

function rulesOf(text: string): readonly Rule[] {
	const names = KINDS.map(({ name }) => name);
	const rules = parsed.get(text) ?? parseConfiguration(text, lightSigner, names).rules;
	parsed.set(text, rules);
	return rules;
}

function bytesOf(value: bigint): Uint8Array {
	return new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}
