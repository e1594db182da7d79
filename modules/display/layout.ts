/**
 * Where on a screen what stands: the facts become boxes. Pure, and the same on every platform.
 *
 * A wide screen (320 x 240) has the code to pay to at the left and all else at the right; a narrow one (240 x 320 and
 * 240 x 240) has them one under the other. An error has the bottom of both. A code that is too fine for its usual place gets a
 * large one, and spending and purchase wait.
 */
import type { DisplayState } from "../../src/device/display.js";
import { BEARING, BEFORE, type Box, type Item, LINE, MARGIN, type Measure, Sheet } from "./items.js";
import { drawPurchase, heightOfLines } from "./purchase.js";
import { drawSpending, heightOfSpending, ROW, type SpendingForm } from "./spending.js";
import { drawStatus, drawStatusLine, statusLines } from "./status.js";
import { drawCaption, drawCode, isLegible } from "./top_up.js";

export interface Screen {
	readonly width: number;
	readonly height: number;
}

/** A code of 29 modules (an address) with its quiet zone, 4 pixels a module. */
const CODE_SIDE = 148;
/** What a wide screen keeps beside a large code: the time, or "Connected" and its bars. */
const NARROWEST_COLUMN = 116;
/** The least that spending and purchase stand apart. */
const GAP = 4;
/** At the right edge of a wide screen, and at the bottom edge. */
const EDGE = 11;
const BOTTOM_EDGE = 8;

/** From most to least: lines of the purchase, form of the spending. */
const FORMS: readonly (readonly [number, SpendingForm])[] = [
	[3, "large"],
	[3, "labelled"],
	[3, "bare"],
	[2, "bare"],
	[1, "bare"],
];

/** What to show on a screen, for texts as wide as `measure` says. */
export function layout(facts: DisplayState, { width, height }: Screen, measure: Measure): readonly Item[] {
	const sheet = new Sheet(measure);
	const isWide = width >= 300;
	const right = width - (isWide ? EDGE : MARGIN);
	const bottom = drawError(sheet, facts.error, right, height, isWide || height >= 300 ? 2 : 1);
	if (isWide) drawWide(sheet, facts, right, bottom);
	else drawNarrow(sheet, facts, right, bottom);
	return sheet.items;
}

function drawWide(sheet: Sheet, facts: DisplayState, right: number, bottom: number): void {
	const isUsual = isLegible(facts, CODE_SIDE);
	const side = isUsual ? CODE_SIDE : Math.min(bottom, right + EDGE - NARROWEST_COLUMN);
	drawCode(sheet, facts, { x: 0, y: 0, width: side, height: side });
	const column = { x: side + BEFORE, width: right - side - BEFORE };
	drawStatus(sheet, facts, column.x, 28, column.width);
	if (isUsual) {
		drawCaption(sheet, facts, { x: MARGIN, y: side, width: side - MARGIN - 8, height: bottom - side });
		const y = 24 + LINE * statusLines(facts);
		drawMoney(sheet, facts, { ...column, y, height: bottom - y });
	} else drawCaption(sheet, facts, atBottom({ ...column, y: 0, height: bottom }));
}

function drawNarrow(sheet: Sheet, facts: DisplayState, right: number, bottom: number): void {
	const column = { x: MARGIN, y: 32, width: right - MARGIN, height: bottom - 32 };
	drawStatusLine(sheet, facts, column.x, 26, column.width);
	if (isLegible(facts, CODE_SIDE)) {
		drawCode(sheet, facts, { x: 0, y: column.y, width: CODE_SIDE, height: CODE_SIDE });
		const beside = {
			x: CODE_SIDE + BEFORE,
			y: column.y + 15,
			width: right - CODE_SIDE - BEFORE,
			height: CODE_SIDE - 15,
		};
		drawCaption(sheet, facts, beside);
		const y = column.y + CODE_SIDE + 2;
		drawMoney(sheet, facts, { ...column, y, height: bottom - y });
	} else {
		const caption = atBottom(column);
		drawCode(sheet, facts, { x: 0, y: column.y, width: right + MARGIN, height: caption.y - column.y });
		drawCaption(sheet, facts, caption);
	}
}

/** Room for two lines. */
function atBottom({ x, y, width, height }: Box): Box {
	const lines = heightOfLines(2);
	return { x, y: y + height - lines, width, height: lines };
}

/** Spending at the top of the area, the last purchase at its bottom, as much of both as there is room for. */
function drawMoney(sheet: Sheet, facts: DisplayState, area: Box): void {
	const room = area.height - GAP;
	const [lines, form] =
		FORMS.find(([lines, form]) => heightOfSpending(facts.spent, form) + heightOfLines(lines) <= room) ??
		([[2, 1, 0].find((lines) => ROW + heightOfLines(lines) <= room) ?? 0, "bare"] as const);
	drawPurchase(sheet, facts, lines, area);
	drawSpending(sheet, facts.spent, form, { ...area, height: room - heightOfLines(lines) });
}

/** At the screen's bottom, in one line or two. Returns where what stands above it is to end. */
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
