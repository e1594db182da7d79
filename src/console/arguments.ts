/** Parses a console line word by word. Words are separated by spaces; a word with spaces is a JSON string. */
import { Scanner } from "../../modules/encoding/json/scanner.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { ConsoleError } from "./errors.js";

export class Arguments {
	#rest: string;

	constructor(line: string) {
		this.#rest = line.trim();
	}

	/** Returns the next word, or `undefined` at the end. Throws `ConsoleError` `WordExpected` for an unterminated string. */
	next(): string | undefined {
		if (this.#rest === "") return undefined;
		if (this.#rest.startsWith('"')) return this.#take(endOfString(this.#rest), (text) => json(text) as string);
		const space = this.#rest.search(/\s/);
		return this.#take(space < 0 ? this.#rest.length : space, (text) => text);
	}

	/** Returns the next word without consuming it, if it is not a JSON string. */
	peek(): string | undefined {
		return /^[a-z]+(?=\s|$)/.exec(this.#rest)?.[0];
	}

	/** Returns the next word. Throws `ConsoleError` `WordExpected`, which asks for `what`. */
	expect(what: string): string {
		const word = this.next();
		if (word === undefined) throw new ConsoleError("WordExpected", `expected ${what}, found the end of the line`);
		return word;
	}

	/** Parses the rest of the line as JSON; `what` describes it in error messages. */
	json(what: string): unknown {
		const text = this.#rest;
		this.#rest = "";
		if (text === "") throw new ConsoleError("WordExpected", `expected ${what} as JSON, found the end of the line`);
		return json(text);
	}

	/** Checks that the line has ended. Throws `ConsoleError` `WordExpected` if there is more. */
	end(): void {
		if (this.#rest !== "")
			throw new ConsoleError("WordExpected", 'expected the end of the line, found more: see "help"');
	}

	#take(end: number, read: (text: string) => string): string {
		const text = this.#rest.slice(0, end);
		this.#rest = this.#rest.slice(end).trimStart();
		return read(text);
	}
}

/** Returns the end of the JSON string that `text` starts with. */
function endOfString(text: string): number {
	for (let end = text.indexOf('"', 1); end > 0; end = text.indexOf('"', end + 1)) {
		let before = end;
		while (text.charAt(before - 1) === "\\") before--;
		if ((end - before) % 2 === 0) return end + 1;
	}
	throw new ConsoleError("WordExpected", 'expected a closing " at the end of a text');
}

/** Limits on the owner's JSON: the engine builds all of it at once, in the memory that the agent leaves free. */
const LEVELS = 6;
const VALUES = 128;

/** Parses JSON. The engine's own message may quote the text, which may be a secret. */
function json(text: string): unknown {
	const scanner = new Scanner();
	scanner.end(utf8.encode(text), 0);
	if (scanner.deepest > LEVELS || scanner.values > VALUES) {
		const limits = `${LEVELS} levels and ${VALUES} values`;
		throw new ConsoleError("LineTooComplex", `expected JSON of at most ${limits}, got more: simplify it`);
	}
	const value = parsed(text);
	// If a cap is named twice, the engine takes the last one.
	if (valuesIn(value) < scanner.values) {
		throw new ConsoleError("WordExpected", "expected each name once in JSON, found one again");
	}
	return value;
}

function parsed(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		throw new ConsoleError(
			"WordExpected",
			'expected JSON, such as {"name":"weather"} or "a text", found something else',
		);
	}
}

/** Counts as the scanner does: members and elements, and 1 for empty brackets. */
function valuesIn(value: unknown): number {
	if (typeof value !== "object" || value === null) return 0;
	const values: unknown[] = Object.values(value);
	return values.reduce((sum: number, each) => sum + valuesIn(each), Math.max(1, values.length));
}
