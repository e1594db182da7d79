/**
 * How Pactum refuses, and how it reads what is sent: a JSON object with the fields of the operation, each of its type, and
 * no other. The document's table has the statuses; the words in `error` are the market's own.
 */
import type { ErrorRequestHandler, Request } from "express";

/** Every refusal the document names, by the word in its body. */
export const refusals = {
	AUTH_REQUIRED: { status: 401, message: "Bearer token required." },
	AUTH_FAILED: { status: 401, message: "Token expired or invalid." },
	MISSING_FIELDS: { status: 400, message: "A required field is missing." },
	INVALID_REQUEST: { status: 400, message: "The request is not valid." },
	SHIPPING_REQUIRED: { status: 400, message: "Shipping address required. Set your address first." },
	INSUFFICIENT_CREDIT: { status: 400, message: "Not enough credit available." },
	QUOTA_EXCEEDED: { status: 400, message: "Order quota exceeded." },
	NOT_FOUND: { status: 404, message: "Not found." },
} as const;

export type RefusalName = keyof typeof refusals;

export class Refusal extends Error {
	readonly status: number;
	readonly error: RefusalName;

	constructor(error: RefusalName, message: string = refusals[error].message) {
		super(message);
		this.error = error;
		this.status = refusals[error].status;
	}
}

/** Answers a `Refusal`; anything else is a defect of the market and says so. */
export const answerRefusal: ErrorRequestHandler = (error, _request, response, _next) => {
	if (error instanceof Refusal) response.status(error.status).json({ error: error.error, message: error.message });
	else response.status(500).json({ error: "DEFECT", message: String((error as Error)?.stack ?? error) });
};

export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === "string" && value.trim() !== "";
export const isNumber: Check = (value) => typeof value === "number" && Number.isFinite(value);
export const isAddress: Check = (value) => typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value);
export const oneOf =
	(...values: readonly unknown[]): Check =>
	(value) =>
		values.includes(value);
export const isInteger =
	(from: number, to: number): Check =>
	(value) =>
		Number.isInteger(value) && (value as number) >= from && (value as number) <= to;

function jsonObject(request: Request): Record<string, unknown> {
	if (!/^application\/json\b/.test(request.header("content-type") ?? ""))
		throw new Refusal("INVALID_REQUEST", "Content-Type must be application/json.");
	try {
		const value: unknown = JSON.parse((request.body as Buffer).toString());
		if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
	} catch {
		// Said below.
	}
	throw new Refusal("INVALID_REQUEST", "The body must be a JSON object.");
}

/** The request's JSON object, with all of `required` and nothing beside them and `optional`. */
export function readBody(
	request: Request,
	required: Readonly<Record<string, Check>>,
	optional: Readonly<Record<string, Check>> = {},
): Record<string, unknown> {
	const body = jsonObject(request);
	return checkFields(body, required, optional);
}

export function checkFields(
	fields: Record<string, unknown>,
	required: Readonly<Record<string, Check>>,
	optional: Readonly<Record<string, Check>> = {},
): Record<string, unknown> {
	for (const name of Object.keys(required))
		if (!(name in fields)) throw new Refusal("MISSING_FIELDS", `"${name}" is required.`);
	for (const [name, value] of Object.entries(fields)) {
		const check = required[name] ?? optional[name];
		if (!check) throw new Refusal("INVALID_REQUEST", `"${name}" is not a field of this operation.`);
		if (!check(value)) throw new Refusal("INVALID_REQUEST", `"${name}" has not the type or range it must have.`);
	}
	return fields;
}

/** The token of `Authorization: Bearer …`. */
export function bearer(request: Request): string {
	const token = /^Bearer (\S+)$/.exec(request.header("authorization") ?? "")?.[1];
	if (token === undefined) throw new Refusal("AUTH_REQUIRED");
	return token;
}
