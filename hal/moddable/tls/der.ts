/** DER (ITU-T X.690 §8, §10), as far as certificates need it. Every length is checked before it is used. */
import { TlsError } from "./tls_error.js";

export const TAG = Object.freeze({
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	objectIdentifier: 0x06,
	utcTime: 0x17,
	generalizedTime: 0x18,
	sequence: 0x30,
	set: 0x31,
});

export interface Item {
	readonly tag: number;
	readonly content: Uint8Array;
	/** Including tag and length. */
	readonly whole: Uint8Array;
}

/** Reads the items of `bytes`, one after the other. */
export class Der {
	readonly #bytes: Uint8Array;
	#at = 0;

	constructor(bytes: Uint8Array) {
		this.#bytes = bytes;
	}

	/** Returns the tag of the next item; `undefined` at the end. */
	get tag(): number | undefined {
		return this.#bytes[this.#at];
	}

	/** Returns the next item, which must have that tag. Throws `TlsError` `TlsCertificateMalformed`. */
	next(tag: number): Item {
		const start = this.#at;
		if (this.#byte() !== tag) throw malformed();
		let length = this.#byte();
		if (length > 0x82 || length === 0x80) throw malformed();
		if (length > 0x80) {
			let long = 0;
			for (let count = length & 0x7f; count > 0; count--) long = (long << 8) | this.#byte();
			length = long;
		}
		const content = this.#at;
		if (length > this.#bytes.length - content) throw malformed();
		this.#at += length;
		return {
			tag,
			content: this.#bytes.subarray(content, this.#at),
			whole: this.#bytes.subarray(start, this.#at),
		};
	}

	/** Returns a reader for the contents of the next item. */
	enter(tag: number): Der {
		return new Der(this.next(tag).content);
	}

	/** Returns the next item if it has that tag. */
	optional(tag: number): Item | undefined {
		return this.tag === tag ? this.next(tag) : undefined;
	}

	#byte(): number {
		const byte = this.#bytes[this.#at++];
		if (byte === undefined) throw malformed();
		return byte;
	}
}

export function malformed(): TlsError {
	return new TlsError("TlsCertificateMalformed", "expected certificates in DER, got something else");
}
