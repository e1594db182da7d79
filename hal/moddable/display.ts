/**
 * The display of this image. An image has one if its manifest includes modules/display/manifest.json and there is a screen.
 */
import config from "mc/config";
import type { Display } from "../../src/device/display.js";

export async function display(): Promise<{ readonly display?: Display }> {
	if (config.display === undefined || !("screen" in globalThis)) return {};
	const { createDisplay } = (await import(config.display)) as { createDisplay(): Display };
	return { display: createDisplay() };
}
