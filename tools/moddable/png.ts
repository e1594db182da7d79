/** PNG pictures (ISO/IEC 15948), limited to 8 bits a channel, no interlace, no filter. */
import { crc32, deflateSync } from "node:zlib";

export interface Picture {
	readonly width: number;
	readonly height: number;
	/** Row by row, three bytes a pixel (red, green, blue), or four with opacity. */
	readonly pixels: Uint8Array;
}

export type Rgb = readonly [number, number, number];

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");
/** Colour types: truecolour, and truecolour with alpha. */
const COLOUR_TYPE: Readonly<Record<number, number>> = { 3: 2, 4: 6 };

export function encodePng({ width, height, pixels }: Picture): Buffer {
	const channels = pixels.length / (width * height);
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, COLOUR_TYPE[channels]!], 8);
	const rowBytes = channels * width;
	const rows = Buffer.alloc((rowBytes + 1) * height);
	for (let y = 0; y < height; y++) rows.set(pixels.subarray(rowBytes * y, rowBytes * (y + 1)), (rowBytes + 1) * y + 1);
	return Buffer.concat([
		SIGNATURE,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows, { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/**
 * Returns an RGB picture with each pixel as a square of `factor` pixels, in a frame with round corners, transparent outside.
 */
export function framed({ width, height, pixels }: Picture, factor: number, frame: number, colour: Rgb): Picture {
	const [wide, high] = [width * factor + 2 * frame, height * factor + 2 * frame];
	const framedPixels = new Uint8Array(4 * wide * high);
	for (let y = 0; y < high; y++) {
		for (let x = 0; x < wide; x++) {
			const [column, row] = [Math.floor((x - frame) / factor), Math.floor((y - frame) / factor)];
			const isInside = column >= 0 && column < width && row >= 0 && row < height;
			const from = 3 * (row * width + column);
			const pixel = isInside ? pixels.subarray(from, from + 3) : colour;
			framedPixels.set([...pixel, opacity(x, y, wide, high, frame)], 4 * (y * wide + x));
		}
	}
	return { width: wide, height: high, pixels: framedPixels };
}

/** Computes the opacity of a pixel of a rectangle with round corners. */
function opacity(x: number, y: number, width: number, height: number, radius: number): number {
	const beyond = (at: number, length: number) => Math.max(radius - (at + 0.5), at + 0.5 - (length - radius), 0);
	const distance = Math.hypot(beyond(x, width), beyond(y, height));
	return Math.round(255 * Math.min(Math.max(radius - distance + 0.5, 0), 1));
}

function chunk(type: string, data: Buffer): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const check = Buffer.alloc(4);
	check.writeUInt32BE(crc32(body));
	return Buffer.concat([length, body, check]);
}
