/** Base58 in Bitcoin's alphabet by big integers: slow, short, and not the code it is there to check. */
const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

export function toBase58(bytes: Uint8Array): string {
	let text = "";
	for (let rest = BigInt(`0x0${Buffer.from(bytes).toString("hex")}`); rest > 0n; rest /= 58n)
		text = alphabet[Number(rest % 58n)] + text;
	const zeros = bytes.findIndex((byte) => byte !== 0);
	return "1".repeat(zeros < 0 ? bytes.length : zeros) + text;
}

/** The bytes of `text`; nothing if it is not base58. */
export function fromBase58(text: string): Buffer | undefined {
	let value = 0n;
	for (const character of text) {
		const digit = alphabet.indexOf(character);
		if (digit < 0) return undefined;
		value = value * 58n + BigInt(digit);
	}
	const hex = value === 0n ? "" : value.toString(16);
	const zeros = /^1*/.exec(text)![0].length;
	return Buffer.concat([Buffer.alloc(zeros), Buffer.from(hex.length % 2 ? `0${hex}` : hex, "hex")]);
}
