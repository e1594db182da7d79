/**
 * Reads answers whose bodies no document describes. A field may be in the object itself or in its `data`, as in the answers
 * that a document does describe.
 */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { leafText, numberOf, objectOf, textOf } from "../kit/fields.js";
import { AgentPmtError } from "./errors.js";

/** The member that may contain an answer's fields. */
export const ENVELOPE = "data";
/** Bytes of an answer that is read whole; the longest are a job's instructions. */
const ANSWER_LIMIT = 16_384;

/** Reads the fields of these names. Throws `AnswerMalformed`, `HttpError`. */
export async function readFields(
	response: HttpResponse,
	...names: readonly string[]
): Promise<(JsonText | undefined)[]> {
	const text = await response.text(ANSWER_LIMIT);
	let body: JsonText;
	try {
		body = readJson(text);
	} catch (error) {
		throw malformed(`JSON (${(error as Error).name})`);
	}
	const [data] = body.members(ENVELOPE);
	const outer = body.members(...names);
	const inner = data?.members(...names) ?? [];
	return outer.map((field, i) => inner[i] ?? field);
}

/** Returns a field's text, which must not be empty. Throws `AnswerMalformed`. */
export function requiredText(field: JsonText | undefined, name: string): string {
	const text = leafText(field);
	if (text === "") throw malformed(`a text ${name}`);
	return text;
}

/** Returns the first of these members of a list's element that is text and not empty, or "". */
export function textAt(element: unknown, ...names: readonly string[]): string {
	const members = objectOf(element);
	for (const name of names) {
		const text = textOf(members[name]);
		if (text !== "") return text;
	}
	return "";
}

/** Returns the first of these members of a list's element that is a number of 0 or more. */
export function numberAt(element: unknown, ...names: readonly string[]): number | undefined {
	const members = objectOf(element);
	for (const name of names) {
		const number = numberOf(members[name]);
		if (number !== undefined) return number;
	}
	return undefined;
}

/** Creates the error for a malformed answer. It does not quote the answer, which may hold a secret. */
export function malformed(expected: string): AgentPmtError {
	return new AgentPmtError("AnswerMalformed", `expected ${expected} in the market's answer, got something else`);
}
