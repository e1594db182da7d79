/**
 * A seller's terms: what a 402 answer asks for. x402 specification v2 §5.1 (header `PAYMENT-REQUIRED`) and v1 §5.1
 * (JSON body). Nothing here is trusted: every field that the device will act on is checked, and the rest is kept only to
 * be echoed as it came.
 */
import * as base64 from "../../modules/encoding/base64.js";
import { type JsonText, readJson } from "../../modules/encoding/json/text.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { TermsError } from "./errors.js";
import { chainOfNetwork, networkOfName } from "./networks.js";

/** How the token moves: EIP-3009 `transferWithAuthorization`, or Permit2 through the x402 proxy. */
export type AssetTransferMethod = "eip3009" | "permit2";
/** When the seller settles: after serving (`authorization`), before (`upfront`), or both (`escrow`). */
export type PaymentFlow = "authorization" | "upfront" | "escrow";

/** One entry of `accepts` that this device could pay. */
export interface PaymentRequirements {
	/** CAIP-2. */
	readonly network: string;
	/** Decimal. */
	readonly chainId: string;
	/** Base units, 32 bytes big-endian. */
	readonly amount: uint256.Uint256;
	/** Lower-case 0x-hex, as `payTo` is. */
	readonly asset: string;
	readonly payTo: string;
	/** Seconds. */
	readonly maxTimeoutSeconds: number;
	readonly method: AssetTransferMethod;
	readonly flow: PaymentFlow;
	/** The token's EIP-712 domain. Empty for Permit2, whose domain is its own. */
	readonly name: string;
	readonly version: string;
	/** The entry as it came, JSON: what the payment echoes. */
	readonly json: string;
}

export interface PaymentRequired {
	readonly x402Version: 1 | 2;
	/** The entries that this device could pay, in the seller's order. */
	readonly entries: readonly PaymentRequirements[];
	/** Why the others cannot be paid, in the seller's order. */
	readonly unusable: readonly TermsError[];
	/** JSON of `resource` and `extensions` as they came (v2), or "". */
	readonly resource: string;
	readonly extensions: string;
	/** The seller's own word on why it wants a payment, or why the last one would not do. */
	readonly error: string;
}

/** Of the terms as JSON text: the reference server's own, with every extension it knows, have about 1,100. */
export const TERMS_LIMIT = 6_144;
/** Entries beyond these are not looked at. */
const ENTRIES_LIMIT = 16;
/** No authorization is asked to live longer than a day, whatever a rule allows. */
const LONGEST_TIMEOUT = 86_400;
/** A facilitator refuses what ends within 6 s; less than that again cannot be paid by any network. */
const SHORTEST_TIMEOUT = 10;

/** PaymentRequired from the value of a `PAYMENT-REQUIRED` header: base64 of JSON, or the JSON itself, which some servers send. */
export function termsFromHeader(value: string): PaymentRequired {
	if (value.length > (TERMS_LIMIT * 4) / 3 + 4) throw tooLarge(value.length);
	return termsFromJson(value.startsWith("{") ? value : decoded(value));
}

/**
 * PaymentRequired from JSON text. Throws `TermsError` `TermsTooLarge`, `TermsJson`, `TermsShape`, `VersionUnknown`; what is wrong
 * with one entry only is in `unusable`.
 */
export function termsFromJson(text: string): PaymentRequired {
	if (text.length > TERMS_LIMIT) throw tooLarge(text.length);
	const terms = objectIn(parsed(text), "terms");
	const [version, accepts, resource, extensions, error] = terms.members(
		...["x402Version", "accepts", "resource", "extensions", "error"],
	);
	const x402Version = version?.leaf;
	if (x402Version !== 1 && x402Version !== 2) {
		throw new TermsError("VersionUnknown", `expected x402Version 1 or 2, got ${shown(version)}`);
	}
	const elements = accepts?.elements(ENTRIES_LIMIT) ?? [];
	if (elements.length === 0) {
		throw new TermsError("TermsShape", `expected accepts to be an array with entries, got ${shown(accepts)}`);
	}
	const entries: PaymentRequirements[] = [];
	const unusable: TermsError[] = [];
	for (const element of elements) {
		try {
			entries.push(readRequirements(element, x402Version));
		} catch (error) {
			if (!(error instanceof TermsError)) throw error;
			unusable.push(error);
		}
	}
	const reason = error?.leaf;
	return {
		x402Version,
		entries,
		unusable,
		resource: x402Version === 2 ? (resource?.text ?? "") : "",
		extensions: x402Version === 2 ? (extensions?.text ?? "") : "",
		error: typeof reason === "string" ? reason.slice(0, 200) : "",
	};
}

/**
 * One entry of `accepts`. Throws `TermsError` `TermsShape`, `SchemeUnknown`, `NetworkUnknown`, `AmountMalformed`,
 * `AddressMalformed`, `TimeoutOutOfRange`, `MethodUnknown`, `FlowUnknown`, `DomainMissing`.
 */
export function readRequirements(value: JsonText, x402Version: 1 | 2): PaymentRequirements {
	const [scheme, network, amount, asset, payTo, maxTimeoutSeconds, extra] = objectIn(
		value,
		"an entry of accepts",
	).members(
		...["scheme", "network", x402Version === 2 ? "amount" : "maxAmountRequired", "asset", "payTo", "maxTimeoutSeconds"],
		"extra",
	);
	if (scheme?.leaf !== "exact") {
		throw new TermsError("SchemeUnknown", `expected scheme "exact", got ${shown(scheme)}`);
	}
	const chain = readNetwork(network, x402Version);
	if (extra !== undefined && extra.leaf !== null) objectIn(extra, "extra");
	const [assetTransferMethod, paymentFlow, name, version] =
		extra?.members("assetTransferMethod", "paymentFlow", "name", "version") ?? [];
	const method = readMethod(assetTransferMethod);
	return {
		network: chain,
		chainId: chainOfNetwork(chain)!,
		amount: readAmount(amount),
		asset: readAddress(asset, "asset"),
		payTo: readAddress(payTo, "payTo"),
		maxTimeoutSeconds: readTimeout(maxTimeoutSeconds),
		method,
		flow: readFlow(paymentFlow),
		name: method === "eip3009" ? readDomain(name, "name") : "",
		version: method === "eip3009" ? readDomain(version, "version") : "",
		json: value.text,
	};
}

/** An entry of terms that were read before, from the text the ledger kept. */
export function readRequirementsText(json: string, x402Version: 1 | 2): PaymentRequirements {
	return readRequirements(readJson(json), x402Version);
}

function readNetwork(field: JsonText | undefined, x402Version: 1 | 2): string {
	const value = field?.leaf;
	const network = typeof value !== "string" ? undefined : x402Version === 1 ? networkOfName(value) : value;
	if (network === undefined || chainOfNetwork(network) === undefined) {
		const expected = x402Version === 2 ? "an EVM chain in CAIP-2 form (eip155:N)" : "a network name of x402 v1";
		throw new TermsError("NetworkUnknown", `expected network to be ${expected}, got ${shown(field)}`);
	}
	return network;
}

function readAmount(field: JsonText | undefined): uint256.Uint256 {
	const value = field?.leaf;
	try {
		return uint256.fromDecimal(value);
	} catch {
		throw new TermsError(
			"AmountMalformed",
			`expected the amount in base units, a decimal string below 2^256, got ${shown(field)}`,
		);
	}
}

function readAddress(field: JsonText | undefined, name: string): string {
	const value = field?.leaf;
	// Checksums are the owner's concern: the rules pin the addresses that money may go to.
	if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
	throw new TermsError("AddressMalformed", `expected ${name} to be a 0x address of 20 bytes, got ${shown(field)}`);
}

function readTimeout(field: JsonText | undefined): number {
	const value = field?.leaf;
	if (!Number.isSafeInteger(value) || (value as number) < SHORTEST_TIMEOUT || (value as number) > LONGEST_TIMEOUT) {
		throw new TermsError(
			"TimeoutOutOfRange",
			`expected maxTimeoutSeconds to be a number from ${SHORTEST_TIMEOUT} to ${LONGEST_TIMEOUT}, got ${shown(field)}`,
		);
	}
	return value as number;
}

function readMethod(field: JsonText | undefined): AssetTransferMethod {
	const value = field?.leaf;
	if (value === undefined || value === "eip3009") return "eip3009";
	if (value === "permit2") return "permit2";
	throw new TermsError("MethodUnknown", `expected assetTransferMethod "eip3009" or "permit2", got ${shown(field)}`);
}

function readFlow(field: JsonText | undefined): PaymentFlow {
	const value = field?.leaf;
	if (value === undefined || value === "authorization") return "authorization";
	if (value === "upfront" || value === "escrow") return value;
	throw new TermsError("FlowUnknown", `expected paymentFlow authorization, upfront or escrow, got ${shown(field)}`);
}

function readDomain(field: JsonText | undefined, name: string): string {
	const value = field?.leaf;
	if (typeof value !== "string" || value === "" || value.length > 64) {
		throw new TermsError("DomainMissing", `expected extra.${name}, the token's EIP-712 ${name}, got ${shown(field)}`);
	}
	return value;
}

function decoded(header: string): string {
	try {
		return utf8.decode(base64.decode(header));
	} catch (error) {
		throw new TermsError("TermsEncoding", `expected the terms in base64 of UTF-8: ${(error as Error).message}`);
	}
}

function parsed(text: string): JsonText {
	try {
		return readJson(text);
	} catch (error) {
		const { name, message } = error as Error;
		throw new TermsError(name === "TooDeep" ? "TermsTooLarge" : "TermsJson", `the terms: ${message}`);
	}
}

function objectIn(value: JsonText, what: string): JsonText {
	if (value.isObject) return value;
	throw new TermsError("TermsShape", `expected ${what} to be an object, got ${shown(value)}`);
}

/** A short form of something that a server sent, for a message. */
function shown(value: JsonText | undefined): string {
	const text = value?.text ?? "nothing";
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function tooLarge(length: number): TermsError {
	return new TermsError("TermsTooLarge", `expected terms of at most ${TERMS_LIMIT} characters, got ${length}`);
}
