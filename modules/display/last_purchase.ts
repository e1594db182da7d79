/** Draws the last purchase, in one to three lines. */
import type { DisplayState } from "../../src/device/display.js";
import { ABOVE, AFTER, BEFORE, BELOW, type Box, type Ink, LINE, type Sheet } from "./items.js";
import { when } from "./status.js";

/** Least distance between two texts on a line. */
const GAP = BEFORE + AFTER;

/** The height of this many lines of text. */
export function heightOfLines(lines: number): number {
	return lines === 0 ? 0 : ABOVE.text + LINE * (lines - 1) + BELOW.text;
}

/** Draws at the area's bottom: three lines (label and time, plan, state and price), two (no label), one or none. */
export function drawPurchase(sheet: Sheet, { last, wall }: DisplayState, lines: number, area: Box): void {
	if (lines === 0) return;
	const { x, width } = area;
	const bottom = area.y + area.height - BELOW.text;
	if (last === undefined) {
		sheet.text("Nothing bought yet", x, bottom, width, "text", "quiet");
		return;
	}
	const plan = [last.plan, "strong", "ink"] as const;
	const state = [last.state, inkOf(last.state)] as const;
	const time = [when(last.at, wall), "quiet"] as const;
	if (lines === 1) {
		drawPair(sheet, plan, state, area, bottom);
		return;
	}
	drawPair(sheet, [last.state, "text", inkOf(last.state)], [last.price, "ink"], area, bottom);
	if (lines === 2) {
		drawPair(sheet, plan, time, area, bottom - LINE);
		return;
	}
	const label = sheet.firstThatFits(["Last purchase", "Bought"], width - sheet.measure(time[0], "text") - GAP);
	drawPair(sheet, [label, "text", "quiet"], time, area, bottom - 2 * LINE);
	sheet.text(last.plan, x, bottom - LINE, width, "strong", "ink");
}

/** Draws one text at the left and one at the right, which gets half of the width, or what the left one leaves. */
function drawPair(
	sheet: Sheet,
	[left, style, ink]: readonly [string, "text" | "strong", Ink],
	[right, rightInk]: readonly [string, Ink],
	{ x, width }: Box,
	baseline: number,
): void {
	const room = Math.max(width >> 1, width - sheet.measure(left, style) - GAP);
	const taken = sheet.textAtRight(right, x + width, baseline, room, "text", rightInk);
	sheet.text(left, x, baseline, width - taken - GAP, style, ink);
}

function inkOf(state: string): Ink {
	if (state === "delivered") return "accent";
	return state === "intended" || state === "authorized" ? "ink" : "warning";
}
