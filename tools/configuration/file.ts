/**
 * Reads a device's configuration from a file written by a person (RFC 8259). The device gets the text without a byte order
 * mark, and only if it is JSON without repeated names: of two caps with the same name, a parser silently takes the last.
 */
import { readFileSync } from "node:fs";
import { type ParseError, parse, printParseErrorCode, visit } from "jsonc-parser";
import { HostError } from "../cli/host_error.js";
import { ShortFormError } from "./errors.js";
import { writeOut } from "./short_form.js";

/** The byte order mark with which some editors begin a file. */
const BOM = "\ufeff";

const MISTAKES: Readonly<Partial<Record<ReturnType<typeof printParseErrorCode>, string>>> = {
	PropertyNameExpected: "a name is missing, or there is a comma too many",
	ValueExpected: "a value is missing, or there is a comma too many",
	ColonExpected: "a colon is missing",
	CommaExpected: "a comma is missing",
	CloseBraceExpected: "a closing brace is missing",
	CloseBracketExpected: "a closing bracket is missing",
	EndOfFileExpected: "there is text after the end",
	InvalidCommentToken: "a comment, which JSON does not have",
	InvalidNumberFormat: "a number that JSON does not have",
	UnexpectedEndOfString: "a string without an end on its line",
	UnexpectedEndOfNumber: "a number without its end",
	InvalidEscapeCharacter: "an escape that JSON does not have",
};

/**
 * @returns JSON text: an object with at least one plan. The device reports all other errors
 *
 * @throws HostError `ConfigurationUnreadable`, with the file, line and column
 */
export function readConfigurationFile(file: string, { count }: { readonly count?: number | undefined } = {}): string {
	const text = textOf(file);
	const errors: ParseError[] = [];
	const value = parse(text, errors, { disallowComments: true, allowEmptyContent: false }) as unknown;
	const [error] = errors;
	if (error !== undefined) {
		throw wrong(file, text, error.offset, `not JSON: ${inWords(error)}`);
	}
	checkNames(file, text);
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw wrong(file, text, 0, "expected an object with networks, assets, rules and plans");
	}
	const configuration = longForm(file, value as Readonly<Record<string, unknown>>);
	const { plans } = configuration;
	if (plans === undefined || (Array.isArray(plans) && plans.length === 0)) {
		throw wrong(file, text, 0, "expected plans, found none: nothing would be bought");
	}
	return JSON.stringify(count === undefined ? configuration : { ...configuration, count });
}

function longForm(file: string, value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
	try {
		return writeOut(value);
	} catch (error) {
		if (!(error instanceof ShortFormError)) throw error;
		throw new HostError("ConfigurationUnreadable", `${file}: ${error.message}`);
	}
}

function textOf(file: string): string {
	try {
		const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
		return text.startsWith(BOM) ? text.slice(BOM.length) : text;
	} catch (error) {
		const why = error instanceof TypeError ? "it is not UTF-8" : (error as Error).message;
		throw new HostError("ConfigurationUnreadable", `${file}: ${why}`);
	}
}

function checkNames(file: string, text: string): void {
	const open: Set<string>[] = [];
	visit(text, {
		onObjectBegin: () => void open.push(new Set()),
		onObjectEnd: () => void open.pop(),
		onObjectProperty(name, offset) {
			const names = open.at(-1)!;
			if (names.has(name)) throw wrong(file, text, offset, `expected each name once, found "${name}" again`);
			names.add(name);
		},
	});
}

/** Describes an error without quoting the file, which may contain a secret. */
function inWords({ error }: ParseError): string {
	return MISTAKES[printParseErrorCode(error)] ?? "a character that does not belong here";
}

function wrong(file: string, text: string, offset: number, message: string): HostError {
	const lines = text.slice(0, offset).split("\n");
	return new HostError("ConfigurationUnreadable", `${file}:${lines.length}:${lines.at(-1)!.length + 1}: ${message}`);
}
