/** The face of this image: one whose manifest includes hal/face/manifest.json has one, where there is a screen. */
import config from "mc/config";
import type { Face } from "../hal.js";

export async function face(): Promise<{ readonly face?: Face }> {
	if (config.face === undefined || !("screen" in globalThis)) return {};
	const { createFace } = (await import(config.face)) as { createFace(): Face };
	return { face: createFace() };
}
