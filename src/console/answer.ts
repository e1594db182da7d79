/** Answers: one JSON object each, small enough for one line. */
import { CONSOLE_LINE_LIMIT } from "../device/console_line.js";
import { ConsoleError } from "./errors.js";

/** Bytes of a list in an answer; the rest of the line is for the fields around it. */
const LIST_LIMIT = 3_500;

/** Builds an answer. Throws `ConsoleError` `AnswerTooLong`. */
export function answerOf(fields: object): string {
	const text = JSON.stringify({ ok: true, ...fields });
	// A character has at most three bytes: the bytes of a short text need not be counted.
	if (3 * text.length <= CONSOLE_LINE_LIMIT || sizeOf(text) <= CONSOLE_LINE_LIMIT) return text;
	throw new ConsoleError("AnswerTooLong", `the answer is longer than the ${CONSOLE_LINE_LIMIT} bytes of a line`);
}

export function refusalOf({ name, message }: Error): string {
	// An engine's message about a syntax error quotes its input.
	const shown = name === "SyntaxError" ? "" : message.slice(0, 1_000);
	return JSON.stringify({ ok: false, error: name, message: shown });
}

/** Returns a part of a list: as many items from index `from` on as fit on a line, and the index of the next part. */
export function page(items: Iterable<object>, from: number): { items: object[]; next?: number } {
	const taken: object[] = [];
	let size = 0;
	let at = 0;
	for (const item of items) {
		if (at++ < from) continue;
		size += sizeOf(JSON.stringify(item)) + 1;
		if (size > LIST_LIMIT && taken.length > 0) return { items: taken, next: at - 1 };
		taken.push(item);
	}
	return { items: taken };
}

function sizeOf(text: string): number {
	return new TextEncoder().encode(text).length;
}
