/**
 * A board with a console, Wi-Fi and a display, in the test's own memory, and its owner. The firmware is the whole one; a
 * restart is a new firmware on the same flash, keys and clock.
 */

import { readMarkets } from "../../hal/node/markets.js";
import type { SignerError } from "../../modules/signer/errors.js";
import type { Curve } from "../../modules/signer/signer.js";
import type { ConsoleLine } from "../../src/device/console_line.js";
import type { DisplayState } from "../../src/device/display.js";
import type { WifiState } from "../../src/device/network.js";
import type { Port } from "../../src/device/port.js";
import { main } from "../../src/main.js";
import { heard, Keys, secret } from "../../tools/world/secret_log.js";
import { createDeviceSigner } from "../support/device_signer.js";
import { type Event, keySeed, MemoryFlash, seeded } from "../support/memory.js";
import { connect } from "../support/sockets.js";

const markets = await readMarkets();

/** An answer: `ok`, and the fields of a command, or `error` and `message`. */
export type Answer = Readonly<Record<string, unknown>> & { readonly ok: boolean };

export class Owner {
	readonly flash = new MemoryFlash();
	/** Key slots, as flash holds them. */
	readonly slots = new Keys();
	readonly wifi = { ssid: "", password: "", state: "unset" as WifiState };
	/** Milliseconds since the epoch; `undefined` while it is not set. */
	wall: number | undefined = 1_795_219_200_000;
	monotonic = 1_000;
	/** A file's configuration, if the port is given one. */
	configuration: string | undefined;
	/** What the board does not have. */
	lacks: readonly ("wifi" | "setWall")[] = [];
	readonly events: Event[] = [];
	readonly displayed: DisplayState[] = [];
	isScreenBroken = false;
	failedRuns = 0;
	readonly restarts: string[] = [];
	readonly answers: Answer[] = [];
	/** All that came out of the board: lines and events. */
	output = "";
	#boot = 0;
	#onLine: (line: string | undefined) => void = () => {};
	#wanted: { slot: number; curve: Curve; done: (refusal?: SignerError["name"]) => void } | undefined;
	#onAnswer: () => void = () => {};

	/** Switches the board on, or off and on again. */
	boot(): this {
		this.flash.boot();
		this.#wanted = undefined;
		void main(this.#port(++this.#boot), markets);
		return this;
	}

	/** Types a line, and waits for its answer. `undefined`: one that the port could not read. */
	async say(line: string | undefined): Promise<Answer> {
		// What the firmware has begun comes first.
		await new Promise(setImmediate);
		const before = this.answers.length;
		const restarts = this.restarts.length;
		if (this.#wanted !== undefined) this.#takeKey(line ?? "");
		else this.#onLine(line);
		while (this.answers.length === before) await new Promise<void>((resolve) => (this.#onAnswer = resolve));
		const answer = this.answers[before]!;
		if (this.restarts.length > restarts) this.boot();
		return answer;
	}

	/** Asks for a change, and confirms it. */
	async confirmed(line: string): Promise<Answer> {
		const { confirm } = await this.say(line);
		return await this.say(`confirm ${confirm}`);
	}

	/** Keys that the test can look at. */
	get keys() {
		return createDeviceSigner({ keys: this.slots, random: seeded(7) });
	}

	#port(boot: number): Port {
		const isOn = () => boot === this.#boot && this.restarts.length < boot;
		const random = seeded(boot);
		const { wifi } = this;
		return {
			clock: { wall: () => this.wall, monotonic: () => this.monotonic },
			random,
			storage: this.flash,
			connect,
			keys: createDeviceSigner({ keys: this.slots, random: seeded(keySeed(boot)) }),
			timer: {
				set: (callback, milliseconds) => setTimeout(() => isOn() && callback(), milliseconds).unref(),
				clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
			},
			log: (event) => {
				this.events.push(event as Event);
				this.#tell(JSON.stringify(event));
			},
			watchdog: { feed() {} },
			restart: (reason) => {
				this.restarts.push(reason);
			},
			configuration: this.configuration,
			startedBy: this.restarts.at(-1) ?? "power on",
			failedRuns: this.failedRuns,
			console: this.#console(boot),
			display: {
				show: (facts) => {
					if (this.isScreenBroken) throw new TypeError("no screen");
					this.displayed.push(facts);
				},
			},
			...(!this.lacks.includes("setWall") && {
				setWall: (milliseconds: number) => {
					this.wall = milliseconds;
				},
			}),
			...(!this.lacks.includes("wifi") && {
				wifi: {
					set: (ssid: string, password: string) =>
						Object.assign(wifi, { ssid, password: secret(password), state: ssid === "" ? "unset" : "connecting" }),
					get ssid() {
						return wifi.ssid;
					},
					get state() {
						return wifi.state;
					},
				},
			}),
		};
	}

	#console(boot: number): ConsoleLine {
		return {
			open: (onLine) => {
				this.#onLine = onLine;
			},
			write: (line) => {
				this.#tell(line);
				const answer = JSON.parse(line) as Answer;
				if (answer.ready !== undefined || boot !== this.#boot) return;
				this.answers.push(answer);
				this.#onAnswer();
			},
			takeKey: (slot, curve, done) => {
				this.#wanted = { slot, curve, done };
			},
		};
	}

	#tell(line: string): void {
		heard(line);
		this.output += `${line}\n`;
	}

	#takeKey(line: string): void {
		const { slot, curve, done } = this.#wanted!;
		this.#wanted = undefined;
		try {
			this.keys.importKey(slot, curve, Buffer.from(line, "hex"));
			done();
		} catch (error) {
			done((error as SignerError).name);
		}
	}
}

export const USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";

export const network = { id: "eip155:84532", name: "Base Sepolia" };
export const asset = {
	id: "usdc",
	network: network.id,
	address: USDC,
	name: "USDC",
	version: "2",
	symbol: "USDC",
	decimals: 6,
};
export const rule = {
	name: "weather",
	origin: "https://api.example.com",
	asset: "usdc",
	maxPerPayment: "20000",
	maxPerWindow: "200000",
	maxCountPerWindow: 24,
	windowSeconds: 86_400,
	maxForLife: "50000000",
	maxValiditySeconds: 120,
};
export const plan = {
	name: "forecast",
	url: "https://api.example.com/forecast?key=a-secret",
	headers: { "x-api-key": "a-secret" },
	body: "a-secret",
	method: "POST",
	maxAmount: "20000",
	everySeconds: 3_600,
	sink: { kind: "storage", key: "forecast", limit: 2_000 },
};

/** A board with a key and all that a plan needs; paused, so that it buys nothing from the network. */
export async function provisioned(): Promise<Owner> {
	const owner = new Owner().boot();
	await owner.say("pause");
	await owner.say("key new");
	await owner.confirmed(`network set ${JSON.stringify(network)}`);
	await owner.confirmed(`asset set ${JSON.stringify(asset)}`);
	await owner.confirmed(`rule set ${JSON.stringify(rule)}`);
	await owner.say(`plan set ${JSON.stringify(plan)}`);
	return owner;
}
