/**
 * Draws with Poco, the SDK's renderer for memory too small for a frame buffer: one box at a time, a few lines of pixels at a time.
 * It keeps only the list of items on the screen. (Piu keeps a tree of objects with behaviors, for screens that move or are
 * touched.)
 */

import Resource from "Resource";
import Poco from "commodetto/Poco";
import parseBMF from "commodetto/parseBMF";
import qrCode from "qrcode";
import type { Display } from "../../src/device/display.js";
import { changesOf } from "./changes.js";
import { QUIET_ZONE, versionOf } from "./code.js";
import { ABOVE, BEFORE, type Box, type Ink, type Item, type Measure, type Style } from "./items.js";
import { layout } from "./layout.js";

/** Bytes of drawing commands for one box: a line of text takes one command a glyph. */
const DISPLAY_LIST = 2_048;

/** Makes a display that paints at once, on the SDK's global `screen`, which the board has set up. */
export function createPainter(): Display {
	const poco = new Poco(screen, { displayListLength: DISPLAY_LIST });
	const paper = poco.makeColor(255, 255, 255);
	const inks: Readonly<Record<Ink, number>> = {
		ink: poco.makeColor(24, 28, 36),
		quiet: poco.makeColor(107, 114, 128),
		accent: poco.makeColor(13, 128, 110),
		warning: poco.makeColor(190, 95, 8),
		alarm: poco.makeColor(190, 24, 40),
		line: poco.makeColor(222, 226, 230),
	};
	const regular = parseBMF(new Resource("OpenSans-Regular-16.bf4"));
	const fonts = {
		text: regular,
		digits: regular,
		strong: parseBMF(new Resource("OpenSans-Semibold-16.bf4")),
		figure: parseBMF(new Resource("OpenSans-Semibold-28.bf4")),
	};
	const size = { width: poco.width, height: poco.height };
	const measure: Measure = (text, style: Style) => poco.getTextWidth(text, fonts[style]);
	let shown: readonly Item[] | undefined;

	function clear({ x, y, width, height }: Box): void {
		poco.begin(x, y, width, height);
		poco.fillRectangle(paper, x, y, width, height);
		poco.end();
	}

	function draw(item: Item & { kind: "fill" | "text" }): void {
		const { x, y, width, height } = item;
		poco.begin(x, y, width, height);
		if (item.kind === "fill") poco.fillRectangle(inks[item.ink], x, y, width, height);
		else {
			const font = fonts[item.style];
			poco.fillRectangle(paper, x, y, width, height);
			poco.drawText(item.text, font, inks[item.ink], x + BEFORE, y + ABOVE[item.style] - font.ascent);
		}
		poco.end();
	}

	/** Draws one row of modules at a time, so that its commands fit into the display list. */
	function drawCode(item: Item & { kind: "code" }): void {
		clear(item);
		const { text, modules, scale } = item;
		const options = { input: ArrayBuffer.fromString(text), maxVersion: versionOf(modules), bitmap: 8 };
		const bits = new Uint8Array(qrCode(options));
		const rowBytes = (modules + 7) >> 3;
		const isDark = (row: number, column: number) => (bits[row * rowBytes + (column >> 3)]! >> (column & 7)) & 1;
		const x = item.x + QUIET_ZONE * scale;
		for (let row = 0; row < modules; row++) {
			const y = item.y + (QUIET_ZONE + row) * scale;
			poco.begin(x, y, modules * scale, scale);
			poco.fillRectangle(paper, x, y, modules * scale, scale);
			for (let column = 0; column < modules; column++) {
				const start = column;
				while (column < modules && isDark(row, column)) column++;
				if (column > start) poco.fillRectangle(inks.ink, x + start * scale, y, (column - start) * scale, scale);
			}
			poco.end();
		}
	}

	return {
		show(state) {
			if (shown === undefined) clear({ x: 0, y: 0, ...size });
			const items = layout(state, size, measure);
			const changes = changesOf(shown ?? [], items);
			shown = items;
			for (const box of changes.clear) clear(box);
			for (const item of changes.draw) {
				if (item.kind === "code") drawCode(item);
				else draw(item);
			}
		},
	};
}
