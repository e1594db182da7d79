/**
 * Keeps a station connected: connects, and reconnects after a failure or a lost link. The wait before each attempt doubles
 * with each failure and is partly random, so that devices that lost the same network do not all return at once.
 *
 * @module
 */

import type { Wifi, WifiState } from "../../src/device/network.js";
import type { Storage } from "../../src/device/storage.js";
import type { Timer, TimerHandle } from "../../src/device/timer.js";
import { DeviceError } from "./device_error.js";

/** The radio of a station. */
export interface Radio {
	/** Begins to connect. Throws if it cannot begin. */
	connect(ssid: string, password: string): void;
	/** Leaves the network, or gives up connecting. */
	disconnect(): void;
	/** `up` once there is an address; `down` if no attempt is in progress. */
	readonly link: "down" | "joining" | "up";
}

export interface SupervisorDeps {
	readonly radio: Radio;
	readonly timer: Timer;
	readonly random: (buffer: Uint8Array) => void;
	/** Storage of the network's name and password, in a namespace of its own. */
	readonly storage: Storage;
	/** Called when the link has come up. */
	readonly onConnected: () => void;
	readonly log: (event: object) => void;
}

/** An attempt without an address after this long is given up. */
const ATTEMPT_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** The entry with the name and the password: a byte with the name's length, the name, the password; UTF-8. */
const KEY = "network";

export class WifiSupervisor implements Wifi {
	readonly #means: SupervisorDeps;
	#state: WifiState = "unset";
	#ssid = "";
	#password = "";
	#failures = 0;
	/** The timer of the attempt, or of the wait for the next one. */
	#pending: TimerHandle | undefined;
	#isAttempting = false;

	constructor(means: SupervisorDeps) {
		this.#means = means;
	}

	get state(): WifiState {
		return this.#state;
	}

	get ssid(): string {
		return this.#ssid;
	}

	/** Connects to the stored network, if there is one. Call it once. */
	start(): void {
		const kept = this.#means.storage.read(KEY);
		const length = kept?.[0];
		if (kept === undefined || length === undefined) return;
		const decoder = new TextDecoder();
		this.#ssid = decoder.decode(kept.subarray(1, 1 + length));
		this.#password = decoder.decode(kept.subarray(1 + length));
		this.#attempt();
	}

	/**
	 * Sets the network. Throws `DeviceError` `NetworkName`, `NetworkPassword`, or what storage throws; nothing has then
	 * changed.
	 */
	set(ssid: string, password: string): void {
		if (ssid === "") this.#means.storage.delete(KEY);
		else this.#means.storage.write(KEY, packed(ssid, password));
		this.#ssid = ssid;
		this.#password = ssid === "" ? "" : password;
		this.#failures = 0;
		this.#stop();
		if (ssid === "") this.#state = "unset";
		else this.#attempt();
	}

	/** Called when the radio's link has changed. */
	changed(): void {
		if (this.#state === "unset") return;
		const { link } = this.#means.radio;
		if (link === "up") this.#connected();
		else if (this.#state === "connected") this.#lost();
		else if (link === "down" && this.#isAttempting) this.#failed();
	}

	#connected(): void {
		if (this.#state === "connected") return;
		this.#cancel();
		this.#isAttempting = false;
		this.#failures = 0;
		this.#state = "connected";
		this.#means.log({ event: "network", state: "connected", ssid: this.#ssid });
		this.#means.onConnected();
	}

	#lost(): void {
		this.#state = "connecting";
		this.#means.log({ event: "network", state: "lost", ssid: this.#ssid });
		this.#failed();
	}

	#attempt(): void {
		const { radio, timer } = this.#means;
		this.#state = "connecting";
		this.#isAttempting = true;
		this.#pending = timer.set(() => this.#failed(), ATTEMPT_MS);
		try {
			radio.connect(this.#ssid, this.#password);
		} catch {
			this.#failed();
		}
	}

	#failed(): void {
		this.#stop();
		const wait = this.#wait();
		this.#failures++;
		this.#pending = this.#means.timer.set(() => this.#attempt(), wait);
	}

	#stop(): void {
		this.#cancel();
		this.#isAttempting = false;
		this.#means.radio.disconnect();
	}

	#cancel(): void {
		if (this.#pending !== undefined) this.#means.timer.clear(this.#pending);
		this.#pending = undefined;
	}

	/** Returns the next wait: between half of and a full second, doubled after each failure, up to five minutes. */
	#wait(): number {
		const longest = Math.min(FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 16), LONGEST_WAIT_MS);
		const chance = new Uint8Array(2);
		this.#means.random(chance);
		return Math.floor(longest / 2 + (longest / 2) * ((chance[0]! * 256 + chance[1]!) / 65_536));
	}
}

/**
 * Packs name and password. Checks the limits of IEEE 802.11: a name of 1 to 32 bytes; no password, one of 8 to 63 bytes, or a
 * key of 64 digits.
 */
function packed(ssid: string, password: string): Uint8Array {
	const encoder = new TextEncoder();
	const name = encoder.encode(ssid);
	const secret = encoder.encode(password);
	if (name.length > 32 || name.includes(0)) {
		throw new DeviceError("NetworkName", `expected a network's name of 1 to 32 bytes, got ${name.length}`);
	}
	const isKey = /^[0-9A-Fa-f]{64}$/.test(password);
	const isOpen = secret.length === 0;
	if ((!isOpen && !isKey && (secret.length < 8 || secret.length > 63)) || secret.includes(0)) {
		throw new DeviceError(
			"NetworkPassword",
			`expected no password, one of 8 to 63 bytes, or 64 hexadecimal digits, got ${secret.length} bytes`,
		);
	}
	const bytes = new Uint8Array(1 + name.length + secret.length);
	bytes[0] = name.length;
	bytes.set(name, 1);
	bytes.set(secret, 1 + name.length);
	return bytes;
}
