/** The display in the simulator, with the SDK's own renderer, fonts and QR codes: checks of `npm run test:moddable`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { modulesFor } from "../../modules/display/code.js";
import type { Item } from "../../modules/display/items.js";
import { layout } from "../../modules/display/layout.js";
import { SAMPLE } from "../../modules/display/sample/state.js";
import type { DisplayState } from "../../src/device/display.js";
import { buildDisplay, DISPLAY_PICTURE, type Photographer, readmePicture } from "../../tools/moddable/picture.js";
import type { Picture } from "../../tools/moddable/png.js";
import type { Check } from "../moddable/check.js";
import { decodePng } from "./png.js";
import { decode, hasFixedPatterns, type Modules, readModules } from "./qr.js";
import { allStates, everyLetter, SCREENS } from "./states.js";

const CAPACITIES = Array.from({ length: 858 }, (_, bytes) => bytes).filter(
	(bytes) => bytes > 19 && modulesFor(bytes) !== modulesFor(bytes + 1),
);

export function displayChecks(photograph: Photographer = buildDisplay()): Check[] {
	return [
		{
			name: "display: the README's picture is what npm run display makes of it",
			async run() {
				const picture = readmePicture(photograph);
				assertSame(decodePng(readFileSync(DISPLAY_PICTURE)), picture, "run `npm run display`, and look at it");
				return `${picture.width} x ${picture.height}`;
			},
		},
		{
			name: "display: a state drawn over others gives the same pixels as on an empty screen",
			async run() {
				const states = [...allStates()].filter((_, index) => index % 1_201 === 0);
				for (const { width, height } of SCREENS)
					for (const [index, each] of states.entries()) {
						const over = photograph(states.slice(0, index + 1), width, height);
						assertSame(over, photograph([each], width, height), `${width} x ${height}, display ${index}`);
					}
				return `${states.length} on ${SCREENS.length} screens`;
			},
		},
		{
			name: "display: the code reads as the address",
			async run() {
				for (const { width, height } of SCREENS) {
					assert.equal(decode(codeOf(photograph, SAMPLE, width, height)), SAMPLE.address);
				}
				return SAMPLE.address;
			},
		},
		{
			name: "display: a code of each version has the size that the layout gives it",
			async run() {
				const lengths = CAPACITIES.flatMap((capacity) => [capacity, capacity + 1]);
				const checkouts = lengths.map((bytes) => ({ ...SAMPLE, checkout: "https://pay.example/".padEnd(bytes, "x") }));
				const drawn = checkouts.filter((state) => codeIn(state, 240, 320) !== undefined);
				for (const state of drawn) {
					const modules = codeOf(photograph, state, 240, 320);
					assert.ok(hasFixedPatterns(modules), `${state.checkout.length} bytes in ${modules.length} modules`);
				}
				assert.ok(drawn.length > 30);
				return `${drawn.length} codes`;
			},
		},
	];
}

function codeIn(state: DisplayState, width: number, height: number): (Item & { kind: "code" }) | undefined {
	const code = layout(state, { width, height }, everyLetter(8)).find((item) => item.kind === "code");
	return code?.kind === "code" ? code : undefined;
}

/** The code's modules on the screen. */
function codeOf(photograph: Photographer, state: DisplayState, width: number, height: number): Modules {
	const { x, y, scale, modules } = codeIn(state, width, height)!;
	return readModules(photograph([state], width, height), x + 4 * scale, y + 4 * scale, modules, scale);
}

function assertSame(actual: Picture, expected: Picture, what: string): void {
	assert.deepEqual([actual.width, actual.height], [expected.width, expected.height], what);
	const channels = actual.pixels.length / (actual.width * actual.height);
	const at = Math.floor(actual.pixels.findIndex((value, index) => value !== expected.pixels[index]) / channels);
	assert.ok(at < 0, `${what}: differs at ${at % actual.width}, ${Math.floor(at / actual.width)}`);
}
