/**
 * The signer over the C core (`signer.h`) through its binding `xs/signer_xs.c`, for devices and the XS host. Keys stay in the
 * port's flash and in C. Only slot numbers, digests, messages, public keys and signatures pass through here, and, for
 * provisioning, a key that the caller already had.
 *
 * @module
 */
import { SignerError } from "./errors.js";
import type { Curve, Signer } from "./signer.js";

/** The Moddable SDK's own form: a function whose whole body is `return native(name).call(this, …its arguments)`. */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

function keccak256(this: unknown, data: Uint8Array): ArrayBuffer {
	return native("xs_signer_keccak256").call(this, data);
}
function sha256(this: unknown, data: Uint8Array): ArrayBuffer {
	return native("xs_signer_sha256").call(this, data);
}
function curveOf(this: unknown, slot: number): number {
	return native("xs_signer_curve").call(this, slot);
}
function publicKey(this: unknown, slot: number): ArrayBuffer | number {
	return native("xs_signer_public_key").call(this, slot);
}
function signDigest(this: unknown, slot: number, digest: Uint8Array): ArrayBuffer | number {
	return native("xs_signer_sign_digest").call(this, slot, digest);
}
function signMessage(this: unknown, slot: number, message: Uint8Array): ArrayBuffer | number {
	return native("xs_signer_sign_message").call(this, slot, message);
}
function create(this: unknown, slot: number, curve: number): number {
	return native("xs_signer_create").call(this, slot, curve);
}
function importKey(this: unknown, slot: number, curve: number, key: Uint8Array): number {
	return native("xs_signer_import").call(this, slot, curve, key);
}
function erase(this: unknown, slot: number, confirmation: Uint8Array): number {
	return native("xs_signer_erase").call(this, slot, confirmation);
}

const SLOTS = 256;
const EMPTY = -1;
/** Offset of the errors that `curve` returns, so that none is taken for a curve. */
const CURVE_ERROR = 16;
/** Indexed by their number in C: `SIGNER_SECP256K1`, `SIGNER_ED25519` of `signer_port.h`. */
const CURVES: readonly Curve[] = Object.freeze(["secp256k1", "ed25519"] as const);

/** The one signer of a device. Slots are numbered from 0 to 255. */
export function createNativeSigner(): Signer {
	return new NativeSigner();
}

class NativeSigner implements Signer {
	keccak256(data: Uint8Array): Uint8Array {
		return new Uint8Array(keccak256.call(this, data));
	}

	sha256(data: Uint8Array): Uint8Array {
		return new Uint8Array(sha256.call(this, data));
	}

	curve(slot: number): Curve | undefined {
		const found = curveOf.call(this, checkedSlot(slot));
		if (found === EMPTY) return undefined;
		if (found >= CURVE_ERROR) throw refusal(found - CURVE_ERROR, slot);
		return CURVES[found];
	}

	publicKey(slot: number): Uint8Array {
		return bytesOf(publicKey.call(this, checkedSlot(slot)), slot);
	}

	signDigest(slot: number, digest: Uint8Array): Uint8Array {
		const signature = bytesOf(signDigest.call(this, checkedSlot(slot), digest), slot);
		signature[64]! += 27;
		return signature;
	}

	signMessage(slot: number, message: Uint8Array): Uint8Array {
		return bytesOf(signMessage.call(this, checkedSlot(slot), message), slot);
	}

	create(slot: number, curve: Curve): void {
		check(create.call(this, checkedSlot(slot), CURVES.indexOf(curve)), slot);
	}

	importKey(slot: number, curve: Curve, key: Uint8Array): void {
		check(importKey.call(this, checkedSlot(slot), CURVES.indexOf(curve), key), slot);
	}

	erase(slot: number, confirmation: Uint8Array): void {
		check(erase.call(this, checkedSlot(slot), confirmation), slot);
	}
}

function checkedSlot(slot: number): number {
	if (Number.isInteger(slot) && slot >= 0 && slot < SLOTS) return slot;
	throw new SignerError("SlotOutOfRange", `expected a slot from 0 to ${SLOTS - 1}, got ${slot}`);
}

function bytesOf(result: ArrayBuffer | number, slot: number): Uint8Array {
	if (typeof result === "number") throw refusal(result, slot);
	return new Uint8Array(result);
}

function check(result: number, slot: number): void {
	if (result !== 0) throw refusal(result, slot);
}

/** Converts an error number of `xs/signer_slot.h`. A port uses it for a key that its console imported. */
export function refusal(code: number, slot: number): SignerError {
	switch (code) {
		case 1:
			return new SignerError("KeyMissing", `expected a key in slot ${slot}, got none: create or import one`);
		case 2:
			return new SignerError("KeyOfAnotherCurve", `slot ${slot} holds a key of the other curve`);
		case 3:
			return new SignerError("KeyOutOfRange", "expected a key of 32 bytes, above 0 and below the group order");
		case 4:
			return new SignerError("NotConfirmed", `the confirmation is not the public key of slot ${slot}`);
		case 5:
			return new SignerError("SigningFault", `a signature of slot ${slot} did not verify and was dropped: try again`);
		case 7:
			return new SignerError("SlotTaken", `slot ${slot} holds a key: erase it first`);
		case 9:
			return new SignerError("DigestLength", "expected a digest of 32 bytes");
		default:
			return new SignerError("StorageFailed", `the record of slot ${slot} could not be read or written`);
	}
}
