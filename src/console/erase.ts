/**
 * Erases all that the owner put into the device, and all that it bought and paid. A mark in flash comes first and goes
 * last, so that an erasure that a power cut interrupts is continued at the next start. Rules and keys go before the ledger:
 * at no moment is there a rule that forgets what it has let go. What cannot be read is erased like the rest.
 */
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
	for (const key of settings.indexKeys()) remove(storage, key);
	settings.erasing(false);
}

/** Flash wears, so that what is not there is not deleted; what cannot be read is. */
function remove(storage: Storage, key: string): void {
	let isThere = true;
	try {
		isThere = storage.read(key) !== undefined;
	} catch {
		// It is there.
	}
	if (isThere) storage.delete(key);
}
