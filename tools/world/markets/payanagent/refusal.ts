/**
 * PayanAgent's refusals, `{"error": string}` with a status, and its readers of JSON bodies: the fields of the document.
 * Source: derNif/payanagent 31ce5fa, lib/api-http.ts `jsonError`, lib/validation.ts `validateBody`. Stricter than
 * that: a field that no operation has is refused too.
 */
import type { Request, Response } from "express";
import { bodyOf } from "./shop/site.js";

export class Refusal extends Error {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	/** Beside `error`. */
	readonly fields: Readonly<Record<string, unknown>>;

	constructor(
		status: number,
		error: string,
		fields: Readonly<Record<string, unknown>> = {},
		headers: Readonly<Record<string, string>> = {},
	) {
		super(error);
		this.status = status;
		this.fields = fields;
		this.headers = headers;
	}
}

/** Anything but a refusal is a defect of the market, and says so. */
export function sayRefusal(error: unknown, response: Response): void {
	const unknown = new Refusal(404, "Not found");
	const defect = new Refusal(500, `Defect: ${(error as Error)?.stack ?? error}`);
	const said = error === undefined ? unknown : error instanceof Refusal ? error : defect;
	response
		.status(said.status)
		.set(said.headers)
		.json({ error: said.message, ...said.fields });
}

type Check = (value: unknown) => boolean;

export const text: Check = (value) => typeof value === "string" && value.trim() !== "";
export const texts: Check = (value) => Array.isArray(value) && value.every((each) => typeof each === "string");
export const address: Check = (value) => typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value);
export const url: Check = (value) => typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
export const cents: Check = (value) => Number.isSafeInteger(value) && (value as number) > 0;
export const bool: Check = (value) => typeof value === "boolean";
export const object: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
export const oneOf =
	(...values: readonly unknown[]): Check =>
	(value) =>
		values.includes(value);

/** A body that is not as its schema says. */
export const invalid = (...details: readonly string[]): Refusal => new Refusal(400, "Validation failed", { details });

/** The body as a JSON object. @throws {Refusal} 400 */
function jsonOf(request: Request): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(bodyOf(request).toString());
	} catch {
		throw new Refusal(400, "Invalid JSON body");
	}
	if (object(value)) return value as Record<string, unknown>;
	throw invalid(": Invalid input: expected object");
}

/** Reads all of `required`, what there is of `optional`, and nothing else. @throws {Refusal} 400 */
export function readFields<T>(
	request: Request,
	required: Readonly<Record<string, Check>>,
	optional: Readonly<Record<string, Check>> = {},
): T {
	const body = jsonOf(request);
	const missing = Object.keys(required).filter((name) => body[name] === undefined);
	const wrong = missing.map((name) => `${name}: Invalid input: expected a value, received undefined`);
	for (const [name, value] of Object.entries(body)) {
		const check = required[name] ?? optional[name];
		if (!check) wrong.push(`${name}: not a field of this operation`);
		else if (!check(value)) wrong.push(`${name}: Invalid input`);
	}
	if (wrong.length > 0) throw invalid(...wrong);
	return body as T;
}

/** A limit of the query, from 1 to 200; 50 if it is none (lib/api-http.ts `parseLimit`). */
export function limitOf({ query }: Request<never> | Request): number {
	const parsed = Number.parseInt(String(query.limit ?? ""), 10);
	return Number.isNaN(parsed) ? 50 : Math.min(Math.max(parsed, 1), 200);
}
