/**
 * A folder as a device's flash, laid out as on the XS host, so that both engines run from the same folder: storage key
 * K is the file `kv.K`; key slot N is `key.N`, a byte for the curve and 32 bytes of key. A write goes to `.tmp`, then
 * fsync, rename, fsync of the folder: atomic and durable. Only the owner can read the files.
 */
import fs from "node:fs";
import path from "node:path";
import type { KeyStore } from "../../modules/signer/portable.js";
import type { Storage } from "../../src/device/storage.js";
import type { Power } from "./power.js";

const KEY = /^[a-z0-9._-]{1,15}$/;
const LONGEST_VALUE = 4_000;
const TEMPORARY = ".tmp";

export class Flash {
	readonly #folder: string;
	readonly #power: Power;

	readonly #refuseEvery: number;
	#writes = 0;
	refusedWrites = 0;

	/**
	 * Makes the folder if it does not exist, and removes half-written files left by a power cut.
	 *
	 * @param refuseEvery every n-th write is refused; 0: none
	 */
	constructor(folder: string, power: Power, refuseEvery = 0) {
		this.#refuseEvery = refuseEvery;
		this.#folder = folder;
		this.#power = power;
		fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
		fs.rmSync(path.join(folder, TEMPORARY), { force: true });
	}

	get storage(): Storage {
		return {
			read: (key) => this.#read(entryOf(key)),
			write: (key, bytes) => {
				const entry = entryOf(key);
				if (bytes.length < 1 || bytes.length > LONGEST_VALUE) {
					throw new RangeError(`expected a value of 1 to ${LONGEST_VALUE} bytes, got ${bytes.length}`);
				}
				this.#write(entry, bytes);
			},
			delete: (key) => this.#delete(entryOf(key)),
		};
	}

	get keys(): KeyStore {
		return {
			get: (slot) => this.#read(`key.${slot}`),
			set: (slot, record) => this.#write(`key.${slot}`, record),
			delete: (slot) => this.#delete(`key.${slot}`),
		};
	}

	#read(entry: string): Uint8Array | undefined {
		try {
			return new Uint8Array(fs.readFileSync(path.join(this.#folder, entry)));
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code === "ENOENT") {
				return undefined;
			}
			throw error;
		}
	}

	#write(entry: string, bytes: Uint8Array): void {
		const last = this.#power.begin();
		if (this.#refuseEvery > 0 && ++this.#writes % this.#refuseEvery === 0) {
			this.refusedWrites++;
			throw new Error("the flash refuses a write");
		}
		const temporary = path.join(this.#folder, TEMPORARY);
		fs.writeFileSync(temporary, bytes, { mode: 0o600, flush: true });
		if (last && this.#power.tears) {
			this.#power.fail();
		}
		fs.renameSync(temporary, path.join(this.#folder, entry));
		this.#syncFolder();
		if (last) {
			this.#power.fail();
		}
	}

	#delete(entry: string): void {
		this.#power.run(() => {
			fs.rmSync(path.join(this.#folder, entry), { force: true });
			this.#syncFolder();
		});
	}

	#syncFolder(): void {
		const folder = fs.openSync(this.#folder, "r");
		try {
			fs.fsyncSync(folder);
		} finally {
			fs.closeSync(folder);
		}
	}
}

function entryOf(key: string): string {
	if (!KEY.test(key)) {
		throw new RangeError(`expected a key of 1 to 15 characters of [a-z0-9._-], got ${JSON.stringify(key)}`);
	}
	return `kv.${key}`;
}
