/**
 * Answers whose bodies no document describes: fields are looked for in the object itself and in its `data`, which is where
 * the documents that describe one have them.
 */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { AgentPmtError } from "./errors.js";

/** The member in which an answer may lie. */
export const ENVELOPE = "data";
/** Bytes of an answer that is read whole: a job's instructions are the longest of them. */
const ANSWER_LIMIT = 16_384;

/** The fields of these names. Throws `AnswerMalformed`, `HttpError`. */
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

/** A field's text. "" when it is something else, or not there. */
export function textOf(field: JsonText | undefined): string {
	const value = field?.leaf;
	return typeof value === "string" ? value : "";
}

/** A field's number of 0 or more. */
export function numberOf(field: JsonText | undefined): number | undefined {
	const value = field?.leaf;
	return typeof value === "number" && value >= 0 ? value : undefined;
}

/** A field's text, without which the answer is of no use. Throws `AnswerMalformed`. */
export function requiredText(field: JsonText | undefined, name: string): string {
	const text = textOf(field);
	if (text === "") throw malformed(`a text ${name}`);
	return text;
}

/** The first of these members of an element of a list that is a text that is not empty, or "". */
export function textAt(element: unknown, ...names: readonly string[]): string {
	for (const name of names) {
		const value = memberOf(element, name);
		if (typeof value === "string" && value !== "") return value;
	}
	return "";
}

/** The first of these members of an element of a list that is a number of 0 or more. */
export function numberAt(element: unknown, ...names: readonly string[]): number | undefined {
	for (const name of names) {
		const value = memberOf(element, name);
		if (typeof value === "number" && value >= 0) return value;
	}
	return undefined;
}

export function memberOf(element: unknown, name: string): unknown {
	if (typeof element !== "object" || element === null || !Object.hasOwn(element, name)) return undefined;
	return (element as Readonly<Record<string, unknown>>)[name];
}

/** The market's words are not in the message: an answer may hold a secret. */
export function malformed(expected: string): AgentPmtError {
	return new AgentPmtError("AnswerMalformed", `expected ${expected} in the market's answer, got something else`);
}
