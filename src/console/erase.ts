/**
 * Erasing all that the owner has put into the device, and all that it has bought and paid. A mark in flash comes first and
 * goes last, so that what a power cut interrupts is gone on with at the next start. Rules and keys go before the ledger:
 * at no moment is there a rule that forgets what it has let go.
 */
import type { Signer } from "../../modules/signer/signer.js";
import type { Wifi } from "../device/network.js";
import type { Storage } from "../device/storage.js";
import { Ledger } from "../wallet/ledger.js";
import { RememberedTerms } from "../wallet/remembered_terms.js";
import type { Settings } from "./settings.js";
import { sinkOf } from "./sink.js";

const SLOTS = 256;

export interface Erasable {
	readonly settings: Settings;
	readonly storage: Storage;
	readonly keys: Signer;
	readonly wifi: Wifi | undefined;
}

export function eraseAll({ settings, storage, keys, wifi }: Erasable): void {
	settings.erasing(true);
	const rememberedTerms = new RememberedTerms(storage, keys);
	for (const { name, value } of settings.entries("plans")) {
		rememberedTerms.forget(name);
		const sink = sinkOf(value);
		if (sink !== undefined) storage.delete(sink);
	}
	for (const key of settings.keys()) if (storage.read(key) !== undefined) storage.delete(key);
	for (let slot = 0; slot < SLOTS; slot++) {
		if (keys.curve(slot) !== undefined) keys.erase(slot, keys.publicKey(slot));
	}
	wifi?.set("", "");
	for (const key of Ledger.keys()) if (storage.read(key) !== undefined) storage.delete(key);
	settings.pause(false);
	settings.erasing(false);
}
