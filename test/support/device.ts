/**
 * A device in the test's own memory: flash is a Map that a test can break or cut the power of, the clock is set by hand, the
 * generator is seeded, waits of the agent take no time. What is not replaced is the device's own code. It has no network but
 * what a test gives it: `NetworkDevice` has sockets.
 */

import type { Signer } from "../../modules/signer/signer.js";
import { Agent } from "../../src/agent/agent.js";
import { Brake } from "../../src/agent/brake.js";
import { RunMark } from "../../src/agent/run_mark.js";
import { Turn } from "../../src/agent/turn.js";
import { type Configuration, parseConfiguration } from "../../src/configuration/configuration.js";
import type { Timer } from "../../src/device/timer.js";
import type { HttpClient } from "../../src/http/client.js";
import type { MarketKind, OpenMarket } from "../../src/markets/market.js";
import { Ledger } from "../../src/wallet/ledger.js";
import type { MayBegin } from "../../src/wallet/life_cycle.js";
import { decodeRecord, type PurchaseRecord } from "../../src/wallet/record.js";
import { Wallet } from "../../src/wallet/wallet.js";
import { Heard, Keys } from "../../tools/world/secret_log.js";
import { createDeviceSigner } from "./device_signer.js";
import { type Event, integer, keySeed, MemoryFlash, seeded } from "./memory.js";

export interface Clockwork {
	/** Milliseconds since the epoch; `undefined` while it is not set. */
	now: number | undefined;
}

export class Device {
	readonly flash = new MemoryFlash();
	/** 2026-11-21. */
	readonly clock: Clockwork = { now: 1_795_219_200_000 };
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	/** Milliseconds that the agent has waited, in order. */
	readonly waits: number[] = [];
	/** What it asks. */
	http: HttpClient | undefined;
	isPaused = false;
	/** What else stands before a purchase. */
	mayBegin: MayBegin = { isPaused: () => false, timeInDoubt: () => undefined, isTimeConfirmed: () => true };
	/** Those that this firmware has. */
	kinds: readonly MarketKind[] = [];
	/** Told each event, as it comes. */
	log: (event: Event) => void = () => {};
	/** Where the mark of a turn is: apart, so that writes are counted as those of the wallet. */
	readonly marks = new MemoryFlash();
	/** Milliseconds. */
	monotonic = 0;
	/** In the place of one by which waits take no time. */
	timer: Timer | undefined;
	/** Whether its owner waits for plans that are tried again; if not, a run ends when there is nothing else to do. */
	isPatient = false;
	#agent: Agent | undefined;
	#giveUp: () => void = () => {};
	/** What happens while the agent waits. */
	onWait: () => void = () => {};

	constructor(seed = 1) {
		this.random = seeded(seed);
		this.keys = createDeviceSigner({ keys: new Keys(), random: seeded(keySeed(seed)) });
		this.keys.create(0, "secp256k1");
	}

	wall(): number | undefined {
		return this.clock.now;
	}

	wallet(text: string): Wallet {
		const { slot, rules, plans } = this.configuration(text);
		return new Wallet({
			clock: { wall: () => this.wall(), monotonic: () => this.monotonic },
			random: this.random,
			keys: this.keys,
			storage: this.flash,
			slot,
			rules,
			plans: plans.map(({ name }) => name),
			mayBegin: this.mayBegin,
		});
	}

	configuration(text: string): Configuration {
		return parseConfiguration(
			text,
			this.keys,
			this.kinds.map(({ name }) => name),
		);
	}

	get address(): `0x${string}` {
		return this.wallet('{"networks":[],"assets":[],"rules":[],"plans":[]}').address as `0x${string}`;
	}

	/** The sums of the ledger as flash has it. */
	spent(): { network: string; asset: string; total: bigint }[] {
		const ledger = new Ledger(this.flash, this.keys, [], []);
		return ledger.spent().map((sum) => ({
			network: sum.network,
			asset: sum.asset,
			total: integer(sum.spent) + integer(sum.reserved),
		}));
	}

	/** What the ledger's records say, by their sequence. */
	records(): PurchaseRecord[] {
		const keys = [...this.flash.entries.keys()].filter((key) => /^r[0-9]+$/.test(key));
		return keys.map((key) => decodeRecord(this.flash.read(key)!)).sort((a, b) => a.sequence - b.sequence);
	}

	/** One life of the device, from power on until every plan has ended. Returns its events. */
	async run(text: string): Promise<Event[]> {
		const events: Event[] = new Heard();
		const { http } = this;
		if (http === undefined) throw new Error("this device has no network: use FakeSeller or NetworkDevice");
		const timer = this.timer ?? this.#agentsTimer();
		const clock = { wall: () => this.wall(), monotonic: () => this.monotonic };
		const log = (event: object) => {
			events.push(event as Event);
			this.log(event as Event);
		};
		const { keys, random } = this;
		const configuration = this.configuration(text);
		const markets = new Map<string, OpenMarket>();
		for (const kind of this.kinds) {
			const field = configuration.markets.get(kind.name);
			if (field !== undefined) markets.set(kind.name, kind.open(field, { http, timer, clock, keys, random, log }));
		}
		const wallet = this.wallet(text);
		const deps = {
			clock,
			timer,
			http,
			storage: this.flash,
			wallet,
			markets,
			watchdog: { feed() {} },
			log,
			isPaused: () => this.isPaused,
			mark: new RunMark(this.marks, this.keys, clock),
			brake: new Brake(this.marks, this.keys, clock, configuration.plans, wallet.records()),
			turn: new Turn(clock),
		};
		const agent = new Agent(deps, configuration);
		this.#agent = agent;
		const gaveUp = new Promise<void>((resolve) => {
			this.#giveUp = resolve;
		});
		await Promise.race([agent.run(), gaveUp]);
		return [...events];
	}

	/** By which waits of the agent take no time. */
	#agentsTimer(): Timer {
		return {
			set: (callback, milliseconds) => {
				if (!this.isPatient && this.#agent?.doing.startsWith("waiting to try")) {
					this.#giveUp();
					return {};
				}
				this.waits.push(milliseconds);
				if (this.clock.now !== undefined) this.clock.now += milliseconds;
				this.monotonic += milliseconds;
				this.onWait();
				return setImmediate(callback);
			},
			clear: (handle) => clearImmediate(handle as NodeJS.Immediate),
		};
	}

	/** As `run`, and only how purchases ended. */
	async purchases(text: string): Promise<Event[]> {
		return (await this.run(text)).filter(({ event }) => event === "purchase");
	}
}
