/** Sends the lines of a short form to the device one by one: when a code is requested, the rest waits for it. */
import { ShortFormError } from "../configuration/errors.js";
import type { Answer } from "./conversation.js";
import { writeOutLine } from "./short_lines.js";

export class Typist {
	readonly #ask: (line: string) => Promise<Answer>;
	#pending: string[] = [];

	constructor(ask: (line: string) => Promise<Answer>) {
		this.#ask = ask;
	}

	/** The commands that wait for the requested code. */
	get pending(): readonly string[] {
		return this.#pending.map((line) => line.split(" {", 1)[0]!);
	}

	/**
	 * Sends a line.
	 *
	 * @returns the answers; the last may be a refusal or a request for a code, after which no further line was sent
	 */
	async say(line: string): Promise<Answer[]> {
		const isCode = /^\s*confirm\b/.test(line);
		try {
			this.#pending = isCode ? [line, ...this.#pending] : await writeOutLine(line, this.#ask);
		} catch (error) {
			if (!(error instanceof ShortFormError)) throw error;
			this.#pending = [];
			return [{ ok: false, error: error.name, message: error.message }];
		}
		const answers: Answer[] = [];
		for (let next = this.#pending.shift(); next !== undefined; next = this.#pending.shift()) {
			const answer = await this.#ask(next);
			answers.push(answer);
			if (!answer.ok) this.#pending = [];
			if (!answer.ok || answer.confirm !== undefined) break;
		}
		return answers;
	}
}
