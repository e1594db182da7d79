/** Draws the spending compared with what the rules allow, by asset: one asset large, or a row for each. */
import type { DisplayState } from "../../src/device/display.js";
import { atLeast, share, shortUnits } from "./amount.js";
import { BEARING, type Box, LINE, type Sheet } from "./items.js";

type Spent = DisplayState["spent"][number];

const BAR = 5;
/** Height of a line of figures with its bar; distance between rows. */
export const ROW = 26;
const ROW_PITCH = 33;
/** Height of the label with the room below it. */
const LABEL = 19;
/** Height of label, figure, bar and a line. */
const LARGE = 78;
/** Characters of an amount; with fewer than 7 not every amount can be written. */
const LONGEST = 20;
const SHORTEST = 7;

export type SpendingForm = "large" | "labelled" | "bare";

/** The height of all assets in this form. */
export function heightOfSpending(spent: DisplayState["spent"], form: SpendingForm): number {
	if (spent.length === 0) return LINE;
	if (form === "large") return spent.length === 1 ? LARGE : Number.POSITIVE_INFINITY;
	return (form === "labelled" ? LABEL : 0) + ROW_PITCH * (spent.length - 1) + ROW;
}

/** Draws from the area's top. The last row counts the assets that do not fit. */
export function drawSpending(sheet: Sheet, spent: DisplayState["spent"], form: SpendingForm, area: Box): void {
	const [first] = spent;
	const baseline = area.y + 13;
	if (first === undefined) {
		sheet.text("Nothing spent yet", area.x, baseline, area.width, "text", "quiet");
		return;
	}
	if (form !== "bare") sheet.text("Spent", area.x, baseline, area.width, "text", "quiet");
	if (form === "large") {
		drawLarge(sheet, first, area);
		return;
	}
	const top = form === "labelled" ? LABEL : 0;
	const rows = Math.min(spent.length, 1 + Math.max(0, Math.floor((area.height - top - ROW) / ROW_PITCH)));
	for (let row = 0; row < rows; row++) {
		const more = row === rows - 1 ? spent.length - rows : 0;
		drawRow(sheet, spent[row]!, more, area, area.y + top + ROW_PITCH * row);
	}
}

function drawLarge(sheet: Sheet, spent: Spent, { x, y, width }: Box): void {
	const baseline = y + 43;
	const symbol = sheet.measure(spent.symbol, "strong");
	const room = Math.max(width - symbol - 6, width >> 1);
	const figure = shortest(
		spent,
		(amount) => amount,
		(text) => sheet.measure(text, "figure") <= room,
	);
	const taken = sheet.text(figure, x, baseline, room, "figure", "ink") + 6;
	sheet.text(spent.symbol, x + taken, baseline, width - taken, "strong", "ink");
	drawBar(sheet, spent, x, baseline + 9, width);
	const fits = (text: string) => sheet.measure(text, "text") <= width;
	sheet.text(
		shortest(spent, (_, allowed) => `of ${allowed} allowed`, fits),
		x,
		y + LARGE - 4,
		width,
		"text",
		"quiet",
	);
}

function drawRow(sheet: Sheet, spent: Spent, more: number, { x, width }: Box, y: number): void {
	const taken = more === 0 ? 0 : 8 + sheet.textAtRight(`+${more}`, x + width, y + 13, width, "text", "quiet");
	const room = width - taken;
	const words = (amount: string, allowed: string) => `${amount} of ${allowed} ${spent.symbol}`;
	const line = shortest(spent, words, (text) => sheet.measure(text, "text") <= room);
	sheet.text(line, x, y + 13, room, "text", "ink");
	drawBar(sheet, spent, x, y + ROW - BAR, width);
}

function drawBar(sheet: Sheet, { amount, allowed }: Spent, x: number, y: number, width: number): void {
	const [left, length] = [x + BEARING, width - BEARING];
	const full = share(amount, allowed, length);
	sheet.fill(left, y, full, BAR, atLeast(amount, allowed) ? "warning" : "accent");
	sheet.fill(left + full, y, length - full, BAR, "line");
}

/** Returns the text with amounts as exact as fit. */
function shortest(
	{ amount, allowed, decimals }: Spent,
	words: (amount: string, allowed: string) => string,
	fits: (text: string) => boolean,
): string {
	for (let length = LONGEST; ; length--) {
		const text = words(shortUnits(amount, decimals, length), shortUnits(allowed, decimals, length));
		if (length === SHORTEST || fits(text)) return text;
	}
}
