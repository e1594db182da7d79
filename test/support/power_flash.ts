/**
 * Power and flash of a device in a test's memory. All that the device does to the world goes through its power, which can be
 * cut at each of these operations; flash can refuse writes and decay.
 */
import type { KeyStore } from "../../modules/signer/portable.js";
import type { Storage } from "../../src/device/storage.js";
import type { Drawn } from "./drawn.js";

export interface PowerCut {
	/** Which operation, counted from 1. */
	readonly at: number;
	/** `during`: it is left half done, as `PowerSupply.run` is told. */
	readonly side: "before" | "during" | "after";
}

/** What a device does to the world. */
export type Operation = "open" | "send" | "answer" | "flash";

/** From power on to power off. */
export class PowerSupply {
	operations = 0;
	isDown = false;
	/** True if the power failed; an owner who switches off does not. */
	isCut = false;
	/** Resolves when the power is gone. */
	readonly gone: Promise<void>;
	/** What the last operation was. */
	last: Operation = "flash";
	/** Called after each operation that the power outlasts. */
	after: (operations: number) => void = () => {};
	readonly #cut: PowerCut | undefined;
	#goDown: () => void = () => {};

	constructor(cut?: PowerCut) {
		this.#cut = cut;
		this.gone = new Promise((resolve) => {
			this.#goDown = resolve;
		});
	}

	/**
	 * Does one operation, unless the power fails before it; `half` of it if the power fails during it. Throws when the power is
	 * gone.
	 */
	run<Result>(kind: Operation, operation: () => Result, half: () => void = () => {}): Result {
		if (this.isDown) throw new PowerLost();
		this.operations++;
		this.last = kind;
		const isLast = this.operations === this.#cut?.at;
		if (isLast && this.#cut?.side === "before") this.cut();
		if (isLast && this.#cut?.side === "during") {
			half();
			this.cut();
		}
		const result = operation();
		if (isLast) this.cut();
		this.after(this.operations);
		return result;
	}

	/** As `run`, for what notices nothing when the power goes: `undefined` then. */
	quietly<Result>(kind: Operation, operation: () => Result): Result | undefined {
		try {
			return this.run(kind, operation);
		} catch (error) {
			if (error instanceof PowerLost) return undefined;
			throw error;
		}
	}

	cut(): never {
		this.isCut = true;
		this.off();
		throw new PowerLost();
	}

	off(): void {
		this.isDown = true;
		this.#goDown();
	}
}

export class PowerLost extends Error {
	override readonly name = "PowerLost";
}

export type DecayKind = "lost" | "changed" | "older";
export const DECAY_KINDS: readonly DecayKind[] = ["lost", "changed", "older"];

/**
 * What a power cut in the middle of a write leaves. Files (`hal/node`, `hal/xs`, `hal/sim`): a temporary file that nobody
 * reads, and the old value. NVS as `hal/esp32/native/store.h` uses it: the new value, and the old one beside it, which comes
 * back if the new one decays (`DecayKind` "older"). A key slot is never overwritten: it is written or it is empty.
 */
export type FlashLayout = "files" | "nvs";

/** Entries as flash holds them, from one run of a device to the next. */
export class FlashMemory {
	entries = new Map<string, Uint8Array>();
	/** What the last write of each key replaced. */
	readonly older = new Map<string, Uint8Array>();
	/** Key slots. */
	readonly slots = new Map<number, Uint8Array>();
	layout: FlashLayout = "nvs";
	/** The key that was written last, wholly or in part. */
	lastWritten: string | undefined;

	/** The storage of a device for one run. `refuses` is asked before each write: the old bytes then stand. */
	storage(power: PowerSupply, refuses: (key: string) => boolean = () => false): Storage {
		const { entries, older } = this;
		const put = (key: string, bytes: Uint8Array) => {
			const before = entries.get(key);
			if (before !== undefined) older.set(key, before);
			entries.set(key, bytes.slice());
		};
		return {
			read: (key) => entries.get(key)?.slice(),
			write: (key, bytes) => {
				if (!/^[a-z0-9._-]{1,15}$/.test(key) || bytes.length < 1 || bytes.length > 4_000) throw new RangeError(key);
				const write = () => {
					this.lastWritten = key;
					if (refuses(key)) throw new Error("flash is worn out");
					put(key, bytes);
				};
				power.run("flash", write, this.#half(write));
			},
			delete: (key) => power.run("flash", () => entries.delete(key)),
		};
	}

	/** The key slots of a device for one run. */
	keyStore(power: PowerSupply): KeyStore {
		const { slots } = this;
		return {
			get: (slot) => slots.get(slot)?.slice(),
			set: (slot, record) => {
				const write = () => slots.set(slot, record.slice());
				power.run("flash", write, this.#half(write));
			},
			delete: (slot) => power.run("flash", () => slots.delete(slot)),
		};
	}

	#half(write: () => void): () => void {
		return this.layout === "nvs" ? write : () => {};
	}

	/** One entry of those that `may` decay decays. Returns its key; `undefined` where there is nothing to decay. */
	decay(kind: DecayKind, drawn: Drawn, may: (key: string) => boolean = () => true): string | undefined {
		const keys = [...(kind === "older" ? this.older : this.entries).keys()]
			.filter((key) => this.entries.has(key) && may(key))
			.sort();
		if (keys.length === 0) return undefined;
		const key = drawn.pick(keys);
		if (kind === "lost") this.entries.delete(key);
		else if (kind === "older") this.entries.set(key, this.older.get(key)!);
		else {
			const bytes = this.entries.get(key)!.slice();
			bytes[drawn.integer(bytes.length)]! ^= 1 << drawn.integer(8);
			this.entries.set(key, bytes);
		}
		return key;
	}
}
