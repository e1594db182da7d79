/** The face in the simulator, with the SDK's own renderer, fonts and QR codes: steps of `npm run test:moddable`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { modulesFor } from "../../hal/face/code.js";
import type { Item } from "../../hal/face/items.js";
import { layout } from "../../hal/face/layout.js";
import { SAMPLE } from "../../hal/face/sample/facts.js";
import type { Facts } from "../../hal/hal.js";
import { buildFace, FACE_PICTURE, type Photographer, readmePicture } from "../../hal/host/moddable/picture.js";
import type { Picture } from "../../hal/host/moddable/png.js";
import { allFacts, everyLetter, SCREENS } from "./facts.js";
import { decodePng } from "./png.js";
import { decode, hasFixedPatterns, type Modules, readModules } from "./qr.js";

const CAPACITIES = Array.from({ length: 858 }, (_, bytes) => bytes).filter(
	(bytes) => bytes > 19 && modulesFor(bytes) !== modulesFor(bytes + 1),
);

/** Each throws what is wrong. */
export const faceSteps: Readonly<Record<string, (photograph: Photographer) => void>> = {
	"the README's picture is what npm run face makes of it"(photograph) {
		assertSame(decodePng(readFileSync(FACE_PICTURE)), readmePicture(photograph), "run `npm run face`, and look at it");
	},

	"faces drawn over others are as if drawn anew"(photograph) {
		for (const { width, height } of SCREENS) {
			const facts = [...allFacts()].filter((_, index) => index % 605 === 0);
			for (const [index, each] of facts.entries()) {
				if (index % 3 !== 2) continue;
				const over = photograph(facts.slice(0, index + 1), width, height);
				assertSame(over, photograph([each], width, height), `${width} x ${height}, face ${index}`);
			}
		}
	},

	"a code says the address"(photograph) {
		for (const { width, height } of SCREENS)
			assert.equal(decode(codeOf(photograph, SAMPLE, width, height)), SAMPLE.address);
	},

	"codes are of the size that the layout gives them, in each version that has room"(photograph) {
		let versions = 0;
		for (const bytes of CAPACITIES.flatMap((capacity) => [capacity, capacity + 1])) {
			const facts = { ...SAMPLE, checkout: "https://pay.example/".padEnd(bytes, "x") };
			if (codeIn(facts, 240, 320) === undefined) continue;
			const modules = codeOf(photograph, facts, 240, 320);
			assert.ok(hasFixedPatterns(modules), `${bytes} bytes in ${modules.length} modules`);
			versions++;
		}
		assert.ok(versions > 30);
	},
};

/** All of the steps; what `tell` is told was right. */
export function testFace(tell: (step: string) => void): void {
	const photograph = buildFace();
	for (const [name, step] of Object.entries(faceSteps)) {
		step(photograph);
		tell(name);
	}
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
