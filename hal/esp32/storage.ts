/**
 * Flash on an ESP32: NVS, by way of the SDK's `embedded:storage/key-value`, whose `write` commits.
 *
 * What NVS does (ESP-IDF Programming Guide, Non-Volatile Storage Library; components/nvs_flash, `Storage::writeItem` and
 * `PageManager::load`): a blob is written beside the old one, then its index, and only then the old index goes. Each entry has
 * a CRC. At its next initialization NVS removes what a power cut left half done: the old blob when the new index is
 * there, the new one when it is not. So after a cut a key holds its old bytes or its new ones.
 *
 * An error is another matter. Without space nothing was begun, and the old bytes stand. After any other error NVS itself may
 * not know which of the two stands until it is initialized anew (`ESP_ERR_NVS_REMOVE_FAILED` says so), and the same goes for
 * bytes that read back otherwise than they were written. Then the device restarts at once: a cut at that moment, no more.
 * @module
 */
import type { Storage } from "../../src/wallet/storage.js";
import { DeviceError } from "./errors.js";

/** What is used of the SDK's class, in its buffer format. */
export interface KeyValue {
	read(key: string): ArrayBuffer | undefined;
	write(key: string, bytes: Uint8Array): void;
	delete(key: string): void;
}

const LONGEST_VALUE = 4_000;

export class NvsStorage implements Storage {
	readonly #nvs: KeyValue;
	readonly #restart: (reason: string) => void;
	#isInDoubt = false;

	/** `restart` starts the device anew, or returns where it has done so too often; storage then takes no more writes. */
	constructor(nvs: KeyValue, restart: (reason: string) => void) {
		this.#nvs = nvs;
		this.#restart = restart;
	}

	/** Throws `DeviceError` `StorageKey`, `StorageFailed`. */
	read(key: string): Uint8Array | undefined {
		check(key);
		const bytes = this.#read(key);
		return bytes === undefined ? undefined : new Uint8Array(bytes);
	}

	/** Throws `DeviceError` `StorageKey`, `StorageValue`, `StorageFull`, `StorageFailed`. */
	write(key: string, bytes: Uint8Array): void {
		check(key);
		if (bytes.length < 1 || bytes.length > LONGEST_VALUE) {
			throw new DeviceError("StorageValue", `expected 1 to ${LONGEST_VALUE} bytes for "${key}", got ${bytes.length}`);
		}
		this.#settle(key, () => this.#nvs.write(key, bytes));
		if (!isSame(this.#read(key), bytes)) this.#doubt(`"${key}" does not read as it was written`);
	}

	/** Throws `DeviceError` `StorageKey`, `StorageFailed`. */
	delete(key: string): void {
		check(key);
		this.#settle(key, () => this.#nvs.delete(key));
		if (this.#read(key) !== undefined) this.#doubt(`"${key}" is still there after it was deleted`);
	}

	#read(key: string): ArrayBuffer | undefined {
		try {
			return this.#nvs.read(key);
		} catch (error) {
			throw new DeviceError("StorageFailed", `"${key}" could not be read: ${(error as Error).message}`);
		}
	}

	#settle(key: string, change: () => void): void {
		if (this.#isInDoubt) {
			throw new DeviceError("StorageFailed", "flash has failed before in this run: restart the device, or replace it");
		}
		try {
			change();
		} catch (error) {
			const { message } = error as Error;
			if (message.includes("NOT_ENOUGH_SPACE")) {
				throw new DeviceError("StorageFull", `no room for "${key}": its old bytes stand; delete what is not needed`);
			}
			this.#doubt(`"${key}": ${message}`);
		}
	}

	#doubt(why: string): never {
		this.#isInDoubt = true;
		this.#restart(`flash: ${why}`);
		throw new DeviceError("StorageFailed", `flash failed, and it takes a restart to see what it holds: ${why}`);
	}
}

function check(key: string): void {
	if (/^[a-z0-9._-]{1,15}$/.test(key)) return;
	throw new DeviceError("StorageKey", `expected a key of 1 to 15 characters of [a-z0-9._-], got "${key}"`);
}

function isSame(found: ArrayBuffer | undefined, bytes: Uint8Array): boolean {
	if (found === undefined || found.byteLength !== bytes.length) return false;
	const view = new Uint8Array(found);
	for (let at = 0; at < bytes.length; at++) if (view[at] !== bytes[at]) return false;
	return true;
}
