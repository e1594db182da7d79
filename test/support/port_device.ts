/**
 * The whole firmware in a test's memory, for campaigns of many thousands of runs: `main` on a port whose flash, key slots and
 * streams are this process's, in virtual time, with power that can be cut at every operation.
 */
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

export interface PortRunOptions {
	readonly configuration: string;
	readonly cut?: PowerCut | undefined;
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

	/** Switches it on until nothing more happens, or its power fails. */
	async run({ configuration, cut, quietMs }: PortRunOptions): Promise<PortRun> {
		const power = new PowerSupply(cut);
		const events: DeviceEvent[] = [];
		let hasEnded = false;
		const ended = main(this.#port(power, configuration, events), KINDS).then(
			() => {
				hasEnded = true;
			},
			(error: Error) => {
				hasEnded = true;
				if (!(error instanceof PowerLost) && !power.isDown) throw error;
			},
		);
		let seen = -1;
		let since = this.#time.now;
		await this.#time.pass(() => {
			if (power.operations !== seen) since = this.#time.now;
			seen = power.operations;
			return power.isDown || hasEnded || this.#time.now - since >= quietMs;
		});
		const wasCut = power.isDown;
		power.off();
		if (hasEnded) await ended;
		return { events, operations: power.operations, wasCut, last: power.last };
	}

	#port(power: PowerSupply, configuration: string, events: DeviceEvent[]): Port {
		const time = this.#time;
		const startedAt = time.now;
		const drawn = new Drawn(this.#seed + ++this.#runs);
		const random = (buffer: Uint8Array) => {
			if (power.isDown) throw new PowerLost();
			drawn.fill(buffer);
		};
		return {
			clock: { wall: () => time.now, monotonic: () => time.now - startedAt },
			random,
			storage: this.flash.storage(power),
			connect: connectTo(this.#servers, time, power),
			keys: createDeviceSigner({ keys: this.flash.keyStore(power), random }),
			timer: time.timer(() => !power.isDown),
			log: (event) => {
				if (!power.isDown) events.push({ ...event } as DeviceEvent);
			},
			watchdog: { feed() {} },
			restart: () => power.off(),
			configuration,
		};
	}
}
