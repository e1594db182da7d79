/**
 * Lays out a device's state as boxes on its screen. Pure, and the same on every platform.
 *
 * A wide screen (320 x 240) shows the code to pay to at the left and everything else at the right; a narrow one (240 x 320 and
 * 240 x 240) shows them one below the other. An error takes the bottom of either. A code too fine for its usual place takes
 * the room of spending and purchase.
 */
import type { DisplayState } from "../../src/device/display.js";
import { BEARING, BEFORE, type Box, type Item, LINE, MARGIN, type Measure, Sheet } from "./items.js";
import { drawPurchase, heightOfLines } from "./last_purchase.js";
import { drawSpending, heightOfSpending, ROW, type SpendingForm } from "./spending.js";
import { drawStatus, drawStatusLine, statusLines } from "./status.js";
import { drawCaption, drawCode, isLegible } from "./top_up.js";

export interface Screen {
	readonly width: number;
	readonly height: number;
}

/** A code of 29 modules (an address) with its quiet zone, 4 pixels a module. */
const CODE_SIDE = 148;
/** Room that a wide screen keeps beside a large code: for the time, or "Connected" and its bars. */
const NARROWEST_COLUMN = 116;
/** Least distance between spending and purchase. */
const GAP = 4;
/** Margins at the right edge of a wide screen, and at the bottom edge. */
const EDGE = 11;
const BOTTOM_EDGE = 8;

/** Lines of the purchase and form of the spending, from the most room to the least. */
const FORMS: readonly (readonly [number, SpendingForm])[] = [
	[3, "large"],
	[3, "labelled"],
	[3, "bare"],
	[2, "bare"],
	[1, "bare"],
];

/** Lays out `state` on a screen; `measure` gives the width of a text. */
export function layout(state: DisplayState, { width, height }: Screen, measure: Measure): readonly Item[] {
	const sheet = new Sheet(measure);
	const isWide = width >= 300;
	const right = width - (isWide ? EDGE : MARGIN);
	const bottom = drawError(sheet, state.error, right, height, isWide || height >= 300 ? 2 : 1);
	if (isWide) drawWide(sheet, state, right, bottom);
	else drawNarrow(sheet, state, right, bottom);
	return sheet.items;
}

function drawWide(sheet: Sheet, state: DisplayState, right: number, bottom: number): void {
	const isUsual = isLegible(state, CODE_SIDE);
	const side = isUsual ? CODE_SIDE : Math.min(bottom, right + EDGE - NARROWEST_COLUMN);
	drawCode(sheet, state, { x: 0, y: 0, width: side, height: side });
	const column = { x: side + BEFORE, width: right - side - BEFORE };
	drawStatus(sheet, state, column.x, 28, column.width);
	if (isUsual) {
		drawCaption(sheet, state, { x: MARGIN, y: side, width: side - MARGIN - 8, height: bottom - side });
		const y = 24 + LINE * statusLines(state);
		drawMoney(sheet, state, { ...column, y, height: bottom - y });
	} else drawCaption(sheet, state, atBottom({ ...column, y: 0, height: bottom }));
}

function drawNarrow(sheet: Sheet, state: DisplayState, right: number, bottom: number): void {
	const column = { x: MARGIN, y: 32, width: right - MARGIN, height: bottom - 32 };
	drawStatusLine(sheet, state, column.x, 26, column.width);
	if (isLegible(state, CODE_SIDE)) {
		drawCode(sheet, state, { x: 0, y: column.y, width: CODE_SIDE, height: CODE_SIDE });
		const beside = {
			x: CODE_SIDE + BEFORE,
			y: column.y + 15,
			width: right - CODE_SIDE - BEFORE,
			height: CODE_SIDE - 15,
		};
		drawCaption(sheet, state, beside);
		const y = column.y + CODE_SIDE + 2;
		drawMoney(sheet, state, { ...column, y, height: bottom - y });
	} else {
		const caption = atBottom(column);
		drawCode(sheet, state, { x: 0, y: column.y, width: right + MARGIN, height: caption.y - column.y });
		drawCaption(sheet, state, caption);
	}
}

/** Room for two lines. */
function atBottom({ x, y, width, height }: Box): Box {
	const lines = heightOfLines(2);
	return { x, y: y + height - lines, width, height: lines };
}

/** Draws spending at the area's top and the last purchase at its bottom, as much of both as fits. */
function drawMoney(sheet: Sheet, state: DisplayState, area: Box): void {
	const room = area.height - GAP;
	const [lines, form] =
		FORMS.find(([lines, form]) => heightOfSpending(state.spent, form) + heightOfLines(lines) <= room) ??
		([[2, 1, 0].find((lines) => ROW + heightOfLines(lines) <= room) ?? 0, "bare"] as const);
	drawPurchase(sheet, state, lines, area);
	drawSpending(sheet, state.spent, form, { ...area, height: room - heightOfLines(lines) });
}

/** Draws the error at the screen's bottom, in one line or two. Returns where the rest of the screen ends. */
function drawError(sheet: Sheet, error: DisplayState["error"], right: number, height: number, lines: 1 | 2): number {
	if (error === undefined) return height - BOTTOM_EDGE;
	const room = right - MARGIN;
	const top = height - 9 - LINE * lines;
	sheet.fill(MARGIN + BEARING, top, room - BEARING, 1, "alarm");
	const taken = sheet.text(error.name, MARGIN, top + LINE, room, "strong", "alarm") + 8;
	if (lines === 2) sheet.text(error.message, MARGIN, top + 2 * LINE, room, "text", "ink");
	else sheet.text(error.message, MARGIN + taken, top + LINE, room - taken, "text", "ink");
	return top - 3;
}
