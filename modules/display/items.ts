/**
 * Items on a screen: rectangles, lines of text and one QR code, each in a box of its own. No two boxes overlap, so each can be
 * drawn or cleared without the others. Units are pixels from the screen's upper left corner.
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
		/** `modules` to a side, each a square of `scale` pixels; the box includes the quiet zone of 4 modules. */
		| { readonly kind: "code"; readonly text: string; readonly modules: number; readonly scale: number }
	);

/** Width of a text in pixels. */
export type Measure = (text: string, style: Style) => number;

/**
 * Pixels that a style's glyphs reach above and below the baseline: Open Sans at 16 pixels, and at 28 for `figure`; `digits` and
 * `figure` have no descenders. A box is this high; the font's own line height would keep lines too far apart.
 */
export const ABOVE = Object.freeze({ text: 13, strong: 13, digits: 13, figure: 21 });
export const BELOW = Object.freeze({ text: 5, strong: 5, digits: 1, figure: 1 });
/** Distances between baselines, of text and of digits. */
export const LINE = 19;
export const DIGITS_LINE = 16;
/** Margin at a screen's edge: the quiet zone of a code of 4 pixels a module. */
export const MARGIN = 16;
/** Pixels between a text's origin and the first ink of most letters; boxes below a text are indented by it. */
export const BEARING = 1;
/** Room before and after a text for glyphs that overhang their advance, such as "J" and "f". */
export const BEFORE = 1;
export const AFTER = 2;

/** Collects items. */
export class Sheet {
	readonly items: Item[] = [];
	readonly measure: Measure;

	constructor(measure: Measure) {
		this.measure = measure;
	}

	/** Returns the first of these texts that fits, or the last. */
	firstThatFits(texts: readonly string[], width: number): string {
		return texts.find((text) => this.measure(text, "text") <= width) ?? texts.at(-1)!;
	}

	fill(x: number, y: number, width: number, height: number, ink: Ink): void {
		if (width > 0 && height > 0) this.items.push({ kind: "fill", x, y, width, height, ink });
	}

	/** Adds one line that begins at `x`, shortened to `width`. Returns its width. */
	text(text: string, x: number, baseline: number, width: number, style: Style, ink: Ink): number {
		return this.#place(
			shorten(text, width, (part) => this.measure(part, style)),
			x,
			baseline,
			style,
			ink,
		);
	}

	/** Adds one line that ends at `right`, shortened to `width`. Returns its width. */
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
