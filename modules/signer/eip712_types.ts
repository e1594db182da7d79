/**
 * The type language of EIP-712: its types, and `encodeType`, their canonical text.
 *
 * The aliases `uint` and `int` are not part of it and are refused. Names of structs and members are printable ASCII without
 * the characters that give `encodeType` its structure, `()[],` and space, so that no two sets of types share a text.
 */
import { TypedDataError } from "./errors.js";

/** A member of a struct. */
export interface TypedDataField {
	readonly name: string;
	/** An atomic type, `bytes`, `string`, the name of a struct, or any of these followed by `[]` or `[n]`. */
	readonly type: string;
}

/** Structs by name. */
export type TypedDataTypes = Readonly<Record<string, readonly TypedDataField[]>>;

/**
 * `encodeType` of EIP-712: the struct, then every struct it refers to, sorted by name.
 * Throws `TypedDataError` `UnknownType`, `TypeName`, `DuplicateMember`.
 * @example
 * encodeType({ Mail: [{ name: "to", type: "Person" }], Person: [{ name: "wallet", type: "address" }] }, "Mail");
 * // "Mail(Person to)Person(address wallet)"
 */
export function encodeType(types: TypedDataTypes, primaryType: string): string {
	const names = [primaryType];
	for (let i = 0; i < names.length; i++) {
		for (const field of checkedFields(types, names[i]!)) {
			const base = baseType(field.type);
			if (!isAtomic(base) && !names.includes(base)) names.push(base);
		}
	}
	let text = "";
	for (const name of [primaryType, ...names.slice(1).sort()]) {
		const members = fieldsOf(types, name)!.map((field) => `${field.type} ${field.name}`);
		text += `${name}(${members.join(",")})`;
	}
	return text;
}

/** Returns the members of a struct, or `undefined` if there is none of that name. */
export function fieldsOf(types: TypedDataTypes, name: string): readonly TypedDataField[] | undefined {
	return Object.hasOwn(types, name) ? types[name] : undefined;
}

/** Returns the type of an array's items: `T[]` for `T[][3]`; `undefined` for a type that is no array. */
export function elementType(type: string): string | undefined {
	return type.endsWith("]") ? type.slice(0, type.lastIndexOf("[")) : undefined;
}

/**
 * Returns the length of an array type: 3 for `T[3]`, `undefined` for `T[]`. Throws `UnknownType` for any other text between
 * the brackets.
 */
export function arrayLength(type: string): number | undefined {
	const digits = type.slice(type.lastIndexOf("[") + 1, -1);
	if (digits === "") return undefined;
	const length = Number(digits);
	if (!Number.isSafeInteger(length) || length <= 0 || String(length) !== digits) {
		throw new TypedDataError("UnknownType", `expected a length from 1 in decimal, got ${type}`);
	}
	return length;
}

/** Returns N of `<prefix>N`, a multiple of `step` up to `maximum`; 0 if `type` is not of that form. */
export function widthOf(type: string, prefix: string, step: number, maximum: number): number {
	if (!type.startsWith(prefix)) return 0;
	const digits = type.slice(prefix.length);
	const width = Number(digits);
	return width > 0 && width <= maximum && width % step === 0 && String(width) === digits ? width : 0;
}

function checkedFields(types: TypedDataTypes, name: string): readonly TypedDataField[] {
	const fields = fieldsOf(types, name);
	if (fields === undefined) {
		throw new TypedDataError(
			"UnknownType",
			`expected an atomic type or a declared struct, got ${JSON.stringify(name)}`,
		);
	}
	if (isAtomic(name)) throw new TypedDataError("TypeName", `expected a name for a struct, got the atomic type ${name}`);
	checkName(name);
	for (let i = 0; i < fields.length; i++) {
		checkName(fields[i]!.name);
		for (let j = 0; j < i; j++) {
			if (fields[j]!.name === fields[i]!.name) {
				throw new TypedDataError("DuplicateMember", `expected each member once, got ${name}.${fields[i]!.name} twice`);
			}
		}
	}
	return fields;
}

function checkName(name: string): void {
	let isName = name.length > 0;
	for (let i = 0; i < name.length; i++) {
		const character = name.charCodeAt(i);
		isName &&= character > 0x20 && character < 0x7f && !"()[],".includes(name[i]!);
	}
	if (!isName)
		throw new TypedDataError("TypeName", `expected printable ASCII without ()[], got ${JSON.stringify(name)}`);
}

/** Returns a type without its brackets. */
function baseType(type: string): string {
	for (;;) {
		const element = elementType(type);
		if (element === undefined) return type;
		arrayLength(type);
		type = element;
	}
}

function isAtomic(type: string): boolean {
	return (
		type === "bool" ||
		type === "address" ||
		type === "string" ||
		type === "bytes" ||
		widthOf(type, "bytes", 1, 32) > 0 ||
		widthOf(type, "uint", 8, 256) > 0 ||
		widthOf(type, "int", 8, 256) > 0
	);
}
