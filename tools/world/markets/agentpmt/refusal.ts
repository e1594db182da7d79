/** AgentPMT's refusals. The documents give a body for some refusals, none for others; see `Variants.errors`. */
import { type Json, JsonNumber, type JsonObject, plain } from "./canonical_json.js";

export interface RefusalDetails {
	/** Details that a caller can act on: `suggested_credits`, `expected_message`, … */
	readonly details?: Readonly<Record<string, unknown>>;
	readonly headers?: Readonly<Record<string, string>>;
	/** The body itself, where the documents give another one. */
	readonly body?: unknown;
}

export class Refusal extends Error {
	readonly status: number;
	readonly code: string;
	readonly more: RefusalDetails;

	constructor(status: number, code: string, message: string, more: RefusalDetails = {}) {
		super(message);
		this.status = status;
		this.code = code;
		this.more = more;
	}
}

/** One entry of FastAPI's `detail[]`. */
interface ValidationError {
	readonly loc: readonly string[];
	readonly msg: string;
	readonly type: string;
	readonly input: unknown;
}

export function invalid(...detail: ValidationError[]): Refusal {
	return new Refusal(422, "VALIDATION", "the request is not as described", { body: { detail } });
}

/** The types of fields, and the values that they are read as. A question mark: the field may be missing or null. */
interface Kinds {
	string: string;
	"string?": string | undefined;
	integer: number;
	"integer?": number | undefined;
	object: JsonObject;
	"array?": Json[] | undefined;
	/** An address, read as lower case. */
	wallet: `0x${string}`;
	"wallet?": `0x${string}` | undefined;
}

export type Shape = Readonly<Record<string, keyof Kinds>>;
export type Read<S extends Shape> = { readonly [Field in keyof S]: Kinds[S[Field]] };

const readers: Readonly<Record<string, (value: Json) => unknown>> = {
	string: (value) => (typeof value === "string" && value !== "" ? value : undefined),
	integer: (value) => (value instanceof JsonNumber && /^-?\d+$/.test(value.text) ? Number(value.text) : undefined),
	object: (value) => (value instanceof Map ? value : undefined),
	array: (value) => (Array.isArray(value) ? value : undefined),
	wallet: (value) => (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value) ? value.toLowerCase() : undefined),
};

/** Reads the fields of a body; what else is in it is ignored. @throws {Refusal} 422 with every field that is wrong. */
export function read<S extends Shape>(body: Json | undefined, shape: S): Read<S> {
	if (!(body instanceof Map)) {
		throw invalid({ loc: ["body"], msg: "Input should be a valid dictionary", type: "dict_type", input: null });
	}
	const wrong: ValidationError[] = [];
	const fields = Object.entries(shape).map(([name, kind]) => {
		const value = body.get(name) ?? null;
		const type = kind.replace("?", "");
		if (value === null && kind.endsWith("?")) return [name, undefined];
		const result = value === null ? undefined : readers[type]!(value);
		const msg = body.has(name) ? `Input should be a valid ${type}` : "Field required";
		const input = body.has(name) ? plain(value) : plain(body);
		if (result === undefined) wrong.push({ loc: ["body", name], msg, type: body.has(name) ? type : "missing", input });
		return [name, result];
	});
	if (wrong.length > 0) throw invalid(...wrong);
	return Object.fromEntries(fields) as Read<S>;
}

/** An integer of the query. @throws {Refusal} 422 */
export function queryInteger(
	query: Readonly<Record<string, unknown>>,
	name: string,
	{ least, most, otherwise }: { least: number; most: number; otherwise: number },
): number {
	const text = query[name];
	if (text === undefined) return otherwise;
	const value = Number(text);
	if (typeof text === "string" && /^\d+$/.test(text) && value >= least && value <= most) return value;
	const msg = `Input should be an integer from ${least} to ${most}`;
	throw invalid({ loc: ["query", name], msg, type: "int_parsing", input: text });
}

/** A query parameter as lower-case words between commas. */
export const wordsOf = (value: unknown): string[] =>
	typeof value === "string" ? value.toLowerCase().split(",").filter(Boolean) : [];
