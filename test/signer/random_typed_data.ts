/**
 * Typed data of random types: structs within structs, recursive ones too, arrays of arrays, every atomic type, any
 * domain. Twice, since viem wants integers as bigints and bytes as text, and the code under test takes more than that.
 */
import type { TypedData, TypedDataField } from "../../modules/signer/portable.js";
import type { Random } from "../encoding/random.js";

interface Pair {
	readonly ours: unknown;
	readonly viems: unknown;
}

type Types = Record<string, TypedDataField[]>;

export function randomTypedData(random: Random, address: string): { ours: TypedData; viems: object } {
	const types = randomTypes(random);
	const message = randomStruct(random, types, "S0", 3);
	const domain = randomDomain(random, address);
	return {
		ours: { types, primaryType: "S0", domain: domain.ours, message: message.ours as object },
		viems: { types, primaryType: "S0", domain: domain.viems, message: message.viems },
	};
}

/** Structs S0 to S4: each refers to later ones at will, and to itself or earlier ones in dynamic arrays, which may be empty. */
function randomTypes(random: Random): Types {
	const types: Types = {};
	const count = 1 + random.integer(5);
	for (let i = 0; i < count; i++) {
		types[`S${i}`] = Array.from({ length: random.integer(5) + (i === 0 ? 1 : 0) }, (_, at) => ({
			name: `${random.pick(["a", "Z", "_", "$"])}${at}`,
			type: randomType(random, i, count),
		}));
	}
	return types;
}

function randomType(random: Random, struct: number, count: number): string {
	const kind = random.integer(10);
	if (kind === 0) return `S${random.integer(count)}[]`;
	const later = count - struct - 1;
	const base = kind < 4 && later > 0 ? `S${struct + 1 + random.integer(later)}` : randomAtomicType(random);
	return base + random.pick(["", "", "", "", "[]", "[2]", "[][1]", "[3][]"]);
}

function randomAtomicType(random: Random): string {
	const width = 8 * (1 + random.integer(32));
	return random.pick(["bool", "address", "string", "bytes", `bytes${width / 8}`, `uint${width}`, `int${width}`]);
}

function randomStruct(random: Random, types: Types, name: string, depth: number): Pair {
	const members = types[name]!.map((field) => [field.name, randomValue(random, types, field.type, depth)] as const);
	return {
		ours: Object.fromEntries(members.map(([name, { ours }]) => [name, ours])),
		viems: Object.fromEntries(members.map(([name, { viems }]) => [name, viems])),
	};
}

function randomValue(random: Random, types: Types, type: string, depth: number): Pair {
	const array = /^(.*)\[(\d*)\]$/.exec(type);
	if (array !== null) {
		const [, element, digits] = array;
		const length = digits !== "" ? Number(digits) : depth > 0 ? random.integer(4) : 0;
		const items = Array.from({ length }, () => randomValue(random, types, element!, depth - 1));
		return { ours: items.map(({ ours }) => ours), viems: items.map(({ viems }) => viems) };
	}
	if (type.startsWith("S")) return randomStruct(random, types, type, depth - 1);
	if (type === "bool") return same(random.boolean());
	if (type === "string") return same(random.text(random.integer(50)));
	if (type === "address") return randomBytes(random, 20);
	const [, prefix, size] = /^(bytes|uint|int)(\d*)$/.exec(type)!;
	if (prefix === "bytes") return randomBytes(random, size === "" ? random.integer(100) : Number(size));
	return prefix === "uint" ? unsigned(random, Number(size)) : signed(random, Number(size));
}

function same(value: unknown): Pair {
	return { ours: value, viems: value };
}

function randomBytes(random: Random, length: number): Pair {
	const bytes = random.bytes(length);
	const text = `0x${Buffer.from(bytes).toString("hex")}`;
	return { ours: random.pick([text, bytes]), viems: text };
}

function unsigned(random: Random, width: number): Pair {
	return integer(random, random.pick([random.bigint(width), random.bigint(width), (1n << BigInt(width)) - 1n, 0n]));
}

function signed(random: Random, width: number): Pair {
	const least = -(1n << BigInt(width - 1));
	const magnitude = random.bigint(width - 1);
	return integer(random, random.pick([magnitude, -magnitude, least, -1n - least, -1n]));
}

function integer(random: Random, value: bigint): Pair {
	const number = Number(value);
	const hexadecimal = value < 0n ? `-0x${(-value).toString(16)}` : `0x${value.toString(16)}`;
	const forms = [value, String(value), hexadecimal, Number.isSafeInteger(number) ? number : value];
	return { ours: random.pick(forms), viems: value };
}

function randomDomain(random: Random, address: string): { ours: TypedData["domain"]; viems: object } {
	const domain = {
		...(random.boolean() && { name: random.text(random.integer(20)) }),
		...(random.boolean() && { version: random.pick(["1", "2", "é"]) }),
		...(random.boolean() && { chainId: random.pick([0, 1, 8453, 31337]) }),
		...(random.boolean() && { verifyingContract: address }),
		...(random.boolean() && { salt: `0x${Buffer.from(random.bytes(32)).toString("hex")}` }),
	};
	return { ours: domain, viems: domain };
}
