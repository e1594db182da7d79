/** Doubles of every magnitude, from a seed, and what their canonical texts hash to: the same on Node and on XS. */
import * as hex from "../../modules/encoding/hex.js";
import { encode } from "../../modules/encoding/json/canonical.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";

/** Numbers of one text. */
const GROUP = 100;

/** Random bits, decimals as people write them, and both with an exponent near to where notations change. */
export function doubles(seed: number): () => number {
	let state = seed >>> 0;
	const word = () => {
		state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
		return (state ^ (state >>> 15)) >>> 0;
	};
	const bits = new DataView(new ArrayBuffer(8));
	return () => {
		const kind = word() % 4;
		if (kind === 0) return Number(`${word() % 2_000_000_000}e-${word() % 12}`);
		if (kind === 1) return Number(`-${word() % 100_000}e-${word() % 30}`);
		bits.setUint32(0, kind === 2 ? word() : 0x3e000000 + (word() % 0x06000000));
		bits.setUint32(4, word());
		return bits.getFloat64(0);
	};
}

/** The digest of each group of texts; a number that is refused counts as its error's name. */
export function digestsOf(hashes: Hashes, seed: number, count: number): string[] {
	const next = doubles(seed);
	const digests: string[] = [];
	for (let done = 0; done < count; done += GROUP) {
		let text = "";
		for (let i = 0; i < GROUP; i++) text += `${textOf(next())}\n`;
		digests.push(hex.encode(hashes.sha256(utf8.encode(text)).subarray(0, 8)));
	}
	return digests;
}

function textOf(value: number): string {
	try {
		return encode(value);
	} catch (error) {
		return (error as Error).name;
	}
}
