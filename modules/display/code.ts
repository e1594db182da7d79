/** Sizes QR codes (ISO/IEC 18004) in byte mode at error correction level M. */

/** Bytes that versions 1 to 23 hold (ISO/IEC 18004:2015, table 7). A larger one does not fit on 240 pixels. */
const CAPACITIES = [
	14, 26, 42, 62, 84, 106, 122, 152, 180, 213, 251, 287, 331, 362, 412, 450, 504, 560, 624, 666, 711, 779, 857,
] as const;

/** Width of the margin on each side, in modules. */
export const QUIET_ZONE = 4;

/**
 * Returns the side, in modules, of the smallest code for that many bytes, without the quiet zone; `undefined` for too many.
 */
export function modulesFor(bytes: number): number | undefined {
	const index = CAPACITIES.findIndex((capacity) => bytes <= capacity);
	return index < 0 ? undefined : 4 * (index + 1) + 17;
}

/** Returns the version with that many modules to a side. */
export function versionOf(modules: number): number {
	return (modules - 17) / 4;
}

/** Returns the whole pixels per module at which a code and its quiet zone fit into a square; 0 if they do not fit. */
export function scaleFor(modules: number, side: number): number {
	return Math.floor(side / (modules + 2 * QUIET_ZONE));
}
