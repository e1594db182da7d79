/** JSON Schema as far as the offers' `inputSchema` use it: types, required, properties, enum, bounds. */

export interface InputSchema {
	readonly type?: "object" | "array" | "string" | "number" | "integer" | "boolean";
	readonly required?: readonly string[];
	readonly properties?: Readonly<Record<string, InputSchema>>;
	readonly additionalProperties?: boolean;
	readonly items?: InputSchema;
	readonly enum?: readonly unknown[];
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minLength?: number;
	readonly maxLength?: number;
}

/**
 * Returns the first fault that the market itself checks for before a payment: the required members, and the types of
 * those that the schema has; nothing within them, no bounds, and no schema that is not of an object. Source:
 * derNif/payanagent 31ce5fa, lib/validate-input.ts.
 */
export function shallowFault(schema: InputSchema | string | undefined, input: unknown): string | undefined {
	const { type, properties, required = [] } = realSchema(schema);
	if ((type === undefined && properties === undefined) || (type !== undefined && type !== "object")) return undefined;
	if (typeOf(input) !== "object") return required.length > 0 ? "request body must be a JSON object" : undefined;
	const members = input as Record<string, unknown>;
	const missing = required.find((name) => members[name] === undefined || members[name] === null);
	if (missing !== undefined) return `missing required field: ${missing}`;
	for (const [name, value] of Object.entries(members)) {
		const wanted = properties?.[name]?.type;
		if (wanted !== undefined && typeOf(value) !== (wanted === "integer" ? "number" : wanted))
			return `field '${name}' must be of type ${wanted}`;
	}
	return undefined;
}

function realSchema(schema: InputSchema | string | undefined): InputSchema {
	if (typeof schema !== "string") return schema ?? {};
	try {
		return (JSON.parse(schema) ?? {}) as InputSchema;
	} catch {
		return {};
	}
}

function typeOf(value: unknown): string {
	if (Array.isArray(value)) return "array";
	return value === null ? "null" : typeof value;
}

/** @returns what is wrong, each with its place; nothing if the value is valid */
export function faultsOf(schema: InputSchema, value: unknown, place = "input"): string[] {
	const faults: string[] = [];
	const wrong = (what: string): number => faults.push(`${place}: ${what}`);
	const { type } = schema;
	if (type === "integer" ? !Number.isInteger(value) : type !== undefined && typeOf(value) !== type)
		return [`${place}: expected ${type}, got ${typeOf(value)}`];
	if (schema.enum && !schema.enum.includes(value)) wrong(`expected one of ${schema.enum.join(", ")}`);
	if (typeof value === "number") {
		if (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity)) wrong("out of bounds");
	}
	if (typeof value === "string") {
		const { length } = [...value];
		if (length < (schema.minLength ?? 0) || length > (schema.maxLength ?? Infinity)) wrong("length out of bounds");
	}
	if (Array.isArray(value))
		for (const [index, each] of value.entries())
			faults.push(...faultsOf(schema.items ?? {}, each, `${place}.${index}`));
	if (typeOf(value) === "object") {
		const members = value as Record<string, unknown>;
		for (const name of schema.required ?? []) if (!Object.hasOwn(members, name)) wrong(`${name} is missing`);
		for (const [name, member] of Object.entries(members)) {
			const property = schema.properties?.[name];
			if (property) faults.push(...faultsOf(property, member, `${place}.${name}`));
			else if (schema.additionalProperties === false) wrong(`${name} is not known`);
		}
	}
	return faults;
}
