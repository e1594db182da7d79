/**
 * The whole firmware in a test's memory, for campaigns of many thousands of runs: `main` on a port whose flash, key slots and
 * streams are this process's, in virtual time, with power that can be cut at every operation.
 */
import type { ConsoleLine } from "../../src/device/console_line.js";
import type { Port } from "../../src/device/port.js";
import { main } from "../../src/main.js";
import { kind as agentpmt } from "../../src/markets/agentpmt/kind.js";
import type { MarketKind } from "../../src/markets/market.js";
import { kind as pact } from "../../src/markets/pact/kind.js";
import { kind as pactum } from "../../src/markets/pactum/kind.js";
import { kind as payanagent } from "../../src/markets/payanagent/kind.js";
import { createDeviceSigner } from "./device_signer.js";
import { Drawn } from "./drawn.js";
import type { DeviceEvent } from "./memory_device.js";
import { connectTo, type TimedServer } from "./memory_stream.js";
import { FlashMemory, type PowerCut, PowerLost, PowerSupply } from "./power_flash.js";
import type { VirtualTime } from "./virtual_time.js";

export const KINDS: readonly MarketKind[] = [pactum, pact, agentpmt, payanagent];

export interface PortRun {
	readonly events: readonly DeviceEvent[];
	readonly operations: number;
	/** The power failed. */
	readonly wasCut: boolean;
	readonly last: PowerSupply["last"];
}

/** What the console answers to a line: `ok`, and the fields of a command, or `error` and `message`. */
export type Answer = Readonly<Record<string, unknown>> & { readonly ok: boolean };

/** Types a line, and waits for its answer; for ever, if the power fails or the device restarts before. */
export type Say = (line: string) => Promise<Answer>;

/** How long an owner takes to type a line. */
const TYPING_MS = 2_000;

export interface PortRunOptions {
	/** `undefined`: as the console has set it. */
	readonly configuration: string | undefined;
	/** Who types at the console, each time that it says that it is ready. */
	readonly owner?: { type(say: Say): Promise<void> } | undefined;
	readonly cut?: PowerCut | undefined;
	/** Milliseconds from power on until wall time is set. */
	readonly clockSetAfterMs: number;
	/** Milliseconds without an operation after which the device is switched off. */
	readonly quietMs: number;
}

export class PortDevice {
	readonly flash = new FlashMemory();
	readonly #servers: ReadonlyMap<string, TimedServer>;
	readonly #time: VirtualTime;
	readonly #seed: number;
	#runs = 0;

	constructor(servers: ReadonlyMap<string, TimedServer>, time: VirtualTime, seed: number) {
		this.#servers = servers;
		this.#time = time;
		this.#seed = seed;
	}

	/** Switches it on until nothing more happens, or its power fails. A restart that it asks for is no end. */
	async run(options: PortRunOptions): Promise<PortRun> {
		const { cut } = options;
		const events: DeviceEvent[] = [];
		for (let done = 0; ; ) {
			const power = new PowerSupply(cut && { ...cut, at: cut.at - done });
			const { isRestarting } = await this.#boot(power, options, events);
			done += power.operations;
			if (!isRestarting) return { events, operations: done, wasCut: power.isCut, last: power.last };
		}
	}

	async #boot(power: PowerSupply, options: PortRunOptions, events: DeviceEvent[]): Promise<{ isRestarting: boolean }> {
		const end = { hasEnded: false, isRestarting: false };
		const restart = () => {
			end.isRestarting = !power.isDown;
			power.off();
		};
		const ended = main(this.#port(power, options, events, restart), KINDS).then(
			() => {
				end.hasEnded = true;
			},
			(error: Error) => {
				end.hasEnded = true;
				if (!(error instanceof PowerLost) && !power.isDown) throw error;
			},
		);
		let seen = -1;
		let since = this.#time.now;
		await this.#time.pass(() => {
			if (power.operations !== seen) since = this.#time.now;
			seen = power.operations;
			return power.isDown || end.hasEnded || this.#time.now - since >= options.quietMs;
		});
		power.off();
		if (end.hasEnded) await ended;
		return end;
	}

	#port(power: PowerSupply, options: PortRunOptions, events: DeviceEvent[], restart: () => void): Port {
		const { configuration, owner, clockSetAfterMs } = options;
		const time = this.#time;
		const startedAt = time.now;
		const drawn = new Drawn(this.#seed + ++this.#runs);
		const random = (buffer: Uint8Array) => {
			if (power.isDown) throw new PowerLost();
			drawn.fill(buffer);
		};
		return {
			clock: {
				wall: () => (time.now - startedAt < clockSetAfterMs ? undefined : time.now),
				monotonic: () => time.now - startedAt,
			},
			random,
			storage: this.flash.storage(power),
			connect: connectTo(this.#servers, time, power),
			keys: createDeviceSigner({ keys: this.flash.keyStore(power), random }),
			timer: time.timer(() => !power.isDown),
			log: (event) => {
				if (!power.isDown) events.push({ ...event } as DeviceEvent);
			},
			watchdog: { feed() {} },
			restart,
			configuration,
			...(owner !== undefined && { console: this.#console(power, owner) }),
		};
	}

	#console(power: PowerSupply, owner: NonNullable<PortRunOptions["owner"]>): ConsoleLine {
		let onLine: (line: string) => void = () => {};
		let onAnswer: (answer: Answer) => void = () => {};
		const say: Say = (line) =>
			new Promise((resolve) => {
				onAnswer = resolve;
				this.#time.after(TYPING_MS, () => power.isDown || onLine(line));
			});
		return {
			open: (heard) => {
				onLine = heard;
			},
			write: (line) => {
				const answer = JSON.parse(line) as Answer;
				if (power.isDown) return;
				if (answer.ready === undefined) onAnswer(answer);
				else void owner.type(say);
			},
			takeKey() {},
		};
	}
}
