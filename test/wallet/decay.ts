/** Flash that decays: one entry is lost, changed, or found as an older copy of itself, as NVS can do without a word. */
import type { MemoryFlash } from "../support/memory.js";

export type Decay = "lost" | "changed" | "older";

export const DECAYS: readonly Decay[] = ["lost", "changed", "older"];

/** Notes what each write of `flash` replaces: what may come back. */
export function olderCopies(flash: MemoryFlash): Map<string, Uint8Array | undefined> {
	const copies = new Map<string, Uint8Array | undefined>();
	const write = flash.write.bind(flash);
	flash.write = (key, bytes) => {
		const before = flash.entries.get(key);
		try {
			write(key, bytes);
		} finally {
			// A write after which the power failed has replaced it too.
			if (flash.entries.get(key) !== before) copies.set(key, before);
		}
	};
	return copies;
}

/** The entries after one of them has decayed; `undefined` where there is nothing to decay to. */
export function decayed(
	entries: ReadonlyMap<string, Uint8Array>,
	copies: ReadonlyMap<string, Uint8Array | undefined>,
	key: string,
	decay: Decay,
): Map<string, Uint8Array> | undefined {
	const after = new Map(entries);
	const bytes = after.get(key)?.slice();
	if (bytes === undefined) return undefined;
	const older = copies.get(key);
	if (decay === "older" && older === undefined) return undefined;
	if (decay === "lost") after.delete(key);
	else if (decay === "older") after.set(key, older!);
	else {
		bytes[bytes.length >> 1]! ^= 0x10;
		after.set(key, bytes);
	}
	return after;
}
