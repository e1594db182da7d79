/** Power that fails at a chosen moment, so that a test can cut a device at every single operation. */

/** The exit code of a process whose power was cut, as on the XS host. */
export const EXIT_CUT = 73;

export interface Cut {
	/** The number of the operation, from 1. */
	readonly at: number;
	/**
	 * `before` or `after` the operation, or `during`: a storage write leaves its temporary file behind, a send sends half of
	 * its bytes, and any other operation is completed.
	 */
	readonly side: "before" | "during" | "after";
}

/**
 * Counts the operations of a host: each storage write and delete, stream opened, send, receive that delivers bytes, and
 * timer fired.
 */
export class Power {
	operations = 0;
	/** True while the last operation is still being completed. */
	down = false;
	readonly #cut: Cut | undefined;

	constructor(cut: Cut | undefined) {
		this.#cut = cut;
	}

	/** Performs an operation, unless the power fails before it. */
	run<T>(operation: () => T): T {
		const last = this.begin();
		const result = operation();
		if (last) {
			this.fail();
		}
		return result;
	}

	/** Counts an operation. Returns true if the power fails after or during it. */
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

	/** True if the current operation is to be left half done. Valid after `begin` returned true. */
	get tears(): boolean {
		return this.#cut?.side === "during";
	}

	/** Stops all further operations; `fail` follows. */
	goDown(): void {
		this.down = true;
	}

	fail(): never {
		process.exit(EXIT_CUT);
	}
}
