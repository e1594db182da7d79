/**
 * Flash on an ESP32: NVS by way of native/store.h, which says what NVS promises, what it does not, and how a change is atomic
 * all the same. Not the SDK's `embedded:storage/key-value`: that one overwrites blobs in their place.
 *
 * An error after which NVS itself may not know what it holds, until it is initialized anew, restarts the device at once: a
 * power cut at that moment, no more.
 * @module
 */
import type { Storage } from "../../src/device/storage.js";
import { DeviceError } from "./device_error.js";

/** A store of native/store.h: bytes, or one of its results. */
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

	/** `restart` starts the device anew, or returns where it has done so too often; storage then takes no more changes. */
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
			throw new DeviceError("StorageFailed", "flash has failed before in this run: restart the device, or replace it");
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
		return new DeviceError("StorageFull", `no room for "${key}": its old bytes stand; delete what is not needed`);
	}
	const why = result === NO_MEMORY ? "there is no memory to do it in" : "flash failed";
	return new DeviceError("StorageFailed", `"${key}" could not be read or changed: ${why}`);
}
