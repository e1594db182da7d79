/**
 * Keeps a station in its network: connects, and when that fails or the link is lost connects again, after a wait that
 * doubles with each failure and has some chance in it, so that devices that lost the same network do not come back at once.
 * @module
 */

import type { Wifi, WifiState } from "../../src/device/network.js";
import type { Storage } from "../../src/device/storage.js";
import type { Timer, TimerHandle } from "../../src/device/timer.js";
import { DeviceError } from "./device_error.js";

/** The radio of a station. */
export interface Radio {
	/** Begins to connect. Throws when it cannot even begin. */
	connect(ssid: string, password: string): void;
	/** Leaves the network, or gives up connecting. */
	disconnect(): void;
	/** `up` once there is an address; `down` when nothing is under way either. */
	readonly link: "down" | "joining" | "up";
}

export interface SupervisorMeans {
	readonly radio: Radio;
	readonly timer: Timer;
	readonly random: (buffer: Uint8Array) => void;
	/** Storage of the network's name and password, a namespace of their own. */
	readonly storage: Storage;
	/** The link has come up. */
	readonly onConnected: () => void;
	readonly log: (event: object) => void;
}

/** An attempt that has no address after this long is given up. */
const ATTEMPT_MS = 30_000;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 300_000;
/** The entry with the name and the password: a byte with the name's length, the name, the password; UTF-8. */
const KEY = "network";

export class WifiSupervisor implements Wifi {
	readonly #means: SupervisorMeans;
	#state: WifiState = "unset";
	#ssid = "";
	#password = "";
	#failures = 0;
	/** The timer of the attempt, or of the wait for the next one. */
	#pending: TimerHandle | undefined;
	#isAttempting = false;

	constructor(means: SupervisorMeans) {
		this.#means = means;
	}

	get state(): WifiState {
		return this.#state;
	}

	get ssid(): string {
		return this.#ssid;
	}

	/** Connects with what was kept, if anything was. To be called once. */
	start(): void {
		const kept = this.#means.storage.read(KEY);
		const length = kept?.[0];
		if (kept === undefined || length === undefined) return;
		const decoder = new TextDecoder();
		this.#ssid = decoder.decode(kept.subarray(1, 1 + length));
		this.#password = decoder.decode(kept.subarray(1 + length));
		this.#attempt();
	}

	/** Throws `DeviceError` `NetworkName`, `NetworkPassword`, or what storage throws; then all stays as it was. */
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

	/** The radio's link has changed. */
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

	/** Between half and all of a second, twice as long after each failure, up to five minutes. */
	#wait(): number {
		const longest = Math.min(FIRST_WAIT_MS * 2 ** Math.min(this.#failures, 16), LONGEST_WAIT_MS);
		const chance = new Uint8Array(2);
		this.#means.random(chance);
		return Math.floor(longest / 2 + (longest / 2) * ((chance[0]! * 256 + chance[1]!) / 65_536));
	}
}

/** Checked as IEEE 802.11 has them: a name of 1 to 32 bytes; no password, one of 8 to 63, or a key of 64 digits. */
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
			`expected none, 8 to 63 bytes, or 64 hexadecimal digits, got ${secret.length}`,
		);
	}
	const bytes = new Uint8Array(1 + name.length + secret.length);
	bytes[0] = name.length;
	bytes.set(name, 1);
	bytes.set(secret, 1 + name.length);
	return bytes;
}
