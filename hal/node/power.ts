/** Power that fails at a chosen moment, so that a test can cut a device at every single thing it does to the world. */

/** The exit code of a process whose power was cut, as on the XS host. */
export const EXIT_CUT = 73;

export interface Cut {
	/** Which operation, counted from 1. */
	readonly at: number;
	/**
	 * `before` it is done, or `after`; `during`: a storage write leaves its temporary file behind, of a send half of its
	 * bytes go out, and anything else is done.
	 */
	readonly side: "before" | "during" | "after";
}

/**
 * Counts the operations of a host: each storage write and delete, stream opened, send, receive that delivers bytes, and
 * timer fired.
 */
export class Power {
	operations = 0;
	/** The last operation is still on its way out. */
	down = false;
	readonly #cut: Cut | undefined;

	constructor(cut: Cut | undefined) {
		this.#cut = cut;
	}

	/** Does an operation, unless the power fails before it. */
	run<T>(operation: () => T): T {
		const last = this.begin();
		const result = operation();
		if (last) {
			this.fail();
		}
		return result;
	}

	/** Counts an operation. Returns whether the power fails once it is done, or in its middle. */
	begin(): boolean {
		if (this.down) {
			throw new Error("the power is gone");
		}
		this.operations++;
		const last = this.operations === this.#cut?.at;
		if (last && this.#cut?.side === "before") {
			this.fail();
		}
		return last;
	}

	/** True if the operation in progress is to be left half done. Valid after `begin` returned true. */
	get tears(): boolean {
		return this.#cut?.side === "during";
	}

	/** From now on nothing is done; `fail` follows. */
	goDown(): void {
		this.down = true;
	}

	fail(): never {
		process.exit(EXIT_CUT);
	}
}
