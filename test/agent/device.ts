/**
 * A device in the test's own memory: flash is a Map that a test can break or cut the power of, the clock is set by hand, the
 * generator is seeded, waits of the agent take no time. What is not replaced is the device's own code.
 */

import { Power } from "../../hal/node/power.js";
import { SocketStream } from "../../hal/node/socket_stream.js";
import { createPortableSigner } from "../../modules/signer/portable.js";
import type { Signer } from "../../modules/signer/signer.js";
import { Agent } from "../../src/agent/agent.js";
import { RunMark } from "../../src/agent/run_mark.js";
import { Turn } from "../../src/agent/turn.js";
import { type Configuration, parseConfiguration } from "../../src/configuration/configuration.js";
import type { Storage } from "../../src/device/storage.js";
import type { Connect } from "../../src/device/stream.js";
import type { Timer } from "../../src/device/timer.js";
import { HttpClient } from "../../src/http/client.js";
import type { HttpLimits } from "../../src/http/limits.js";
import type { MarketKind, OpenMarket } from "../../src/markets/market.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { decodeRecord, type PurchaseRecord } from "../../src/wallet/record.js";
import { Wallet } from "../../src/wallet/wallet.js";
import { Heard, Keys, keptEntry } from "../../tools/world/secret_log.js";

export type Side = "before" | "after";

/** Flash in a Map. `writes` counts writes and deletes of this boot. */
export class MemoryFlash implements Storage {
	readonly entries = new Map<string, Uint8Array>();
	writes = 0;
	/** The power fails at this write, before or after it is done. Nothing works any more then, until `boot`. */
	cut: { readonly at: number; readonly side: Side } | undefined;
	isDead = false;
	/** Whether flash refuses a write of this key; the old bytes then stand. */
	refuses: (key: string, write: number) => boolean = () => false;

	/** Power is back: the Map is all that is left. */
	boot(): void {
		this.writes = 0;
		this.cut = undefined;
		this.isDead = false;
	}

	read(key: string): Uint8Array | undefined {
		return this.entries.get(key)?.slice();
	}

	write(key: string, bytes: Uint8Array): void {
		if (!/^[a-z0-9._-]{1,15}$/.test(key) || bytes.length < 1 || bytes.length > 4_000) throw new RangeError(key);
		keptEntry(key, bytes);
		this.#change(key, () => this.entries.set(key, bytes.slice()));
	}

	delete(key: string): void {
		this.#change(key, () => this.entries.delete(key));
	}

	#change(key: string, change: () => void): void {
		if (this.isDead) throw new Error("no power");
		this.writes++;
		const isLast = this.cut?.at === this.writes;
		this.isDead = isLast;
		if (isLast && this.cut?.side === "before") throw new Error("no power");
		if (this.refuses(key, this.writes)) throw new Error("flash is worn out");
		change();
		if (isLast) throw new Error("no power");
	}
}

/** A keyed signer whose nonces and keys follow from a seed. */
export function seeded(seed: number): (buffer: Uint8Array) => void {
	let state = seed >>> 0;
	return (buffer) => {
		for (let i = 0; i < buffer.length; i++) {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			buffer[i] = state >>> 24;
		}
	};
}

/** So that no key is what another device, of the same seed, takes for a nonce. */
export function keySeed(seed: number): number {
	return seed ^ 0x5eed_0000;
}

/** An event as the agent logs it. */
export type Event = { readonly event: string; readonly [field: string]: unknown };

export interface Clockwork {
	/** Milliseconds since the epoch; `undefined` while it is not set. */
	now: number | undefined;
}

const realTimer: Timer = {
	set: (callback, milliseconds) => setTimeout(callback, milliseconds),
	clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
};

const connect: Connect = (options) => new SocketStream(options, new Power(undefined), undefined);

export class Device {
	readonly flash = new MemoryFlash();
	/** 2026-11-21; a test that talks to the chain sets `follows` instead. */
	readonly clock: Clockwork = { now: 1_795_219_200_000 };
	/** Whether wall time is this machine's. */
	followsWall = false;
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	/** Milliseconds that the agent has waited, in order. */
	readonly waits: number[] = [];
	/** Instead of sockets. */
	http: HttpClient | undefined;
	/** Of the HTTP client. */
	limits: Partial<HttpLimits> = {};
	/** Those that this firmware has. */
	kinds: readonly MarketKind[] = [];
	isPaused = false;
	/** Told each event, as it comes. */
	log: (event: Event) => void = () => {};
	/** Where the mark of a turn is: apart, so that writes are counted as those of the wallet. */
	readonly marks = new MemoryFlash();
	/** Milliseconds. */
	monotonic = 0;
	/** What happens while the agent waits. */
	onWait: () => void = () => {};

	constructor(seed = 1) {
		this.random = seeded(seed);
		this.keys = createPortableSigner({ keys: new Keys(), random: seeded(keySeed(seed)) });
		this.keys.create(0, "secp256k1");
	}

	wall(): number | undefined {
		return this.followsWall ? Date.now() : this.clock.now;
	}

	wallet(text: string): Wallet {
		const { slot, rules, plans } = this.configuration(text);
		return new Wallet({
			clock: { wall: () => this.wall(), monotonic: () => 0 },
			random: this.random,
			keys: this.keys,
			storage: this.flash,
			slot,
			rules,
			plans: plans.map(({ name }) => name),
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
		const http = this.http ?? new HttpClient({ connect, timer: realTimer, limits: this.limits });
		const timer: Timer = {
			set: (callback, milliseconds) => {
				this.waits.push(milliseconds);
				if (this.clock.now !== undefined) this.clock.now += milliseconds;
				this.monotonic += milliseconds;
				this.onWait();
				return setImmediate(callback);
			},
			clear: (handle) => clearImmediate(handle as NodeJS.Immediate),
		};
		try {
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
			const deps = {
				clock,
				timer,
				http,
				storage: this.flash,
				wallet: this.wallet(text),
				markets,
				watchdog: { feed() {} },
				log,
				isPaused: () => this.isPaused,
				mark: new RunMark(this.marks, this.keys, clock),
				turn: new Turn(clock),
			};
			await new Agent(deps, configuration).run();
		} finally {
			if (this.http === undefined) http.close();
		}
		return [...events];
	}

	/** As `run`, and only how purchases ended. */
	async purchases(text: string): Promise<Event[]> {
		return (await this.run(text)).filter(({ event }) => event === "purchase");
	}
}

export function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}
