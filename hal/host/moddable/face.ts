/**
 * `npm run face`: the face, drawn in the simulator with the facts of hal/face/sample/facts.ts, becomes hal/face/face.png, the
 * README's picture, each of its pixels a square of four.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { SAMPLE } from "../../face/sample/facts.js";
import { HostError } from "../errors.js";
import { buildFace, pictureOf } from "./picture.js";
import { encodePng, enlarge } from "./png.js";
import { findSdk, ROOT } from "./sdk.js";

const FILE = "hal/face/face.png";

try {
	buildFace(findSdk());
	const picture = enlarge(pictureOf([SAMPLE], 320, 240), 2);
	writeFileSync(path.join(ROOT, FILE), encodePng(picture));
	console.log(`${FILE}: ${picture.width} x ${picture.height} pixels`);
} catch (error) {
	if (!(error instanceof HostError)) throw error;
	console.error(`${error.name}: ${error.message}`);
	process.exitCode = 1;
}
