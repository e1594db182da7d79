/**
 * Flash on an ESP32: NVS through native/store.h, which explains what NVS promises and how changes are atomic nevertheless.
 * The SDK's `embedded:storage/key-value` overwrites blobs in place, so it is not used.
 *
 * After an error that may leave NVS with an unknown state until it is initialized again, the device restarts at once, which
 * is no worse than a power cut at that moment.
 *
 * @module
 */
import type { Storage } from "../../src/device/storage.js";
import { DeviceError } from "./device_error.js";

/** A store of native/store.h: returns bytes, or one of its results. */
export interface Store {
	read(key: string): ArrayBuffer | number;
	write(key: string, bytes: Uint8Array): number;
	erase(key: string): number;
}

const LONGEST_VALUE = 4_000;
/** Results of store.h. */
const OK = 0;
const MISSING = 1;
const FULL = 2;
const NO_MEMORY = 3;
const DOUBT = 5;

export class NvsStorage implements Storage {
	readonly #store: Store;
	readonly #restart: (reason: string) => void;
	#isInDoubt = false;

	/** `restart` restarts the device, or returns if it has done so too often; storage then accepts no more changes. */
	constructor(store: Store, restart: (reason: string) => void) {
		this.#store = store;
		this.#restart = restart;
	}

	/** Throws `DeviceError` `StorageKey`, `StorageFailed`. */
	read(key: string): Uint8Array | undefined {
		check(key);
		const found = this.#store.read(key);
		if (typeof found !== "number") return new Uint8Array(found);
		if (found === MISSING) return undefined;
		throw failure(key, found);
	}

	/** Throws `DeviceError` `StorageKey`, `StorageValue`, `StorageFull`, `StorageFailed`. */
	write(key: string, bytes: Uint8Array): void {
		check(key);
		if (bytes.length < 1 || bytes.length > LONGEST_VALUE) {
			throw new DeviceError("StorageValue", `expected 1 to ${LONGEST_VALUE} bytes for "${key}", got ${bytes.length}`);
		}
		this.#change(key, () => this.#store.write(key, bytes));
	}

	/** Throws `DeviceError` `StorageKey`, `StorageFailed`. */
	delete(key: string): void {
		check(key);
		this.#change(key, () => this.#store.erase(key));
	}

	#change(key: string, make: () => number): void {
		if (this.#isInDoubt) {
			throw new DeviceError(
				"StorageFailed",
				"flash has failed before in this run: restart the device, and replace it if that does not help",
			);
		}
		const result = make();
		if (result === OK) return;
		if (result === DOUBT) {
			this.#isInDoubt = true;
			this.#restart(`flash: "${key}" could not be changed, or not be seen to be`);
		}
		throw failure(key, result);
	}
}

function check(key: string): void {
	if (/^[a-z0-9._-]{1,15}$/.test(key)) return;
	throw new DeviceError("StorageKey", `expected a key of 1 to 15 characters of [a-z0-9._-], got "${key}"`);
}

function failure(key: string, result: number): DeviceError {
	if (result === FULL) {
		return new DeviceError(
			"StorageFull",
			`no room for "${key}", its old bytes remain: delete entries that are not needed`,
		);
	}
	const why = result === NO_MEMORY ? "not enough memory" : "flash failed";
	return new DeviceError("StorageFailed", `"${key}" could not be read or changed: ${why}`);
}
