/**
 * Random cases that can be had again: the generator (mulberry32) starts from a seed that each test prints, and
 * `SEED=<number>` in the environment gives the same run once more.
 */
import { randomInt } from "node:crypto";
import type { ExecutionContext } from "ava";

export class Random {
	#state: number;

	constructor(t: ExecutionContext) {
		this.#state = process.env.SEED === undefined ? randomInt(2 ** 32) : Number(process.env.SEED);
		t.log(`SEED=${this.#state}`);
	}

	/** An integer from 0 to `below` − 1. */
	integer(below: number): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
		return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
	}

	boolean(): boolean {
		return this.integer(2) === 1;
	}

	pick<Item>(items: readonly Item[]): Item {
		return items[this.integer(items.length)]!;
	}

	bytes(length: number): Uint8Array<ArrayBuffer> {
		return Uint8Array.from({ length }, () => this.integer(256));
	}

	/** Of a random width up to `bits`, so that small ones are as likely as great ones. */
	bigint(bits: number): bigint {
		const width = this.integer(bits + 1);
		const whole = BigInt(`0x00${Buffer.from(this.bytes(Math.ceil(bits / 8))).toString("hex")}`);
		return whole & ((1n << BigInt(width)) - 1n);
	}

	/** Whole Unicode characters from every plane and length of UTF-8. */
	text(length: number): string {
		let text = "";
		for (let i = 0; i < length; i++) {
			const code = this.integer(this.pick([0x80, 0x800, 0x10000, 0x110000]));
			text += String.fromCodePoint(code >= 0xd800 && code < 0xe000 ? 0x20 : code);
		}
		return text;
	}
}
