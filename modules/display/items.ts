/**
 * What a display is made of: rectangles, lines of text and one QR code, each in a box of its own. No two boxes overlap, so that
 * any of them can be drawn or cleared without the others.
 *
 * Units are the screen's pixels, from its upper left corner.
 */
import { shorten } from "./text.js";

export interface Box {
	readonly x: number;
	readonly y: number;
	readonly width: number;
	readonly height: number;
}

export type Style = "text" | "strong" | "digits" | "figure";
export type Ink = "ink" | "quiet" | "accent" | "warning" | "alarm" | "line";

export type Item = Box &
	(
		| { readonly kind: "fill"; readonly ink: Ink }
		| { readonly kind: "text"; readonly text: string; readonly style: Style; readonly ink: Ink }
		/** `modules` to a side, each a square of `scale` pixels; the box has the quiet zone of 4 modules in it. */
		| { readonly kind: "code"; readonly text: string; readonly modules: number; readonly scale: number }
	);

/** Width of a text in pixels. */
export type Measure = (text: string, style: Style) => number;

/**
 * How far a style's glyphs reach above and below the baseline: Open Sans at 16 pixels, and at 28 for `figure`; `digits` and
 * `figure` have nothing that descends. A box is that high, and not as high as the font's line, whose leading would keep
 * lines apart that may stand close.
 */
export const ABOVE = Object.freeze({ text: 13, strong: 13, digits: 13, figure: 21 });
export const BELOW = Object.freeze({ text: 5, strong: 5, digits: 1, figure: 1 });
/** From one baseline to the next; of digits, that stand closer. */
export const LINE = 19;
export const DIGITS_LINE = 16;
/** From a screen's edge to what stands beside it: the quiet zone of a code of 4 pixels a module. */
export const MARGIN = 16;
/** From where a text starts to its first ink, in most letters: what stands under one starts there too. */
export const BEARING = 1;
/** Room before and after a text for glyphs that reach out of their advance, as "J" and "f" do. */
export const BEFORE = 1;
export const AFTER = 2;

/** Collects items. */
export class Sheet {
	readonly items: Item[] = [];
	readonly measure: Measure;

	constructor(measure: Measure) {
		this.measure = measure;
	}

	/** The first of these texts that fits, or the last. */
	firstThatFits(texts: readonly string[], width: number): string {
		return texts.find((text) => this.measure(text, "text") <= width) ?? texts.at(-1)!;
	}

	fill(x: number, y: number, width: number, height: number, ink: Ink): void {
		if (width > 0 && height > 0) this.items.push({ kind: "fill", x, y, width, height, ink });
	}

	/** One line, its first glyph at `x`, shortened to `width`. Returns the width that it took. */
	text(text: string, x: number, baseline: number, width: number, style: Style, ink: Ink): number {
		return this.#place(
			shorten(text, width, (part) => this.measure(part, style)),
			x,
			baseline,
			style,
			ink,
		);
	}

	/** The same, its last glyph at `right`. */
	textAtRight(text: string, right: number, baseline: number, width: number, style: Style, ink: Ink): number {
		const short = shorten(text, width, (part) => this.measure(part, style));
		return this.#place(short, right - this.measure(short, style), baseline, style, ink);
	}

	#place(text: string, x: number, baseline: number, style: Style, ink: Ink): number {
		if (text === "") return 0;
		const width = this.measure(text, style);
		const height = ABOVE[style] + BELOW[style];
		const box = { x: x - BEFORE, y: baseline - ABOVE[style], width: BEFORE + width + AFTER, height };
		this.items.push({ kind: "text", ...box, text, style, ink });
		return width;
	}
}
