/** Reads the code in the README's picture back. */
import { readFileSync } from "node:fs";
import test from "ava";
import { layout } from "../../modules/display/layout.js";
import { SAMPLE } from "../../modules/display/sample/state.js";
import { DISPLAY_PICTURE, FRAME, PIXEL } from "../../tools/moddable/picture.js";
import { encodePng, framed, type Picture } from "../../tools/moddable/png.js";
import { decodePng, screenOf } from "./png.js";
import { decode, readModules } from "./qr.js";
import { everyLetter } from "./states.js";

const committed = decodePng(readFileSync(DISPLAY_PICTURE));
const screen = screenOf(committed, FRAME, PIXEL, 320, 240);

test("the code in the picture reads as the address", (t) => {
	const code = layout(SAMPLE, screen, everyLetter(8)).find((item) => item.kind === "code");
	if (code?.kind !== "code") return t.fail("there is no code");
	const quiet = 4 * code.scale;
	const modules = readModules(screen, code.x + quiet, code.y + quiet, code.modules, code.scale);
	t.is(decode(modules), SAMPLE.address);

	const other = modules.map((row, at) => (at === 15 ? row.map((dark, column) => dark !== (column === 15)) : row));
	t.throws(() => decode(other), { message: "the codewords have errors" });
	for (let y = code.y; y < code.y + code.height; y++)
		for (let x = code.x; x < code.x + code.width; x++) {
			const isQuiet =
				Math.min(x - code.x, y - code.y, code.x + code.width - 1 - x, code.y + code.height - 1 - y) < quiet;
			if (isQuiet && screen.pixels[3 * (y * screen.width + x)] !== 255) t.fail(`not white: ${x}, ${y}`);
		}
});

test("a picture that is framed, encoded and decoded has the same pixels", (t) => {
	const pixels = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
	const picture: Picture = { width: 2, height: 2, pixels };
	t.deepEqual(decodePng(encodePng(picture)), picture);
	const large = framed(picture, 3, 4, [1, 2, 3]);
	t.deepEqual(screenOf(decodePng(encodePng(large)), 4, 3, 2, 2), picture);
	t.deepEqual([large.width, large.height], [14, 14]);
	t.deepEqual([...large.pixels.subarray(0, 4)], [1, 2, 3, 0]);
	t.deepEqual([...large.pixels.subarray(4 * 7, 4 * 8)], [1, 2, 3, 255]);
});
