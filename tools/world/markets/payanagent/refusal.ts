/** How PayanAgent says no, `{"error": string}` with a status, and how it reads a JSON body: the fields of the document. */
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

/** The body as a JSON object; an empty one counts as one without members. @throws {Refusal} 400 */
export function jsonOf(request: Request): Record<string, unknown> {
	const body = bodyOf(request).toString();
	if (body === "") return {};
	if (!/^application\/json\s*(;|$)/i.test(request.header("content-type") ?? ""))
		throw new Refusal(400, "Content-Type must be application/json");
	try {
		const value: unknown = JSON.parse(body);
		if (object(value)) return value as Record<string, unknown>;
	} catch {
		// Said below.
	}
	throw new Refusal(400, "Expected a JSON object");
}

/** Reads all of `required`, what there is of `optional`, and nothing else. @throws {Refusal} 400 */
export function readFields<T>(
	request: Request,
	required: Readonly<Record<string, Check>>,
	optional: Readonly<Record<string, Check>> = {},
): T {
	const body = jsonOf(request);
	const missing = Object.keys(required).filter((name) => body[name] === undefined);
	if (missing.length > 0) throw new Refusal(400, `Missing: ${missing.join(", ")}`);
	for (const [name, value] of Object.entries(body)) {
		const check = required[name] ?? optional[name];
		if (!check) throw new Refusal(400, `Unknown field: ${name}`);
		if (!check(value)) throw new Refusal(400, `Invalid ${name}`);
	}
	return body as T;
}

/** A limit of the query. @throws {Refusal} 400 */
export function limitOf({ query }: Request<never> | Request, otherwise = 20): number {
	const { limit } = query;
	if (limit === undefined) return otherwise;
	if (typeof limit !== "string" || !/^[1-9]\d{0,2}$/.test(limit)) throw new Refusal(400, "limit must be from 1 to 999");
	return Math.min(Number(limit), 100);
}
