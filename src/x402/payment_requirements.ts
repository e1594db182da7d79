/**
 * PaymentRequirements: one way to pay that a seller offers, an element of `accepts` (x402 v2 §5.1.2, v1 §5.1.2), as far as
 * every scheme has it.
 */
import type { JsonText } from "../../modules/encoding/json/text.js";
import type { Uint256 } from "../../modules/encoding/uint256.js";
import { TermsError } from "./errors.js";

/** The time of settlement: after serving (`authorization`), before it (`upfront`), or both (`escrow`). */
export type PaymentFlow = "authorization" | "upfront" | "escrow";

/** PaymentRequirements that this device could pay. */
export interface PaymentRequirements {
	readonly scheme: string;
	/** CAIP-2. */
	readonly network: string;
	/** Base units, 32 bytes big-endian. */
	readonly amount: Uint256;
	/** In the scheme's canonical form, like `payTo`: equal addresses are equal strings. */
	readonly asset: string;
	readonly payTo: string;
	/** Seconds. */
	readonly maxTimeoutSeconds: number;
	/** One of the scheme's `methods`: the way the token moves. */
	readonly method: string;
	readonly flow: PaymentFlow;
	/** The token's name and version in the signed data; "" for a method that signs neither, and if the seller omits them. */
	readonly name: string;
	readonly version: string;
}

/** PaymentRequirements as a seller offers them. */
export interface OfferedRequirements extends PaymentRequirements {
	/** The element of `accepts`. It keeps the whole terms in memory. */
	readonly entry: JsonText;
}

const SHOWN_BYTES = 60;
/** Bytes of the longest value that is read: a name of 64 characters may take 6 bytes for each. */
const LEAF_BYTES = 400;

/** The fields that a scheme reads from PaymentRequirements. */
export type SchemeRequirements = Pick<PaymentRequirements, "asset" | "payTo" | "method" | "name" | "version">;

/** The members of an element of `accepts` that a scheme may read; `undefined` if the seller left one out. */
export interface SchemeFields {
	readonly asset: JsonText | undefined;
	readonly payTo: JsonText | undefined;
	readonly extra: JsonText | undefined;
}

/** Throws `TermsError` `TermsShape`. */
export function objectIn(value: JsonText, what: string): JsonText {
	if (value.isObject) return value;
	throw new TermsError("TermsShape", `expected ${what} to be an object, got ${shown(value)}`);
}

/** Shortens a value that a server sent, for a message. */
export function shown(value: JsonText | undefined): string {
	if (value === undefined) return "nothing";
	const text = value.prefix(SHOWN_BYTES);
	return value.end - value.start > SHOWN_BYTES ? `${text}…` : text;
}

/**
 * Returns the value of a member that is neither object nor array. Returns `undefined` for those, and for a value longer than
 * any that is used.
 */
export function leafOf(value: JsonText | undefined): string | number | boolean | null | undefined {
	return value === undefined || value.end - value.start > LEAF_BYTES ? undefined : value.leaf;
}
