/** Parses the command lines of all commands of `tools/`, and reports a wrong one in the same way. */
import { readFileSync, statSync } from "node:fs";
import { type ParseArgsConfig, parseArgs } from "node:util";

type OptionSpecs = NonNullable<ParseArgsConfig["options"]>;
type Values<Specs extends OptionSpecs> = ReturnType<typeof parseArgs<{ options: Specs }>>["values"];

/** sysexits.h: the command was used wrongly. */
const EXIT_USAGE = 64;

/** An option with a value, and one without. */
export const TEXT = { type: "string" } as const;
export const FLAG = { type: "boolean" } as const;

/**
 * Parses the command line. `--help` prints the usage and ends the process with 0; a wrong command line prints the error and
 * the usage, and ends it with 64.
 *
 * @param check converts the values to the command's options; throws an `Error` with a message for the person
 */
export function readOptions<const Specs extends OptionSpecs, Options>(
	usage: string,
	specs: Specs,
	check: (values: Values<Specs>, positionals: readonly string[]) => Options,
	args: readonly string[] = process.argv.slice(2),
): Options {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			options: { ...specs, help: FLAG },
			allowPositionals: true,
		});
		if ((values as { help?: boolean }).help) {
			process.stdout.write(usage);
			process.exit(0);
		}
		return check(values as unknown as Values<Specs>, positionals);
	} catch (error) {
		process.stderr.write(`micropayer: ${messageOf(error as Error)}\n\n${usage}`);
		process.exit(EXIT_USAGE);
	}
}

/**
 * Splits a command line before its first positional: everything after it, options included, belongs to another program.
 *
 * @returns the options, and the rest
 */
export function splitOptions(specs: OptionSpecs, args = process.argv.slice(2)): [options: string[], rest: string[]] {
	const { tokens } = parseArgs({ args, options: specs, allowPositionals: true, strict: false, tokens: true });
	const first = tokens.find(({ kind }) => kind === "positional" || kind === "option-terminator");
	if (first === undefined) return [args, []];
	return [args.slice(0, first.index), args.slice(first.kind === "positional" ? first.index : first.index + 1)];
}

/** Shortens Node's message, which explains at length how a positional argument may begin with a dash. */
function messageOf({ message }: Error): string {
	return message.split(". To specify a positional")[0]!.split("\n")[0]!;
}

export function requireNone(positionals: readonly string[]): void {
	if (positionals.length > 0) throw new Error(`unexpected argument "${positionals[0]}"`);
}

export function oneOf<Word extends string>(name: string, text: string | undefined, words: readonly Word[]) {
	if (text === undefined || (words as readonly string[]).includes(text)) return text as Word | undefined;
	throw new Error(`--${name}: expected ${words.join(" or ")}, got "${text}"`);
}

export function integer(name: string, text: string | undefined, from: number, to: number): number | undefined {
	if (text === undefined) return undefined;
	const value = Number(text);
	if (/^-?\d+$/.test(text) && value >= from && value <= to) return value;
	throw new Error(`--${name}: expected an integer from ${from} to ${to}, got "${text}"`);
}

/** Returns the path of an existing file. */
export function existingFile(name: string, file: string | undefined): string | undefined {
	if (file === undefined || statSync(file, { throwIfNoEntry: false })?.isDirectory() === false) return file;
	throw new Error(`--${name}: no file ${file}`);
}

/** Returns the text of a file. */
export function textOf(name: string, file: string | undefined): string | undefined {
	return existingFile(name, file) === undefined ? undefined : readFileSync(file!, "utf8");
}
