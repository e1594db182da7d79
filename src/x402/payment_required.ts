/**
 * PaymentRequired, a seller's terms: x402 specification v2 §5.1 (header `PAYMENT-REQUIRED`) and v1 §5.1 (JSON body).
 * Nothing here is trusted: every field that the device will act on is checked, and the rest is kept only to be echoed as it
 * came. What nobody signs or matches is read as sellers write it: a version as a string, a chain by either of its names,
 * base64url, a byte that is not UTF-8.
 */
import * as base64 from "../../modules/encoding/base64.js";
import { type JsonText, readJson, readJsonBytes } from "../../modules/encoding/json/text.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { TermsError } from "./errors.js";
import {
	leafOf,
	type OfferedRequirements,
	objectIn,
	type PaymentFlow,
	type PaymentRequirements,
	shown,
} from "./payment_requirements.js";
import { SCHEMES } from "./schemes/list.js";
import type { PaymentScheme } from "./schemes/scheme.js";

export interface PaymentRequired {
	readonly x402Version: 1 | 2;
	/** The seller's own word on why it wants a payment, or why the last one would not do. */
	readonly error: string;
	/** The parts that a payment echoes besides the chosen element, as received. Version 1 echoes neither. */
	readonly resource: JsonText | undefined;
	readonly extensions: JsonText | undefined;
	/**
	 * Reads `accepts`, one element at a time and in the seller's order: yields a way to pay, or the reason why this device
	 * cannot use it.
	 */
	offers(): Iterable<OfferedRequirements | Error>;
	/** Releases the memory of the terms: they are empty from then on. */
	release(): void;
}

/** Bytes of the terms as JSON text: as many as fit in base64 into a header of 16 KB, the limit of Node's client. */
export const TERMS_LIMIT = 12_288;
/**
 * Levels of arrays and objects. No reader looks deeper than three; extensions contain the schemas of requests and answers.
 */
export const TERMS_LEVELS = 64;
/** Bytes of the seller's error text that are kept. */
const ERROR_BYTES = 200;
const OPEN_OBJECT = 0x7b;
const BYTE_ORDER_MARK: readonly number[] = Object.freeze([0xef, 0xbb, 0xbf]);
/** A facilitator refuses what ends within 6 s; less than that again cannot be paid by any network. */
const SHORTEST_TIMEOUT = 10;

/**
 * Reads PaymentRequired from the value of a `PAYMENT-REQUIRED` header: base64 of JSON, or plain JSON, which some servers
 * send. Decodes in place; the bytes must stay unchanged for as long as the result is used.
 */
export function paymentRequiredFromHeader(value: Uint8Array): PaymentRequired {
	return paymentRequiredFromJson(decodedHeader(value));
}

/**
 * PaymentRequired from JSON text, which is kept as long as the result. Throws `TermsError` `TermsTooLarge`, `TermsJson`,
 * `TermsShape`, `VersionUnknown`; what is wrong with one of `accepts` only is among its offers.
 */
export function paymentRequiredFromJson(json: Uint8Array): PaymentRequired {
	if (json.length > TERMS_LIMIT) {
		throw new TermsError("TermsTooLarge", `expected terms of at most ${TERMS_LIMIT} bytes, got ${json.length}`);
	}
	const terms = objectIn(parsed(json), "terms");
	const [version, accepts, resource, extensions, error] = terms.members(
		...["x402Version", "accepts", "resource", "extensions", "error"],
	);
	const x402Version = readVersion(version);
	if (accepts === undefined || accepts.elements(1).length === 0) {
		throw new TermsError("TermsShape", `expected accepts to be an array with elements, got ${shown(accepts)}`);
	}
	return new ReadPaymentRequired(x402Version, accepts, resource, extensions, error);
}

function readVersion(field: JsonText | undefined): 1 | 2 {
	const value = leafOf(field);
	if (value === 1 || value === "1") return 1;
	if (value === 2 || value === "2") return 2;
	throw new TermsError("VersionUnknown", `expected x402Version 1 or 2, got ${shown(field)}`);
}

/** Reads JSON from a header's value, in place. Throws `TermsError` `TermsEncoding`. */
export function decodedHeader(value: Uint8Array): Uint8Array {
	if (value[0] === OPEN_OBJECT || value[0] === BYTE_ORDER_MARK[0]) return value;
	base64.standardize(value);
	try {
		return base64.decodeInPlace(value);
	} catch (error) {
		throw new TermsError("TermsEncoding", `expected the terms in base64: ${(error as Error).message}`);
	}
}

class ReadPaymentRequired implements PaymentRequired {
	readonly x402Version: 1 | 2;
	readonly error: string;
	#accepts: JsonText | undefined;
	#resource: JsonText | undefined;
	#extensions: JsonText | undefined;

	constructor(
		x402Version: 1 | 2,
		accepts: JsonText,
		resource: JsonText | undefined,
		extensions: JsonText | undefined,
		error: JsonText | undefined,
	) {
		this.x402Version = x402Version;
		this.error = error?.stringPrefix(ERROR_BYTES) ?? "";
		this.#accepts = accepts;
		this.#resource = x402Version === 2 ? resource : undefined;
		this.#extensions = x402Version === 2 ? extensions : undefined;
	}

	get resource(): JsonText | undefined {
		return this.#resource;
	}

	get extensions(): JsonText | undefined {
		return this.#extensions;
	}

	*offers(): Generator<OfferedRequirements | TermsError> {
		for (const entry of this.#accepts?.each() ?? []) yield readOffer(entry, this.x402Version);
	}

	release(): void {
		this.#accepts = this.#resource = this.#extensions = undefined;
	}
}

/** Reads an element of `accepts`, or returns the reason why it cannot be used. */
export function readOffer(entry: JsonText, x402Version: 1 | 2): OfferedRequirements | TermsError {
	try {
		return { ...readRequirements(entry, x402Version), entry };
	} catch (error) {
		if (error instanceof TermsError) return error;
		throw error;
	}
}

/** Reads PaymentRequirements again, from the text that the ledger kept. Throws `TermsError`. */
export function readRequirementsText(json: string, x402Version: 1 | 2): PaymentRequirements {
	return readRequirements(readJson(json, TERMS_LEVELS), x402Version);
}

/**
 * Reads an element of `accepts`. Throws `TermsError` `TermsShape`, `SchemeUnknown`, `NetworkUnknown`, `AmountMalformed`,
 * `TimeoutOutOfRange`, `FlowUnknown`, and what the scheme throws.
 */
function readRequirements(value: JsonText, x402Version: 1 | 2): PaymentRequirements {
	const names = ["scheme", "network", amountName(x402Version), "asset", "payTo", "maxTimeoutSeconds", "extra"];
	const entry = objectIn(value, "an element of accepts");
	const [scheme, network, amount, asset, payTo, maxTimeoutSeconds, extra] = entry.members(...names);
	const chosen = readScheme(scheme, network);
	try {
		const [paymentFlow] = extra?.members("paymentFlow") ?? [];
		return {
			...chosen.scheme.readRequirements({ asset, payTo, extra }),
			scheme: chosen.scheme.name,
			network: chosen.network,
			amount: readAmount(amount),
			maxTimeoutSeconds: readTimeout(maxTimeoutSeconds),
			flow: readFlow(paymentFlow),
		};
	} catch (error) {
		if (error instanceof TermsError) error.network = chosen.network;
		throw error;
	}
}

function amountName(x402Version: 1 | 2): string {
	return x402Version === 2 ? "amount" : "maxAmountRequired";
}

/**
 * The JSON of those members alone that `readRequirements` reads, each as it came: what a device keeps of an entry that is
 * echoed to nobody, or whose echo is kept elsewhere.
 */
export function compactJson({ entry, scheme, network }: OfferedRequirements, x402Version: 1 | 2): string {
	const { extraNames } = SCHEMES.find((each) => each.name === scheme && each.isNetwork(network))!;
	const names = ["scheme", "network", amountName(x402Version), "asset", "payTo", "maxTimeoutSeconds"];
	const [extra] = entry.members("extra");
	const extraText = extra?.isObject ? `,"extra":{${picked(extra, ["paymentFlow", ...extraNames])}}` : "";
	return `{${picked(entry, names)}${extraText}}`;
}

/** Returns the part of an element that a record keeps: all of it for version 2, which echoes it, two names for version 1. */
export function acceptedOf(offered: OfferedRequirements, x402Version: 1 | 2): string {
	return x402Version === 1 ? compactJson(offered, x402Version) : offered.entry.text;
}

/** Returns those members in `names` of an object that are leaves, as JSON without the braces. */
function picked(object: JsonText, names: readonly string[]): string {
	const members = object.members(...names);
	const texts: string[] = [];
	for (let i = 0; i < names.length; i++) {
		if (leafOf(members[i]) !== undefined) texts.push(`"${names[i]}":${members[i]!.text}`);
	}
	return texts.join();
}

/**
 * Finds the scheme that an element of `accepts` names, and its network in CAIP-2. Sellers mix up the names of the two
 * versions.
 */
function readScheme(
	name: JsonText | undefined,
	network: JsonText | undefined,
): { readonly scheme: PaymentScheme; readonly network: string } {
	const schemes = SCHEMES.filter((scheme) => scheme.name === leafOf(name));
	if (schemes.length === 0) {
		const names = [...new Set(SCHEMES.map((scheme) => `"${scheme.name}"`))].join(" or ");
		throw new TermsError("SchemeUnknown", `expected scheme ${names}, got ${shown(name)}`);
	}
	const value = leafOf(network);
	for (const scheme of typeof value === "string" ? schemes : []) {
		const id = scheme.networkOfName(value as string) ?? (value as string);
		if (scheme.isNetwork(id)) return { scheme, network: id };
	}
	const families = schemes.map(({ namespace }) => `${namespace}:…`).join(" or ");
	throw new TermsError(
		"NetworkUnknown",
		`expected network to be a chain in CAIP-2 form (${families}) or by its name in x402 v1, got ${shown(network)}`,
	);
}

/** Reads an amount. A number is exact only if it is a safe integer. */
function readAmount(field: JsonText | undefined): uint256.Uint256 {
	const value = leafOf(field);
	try {
		return uint256.fromDecimal(Number.isSafeInteger(value) ? String(value) : value);
	} catch {
		throw new TermsError(
			"AmountMalformed",
			`expected the amount in base units, a decimal string below 2^256, got ${shown(field)}`,
		);
	}
}

/** Reads whole seconds, as a number or in decimal. There is no upper bound: a rule's own cap decides. */
function readTimeout(field: JsonText | undefined): number {
	const value = leafOf(field);
	const isText = typeof value === "string" && /^[0-9]{1,15}$/.test(value);
	const seconds = Math.floor(typeof value === "number" || isText ? Number(value) : 0);
	if (seconds >= SHORTEST_TIMEOUT) return Math.min(seconds, Number.MAX_SAFE_INTEGER);
	throw new TermsError(
		"TimeoutOutOfRange",
		`expected maxTimeoutSeconds to be a number from ${SHORTEST_TIMEOUT} on, got ${shown(field)}`,
	);
}

function readFlow(field: JsonText | undefined): PaymentFlow {
	const value = leafOf(field);
	if (value === undefined || value === "authorization") return "authorization";
	if (value === "upfront" || value === "escrow") return value;
	throw new TermsError("FlowUnknown", `expected paymentFlow authorization, upfront or escrow, got ${shown(field)}`);
}

/** Removes a byte order mark. It is not allowed in JSON (RFC 8259 §8.1), but occurs. */
function parsed(bytes: Uint8Array): JsonText {
	const hasMark = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte);
	try {
		return readJsonBytes(utf8.repaired(hasMark ? bytes.subarray(3) : bytes), TERMS_LEVELS);
	} catch (error) {
		const { name, message } = error as Error;
		throw new TermsError(name === "TooDeep" ? "TermsTooLarge" : "TermsJson", `the terms: ${message}`);
	}
}
