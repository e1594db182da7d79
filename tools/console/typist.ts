/** Says to a device what a person says in short, line by line: when a code is asked for, the rest waits until it is given. */
import { ShortFormError } from "../configuration/errors.js";
import type { Answer } from "./conversation.js";
import { writeOutLine } from "./short_lines.js";

export class Typist {
	readonly #ask: (line: string) => Promise<Answer>;
	#pending: string[] = [];

	constructor(ask: (line: string) => Promise<Answer>) {
		this.#ask = ask;
	}

	/** The commands that wait for the code that the last answer asked for. */
	get pending(): readonly string[] {
		return this.#pending.map((line) => line.split(" {", 1)[0]!);
	}

	/** @returns the answers, the last of which may be a refusal or ask for something: then nothing more was said */
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
