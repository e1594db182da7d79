/**
 * Checks the input of an offer against its `inputSchema` before anything is paid. A seller may put prose, an example or JSON
 * Schema there. Only what looks like JSON Schema is checked: an object with a `type` that JSON Schema knows (one or several),
 * or with `properties`. Of its keywords (JSON Schema Validation, draft 2020-12) these are checked: `type`, `required`,
 * `properties`, `additionalProperties: false`, `enum` of strings, numbers, booleans and null, `items` as one schema,
 * `minimum`, `maximum`, `minLength`, `maxLength`. All others, such as `$ref`, `pattern` and `oneOf`, are ignored: the input
 * may still be invalid, and the seller checks it again.
 */
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";

const TYPES: readonly string[] = Object.freeze(["object", "array", "string", "number", "integer", "boolean", "null"]);
/** The depth of nested schemas; deeper ones are ignored. */
const DEPTH_LIMIT = 8;
/** Values of an enum, types, and required members that are read; further ones are ignored. */
const LIST_LIMIT = 64;

/** Returns the first fault of `input`, beginning with its place; `undefined` if there is none, or no schema. */
export function faultOf(inputSchema: string, input: unknown): string | undefined {
	let schema: JsonText;
	try {
		schema = readJson(inputSchema);
	} catch {
		return undefined;
	}
	const [type, properties] = schema.members("type", "properties");
	const isSchema = typesIn(type).length > 0 || properties?.isObject === true;
	return isSchema ? fault(schema, input, "input", 0) : undefined;
}

function fault(schema: JsonText, value: unknown, place: string, depth: number): string | undefined {
	const [type, allowed] = schema.members("type", "enum");
	const types = typesIn(type);
	if (types.length > 0 && !types.some((each) => isOfType(value, each))) {
		return `${place}: expected ${types.join(" or ")}, got ${kindOf(value)}`;
	}
	const isListed = allowed === undefined || !allowed.isArray || allowed.elements(LIST_LIMIT).some(isLike(value));
	if (!isListed) return `${place}: expected one of ${allowed.text.slice(0, 100)}`;
	if (typeof value === "number") return faultOfBounds(schema, value, place, "minimum", "maximum");
	if (typeof value === "string") {
		return faultOfBounds(schema, [...value].length, `the length of ${place}`, "minLength", "maxLength");
	}
	if (typeof value !== "object" || value === null || depth === DEPTH_LIMIT) return undefined;
	return Array.isArray(value)
		? faultOfArray(schema, value, place, depth)
		: faultOfObject(schema, value as Readonly<Record<string, unknown>>, place, depth);
}

function faultOfBounds(schema: JsonText, value: number, place: string, least: string, most: string) {
	const [minimum, maximum] = schema.members(least, most).map((bound) => bound?.leaf);
	if (typeof minimum === "number" && value < minimum) return `${place}: expected at least ${minimum}, got ${value}`;
	if (typeof maximum === "number" && value > maximum) return `${place}: expected at most ${maximum}, got ${value}`;
	return undefined;
}

function faultOfArray(schema: JsonText, value: readonly unknown[], place: string, depth: number): string | undefined {
	const [items] = schema.members("items");
	if (items?.isObject !== true) return undefined;
	for (let i = 0; i < value.length; i++) {
		const found = fault(items, value[i], `${place}[${i}]`, depth + 1);
		if (found !== undefined) return found;
	}
	return undefined;
}

function faultOfObject(schema: JsonText, value: Readonly<Record<string, unknown>>, place: string, depth: number) {
	const [required, properties, additional] = schema.members("required", "properties", "additionalProperties");
	for (const name of required?.elements(LIST_LIMIT) ?? []) {
		const { leaf } = name;
		if (typeof leaf === "string" && !Object.hasOwn(value, leaf))
			return `${place}: ${name.text.slice(0, 60)} is missing`;
	}
	for (const name of Object.keys(value)) {
		const [property] = properties?.members(name) ?? [];
		if (property === undefined) {
			if (additional?.leaf === false) return `${place}: ${JSON.stringify(name)} is unknown`;
			continue;
		}
		const found = property.isObject ? fault(property, value[name], `${place}.${name}`, depth + 1) : undefined;
		if (found !== undefined) return found;
	}
	return undefined;
}

/** Returns the known types that a schema names. */
function typesIn(type: JsonText | undefined): string[] {
	if (type === undefined) return [];
	const names = type.isArray ? type.elements(LIST_LIMIT).map((each) => each.leaf) : [type.leaf];
	return names.filter((name): name is string => typeof name === "string" && TYPES.includes(name));
}

function isOfType(value: unknown, type: string): boolean {
	return type === "integer" ? Number.isInteger(value) : kindOf(value) === type;
}

function kindOf(value: unknown): string {
	if (value === null) return "null";
	return Array.isArray(value) ? "array" : typeof value;
}

/** True for a value that an enum's element allows; one that is no string, number, boolean or null allows any. */
function isLike(value: unknown): (element: JsonText) => boolean {
	return (element) => element.isObject || element.isArray || element.leaf === value;
}
