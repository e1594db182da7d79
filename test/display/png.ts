/** Reads the PNG files that tools/moddable/png.ts writes. */
import { inflateSync } from "node:zlib";
import type { Picture } from "../../tools/moddable/png.js";

export function decodePng(file: Buffer): Picture {
	const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)];
	const channels = file[25] === 6 ? 4 : 3;
	const data: Buffer[] = [];
	for (let at = 8; at < file.length; at += 12 + file.readUInt32BE(at)) {
		if (file.toString("latin1", at + 4, at + 8) === "IDAT")
			data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)));
	}
	const rows = inflateSync(Buffer.concat(data));
	const rowBytes = channels * width;
	const pixels = new Uint8Array(rowBytes * height);
	for (let y = 0; y < height; y++) {
		const start = (rowBytes + 1) * y;
		if (rows[start] !== 0) throw new Error("a row has a filter");
		pixels.set(rows.subarray(start + 1, start + 1 + rowBytes), rowBytes * y);
	}
	return { width, height, pixels };
}

/** The screen in the README's picture: without its frame, a pixel for each square. */
export function screenOf(
	{ width, pixels }: Picture,
	frame: number,
	factor: number,
	screenWidth: number,
	screenHeight: number,
): Picture {
	const screen = new Uint8Array(3 * screenWidth * screenHeight);
	for (let y = 0; y < screenHeight; y++)
		for (let x = 0; x < screenWidth; x++) {
			const from = 4 * ((frame + y * factor) * width + frame + x * factor);
			screen.set(pixels.subarray(from, from + 3), 3 * (y * screenWidth + x));
		}
	return { width: screenWidth, height: screenHeight, pixels: screen };
}
