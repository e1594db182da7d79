/**
 * A prompt at a terminal: Tab completes, the arrow keys walk the history of this run, Ctrl-C clears the line and ends an
 * empty one. Secret input is neither shown nor in the history.
 */
import { createInterface, type Interface } from "node:readline";
import { Writable } from "node:stream";

const PROMPT = "> ";
/** Commands whose lines may hold a password or an account. */
const SECRET = /^\s*(wifi|market\s+set|plan\s+set|buy)\b/;

export class Prompt {
	readonly #interface: Interface;
	#isSecret = false;
	#isAsking = false;
	#lines: string[] = [];
	#isOver = false;
	#wake: () => void = () => {};

	/** @param complete returns the possible completions of the line's last word, and that word */
	constructor(complete: (line: string) => Promise<[string[], string]> = async (line) => [[], line]) {
		const output = new Writable({
			write: (chunk, encoding, done) => {
				if (this.#isSecret) done();
				else process.stdout.write(chunk, encoding, () => done());
			},
		});
		const completer = (line: string, done: (error: null, result: [string[], string]) => void) => {
			// While a command is being answered or a secret typed, the device cannot be asked.
			const isFree = this.#isAsking && !this.#isSecret;
			void (isFree ? complete(line) : Promise.resolve<[string[], string]>([[], line])).then((found) =>
				done(null, found),
			);
		};
		this.#interface = createInterface({ input: process.stdin, output, terminal: true, prompt: PROMPT, completer });
		this.#interface.on("SIGINT", () => this.#interrupt());
		this.#interface.on("history", (history) => {
			if (this.#isSecret || SECRET.test(history[0] ?? "")) history.shift();
		});
		this.#interface.on("line", (line) => {
			this.#lines.push(line);
			this.#wake();
		});
		this.#interface.on("close", () => {
			this.#isOver = true;
			this.#wake();
		});
	}

	/** Returns `undefined` at the end of the input. */
	async ask(prompt = PROMPT): Promise<string | undefined> {
		this.#interface.setPrompt(prompt);
		this.#interface.prompt();
		return (await this.#line())?.trim();
	}

	async askSecretly(): Promise<string | undefined> {
		this.#isSecret = true;
		const line = await this.#line();
		this.#isSecret = false;
		return line?.trim();
	}

	/** Prints a line above the prompt, if there is one. */
	print(line: string): void {
		process.stdout.write(this.#isAsking ? `\r\u001b[K${line}\n` : `${line}\n`);
		if (this.#isAsking && !this.#isSecret) this.#interface.prompt(true);
	}

	close(): void {
		this.#interface.close();
	}

	#interrupt(): void {
		if (this.#interface.line === "") {
			this.#interface.close();
			return;
		}
		this.#interface.write(null, { ctrl: true, name: "e" });
		this.#interface.write(null, { ctrl: true, name: "u" });
	}

	async #line(): Promise<string | undefined> {
		this.#isAsking = true;
		while (this.#lines.length === 0 && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve));
		this.#isAsking = false;
		return this.#lines.shift();
	}
}
