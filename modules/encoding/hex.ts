/**
 * Hexadecimal (RFC 4648 §8). Writes lower case, two digits a byte, without a prefix; reads either case, with or without `0x`.
 */
import { EncodingError } from "./errors.js";

/** Encodes `bytes`: lower case, no prefix. */
export function encode(bytes: Uint8Array): string {
	const text = new Uint8Array(2 * bytes.length);
	// Both digits are written at once: each write is a call on XS.
	const view = new DataView(text.buffer);
	for (let i = 0; i < bytes.length; i++) {
		const byte = bytes[i]!;
		const low = byte & 15;
		const tens = byte < 160 ? 0x3000 : 0x5700;
		view.setUint16(2 * i, tens + ((byte & 0xf0) << 4) + (low < 10 ? 0x30 : 0x57) + low);
	}
	return new TextDecoder().decode(text);
}

/**
 * Decodes `text`, with or without a `0x` prefix.
 *
 * @param limit the most bytes to accept
 *
 * Throws `HexLength` for an odd number of digits, `HexCharacter` for anything but a digit, `TooLong` over the limit.
 */
export function decode(text: string, limit = 0x7fff_ffff): Uint8Array<ArrayBuffer> {
	const start = text.startsWith("0x") ? 2 : 0;
	const digits = text.length - start;
	if (digits % 2 !== 0) throw new EncodingError("HexLength", `expected two digits a byte, got ${digits} digits`);
	if (digits > 2 * limit) throw new EncodingError("TooLong", `expected at most ${limit} bytes, got ${digits / 2}`);
	// XS keeps strings as UTF-8, where finding the nth character is a walk from the first: take all characters at once.
	const characters = new TextEncoder().encode(text);
	const bytes = new Uint8Array(digits / 2);
	for (let i = 0, at = start; i < bytes.length; i++, at += 2) {
		const byte = (digitValue(characters[at]!) << 4) | digitValue(characters[at + 1]!);
		if (byte < 0) throw new EncodingError("HexCharacter", `expected digits 0-9 or a-f at ${at} and ${at + 1}`);
		bytes[i] = byte;
	}
	return bytes;
}

/** Returns 0 to 15, or −1 for a character that is no digit. */
function digitValue(character: number): number {
	if (character >= 0x30 && character <= 0x39) return character - 0x30;
	const letter = character | 0x20;
	if (letter >= 0x61 && letter <= 0x66) return letter - 0x57;
	return -1;
}
