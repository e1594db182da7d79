/** EIP-712 by the examples of the specification and of x402, and by the table of what each type takes. */
import * as hex from "../../modules/encoding/hex.js";
import {
	domainSeparator,
	encodeType,
	hashStruct,
	type TypedData,
	type TypedDataField,
	type TypedDataTypes,
	typedDataDigest,
	typeHash,
} from "../../modules/signer/eip712.js";
import type { Hashes } from "../../modules/signer/signer.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check, hashes: Hashes): void {
	for (const vector of [EIP_712, EIP_3009, PERMIT2]) documents(check, hashes, vector);
	types(check, hashes);
	domains(check, hashes);
	values(check, hashes);
	shapes(check, hashes);
}

interface Document {
	readonly name: string;
	readonly typedData: TypedData;
	readonly encodedType: string;
	readonly domainTypeHash?: string;
	readonly typeHash: string;
	readonly domainSeparator: string;
	readonly structHash?: string;
	readonly digest: string;
}

function documents(check: Check, hashes: Hashes, vector: Document): void {
	const { name, typedData } = vector;
	const { types, primaryType, domain, message } = typedData;
	check(`${name}: encodeType`, encodeType(types, primaryType), vector.encodedType);
	check(`${name}: typeHash`, hex.encode(typeHash(hashes, types, primaryType)), vector.typeHash);
	check(`${name}: domain separator`, hex.encode(domainSeparator(hashes, domain)), vector.domainSeparator);
	if (vector.domainTypeHash !== undefined) {
		const declared = { EIP712Domain: DOMAIN };
		check(`${name}: domain typeHash`, hex.encode(typeHash(hashes, declared, "EIP712Domain")), vector.domainTypeHash);
	}
	if (vector.structHash !== undefined) {
		check(`${name}: hashStruct`, hex.encode(hashStruct(hashes, types, primaryType, message)), vector.structHash);
	}
	check(`${name}: digest`, hex.encode(typedDataDigest(hashes, typedData)), vector.digest);
}

const DOMAIN: readonly TypedDataField[] = [
	{ name: "name", type: "string" },
	{ name: "version", type: "string" },
	{ name: "chainId", type: "uint256" },
	{ name: "verifyingContract", type: "address" },
];

/** The example of EIP-712 itself (assets/eip-712/Example.js). */
export const EIP_712: Document = {
	name: "EIP-712's Mail",
	typedData: {
		types: {
			Person: [
				{ name: "name", type: "string" },
				{ name: "wallet", type: "address" },
			],
			Mail: [
				{ name: "from", type: "Person" },
				{ name: "to", type: "Person" },
				{ name: "contents", type: "string" },
			],
		},
		primaryType: "Mail",
		domain: {
			name: "Ether Mail",
			version: "1",
			chainId: 1,
			verifyingContract: "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC",
		},
		message: {
			from: { name: "Cow", wallet: "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826" },
			to: { name: "Bob", wallet: "0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB" },
			contents: "Hello, Bob!",
		},
	},
	encodedType: "Mail(Person from,Person to,string contents)Person(string name,address wallet)",
	domainTypeHash: "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f",
	typeHash: "a0cedeb2dc280ba39b857546d74f5549c3a1d7bdc2dd96bf881f76108e23dac2",
	domainSeparator: "f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f",
	structHash: "c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e",
	digest: "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2",
};

/** x402's `exact` with EIP-3009. */
export const EIP_3009: Document = {
	name: "EIP-3009",
	typedData: {
		types: {
			TransferWithAuthorization: [
				{ name: "from", type: "address" },
				{ name: "to", type: "address" },
				{ name: "value", type: "uint256" },
				{ name: "validAfter", type: "uint256" },
				{ name: "validBefore", type: "uint256" },
				{ name: "nonce", type: "bytes32" },
			],
		},
		primaryType: "TransferWithAuthorization",
		domain: {
			name: "USDC",
			version: "2",
			chainId: 84532,
			verifyingContract: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
		},
		message: {
			from: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
			to: "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
			value: "10000",
			validAfter: "0",
			validBefore: "1740672154",
			nonce: "0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480",
		},
	},
	encodedType:
		"TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)",
	domainTypeHash: "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f",
	typeHash: "7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267",
	domainSeparator: "71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818",
	structHash: "cbc4623f37898882781bbd70032f1a7dd68253325dc31312152e656d9780d943",
	digest: "2581a4c01e54debc75ffdcb53e7f023dd6defd24c074bba6467916daed293bdc",
};

/** x402's `exact` with Permit2, whose domain has no version. */
export const PERMIT2: Document = {
	name: "Permit2",
	typedData: {
		types: {
			PermitWitnessTransferFrom: [
				{ name: "permitted", type: "TokenPermissions" },
				{ name: "spender", type: "address" },
				{ name: "nonce", type: "uint256" },
				{ name: "deadline", type: "uint256" },
				{ name: "witness", type: "Witness" },
			],
			TokenPermissions: [
				{ name: "token", type: "address" },
				{ name: "amount", type: "uint256" },
			],
			Witness: [
				{ name: "to", type: "address" },
				{ name: "validAfter", type: "uint256" },
			],
		},
		primaryType: "PermitWitnessTransferFrom",
		domain: { name: "Permit2", chainId: 84532, verifyingContract: "0x000000000022D473030F116dDEE9F6B43aC78BA3" },
		message: {
			permitted: { token: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", amount: "10000" },
			spender: "0x402085c248EeA27D92E8b30b2C58ed07f9E20001",
			nonce: "33247007178036348590600198031289925668252061821958005840077069883511451257277",
			deadline: "1740672154",
			witness: { to: "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", validAfter: "1740672089" },
		},
	},
	encodedType:
		"PermitWitnessTransferFrom(TokenPermissions permitted,address spender,uint256 nonce,uint256 deadline,Witness witness)TokenPermissions(address token,uint256 amount)Witness(address to,uint256 validAfter)",
	typeHash: "ebc156cd23678a74c94df13d772ef5478420637f0c94bd10d509e1dc98f521c7",
	domainSeparator: "010f27a92fb9a32622f44f001dc4d15706a85b33499cfc2ce9033113ab26592c",
	digest: "21528e1468aac114016416353e2309329f217dc180b21baa1d81cde941095685",
};

function types(check: Check, hashes: Hashes): void {
	const nested = {
		Zebra: [{ name: "apples", type: "Apple[2][]" }],
		Apple: [{ name: "mango", type: "Mango" }],
		Mango: [{ name: "apples", type: "Apple[]" }],
		Unused: [{ name: "x", type: "bool" }],
	};
	check(
		"encodeType: what is referred to, sorted, once, recursive types too",
		encodeType(nested, "Zebra"),
		"Zebra(Apple[2][] apples)Apple(Mango mango)Mango(Apple[] apples)",
	);
	check("encodeType: a struct without members", encodeType({ Empty: [] }, "Empty"), "Empty()");
	const named = { "Domain:Send": [{ name: "to", type: "string" }] };
	check("encodeType: a name in use that is no identifier", encodeType(named, "Domain:Send"), "Domain:Send(string to)");

	for (const type of UNKNOWN) {
		const struct = { A: [{ name: "x", type }] };
		check(
			`encodeType: refuses the type ${type}`,
			refusal(() => encodeType(struct, "A")),
			"UnknownType",
		);
	}
	for (const name of ["", "A(bool x)B", "A,B", "A B", "A[]", "é", "A\n", "uint256", "bytes32", "address"]) {
		const struct = { [name]: [{ name: "x", type: "bool" }] };
		check(
			`encodeType: refuses the struct ${JSON.stringify(name)}`,
			refusal(() => encodeType(struct, name)),
			"TypeName",
		);
	}
	for (const name of ["", "x,bool y", "x)B(bool y", "x y"]) {
		const struct = { A: [{ name, type: "bool" }] };
		check(
			`encodeType: refuses the member ${JSON.stringify(name)}`,
			refusal(() => encodeType(struct, "A")),
			"TypeName",
		);
	}
	const twice = { A: [X, X] };
	check(
		"encodeType: refuses a member named twice",
		refusal(() => encodeType(twice, "A")),
		"DuplicateMember",
	);
	for (const name of ["B", "constructor", "__proto__", "bool", "A[]"]) {
		check(
			`encodeType: no struct ${name}`,
			refusal(() => encodeType({ A: [X] }, name)),
			"UnknownType",
		);
	}
	check(
		"hashStruct: no struct B",
		refusal(() => hashStruct(hashes, { A: [X] }, "B", {})),
		"UnknownType",
	);
}

const X: TypedDataField = { name: "x", type: "bool" };

const UNKNOWN = [
	"uint",
	"int",
	"byte",
	"fixed",
	"function",
	"bytes0",
	"bytes33",
	"bytes01",
	"uint0",
	"uint7",
	"uint264",
	"uint08",
	"int512",
	"int1e1",
	"Uint256",
	"uint256 ",
	"",
	"B",
	"toString",
	"__proto__",
	"bool[0]",
	"bool[01]",
	"bool[-1]",
	"bool[1e1]",
	"bool[ ]",
	"bool[x]",
	"bool]",
	"[]",
	"A[][",
] as const;

function domains(check: Check, hashes: Hashes): void {
	const full = { ...EIP_712.typedData.domain };
	const declared = { EIP712Domain: DOMAIN };
	check(
		"domain: declared in order is the same",
		hex.encode(domainSeparator(hashes, full, declared)),
		EIP_712.domainSeparator,
	);
	check(
		"domain: undefined is absent",
		hex.encode(domainSeparator(hashes, { ...full, salt: undefined })),
		EIP_712.domainSeparator,
	);
	const reordered = { EIP712Domain: [...DOMAIN].reverse() };
	check(
		"domain: declared in another order is another",
		hex.encode(domainSeparator(hashes, full, reordered)) === EIP_712.domainSeparator,
		false,
	);
	const { version, ...lacking } = full;
	check(
		"domain: lacks what is declared",
		refusal(() => domainSeparator(hashes, lacking, declared)),
		"MissingMember",
	);
	const salted = { ...full, salt: `0x${"00".repeat(32)}` };
	check(
		"domain: has more than is declared",
		refusal(() => domainSeparator(hashes, salted, declared)),
		"ExtraMember",
	);
	const misspelt = { ...full, chainID: 1 };
	check(
		"domain: has what no domain has",
		refusal(() => domainSeparator(hashes, misspelt)),
		"ExtraMember",
	);
	for (const field of [
		{ name: "chainId", type: "uint64" },
		{ name: "owner", type: "address" },
	]) {
		const types = { EIP712Domain: [field] };
		check(
			`domain: declares ${field.type} ${field.name}`,
			refusal(() => domainSeparator(hashes, full, types)),
			"DomainField",
		);
	}
	const short = { salt: "0x00" };
	check(
		"domain: a short salt",
		refusal(() => domainSeparator(hashes, short)),
		"BytesLength",
	);
	check(
		"domain: version as a number",
		refusal(() => domainSeparator(hashes, { version: 2 as unknown as string })),
		"ValueType",
	);
}

/** The word that each atomic value is encoded as, seen through the hash of a struct that has it as its only member. */
function values(check: Check, hashes: Hashes): void {
	for (const [type, value, word] of WORDS) {
		const types = { A: [{ name: "x", type }] };
		const encoded = new Uint8Array(64);
		encoded.set(typeHash(hashes, types, "A"));
		encoded.set(hex.decode(word), 32);
		const actual = hex.encode(hashStruct(hashes, types, "A", { x: value }));
		check(`${type}: takes ${show(value)}`, actual, hex.encode(hashes.keccak256(encoded)));
	}
	for (const [type, value, error] of REFUSED) {
		const types = { A: [{ name: "x", type }] };
		check(
			`${type}: refuses ${show(value)}`,
			refusal(() => hashStruct(hashes, types, "A", { x: value })),
			error,
		);
	}
}

/** Without JSON.stringify, which XS has throw at what is frozen in a preloaded module. */
function show(value: unknown): string {
	return Array.isArray(value) ? `[${value.map(show).join()}]` : `${typeof value} ${value}`;
}

const ZERO = "0".repeat(64);
const ONES = "f".repeat(64);
const ADDRESS = "209693bc6afc0c5328ba36faf03c514ef312287c";
const EMPTY_HASH = "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470";

const WORDS: readonly (readonly [type: string, value: unknown, word: string])[] = [
	["bool", false, ZERO],
	["bool", true, "1".padStart(64, "0")],
	["uint8", 0, ZERO],
	["uint8", -0, ZERO],
	["uint8", "255", "ff".padStart(64, "0")],
	["uint8", "0xff", "ff".padStart(64, "0")],
	["uint8", "0x000f", "0f".padStart(64, "0")],
	["uint8", "0xF", "0f".padStart(64, "0")],
	["uint24", 16_777_215, "ffffff".padStart(64, "0")],
	["uint256", Number.MAX_SAFE_INTEGER, "1fffffffffffff".padStart(64, "0")],
	["uint256", `0x${ONES}`, ONES],
	["uint256", "115792089237316195423570985008687907853269984665640564039457584007913129639935", ONES],
	["int8", 127, "7f".padStart(64, "0")],
	["int8", -1, ONES],
	["int8", "-128", "80".padStart(64, "f")],
	["int8", "-0x80", "80".padStart(64, "f")],
	["int16", "-129", "ff7f".padStart(64, "f")],
	["int256", "-1", ONES],
	["int256", `-0x80${"00".repeat(31)}`, `80${"00".repeat(31)}`],
	["int256", `0x7f${"ff".repeat(31)}`, `7f${"ff".repeat(31)}`],
	["address", `0x${ADDRESS}`, ADDRESS.padStart(64, "0")],
	["address", `0x${ADDRESS.toUpperCase()}`, ADDRESS.padStart(64, "0")],
	["address", "0x209693Bc6afc0C5328bA36FaF03C514EF312287C", ADDRESS.padStart(64, "0")],
	["address", hex.decode(ADDRESS), ADDRESS.padStart(64, "0")],
	["bytes1", "0xab", "ab".padEnd(64, "0")],
	["bytes4", Uint8Array.of(1, 2, 3, 4), "01020304".padEnd(64, "0")],
	["bytes32", `0x${ONES}`, ONES],
	["bytes", "0x", EMPTY_HASH],
	["bytes", new Uint8Array(0), EMPTY_HASH],
	["string", "", EMPTY_HASH],
	["string", "0x", "39bef1777deb3dfb14f64b9f81ced092c501fee72f90e93d03bb95ee89df9837"],
	["bool[]", [], EMPTY_HASH],
	["uint8[][]", [], EMPTY_HASH],
	["uint8[1]", [0], "290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563"],
	["uint256[1][1]", [[0]], "510e4e770828ddbf7f7b00ab00a9f6adaf81c0dc9cc85f1f8249c256942d61d9"],
];

const REFUSED: readonly (readonly [type: string, value: unknown, error: string])[] = [
	["bool", "true", "ValueType"],
	["bool", 1, "ValueType"],
	["uint8", 256, "IntegerRange"],
	["uint8", "256", "IntegerRange"],
	["uint8", -1, "IntegerRange"],
	["uint248", `0x1${"0".repeat(62)}`, "IntegerRange"],
	["uint256", `0x1${ZERO}`, "IntegerRange"],
	["uint256", `0x0${ZERO}`, "IntegerRange"],
	["uint256", "115792089237316195423570985008687907853269984665640564039457584007913129639936", "IntegerRange"],
	["uint256", "1e3", "IntegerFormat"],
	["uint256", "", "IntegerFormat"],
	["uint256", "0x", "IntegerFormat"],
	["uint256", "0xg", "IntegerFormat"],
	["uint256", "01", "IntegerFormat"],
	["uint256", "1.0", "IntegerFormat"],
	["uint256", 0.5, "IntegerFormat"],
	["uint256", Number.NaN, "IntegerFormat"],
	["uint256", 2 ** 53, "IntegerFormat"],
	["uint256", true, "ValueType"],
	["uint256", ["1"], "ValueType"],
	["uint256", null, "ValueType"],
	["uint256", new Uint8Array(32), "ValueType"],
	["int8", 128, "IntegerRange"],
	["int8", -129, "IntegerRange"],
	["int8", "0xff", "IntegerRange"],
	["int256", `0x80${"00".repeat(31)}`, "IntegerRange"],
	["int256", `-0x80${"00".repeat(30)}01`, "IntegerRange"],
	["int256", "-0", "IntegerFormat"],
	["int256", "--1", "IntegerFormat"],
	["int256", "-", "IntegerFormat"],
	["address", "0x209693bc6afc0C5328bA36FaF03C514EF312287C", "AddressInvalid"],
	["address", ADDRESS, "AddressInvalid"],
	["address", `0x${ADDRESS}00`, "AddressInvalid"],
	["address", "vitalik.eth", "AddressInvalid"],
	["address", 0, "ValueType"],
	["address", new Uint8Array(32), "ValueType"],
	["bytes1", "0x", "BytesLength"],
	["bytes1", "0x0102", "BytesLength"],
	["bytes32", new Uint8Array(31), "BytesLength"],
	["bytes4", "01020304", "BytesFormat"],
	["bytes", "0x1", "BytesFormat"],
	["bytes", "0xzz", "BytesFormat"],
	["bytes", "", "BytesFormat"],
	["bytes", 0, "ValueType"],
	["bytes", [1, 2], "ValueType"],
	["string", 5, "ValueType"],
	["string", null, "ValueType"],
	["string", "\ud800", "TextFormat"],
	["bool[2]", [true], "ArrayLength"],
	["bool[2]", [true, true, true], "ArrayLength"],
	["bool[]", true, "ValueType"],
	["bool[]", { length: 0 }, "ValueType"],
	["uint8[]", new Uint8Array(2), "ValueType"],
	["bool[][2]", [[true]], "ArrayLength"],
	["bool[2][]", [[true]], "ArrayLength"],
	["A", true, "ValueType"],
	["A", [], "ValueType"],
	["A", {}, "MissingMember"],
];

function shapes(check: Check, hashes: Hashes): void {
	const hash = (types: TypedDataTypes, value: object) => () => hashStruct(hashes, types, "A", value);
	const flat = { A: [X, { name: "y", type: "bool" }] };
	check("struct: a member is missing", refusal(hash(flat, { x: true })), "MissingMember");
	check("struct: a member is undefined", refusal(hash(flat, { x: true, y: undefined })), "MissingMember");
	check("struct: a member is inherited", refusal(hash(flat, Object.create({ x: true, y: true }))), "MissingMember");
	check("struct: a member too many", refusal(hash(flat, { x: true, y: true, z: true })), "ExtraMember");
	check("struct: an undefined one too many", refusal(hash(flat, { x: true, y: true, z: undefined })), "accepted");
	const method = { A: [{ name: "toString", type: "bool" }] };
	check("struct: a member named as a method", refusal(hash(method, {})), "MissingMember");

	const tree = { A: [{ name: "children", type: "A[]" }] };
	check("struct: of its own kind", refusal(hash(tree, { children: [{ children: [] }, { children: [] }] })), "accepted");
	let deep = { children: [] as object[] };
	for (let level = 1; level < 11; level += 2) deep = { children: [deep] };
	check("struct: 12 levels of structs and arrays", refusal(hash(tree, deep)), "accepted");
	check("struct: 14 levels", refusal(hash(tree, { children: [deep] })), "TooDeep");
	const box = { A: [{ name: "tree", type: "T" }], T: [{ name: "children", type: "T[]" }] };
	check("struct: 13 levels", refusal(hash(box, { tree: deep })), "TooDeep");
	const endless: { children: object[] } = { children: [] };
	endless.children.push(endless);
	check("struct: contains itself", refusal(hash(tree, endless)), "TooDeep");

	let message = "";
	try {
		hash({ A: [{ name: "b", type: "B[]" }], B: [X] }, { b: [{ x: true }, { x: 1 }] })();
	} catch (error) {
		message = (error as Error).message;
	}
	check("the error says where", message, "b.1.x: expected a boolean, got number");
}
