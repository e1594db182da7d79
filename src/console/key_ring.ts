/**
 * The key slots as the settings' index knows them. A key that was there and cannot be read is an error, never an empty slot
 * that silently gets a new key. Each change is announced in the index first, so that a power cut between the index and the
 * slot neither hides a key nor reports one as lost.
 */
import * as hex from "../../modules/encoding/hex.js";
import { addressOfPublicKey } from "../../modules/signer/address.js";
import { SignerError } from "../../modules/signer/errors.js";
import type { Curve, Signer } from "../../modules/signer/signer.js";
import type { Settings } from "./settings.js";
import type { SettingsIndex } from "./settings_index.js";

export const SLOTS = 256;

/** A key that the index lists and its slot no longer holds. */
export interface LostKey {
	readonly curve: string;
	/** 0x and hexadecimal digits. */
	readonly publicKey: string;
	/** Only for a secp256k1 key. */
	readonly address?: string;
}

export class KeyRing implements Signer {
	readonly #keys: Signer;
	readonly #settings: Settings;

	constructor(keys: Signer, settings: Settings) {
		this.#keys = keys;
		this.#settings = settings;
	}

	/** Checks at the start that all keys are there. Throws `SignerError` `KeysUnreadable`, `ConsoleError` `SettingsDamaged`. */
	check(): void {
		const index = this.#settings.index();
		if (!index.hasKeys) this.#list(index);
		for (const slot of index.slots()) {
			if (isUnsettled(index.keyIn(slot))) index.setKey(slot, this.#describe(slot));
			const lost = this.#lostIn(index, slot);
			if (lost !== undefined) throw unreadable(slot, lost);
		}
		if (!index.isEmpty) index.mend();
	}

	/** Returns the slots that hold a key or have lost one. */
	knownSlots(): number[] {
		return this.#settings.index().slots();
	}

	/** Returns the key that `slot` has lost. */
	lostIn(slot: number): LostKey | undefined {
		return this.#lostIn(this.#settings.index(), slot);
	}

	/** Gives up a lost key, so that its slot can be used again. */
	forget(slot: number): void {
		this.#change(slot, undefined, () => {
			if (!this.#isEmpty(slot)) this.#keys.erase(slot, new Uint8Array(0));
		});
	}

	/** Erases all slots, even unreadable ones. Does not change the index. */
	eraseAll(): void {
		for (let slot = 0; slot < SLOTS; slot++) {
			if (this.#isEmpty(slot)) continue;
			const isReadable = this.#describe(slot) !== undefined;
			this.#keys.erase(slot, isReadable ? this.#keys.publicKey(slot) : new Uint8Array(0));
		}
	}

	/** Announces that the console is about to import a key into an empty slot. `taken` completes it. */
	expect(slot: number, curve: Curve): void {
		const index = this.#settings.index();
		if (this.#lostIn(index, slot) !== undefined) return;
		index.setKey(slot, `${curve} -`);
		index.write();
	}

	/** Lists the key that is now in `slot`, if there is one. */
	taken(slot: number): void {
		const index = this.#settings.index();
		const found = this.#describe(slot);
		if (found === undefined && !isUnsettled(index.keyIn(slot))) return;
		index.setKey(slot, found);
		index.writeTwice();
	}

	/** Creates a key. Throws `SignerError` `KeysUnreadable` for a slot that has lost one, and what the signer throws. */
	create(slot: number, curve: Curve): void {
		this.#make(slot, curve, () => this.#keys.create(slot, curve));
	}

	importKey(slot: number, curve: Curve, key: Uint8Array): void {
		this.#make(slot, curve, () => this.#keys.importKey(slot, curve, key));
	}

	erase(slot: number, publicKey: Uint8Array): void {
		this.#change(slot, this.#keys.curve(slot), () => this.#keys.erase(slot, publicKey));
	}

	keccak256(data: Uint8Array): Uint8Array {
		return this.#keys.keccak256(data);
	}

	sha256(data: Uint8Array): Uint8Array {
		return this.#keys.sha256(data);
	}

	curve(slot: number): Curve | undefined {
		return this.#keys.curve(slot);
	}

	publicKey(slot: number): Uint8Array {
		return this.#keys.publicKey(slot);
	}

	signDigest(slot: number, digest: Uint8Array): Uint8Array {
		return this.#keys.signDigest(slot, digest);
	}

	signMessage(slot: number, message: Uint8Array): Uint8Array {
		return this.#keys.signMessage(slot, message);
	}

	#make(slot: number, curve: Curve, make: () => void): void {
		if (!this.#isEmpty(slot)) throw new SignerError("SlotTaken", `slot ${slot} holds a key: erase it first`);
		const lost = this.lostIn(slot);
		if (lost !== undefined) throw unreadable(slot, lost);
		this.#change(slot, curve, make);
	}

	#change(slot: number, curve: Curve | undefined, make: () => void): void {
		const index = this.#settings.index();
		index.setKey(slot, `${curve ?? "lost"} -`);
		index.write();
		try {
			make();
		} finally {
			index.setKey(slot, this.#describe(slot));
			index.hasKeys = true;
			index.writeTwice();
		}
	}

	/** Firmware 0.1 had no index: its keys are listed once. */
	#list(index: SettingsIndex): void {
		let keys = 0;
		for (let slot = 0; slot < SLOTS; slot++) {
			const found = this.#describe(slot);
			if (found === undefined) continue;
			index.setKey(slot, found);
			keys++;
		}
		if (keys > 0) index.hasKeys = true;
	}

	#lostIn(index: SettingsIndex, slot: number): LostKey | undefined {
		const known = index.keyIn(slot);
		if (known === undefined || isUnsettled(known) || known === this.#describe(slot)) return undefined;
		const space = known.indexOf(" ");
		const curve = known.slice(0, space);
		const publicKey = hex.decode(known.slice(space + 1));
		const address = curve === "secp256k1" ? { address: addressOfPublicKey(this.#keys, publicKey) } : {};
		return { curve, publicKey: `0x${hex.encode(publicKey)}`, ...address };
	}

	#isEmpty(slot: number): boolean {
		try {
			return this.#keys.curve(slot) === undefined;
		} catch {
			return false;
		}
	}

	/** Describes the key as the index does; `undefined` for an empty slot or an unreadable one. */
	#describe(slot: number): string | undefined {
		try {
			const curve = this.#keys.curve(slot);
			return curve === undefined ? undefined : `${curve} ${hex.encode(this.#keys.publicKey(slot))}`;
		} catch {
			return undefined;
		}
	}
}

function isUnsettled(known: string | undefined): boolean {
	return known?.endsWith(" -") ?? false;
}

function unreadable(slot: number, { address, publicKey }: LostKey): SignerError {
	const name = address ?? publicKey;
	return new SignerError(
		"KeysUnreadable",
		`slot ${slot} held the key of ${name}, which can no longer be read: import it again, or give it up with "key erase ${slot} ${name}"`,
	);
}
