/** The face in the simulator, with the SDK's own renderer, fonts and QR codes: checks of `npm run test:moddable`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { modulesFor } from "../../hal/face/code.js";
import type { Item } from "../../hal/face/items.js";
import { layout } from "../../hal/face/layout.js";
import { SAMPLE } from "../../hal/face/sample/facts.js";
import type { Facts } from "../../hal/hal.js";
import { buildFace, FACE_PICTURE, type Photographer, readmePicture } from "../../hal/host/moddable/picture.js";
import type { Picture } from "../../hal/host/moddable/png.js";
import type { Check } from "../moddable/check.js";
import { allFacts, everyLetter, SCREENS } from "./facts.js";
import { decodePng } from "./png.js";
import { decode, hasFixedPatterns, type Modules, readModules } from "./qr.js";

const CAPACITIES = Array.from({ length: 858 }, (_, bytes) => bytes).filter(
	(bytes) => bytes > 19 && modulesFor(bytes) !== modulesFor(bytes + 1),
);

export function faceChecks(photograph: Photographer = buildFace()): Check[] {
	return [
		{
			name: "face: the README's picture is what npm run face makes of it",
			async run() {
				const picture = readmePicture(photograph);
				assertSame(decodePng(readFileSync(FACE_PICTURE)), picture, "run `npm run face`, and look at it");
				return `${picture.width} x ${picture.height}`;
			},
		},
		{
			name: "face: drawn over others it is as if drawn anew",
			async run() {
				const facts = [...allFacts()].filter((_, index) => index % 1_201 === 0);
				for (const { width, height } of SCREENS)
					for (const [index, each] of facts.entries()) {
						const over = photograph(facts.slice(0, index + 1), width, height);
						assertSame(over, photograph([each], width, height), `${width} x ${height}, face ${index}`);
					}
				return `${facts.length} on ${SCREENS.length} screens`;
			},
		},
		{
			name: "face: the code says the address",
			async run() {
				for (const { width, height } of SCREENS) {
					assert.equal(decode(codeOf(photograph, SAMPLE, width, height)), SAMPLE.address);
				}
				return SAMPLE.address;
			},
		},
		{
			name: "face: a code of each version is of the size that the layout gives it",
			async run() {
				const lengths = CAPACITIES.flatMap((capacity) => [capacity, capacity + 1]);
				const checkouts = lengths.map((bytes) => ({ ...SAMPLE, checkout: "https://pay.example/".padEnd(bytes, "x") }));
				const drawn = checkouts.filter((facts) => codeIn(facts, 240, 320) !== undefined);
				for (const facts of drawn) {
					const modules = codeOf(photograph, facts, 240, 320);
					assert.ok(hasFixedPatterns(modules), `${facts.checkout.length} bytes in ${modules.length} modules`);
				}
				assert.ok(drawn.length > 30);
				return `${drawn.length} codes`;
			},
		},
	];
}

function codeIn(facts: Facts, width: number, height: number): (Item & { kind: "code" }) | undefined {
	const code = layout(facts, { width, height }, everyLetter(8)).find((item) => item.kind === "code");
	return code?.kind === "code" ? code : undefined;
}

/** The code's modules on the screen. */
function codeOf(photograph: Photographer, facts: Facts, width: number, height: number): Modules {
	const { x, y, scale, modules } = codeIn(facts, width, height)!;
	return readModules(photograph([facts], width, height), x + 4 * scale, y + 4 * scale, modules, scale);
}

function assertSame(actual: Picture, expected: Picture, what: string): void {
	assert.deepEqual([actual.width, actual.height], [expected.width, expected.height], what);
	const channels = actual.pixels.length / (actual.width * actual.height);
	const at = Math.floor(actual.pixels.findIndex((value, index) => value !== expected.pixels[index]) / channels);
	assert.ok(at < 0, `${what}: differs at ${at % actual.width}, ${Math.floor(at / actual.width)}`);
}
