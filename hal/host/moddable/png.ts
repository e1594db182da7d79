/** PNG (ISO/IEC 15948), as much of it as a picture of a small screen needs: 8-bit RGB, no interlace, no filter. */
import { crc32, deflateSync } from "node:zlib";

export interface Picture {
	readonly width: number;
	readonly height: number;
	/** Three bytes a pixel, row by row. */
	readonly rgb: Uint8Array;
}

const SIGNATURE = Buffer.from("89504e470d0a1a0a", "hex");

export function encodePng({ width, height, rgb }: Picture): Buffer {
	const header = Buffer.alloc(13);
	header.writeUInt32BE(width, 0);
	header.writeUInt32BE(height, 4);
	header.set([8, 2, 0, 0, 0], 8);
	const rows = Buffer.alloc((3 * width + 1) * height);
	for (let y = 0; y < height; y++) rows.set(rgb.subarray(3 * width * y, 3 * width * (y + 1)), (3 * width + 1) * y + 1);
	return Buffer.concat([
		SIGNATURE,
		chunk("IHDR", header),
		chunk("IDAT", deflateSync(rows, { level: 9 })),
		chunk("IEND", Buffer.alloc(0)),
	]);
}

/** Each pixel as a square of `factor` pixels. */
export function enlarge({ width, height, rgb }: Picture, factor: number): Picture {
	const large = new Uint8Array(rgb.length * factor * factor);
	for (let y = 0; y < height * factor; y++) {
		for (let x = 0; x < width * factor; x++) {
			const from = 3 * (Math.floor(y / factor) * width + Math.floor(x / factor));
			large.set(rgb.subarray(from, from + 3), 3 * (y * width * factor + x));
		}
	}
	return { width: width * factor, height: height * factor, rgb: large };
}

function chunk(type: string, data: Buffer): Buffer {
	const length = Buffer.alloc(4);
	length.writeUInt32BE(data.length);
	const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
	const check = Buffer.alloc(4);
	check.writeUInt32BE(crc32(body));
	return Buffer.concat([length, body, check]);
}
