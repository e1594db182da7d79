/**
 * A seller's terms: what a 402 answer asks for. x402 specification v2 §5.1 (header `PAYMENT-REQUIRED`) and v1 §5.1
 * (JSON body). Nothing here is trusted: every field that the device will act on is checked, and the rest is kept only to
 * be echoed as it came.
 */
import * as base64 from "../../modules/encoding/base64.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { TermsError } from "./errors.js";
import { parseJson } from "./json.js";
import { chainOfNetwork, networkOfName } from "./networks.js";

/** How the token moves: EIP-3009 `transferWithAuthorization`, or Permit2 through the x402 proxy. */
export type Method = "eip3009" | "permit2";
/** When the seller settles: after serving (`authorization`), before (`upfront`), or both (`escrow`). */
export type Flow = "authorization" | "upfront" | "escrow";

/** One entry of `accepts` that this device could pay. */
export interface Entry {
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
	readonly method: Method;
	readonly flow: Flow;
	/** The token's EIP-712 domain. Empty for Permit2, whose domain is its own. */
	readonly name: string;
	readonly version: string;
	/** The entry as it came, JSON: what the payment echoes. */
	readonly json: string;
}

export interface Terms {
	readonly x402Version: 1 | 2;
	/** The entries that this device could pay, in the seller's order. */
	readonly entries: readonly Entry[];
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

/** Terms from the value of a `PAYMENT-REQUIRED` header: base64 of JSON, or the JSON itself, which some servers send. */
export function termsFromHeader(value: string): Terms {
	if (value.length > (TERMS_LIMIT * 4) / 3 + 4) throw tooLarge(value.length);
	return termsFromJson(value.startsWith("{") ? value : decoded(value));
}

/**
 * Terms from JSON text. Throws `TermsError` `TermsTooLarge`, `TermsJson`, `TermsShape`, `VersionUnknown`; what is wrong
 * with one entry only is in `unusable`.
 */
export function termsFromJson(text: string): Terms {
	if (text.length > TERMS_LIMIT) throw tooLarge(text.length);
	const terms = object(parsed(text), "terms");
	const x402Version = terms.x402Version;
	if (x402Version !== 1 && x402Version !== 2) {
		throw new TermsError("VersionUnknown", `expected x402Version 1 or 2, got ${shown(x402Version)}`);
	}
	const accepts = terms.accepts;
	if (!Array.isArray(accepts) || accepts.length === 0) {
		throw new TermsError("TermsShape", `expected accepts to be an array with entries, got ${shown(accepts)}`);
	}
	const entries: Entry[] = [];
	const unusable: TermsError[] = [];
	for (const entry of accepts.slice(0, ENTRIES_LIMIT)) {
		try {
			entries.push(readEntry(entry, x402Version));
		} catch (error) {
			if (!(error instanceof TermsError)) throw error;
			unusable.push(error);
		}
	}
	return {
		x402Version,
		entries,
		unusable,
		resource: x402Version === 2 ? echo(terms.resource) : "",
		extensions: x402Version === 2 ? echo(terms.extensions) : "",
		error: typeof terms.error === "string" ? terms.error.slice(0, 200) : "",
	};
}

/**
 * One entry of `accepts`. Throws `TermsError` `TermsShape`, `SchemeUnknown`, `NetworkUnknown`, `AmountMalformed`,
 * `AddressMalformed`, `TimeoutOutOfRange`, `MethodUnknown`, `FlowUnknown`, `DomainMissing`.
 */
export function readEntry(value: unknown, x402Version: 1 | 2): Entry {
	const entry = object(value, "an entry of accepts");
	if (entry.scheme !== "exact") {
		throw new TermsError("SchemeUnknown", `expected scheme "exact", got ${shown(entry.scheme)}`);
	}
	const network = readNetwork(entry.network, x402Version);
	const extra = entry.extra === undefined || entry.extra === null ? {} : object(entry.extra, "extra");
	const method = readMethod(extra.assetTransferMethod);
	return {
		network,
		chainId: chainOfNetwork(network)!,
		amount: readAmount(entry[x402Version === 2 ? "amount" : "maxAmountRequired"]),
		asset: readAddress(entry.asset, "asset"),
		payTo: readAddress(entry.payTo, "payTo"),
		maxTimeoutSeconds: readTimeout(entry.maxTimeoutSeconds),
		method,
		flow: readFlow(extra.paymentFlow),
		name: method === "eip3009" ? readDomain(extra.name, "name") : "",
		version: method === "eip3009" ? readDomain(extra.version, "version") : "",
		json: JSON.stringify(entry),
	};
}

function readNetwork(value: unknown, x402Version: 1 | 2): string {
	const network = typeof value !== "string" ? undefined : x402Version === 1 ? networkOfName(value) : value;
	if (network === undefined || chainOfNetwork(network) === undefined) {
		const expected = x402Version === 2 ? "an EVM chain in CAIP-2 form (eip155:N)" : "a network name of x402 v1";
		throw new TermsError("NetworkUnknown", `expected network to be ${expected}, got ${shown(value)}`);
	}
	return network;
}

function readAmount(value: unknown): uint256.Uint256 {
	try {
		return uint256.fromDecimal(value);
	} catch {
		throw new TermsError(
			"AmountMalformed",
			`expected the amount in base units, a decimal string below 2^256, got ${shown(value)}`,
		);
	}
}

function readAddress(value: unknown, field: string): string {
	// Checksums are the owner's concern: the rules pin the addresses that money may go to.
	if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
	throw new TermsError("AddressMalformed", `expected ${field} to be a 0x address of 20 bytes, got ${shown(value)}`);
}

function readTimeout(value: unknown): number {
	if (!Number.isSafeInteger(value) || (value as number) < SHORTEST_TIMEOUT || (value as number) > LONGEST_TIMEOUT) {
		throw new TermsError(
			"TimeoutOutOfRange",
			`expected maxTimeoutSeconds to be a number from ${SHORTEST_TIMEOUT} to ${LONGEST_TIMEOUT}, got ${shown(value)}`,
		);
	}
	return value as number;
}

function readMethod(value: unknown): Method {
	if (value === undefined || value === "eip3009") return "eip3009";
	if (value === "permit2") return "permit2";
	throw new TermsError("MethodUnknown", `expected assetTransferMethod "eip3009" or "permit2", got ${shown(value)}`);
}

function readFlow(value: unknown): Flow {
	if (value === undefined || value === "authorization") return "authorization";
	if (value === "upfront" || value === "escrow") return value;
	throw new TermsError("FlowUnknown", `expected paymentFlow authorization, upfront or escrow, got ${shown(value)}`);
}

function readDomain(value: unknown, field: string): string {
	if (typeof value !== "string" || value === "" || value.length > 64) {
		throw new TermsError("DomainMissing", `expected extra.${field}, the token's EIP-712 ${field}, got ${shown(value)}`);
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

function parsed(text: string): unknown {
	try {
		return parseJson(text);
	} catch (error) {
		if (error instanceof RangeError) throw new TermsError("TermsTooLarge", `the terms hold ${error.message}`);
		throw new TermsError("TermsJson", `expected the terms as JSON, got ${shown(text)}`);
	}
}

function object(value: unknown, what: string): Readonly<Record<string, unknown>> {
	if (typeof value !== "object" || value === null || Array.isArray(value)) {
		throw new TermsError("TermsShape", `expected ${what} to be an object, got ${shown(value)}`);
	}
	return value as Readonly<Record<string, unknown>>;
}

function echo(value: unknown): string {
	return value === undefined ? "" : JSON.stringify(value);
}

/** A short form of something that a server sent, for a message. */
function shown(value: unknown): string {
	const text = JSON.stringify(value) ?? "nothing";
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

function tooLarge(length: number): TermsError {
	return new TermsError("TermsTooLarge", `expected terms of at most ${TERMS_LIMIT} characters, got ${length}`);
}
