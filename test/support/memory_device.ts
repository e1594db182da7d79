/**
 * A device in a test's memory, for campaigns of many thousands of runs: the device's own agent, wallet and markets over flash
 * in a Map, servers that are functions, a clock that waits move on, and power that can be cut at every operation.
 */

import type { Signer } from "../../modules/signer/signer.js";
import { Agent } from "../../src/agent/agent.js";
import { Brake } from "../../src/agent/brake.js";
import { RunMark } from "../../src/agent/run_mark.js";
import { Turn } from "../../src/agent/turn.js";
import { type Configuration, parseConfiguration, readConfiguration } from "../../src/configuration/configuration.js";
import { KeyRing } from "../../src/console/key_ring.js";
import { Settings } from "../../src/console/settings.js";
import type { Storage } from "../../src/device/storage.js";
import { kind as agentpmt } from "../../src/markets/agentpmt/kind.js";
import type { MarketKind, OpenMarket } from "../../src/markets/market.js";
import { kind as pact } from "../../src/markets/pact/kind.js";
import { kind as pactum } from "../../src/markets/pactum/kind.js";
import { kind as payanagent } from "../../src/markets/payanagent/kind.js";
import { Wallet } from "../../src/wallet/wallet.js";
import { memoryClient, type Server } from "./answers.js";
import { Drawn } from "./drawn.js";
import { FlashMemory, type PowerCut, PowerLost, PowerSupply } from "./power_flash.js";

const KINDS: readonly MarketKind[] = [pactum, pact, agentpmt, payanagent];
const KIND_NAMES = KINDS.map(({ name }) => name);

/** Sleeps of at most ten seconds, in one run, before plans that are tried again. */
const PATIENCE = 60;

export type DeviceEvent = { readonly event: string; readonly [field: string]: unknown };

export interface Run {
	readonly events: readonly DeviceEvent[];
	readonly operations: number;
	/** The power failed, or the device waited longer than its owner did. */
	readonly wasCut: boolean;
	/** Its owner has paused it meanwhile. */
	readonly wasPaused: boolean;
	/** What it did last. */
	readonly last: PowerSupply["last"];
	/** What stopped the agent from starting. */
	readonly error: Error | undefined;
}

export interface RunOptions {
	/** As a file has it; `undefined`: as its owner's console has put it into flash, with its pause and its keys. */
	readonly configuration: string | undefined;
	/** Purchases after which the run ends. */
	readonly count: number;
	readonly cut?: PowerCut | undefined;
	readonly refuses?: ((key: string) => boolean) | undefined;
	/** Waits after which its owner switches it off. */
	readonly patience?: number;
	/** Operations after which its owner pauses it; `onPause` is then called. */
	readonly pauseAfter?: number | undefined;
	readonly onPause?: () => void;
}

/** How a run goes on, beside its power. */
interface Running extends RunOptions {
	readonly events: DeviceEvent[];
	readonly state: { isPaused: boolean; wasPaused: boolean };
}

export class MemoryDevice {
	readonly flash = new FlashMemory();
	readonly servers: ReadonlyMap<string, Server>;
	readonly keys: Signer;
	/** Milliseconds since the epoch, as the world has it. */
	now: number;
	/** Milliseconds that the device's clock is ahead. */
	ahead = 0;
	readonly #random: Drawn;

	constructor(servers: ReadonlyMap<string, Server>, keys: Signer, seed: number, now = 1_795_000_000_000) {
		this.servers = servers;
		this.keys = keys;
		this.now = now;
		this.#random = new Drawn(seed);
	}

	/** Seconds since the epoch, by the device's clock. */
	get seconds(): number {
		return Math.floor((this.now + this.ahead) / 1_000);
	}

	/** Switches it on until its plans have ended, `count` of the configuration is reached, or its power fails. */
	async run(options: RunOptions): Promise<Run> {
		const power = new PowerSupply(options.cut);
		const events: DeviceEvent[] = [];
		const state = { isPaused: false, wasPaused: false };
		let error: Error | undefined;
		const running = this.#run({ ...options, events, state }, power).catch((thrown: Error) => {
			if (!power.isDown) error = thrown;
		});
		await Promise.race([running, power.gone]);
		const wasCut = power.isDown;
		power.off();
		const { wasPaused } = state;
		return { events, operations: power.operations, wasCut, wasPaused, last: power.last, error };
	}

	/** The owner's settings, as long as the power lasts. */
	settings(storage: Storage): Settings {
		return new Settings(storage, this.keys, KIND_NAMES);
	}

	async #run(options: Running, power: PowerSupply): Promise<void> {
		const { refuses, patience = 2_000, events, state, pauseAfter } = options;
		const storage = this.flash.storage(power, refuses);
		const settings = this.settings(storage);
		state.isPaused = options.configuration === undefined && settings.isPaused;
		if (pauseAfter !== undefined) {
			power.after = (operations) => {
				if (operations < pauseAfter || state.isPaused) return;
				this.settings(this.flash.storage(new PowerSupply())).pause(true);
				state.isPaused = state.wasPaused = true;
				options.onPause?.();
			};
		}
		const keys = options.configuration === undefined ? new KeyRing(this.keys, settings) : this.keys;
		const parsed = { ...this.#configuration(options, settings, keys), count: options.count };
		const clock = { wall: () => this.now + this.ahead, monotonic: () => this.now };
		const random = (buffer: Uint8Array) => {
			if (power.isDown) throw new PowerLost();
			this.#random.fill(buffer);
		};
		let waits = 0;
		let agent: Agent | undefined;
		let triedAgain = 0;
		let giveUp = () => {};
		const gaveUp = new Promise<void>((resolve) => {
			giveUp = resolve;
		});
		const timer = {
			set: (callback: () => void, milliseconds: number) => {
				// Its owner waits for a seller that is away, but not for ever.
				if (agent?.doing.startsWith("waiting to try") && ++triedAgain > PATIENCE) {
					giveUp();
					return {};
				}
				if (++waits > patience) power.off();
				if (!power.isDown) this.now += milliseconds;
				return setImmediate(() => {
					if (!power.isDown) callback();
				});
			},
			clear: (handle: unknown) => clearImmediate(handle as NodeJS.Immediate),
		};
		const log = (event: object) => {
			if (!power.isDown) events.push(event as DeviceEvent);
		};
		const turn = new Turn(clock);
		const http = memoryClient(this.servers, power, () => turn.check());
		const plans = parsed.plans.map(({ name }) => name);
		const isPaused = () => state.isPaused;
		const mayBegin = { isPaused, timeInDoubt: () => undefined, isTimeConfirmed: () => true };
		const wallet = new Wallet({ clock, random, keys, storage, slot: 0, rules: parsed.rules, plans, mayBegin });
		const markets = new Map<string, OpenMarket>();
		for (const kind of KINDS) {
			const field = parsed.markets.get(kind.name);
			if (field !== undefined) markets.set(kind.name, kind.open(field, { http, timer, clock, keys, random, log }));
		}
		const watchdog = { feed() {} };
		const mark = new RunMark(storage, keys, clock);
		const brake = new Brake(storage, keys, clock, parsed.plans, wallet.records());
		const deps = { clock, timer, http, storage, wallet, markets, watchdog, log, isPaused, mark, brake, turn };
		try {
			agent = new Agent(deps, parsed);
			await Promise.race([agent.run(), gaveUp]);
		} catch (thrown) {
			if (!(thrown instanceof PowerLost)) throw thrown;
		}
	}

	/** As src/main.ts has it. */
	#configuration({ configuration }: RunOptions, settings: Settings, keys: Signer): Configuration {
		if (configuration !== undefined) return parseConfiguration(configuration, keys, KIND_NAMES);
		settings.check();
		(keys as KeyRing).check();
		return readConfiguration(settings.source(), keys);
	}
}
