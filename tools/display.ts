/** `npm run display`: modules/display/display.png, the README's picture, is what the simulator shows of modules/display/sample/facts.ts. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { HostError } from "./cli/host_error.js";
import { buildDisplay, DISPLAY_PICTURE, readmePicture } from "./moddable/picture.js";
import { encodePng } from "./moddable/png.js";
import { ROOT } from "./project.js";

try {
	const picture = readmePicture(buildDisplay());
	writeFileSync(path.join(ROOT, DISPLAY_PICTURE), encodePng(picture));
	console.log(`${DISPLAY_PICTURE}: ${picture.width} x ${picture.height} pixels`);
} catch (error) {
	if (!(error instanceof HostError)) throw error;
	process.stderr.write(`micropayer: ${error.message}\n`);
	process.exitCode = 69;
}
