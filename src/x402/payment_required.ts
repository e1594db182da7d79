/**
 * PaymentRequired, a seller's terms: x402 specification v2 §5.1 (header `PAYMENT-REQUIRED`) and v1 §5.1 (JSON body). Nothing
 * here is trusted: every field that the device acts on is checked, and the rest is kept only to be echoed as received.
 */
import * as base64 from "../../modules/encoding/base64.js";
import { type JsonText, readJson, readJsonBytes } from "../../modules/encoding/json/text.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { TermsError } from "./errors.js";
import { leafOf, objectIn, type PaymentFlow, type PaymentRequirements, shown } from "./payment_requirements.js";
import { SCHEMES } from "./schemes/list.js";
import type { PaymentScheme } from "./schemes/scheme.js";

export interface PaymentRequired {
	readonly x402Version: 1 | 2;
	/** The elements that this device could pay, in the seller's order. */
	readonly accepts: readonly PaymentRequirements[];
	/** The reasons why it cannot pay the others, in the seller's order. */
	readonly unusable: readonly TermsError[];
	/** JSON of `resource` and `extensions` as received (v2), or "". */
	readonly resource: string;
	readonly extensions: string;
	/** Size of both. */
	readonly echoBytes: number;
	/** Releases the memory of the terms: `accepts`, `resource` and `extensions` are empty from then on. */
	release(): void;
	/** The seller's error text: why it wants a payment, or why it refused the last one. */
	readonly error: string;
}

/** Bytes of the terms as JSON. The reference server's terms with all its extensions have about 1,100. */
export const TERMS_LIMIT = 6_144;
/** Bytes of the seller's error text that are kept. */
const ERROR_BYTES = 200;
const OPEN_OBJECT = 0x7b;
/** Elements of `accepts` that are read; further ones are ignored. */
const ACCEPTS_LIMIT = 16;
/** Seconds. Longer timeouts are refused, whatever a rule allows. */
const LONGEST_TIMEOUT = 86_400;
/** Seconds. Facilitators refuse authorizations that expire within 6 s, and sending takes time too. */
const SHORTEST_TIMEOUT = 10;

/**
 * Reads PaymentRequired from the value of a `PAYMENT-REQUIRED` header: base64 of JSON, or plain JSON, which some servers
 * send. Decodes in place; the bytes must stay unchanged for as long as the result is used.
 */
export function paymentRequiredFromHeader(value: Uint8Array): PaymentRequired {
	if (value[0] === OPEN_OBJECT) return paymentRequiredFromJson(value);
	return paymentRequiredFromJson(decoded(value));
}

/**
 * Reads PaymentRequired from JSON text, which must stay unchanged for as long as the result is used. Throws `TermsError`
 * `TermsTooLarge`, `TermsEncoding`, `TermsJson`, `TermsShape`, `VersionUnknown`. An error in a single element of `accepts`
 * goes to `unusable`.
 */
export function paymentRequiredFromJson(json: Uint8Array): PaymentRequired {
	if (json.length > TERMS_LIMIT) throw tooLarge(json.length);
	if (!utf8.isUtf8(json)) throw new TermsError("TermsEncoding", "expected the terms in UTF-8");
	const terms = objectIn(parsed(json), "terms");
	const [version, accepts, resource, extensions, error] = terms.members(
		...["x402Version", "accepts", "resource", "extensions", "error"],
	);
	const x402Version = leafOf(version);
	if (x402Version !== 1 && x402Version !== 2) {
		throw new TermsError("VersionUnknown", `expected x402Version 1 or 2, got ${shown(version)}`);
	}
	const elements = accepts?.elements(ACCEPTS_LIMIT) ?? [];
	if (elements.length === 0) {
		throw new TermsError("TermsShape", `expected accepts to be an array with elements, got ${shown(accepts)}`);
	}
	return new ReadPaymentRequired(x402Version, elements, resource, extensions, error);
}

/** Reads each member on first use: of a refusal, only the error text is needed. */
class ReadPaymentRequired implements PaymentRequired {
	readonly x402Version: 1 | 2;
	readonly error: string;
	#elements: readonly JsonText[];
	#resource: JsonText | undefined;
	#extensions: JsonText | undefined;
	#accepts: PaymentRequirements[] | undefined;
	readonly #unusable: TermsError[] = [];

	constructor(
		x402Version: 1 | 2,
		elements: readonly JsonText[],
		resource: JsonText | undefined,
		extensions: JsonText | undefined,
		error: JsonText | undefined,
	) {
		this.x402Version = x402Version;
		this.error = error?.stringPrefix(ERROR_BYTES) ?? "";
		this.#elements = elements;
		// Version 1 echoes neither.
		this.#resource = x402Version === 2 ? resource : undefined;
		this.#extensions = x402Version === 2 ? extensions : undefined;
	}

	get accepts(): readonly PaymentRequirements[] {
		this.#accepts ??= this.#read();
		return this.#accepts;
	}

	get unusable(): readonly TermsError[] {
		this.#accepts ??= this.#read();
		return this.#unusable;
	}

	get resource(): string {
		return this.#resource?.text ?? "";
	}

	get extensions(): string {
		return this.#extensions?.text ?? "";
	}

	get echoBytes(): number {
		return lengthOf(this.#resource) + lengthOf(this.#extensions);
	}

	release(): void {
		this.#elements = [];
		this.#accepts = [];
		this.#resource = this.#extensions = undefined;
	}

	#read(): PaymentRequirements[] {
		const payable: PaymentRequirements[] = [];
		for (const element of this.#elements) {
			try {
				payable.push(readRequirements(element, this.x402Version));
			} catch (error) {
				if (!(error instanceof TermsError)) throw error;
				this.#unusable.push(error);
			}
		}
		return payable;
	}
}

function lengthOf(value: JsonText | undefined): number {
	return value === undefined ? 0 : value.end - value.start;
}

/**
 * Reads an element of `accepts`. Throws `TermsError` `TermsShape`, `SchemeUnknown`, `NetworkUnknown`, `AmountMalformed`,
 * `TimeoutOutOfRange`, `FlowUnknown`, and what the scheme throws.
 */
export function readRequirements(value: JsonText, x402Version: 1 | 2): PaymentRequirements {
	const [scheme, network, amount, asset, payTo, maxTimeoutSeconds, extra] = objectIn(
		value,
		"an element of accepts",
	).members(
		...["scheme", "network", x402Version === 2 ? "amount" : "maxAmountRequired", "asset", "payTo", "maxTimeoutSeconds"],
		"extra",
	);
	const chosen = readScheme(scheme, network, x402Version);
	const [paymentFlow] = extra?.members("paymentFlow") ?? [];
	return {
		...chosen.scheme.readRequirements({ asset, payTo, extra }),
		scheme: chosen.scheme.name,
		network: chosen.network,
		amount: readAmount(amount),
		maxTimeoutSeconds: readTimeout(maxTimeoutSeconds),
		flow: readFlow(paymentFlow),
		get json() {
			return value.text;
		},
	};
}

/** Reads PaymentRequirements again, from the text that the ledger kept. */
export function readRequirementsText(json: string, x402Version: 1 | 2): PaymentRequirements {
	return readRequirements(readJson(json), x402Version);
}

/** Finds the scheme that an element of `accepts` names, and its network in CAIP-2. */
function readScheme(
	name: JsonText | undefined,
	network: JsonText | undefined,
	x402Version: 1 | 2,
): { readonly scheme: PaymentScheme; readonly network: string } {
	const schemes = SCHEMES.filter((scheme) => scheme.name === leafOf(name));
	if (schemes.length === 0) {
		const names = [...new Set(SCHEMES.map((scheme) => `"${scheme.name}"`))].join(" or ");
		throw new TermsError("SchemeUnknown", `expected scheme ${names}, got ${shown(name)}`);
	}
	const value = leafOf(network);
	for (const scheme of typeof value === "string" ? schemes : []) {
		const id = x402Version === 1 ? scheme.networkOfName(value as string) : (value as string);
		if (id !== undefined && scheme.isNetwork(id)) return { scheme, network: id };
	}
	const families = schemes.map(({ namespace }) => `${namespace}:…`).join(" or ");
	const expected = x402Version === 2 ? `a chain in CAIP-2 form (${families})` : "a network name of x402 v1";
	throw new TermsError("NetworkUnknown", `expected network to be ${expected}, got ${shown(network)}`);
}

function readAmount(field: JsonText | undefined): uint256.Uint256 {
	const value = leafOf(field);
	try {
		return uint256.fromDecimal(value);
	} catch {
		throw new TermsError(
			"AmountMalformed",
			`expected the amount in base units, a decimal string below 2^256, got ${shown(field)}`,
		);
	}
}

function readTimeout(field: JsonText | undefined): number {
	const value = leafOf(field);
	if (!Number.isSafeInteger(value) || (value as number) < SHORTEST_TIMEOUT || (value as number) > LONGEST_TIMEOUT) {
		throw new TermsError(
			"TimeoutOutOfRange",
			`expected maxTimeoutSeconds to be a number from ${SHORTEST_TIMEOUT} to ${LONGEST_TIMEOUT}, got ${shown(field)}`,
		);
	}
	return value as number;
}

function readFlow(field: JsonText | undefined): PaymentFlow {
	const value = leafOf(field);
	if (value === undefined || value === "authorization") return "authorization";
	if (value === "upfront" || value === "escrow") return value;
	throw new TermsError("FlowUnknown", `expected paymentFlow authorization, upfront or escrow, got ${shown(field)}`);
}

function decoded(header: Uint8Array): Uint8Array {
	try {
		return base64.decodeInPlace(header);
	} catch (error) {
		throw new TermsError("TermsEncoding", `expected the terms in base64 of UTF-8: ${(error as Error).message}`);
	}
}

function parsed(json: Uint8Array): JsonText {
	try {
		return readJsonBytes(json);
	} catch (error) {
		const { name, message } = error as Error;
		throw new TermsError(name === "TooDeep" ? "TermsTooLarge" : "TermsJson", `the terms: ${message}`);
	}
}

function tooLarge(length: number): TermsError {
	return new TermsError("TermsTooLarge", `expected terms of at most ${TERMS_LIMIT} bytes, got ${length}`);
}
