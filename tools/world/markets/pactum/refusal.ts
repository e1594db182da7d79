/**
 * Pactum's refusals, and its reader of requests: a JSON object with the fields of the operation, each of its type. Both
 * hosts are FastAPI's. The local market also refuses fields that no operation has, so that a test sees one.
 *
 * | refusal | body | source (fredm45/Pactum 6ef967c) |
 * |---|---|---|
 * | the gateway's own | `{protocol_version, error, message}`, or another member in `message`'s place | packages/gateway/api/routes.py `_err` |
 * | no token, a token that is not good, a wallet that is not registered | the same as JSON text in `detail` | packages/gateway/api/routes.py `get_current_wallet`, `_check_registered` |
 * | a body of another shape: 422 | `detail`: a list with an entry for each field | FastAPI's validation; packages/gateway/market/models.py |
 * | the wallet service's | `detail`: text | packages/wallet/api/routes.py, packages/wallet/api/deps.py |
 * | no such operation: 404 | `{"detail":"Not Found"}` | Starlette's |
 *
 * Credit, retries, disputes and recovery are in the document alone: their refusals are written as the gateway's others.
 */
import type { ErrorRequestHandler, Request } from "express";

export const PROTOCOL_VERSION = "3.0.0";

/** The gateway's refusals, by the word in their bodies. */
export const refusals = {
	AUTH_REQUIRED: { status: 401, message: "Bearer token required." },
	AUTH_FAILED: { status: 401, message: "Token expired" },
	MISSING_API_KEY: { status: 400, message: "api_key required" },
	MISSING_FIELDS: { status: 400, message: undefined },
	INVALID_REQUEST: { status: 400, message: "The request is not valid." },
	INVALID_ADDRESS: { status: 400, message: "The address is not valid." },
	SHIPPING_REQUIRED: { status: 400, message: "Shipping address required. Set your address first." },
	INSUFFICIENT_CREDIT: { status: 400, message: "Insufficient credit." },
	QUOTA_EXCEEDED: { status: 400, message: "Order quota exceeded." },
	FORBIDDEN: { status: 403, message: "Not authorized to view this order" },
	NOT_REGISTERED: { status: 403, message: undefined },
	NOT_FOUND: { status: 404, message: "Not found." },
	NO_FILE: { status: 404, message: "No file attached to this order" },
	RATE_LIMIT: { status: 429, message: "Rate limit exceeded." },
} as const;

export type RefusalName = keyof typeof refusals;

export class Refusal extends Error {
	readonly status: number;
	readonly error: RefusalName;
	readonly words: string | undefined;
	readonly more: Readonly<Record<string, unknown>>;
	/** True for what the gateway refuses before it looks at the request. */
	readonly isInDetail: boolean;

	/** `more` are the members beside `error` and `message`. */
	constructor(error: RefusalName, message?: string, more: Readonly<Record<string, unknown>> = {}, isInDetail = false) {
		const words = message ?? refusals[error].message;
		super(words ?? error);
		this.error = error;
		this.words = words;
		this.more = more;
		this.isInDetail = isInDetail;
		this.status = refusals[error].status;
	}
}

/** One field that is not as it must be, as pydantic says it. */
interface FieldError {
	readonly type: string;
	readonly loc: readonly (string | number)[];
	readonly msg: string;
	readonly input: unknown;
}

/** The body has not the shape of the operation: 422. */
export class Unprocessable extends Error {
	readonly detail: readonly FieldError[];

	constructor(detail: readonly FieldError[]) {
		super(detail.map(({ loc, msg }) => `${loc.join(".")}: ${msg}`).join("; "));
		this.detail = detail;
	}
}

/** No operation has this path. */
export class NoSuchOperation extends Error {}

/** The body of a refusal by one of the hosts. */
export function bodyOf({ error, words, more, isInDetail }: Refusal, host: "gateway" | "wallet"): object {
	if (host === "wallet") return { detail: words ?? error };
	const body = { protocol_version: PROTOCOL_VERSION, error, ...(words !== undefined && { message: words }), ...more };
	return isInDetail ? { detail: JSON.stringify(body) } : body;
}

/** Answers a refusal; anything else is a defect of the market and says so. */
export const answerRefusal =
	(host: "gateway" | "wallet"): ErrorRequestHandler =>
	(error, _request, response, _next) => {
		if (error instanceof Refusal) response.status(error.status).json(bodyOf(error, host));
		else if (error instanceof Unprocessable) response.status(422).json({ detail: error.detail });
		else if (error instanceof NoSuchOperation) response.status(404).json({ detail: "Not Found" });
		else response.status(500).json({ error: "DEFECT", message: String((error as Error)?.stack ?? error) });
	};

export type Check = (value: unknown) => boolean;

export const isText: Check = (value) => typeof value === "string";
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
	const input = (request.body as Buffer | undefined)?.toString() ?? "";
	if (input === "") throw new Unprocessable([{ type: "missing", loc: ["body"], msg: "Field required", input: null }]);
	const msg = "Input should be a valid dictionary or object to extract fields from";
	if (/^application\/json\b/.test(request.header("content-type") ?? "")) {
		try {
			const value: unknown = JSON.parse(input);
			if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
		} catch {
			throw new Unprocessable([{ type: "json_invalid", loc: ["body", 0], msg: "JSON decode error", input: {} }]);
		}
	}
	throw new Unprocessable([{ type: "model_attributes_type", loc: ["body"], msg, input }]);
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
	within: readonly string[] = ["body"],
): Record<string, unknown> {
	const wrong: FieldError[] = Object.keys(required)
		.filter((name) => !(name in fields))
		.map((name) => ({ type: "missing", loc: [...within, name], msg: "Field required", input: fields }));
	for (const [name, input] of Object.entries(fields)) {
		const check = required[name] ?? optional[name];
		const loc = [...within, name];
		if (!check) wrong.push({ type: "extra_forbidden", loc, msg: "Extra inputs are not permitted", input });
		else if (!check(input)) wrong.push({ type: "value_error", loc, msg: "Input should be valid", input });
	}
	if (wrong.length > 0) throw new Unprocessable(wrong);
	return fields;
}

/** The request's JSON object, for the operations that read it without a model. */
export function readFreely(request: Request): Record<string, unknown> {
	try {
		return jsonObject(request);
	} catch (error) {
		if (error instanceof Unprocessable) return {};
		throw error;
	}
}

/** The token of `Authorization: Bearer …`. */
export function bearer(request: Request): string | undefined {
	return /^Bearer (\S+)$/.exec(request.header("authorization") ?? "")?.[1];
}
