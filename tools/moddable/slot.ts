/** Checks whether an image fits into its slot of flash. */
import { existsSync, statSync } from "node:fs";
import path from "node:path";
import { appOf, type Board, type Profile } from "./boards.js";
import { readPartitions } from "./partitions.js";
import type { Sdk } from "./sdk.js";

/** Secure boot v2 pads an image to pages of the flash cache, and appends a sector with the signatures. */
const PAGE = 0x10000;
const SIGNATURES = 0x1000;
/** Bytes that a slot keeps free: a device that cannot take a larger image cannot be repaired. */
export const RESERVE = 100_000;

/**
 * @param size bytes, as built
 *
 * @returns bytes, as signed: the size in the slot of a release (ESP-IDF 6.0, docs/en/security/secure-boot-v2.rst, "Signature
 * Block Format")
 */
export function signedSize(size: number): number {
	return Math.ceil(size / PAGE) * PAGE + SIGNATURES;
}

export interface Fit {
	/** Bytes, like the others. */
	readonly slot: number;
	readonly image: number;
	readonly signed: number;
	/** Free bytes beside the signed image; negative if it does not fit. */
	readonly spare: number;
}

export function fitOf(board: Board, image: number): Fit {
	const slot = readPartitions(board.partitions).find(({ type }) => type === "app")!.size;
	const signed = signedSize(image);
	return { slot, image, signed, spare: slot - signed };
}

/** @returns a message for the owner, or nothing if the image leaves the reserve free */
export function complaintOf({ slot, signed, spare }: Fit): string | undefined {
	const bytes = (count: number) => count.toLocaleString("en");
	if (spare < 0) return `the signed image has ${bytes(signed)} bytes, and its slot ${bytes(slot)}: it would not start`;
	if (spare >= RESERVE) return undefined;
	return `the slot has ${bytes(spare)} bytes to spare of the ${bytes(RESERVE)} that an update may need`;
}

/** Returns the size of the last built image, or nothing. */
export function builtImage(sdk: Sdk, board: Board, profile: Profile): number | undefined {
	// The SDK's makefile uses this name for any chip.
	const file = path.join(sdk.root, "build/bin/esp32", board.name, "release", appOf(profile), "xs_esp32.bin");
	return existsSync(file) ? statSync(file).size : undefined;
}
