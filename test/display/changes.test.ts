/** Drawing only what changed leaves the same picture as drawing everything. */
import test from "ava";
import { changesOf } from "../../modules/display/changes.js";
import type { Box, Item } from "../../modules/display/items.js";
import { layout } from "../../modules/display/layout.js";
import { SAMPLE } from "../../modules/display/sample/state.js";
import { allStates, everyLetter, SCREENS } from "./states.js";

const PAPER = 0;
/** What was ever drawn, as JSON, by its number on a canvas. */
const drawn = new Map<string, number>([["", PAPER]]);

function numberOf(item: Item): number {
	const text = JSON.stringify(item);
	const number = drawn.get(text) ?? drawn.size;
	drawn.set(text, number);
	return number;
}

const nameOf = (number: number | undefined) => [...drawn.keys()][number ?? PAPER];

/** Each pixel has the number of what was drawn on it last. */
class Canvas {
	readonly #width: number;
	readonly pixels: Uint32Array;

	constructor({ width, height }: { readonly width: number; readonly height: number }) {
		this.#width = width;
		this.pixels = new Uint32Array(width * height).fill(PAPER);
	}

	paint({ x, y, width, height }: Box, what: number): void {
		for (let row = y; row < y + height; row++) {
			this.pixels.fill(what, row * this.#width + x, row * this.#width + x + width);
		}
	}

	/** The first pixel that differs; -1 if none does. */
	differsFrom(other: Canvas): number {
		const [mine, theirs] = [this, other].map(({ pixels }) => Buffer.from(pixels.buffer));
		return mine!.equals(theirs!) ? -1 : this.pixels.findIndex((pixel, index) => pixel !== other.pixels[index]);
	}

	draw(before: readonly Item[], after: readonly Item[]): this {
		const { clear, draw } = changesOf(before, after);
		for (const box of clear) this.paint(box, PAPER);
		for (const item of draw) this.paint(item, numberOf(item));
		return this;
	}
}

for (const screen of SCREENS) {
	test(`${screen.width} x ${screen.height}: drawing the changes of each state gives the whole picture`, (t) => {
		// A step that shares no factor with the counts of each part's values: neighbours differ in most parts.
		const states = [...allStates()].filter((_, index) => index % 67 === 0);
		const canvas = new Canvas(screen);
		let shown: readonly Item[] = [];
		for (const each of states) {
			const items = layout(each, screen, everyLetter(8));
			canvas.draw(shown, items);
			shown = items;
			const whole = new Canvas(screen).draw([], items);
			const wrong = canvas.differsFrom(whole);
			const [is, should] = [canvas, whole].map(({ pixels }) => nameOf(pixels[wrong]));
			t.is(wrong, -1, `${is}, not ${should}, in ${JSON.stringify(each)}`);
		}
	});
}

test("a minute later, only the time is drawn", (t) => {
	const before = layout(SAMPLE, SCREENS[0], everyLetter(8));
	const after = layout({ ...SAMPLE, wall: SAMPLE.wall! + 60_000 }, SCREENS[0], everyLetter(8));
	const { clear, draw } = changesOf(before, after);
	t.deepEqual(clear, []);
	t.deepEqual(
		draw.map((item) => item.kind === "text" && item.text),
		["21 Nov, 14:33 UTC"],
	);
	t.deepEqual(changesOf(before, before), { clear: [], draw: [] });
});

test("an item that differs in one field alone is drawn", (t) => {
	const box = { x: 1, y: 2, width: 30, height: 20 };
	const text: Item = { ...box, kind: "text", text: "a", style: "text", ink: "ink" };
	const code: Item = { ...box, kind: "code", text: "a", modules: 21, scale: 1 };
	const fill: Item = { ...box, kind: "fill", ink: "line" };
	for (const [before, after] of [
		[text, { ...text, text: "b" }],
		[text, { ...text, style: "strong" }],
		[text, { ...text, ink: "alarm" }],
		[text, code],
		[code, { ...code, text: "b" }],
		[fill, { ...fill, ink: "alarm" }],
		[fill, { ...fill, height: 21 }],
	] as [Item, Item][]) {
		t.deepEqual(changesOf([before], [after]).draw, [after]);
		t.deepEqual(changesOf([before], [before]), { clear: [], draw: [] });
	}
});
