/** `npm run face`: hal/face/face.png, the README's picture, is what the simulator shows of hal/face/sample/facts.ts. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "../errors.js";
import { buildFace, FACE_PICTURE, readmePicture } from "./picture.js";
import { encodePng } from "./png.js";
import { ROOT } from "./sdk.js";

try {
	const picture = readmePicture(buildFace());
	writeFileSync(path.join(ROOT, FACE_PICTURE), encodePng(picture));
	console.log(`${FACE_PICTURE}: ${picture.width} x ${picture.height} pixels`);
} catch (error) {
	if (!(error instanceof HostError)) throw error;
	process.stderr.write(`micropayer: ${error.message}\n`);
	process.exitCode = 69;
}
