import type { Arguments } from "./arguments.js";
import { ConsoleError } from "./errors.js";

/** Reads the last word of a line as an integer; returns `missing` if there is none. Throws `ConsoleError` `WordExpected`. */
export function numberIn(args: Arguments, what: string, from: number, to: number, missing: number): number {
	const word = args.next();
	args.end();
	return word === undefined ? missing : numberOf(word, what, from, to);
}

/** Throws `ConsoleError` `WordExpected`. */
export function numberOf(word: string, what: string, from: number, to: number): number {
	const number = /^[0-9]{1,15}$/.test(word) ? Number(word) : -1;
	if (number >= from && number <= to) return number;
	throw new ConsoleError("WordExpected", `expected ${what}, an integer from ${from} to ${to}`);
}
