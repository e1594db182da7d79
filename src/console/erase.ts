/**
 * Erases everything that the owner set, and all bought data and payments. A mark in flash is written first and deleted last,
 * so that an erasure interrupted by a power cut continues at the next start. Rules and keys go before the ledger: there is
 * never a rule without its spending. Unreadable entries are erased too.
 */
import { BRAKE_KEY } from "../agent/brake.js";
import { TURN_KEY } from "../agent/run_mark.js";
import type { Wifi } from "../device/network.js";
import type { Storage } from "../device/storage.js";
import { Ledger } from "../wallet/ledger.js";
import { RememberedTerms } from "../wallet/remembered_terms.js";
import type { KeyRing } from "./key_ring.js";
import type { Settings } from "./settings.js";
import { sinkOf } from "./sink.js";

export interface Erasable {
	readonly settings: Settings;
	readonly storage: Storage;
	readonly keys: KeyRing;
	readonly wifi: Wifi | undefined;
}

export function eraseAll({ settings, storage, keys, wifi }: Erasable): void {
	settings.erasing(true);
	const terms = new RememberedTerms(storage, keys);
	for (const { name, value } of settings.entries("plans")) {
		terms.forget(name);
		const sink = sinkOf(value);
		if (sink !== undefined) storage.delete(sink);
	}
	for (const key of settings.keys()) remove(storage, key);
	keys.eraseAll();
	wifi?.set("", "");
	for (const key of Ledger.keys()) remove(storage, key);
	remove(storage, TURN_KEY);
	remove(storage, BRAKE_KEY);
	for (const key of settings.indexKeys()) remove(storage, key);
	settings.erasing(false);
}

/** Deletes an entry. Skips a missing one, which saves flash wear, but not an unreadable one. */
function remove(storage: Storage, key: string): void {
	let isThere = true;
	try {
		isThere = storage.read(key) !== undefined;
	} catch {
		// It exists.
	}
	if (isThere) storage.delete(key);
}
