/** Random choices that a seed alone decides (mulberry32), for campaigns whose every run can be had again. */
export class Drawn {
	#state: number;

	constructor(seed: number) {
		this.#state = seed >>> 0;
	}

	/** An integer from 0 to `below` − 1. */
	integer(below: number): number {
		this.#state = (this.#state + 0x6d2b79f5) >>> 0;
		let x = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
		x = (x + Math.imul(x ^ (x >>> 7), 61 | x)) ^ x;
		return Math.floor((((x ^ (x >>> 14)) >>> 0) / 2 ** 32) * below);
	}

	/** A seed for choices that do not depend on how many are drawn here afterwards. */
	seed(): number {
		return this.integer(2 ** 31);
	}

	/** True once in `times`, on average. */
	once(times: number): boolean {
		return this.integer(times) === 0;
	}

	pick<Item>(items: readonly Item[]): Item {
		return items[this.integer(items.length)]!;
	}

	fill(buffer: Uint8Array): void {
		for (let i = 0; i < buffer.length; i++) buffer[i] = this.integer(256);
	}
}
