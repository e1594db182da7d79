/**
 * `npm run display`: draws modules/display/display.png, the README's picture, as the simulator shows
 * modules/display/sample/state.ts.
 */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { runCommand } from "./cli/command.js";
import { buildDisplay, DISPLAY_PICTURE, readmePicture } from "./moddable/picture.js";
import { encodePng } from "./moddable/png.js";
import { ROOT } from "./project.js";

await runCommand(() => {
	const picture = readmePicture(buildDisplay());
	writeFileSync(path.join(ROOT, DISPLAY_PICTURE), encodePng(picture));
	console.log(`${DISPLAY_PICTURE}: ${picture.width} x ${picture.height} pixels`);
	return 0;
});
