/** The owner who sets a device up at its console, and types again what was not answered when the power failed. */
import type { Say } from "../support/port_device.js";

export class ConsoleOwner {
	/** What went wrong. */
	readonly refusals: string[] = [];
	/** Addresses that the console has told. */
	readonly addresses: string[] = [];
	readonly #lines: readonly string[];
	#answered = 0;
	/** The line that waits for its answer, perhaps since before a power cut. */
	#typed: number | undefined;

	constructor(lines: readonly string[]) {
		this.#lines = lines;
	}

	/** Types what is left, on a device that has just been switched on. */
	async type(say: Say): Promise<void> {
		while (this.#answered < this.#lines.length) {
			const line = this.#lines[this.#answered]!;
			const isAgain = this.#typed === this.#answered;
			this.#typed = this.#answered;
			let answer = await say(line);
			if (answer.confirm !== undefined) answer = await say(`confirm ${answer.confirm}`);
			// It buys by what was set before the power failed.
			if (answer.error === "Busy") continue;
			// The key was made before the power failed, and is kept.
			const wasMade = isAgain && answer.error === "SlotTaken";
			if (!answer.ok && !wasMade) this.refusals.push(`"${line}" was refused: ${answer.error}: ${answer.message}`);
			const { address } = (answer.key ?? {}) as { readonly address?: string };
			if (address !== undefined) this.addresses.push(address);
			this.#answered++;
		}
	}
}
