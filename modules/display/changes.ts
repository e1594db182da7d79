/**
 * Computes what to draw to get from one layout to another. Boxes of one layout do not overlap, so clearing the box of a removed
 * item touches no item that stays.
 */
import type { Box, Item } from "./items.js";

export interface Changes {
	/** Boxes of removed items whose exact place no new item takes. Clear them first. */
	readonly clear: readonly Box[];
	/** New or changed items; each clears its own box. */
	readonly draw: readonly Item[];
}

export function changesOf(before: readonly Item[], after: readonly Item[]): Changes {
	const draw = after.filter((item) => !before.some((old) => isSame(old, item)));
	const clear = before.filter(
		(old) => !after.some((item) => isSame(old, item)) && !draw.some((item) => hasSameBox(old, item)),
	);
	return { clear, draw };
}

function hasSameBox(a: Box, b: Box): boolean {
	return a.x === b.x && a.y === b.y && a.width === b.width && a.height === b.height;
}

function isSame(a: Item, b: Item): boolean {
	if (!hasSameBox(a, b)) return false;
	if (a.kind === "fill") return b.kind === "fill" && a.ink === b.ink;
	if (a.kind === "code") return b.kind === "code" && a.text === b.text;
	return b.kind === "text" && a.text === b.text && a.style === b.style && a.ink === b.ink;
}
