/** Flash, randomness and events of a device in a test's memory. */
import type { Storage } from "../../src/device/storage.js";
import { keptEntry } from "../../tools/world/secret_log.js";

export type Side = "before" | "after";

/** Flash in a Map. `writes` counts writes and deletes of this boot. */
export class MemoryFlash implements Storage {
	readonly entries = new Map<string, Uint8Array>();
	writes = 0;
	/** The power fails at this write, before or after it is done. Nothing works any more then, until `boot`. */
	cut: { readonly at: number; readonly side: Side } | undefined;
	isDead = false;
	/** Whether flash refuses a write of this key; the old bytes then stand. */
	refuses: (key: string, write: number) => boolean = () => false;

	/** Power is back: the Map is all that is left. */
	boot(): void {
		this.writes = 0;
		this.cut = undefined;
		this.isDead = false;
	}

	read(key: string): Uint8Array | undefined {
		return this.entries.get(key)?.slice();
	}

	write(key: string, bytes: Uint8Array): void {
		if (!/^[a-z0-9._-]{1,15}$/.test(key) || bytes.length < 1 || bytes.length > 4_000) throw new RangeError(key);
		keptEntry(key, bytes);
		this.#change(key, () => this.entries.set(key, bytes.slice()));
	}

	delete(key: string): void {
		this.#change(key, () => this.entries.delete(key));
	}

	#change(key: string, change: () => void): void {
		if (this.isDead) throw new Error("no power");
		this.writes++;
		const isLast = this.cut?.at === this.writes;
		this.isDead = isLast;
		if (isLast && this.cut?.side === "before") throw new Error("no power");
		if (this.refuses(key, this.writes)) throw new Error("flash is worn out");
		change();
		if (isLast) throw new Error("no power");
	}
}

/** A keyed signer whose nonces and keys follow from a seed. */
export function seeded(seed: number): (buffer: Uint8Array) => void {
	let state = seed >>> 0;
	return (buffer) => {
		for (let i = 0; i < buffer.length; i++) {
			state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
			buffer[i] = state >>> 24;
		}
	};
}

/** So that no key is what another device, of the same seed, takes for a nonce. */
export function keySeed(seed: number): number {
	return seed ^ 0x5eed_0000;
}

/** An event as the agent logs it. */
export type Event = { readonly event: string; readonly [field: string]: unknown };

export function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}
