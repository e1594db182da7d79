/**
 * Pictures of the display as the simulator draws it: builds modules/display/sample for this machine, and reads its screen's
 * pixels.
 */
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { SAMPLE } from "../../modules/display/sample/state.js";
import type { DisplayState } from "../../src/device/display.js";
import { HostError } from "../cli/host_error.js";
import { framed, type Picture } from "./png.js";
import { buildHeadless, buildSimulator } from "./simulator.js";

export const DISPLAY_PICTURE = "modules/display/display.png";

/**
 * The README's picture: the side of a square that shows a pixel, and the width and colour of the device around the screen.
 */
export const PIXEL = 2;
export const FRAME = 20;
const FRAME_COLOUR = [24, 28, 36] as const;
const SAMPLE_APP = "modules/display/sample/manifest.json";

/** Returns the screen, of that many pixels, after a display has shown these states in order. */
export type Photographer = (states: readonly DisplayState[], width: number, height: number) => Picture;

/** @throws HostError `SdkMissing`, `CompileFailed`; the returned function throws both too */
export function buildDisplay(): Photographer {
	const { app, sdk } = buildSimulator(SAMPLE_APP);
	const headless = buildHeadless(sdk);
	return (states, width, height) => {
		const file = `${app}.${process.pid}.ppm`;
		const messages = states.map((each) => JSON.stringify(each));
		const parameters = [app, "--picture", String(width), String(height), file, ...messages];
		const { status, stderr } = spawnSync(headless, parameters, { encoding: "utf8" });
		if (status !== 0) throw new HostError("CompileFailed", `the display could not be drawn (${status}): ${stderr}`);
		const frame = readFileSync(file);
		rmSync(file);
		return { width, height, pixels: frame.subarray(frame.length - 3 * width * height) };
	};
}

/** Returns the README's picture: the sample's state on a screen of 320 x 240. */
export function readmePicture(photograph: Photographer): Picture {
	return framed(photograph([SAMPLE], 320, 240), PIXEL, FRAME, FRAME_COLOUR);
}
