/** Readers of Pactum's answers. Prices may be numbers or strings there; here they are decimal text. */
import * as hex from "../../../modules/encoding/hex.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Hashes } from "../../../modules/signer/signer.js";
import { HttpError } from "../../http/errors.js";
import { parseUrl, type Url } from "../../http/url.js";
import { amountOf } from "../kit/amount.js";
import { type Json, objectOf, textOf } from "../kit/fields.js";
import { isSegment } from "../kit/request.js";
import { PactumError } from "./errors.js";

export interface PactumOrder {
	readonly id: string;
	/** created, paid, processing, delivered, completed, failed, refunded, disputed. */
	readonly status: string;
	/** The item's id in a list; "" if it has none. */
	readonly item: string;
	/** US dollars; "" if the order does not say. */
	readonly amount: string;
	/** Only for a failed order; `undefined` if it has none. */
	readonly retriesLeft: number | undefined;
}

export const ORDER_NAMES: readonly string[] = Object.freeze([
	"order_id",
	"id",
	"status",
	"item_id",
	"amount",
	"retries_left",
]);

/** The payment terms of an escrow order. */
export interface EscrowTerms {
	readonly order: string;
	/** Lower-case addresses. */
	readonly seller: string;
	readonly contract: string;
	readonly token: string;
	/** Base units, 32 bytes. */
	readonly amount: Uint8Array;
	/** 0x and 64 digits: identifies the order in the contract. */
	readonly orderHash: string;
}

export const PLACED_NAMES: readonly string[] = Object.freeze([
	"order_id",
	"recipient",
	"amount_units",
	"escrow",
	"contract",
	"usdc_contract",
	"order_id_bytes32",
]);

/** Reads an order. `id`: the requested one; the answer then need not repeat it. */
export function orderOf(value: unknown, id?: string): PactumOrder {
	const order = objectOf(value);
	const { status, amount, retries_left: retriesLeft } = order;
	if (typeof status !== "string") throw malformed("an order's status");
	return {
		id: idOf(order.order_id ?? order.id ?? id),
		status,
		item: textOf(order.item_id),
		amount: isPrice(amount) ? String(amount) : "",
		retriesLeft: typeof retriesLeft === "number" ? retriesLeft : undefined,
	};
}

/**
 * Reads the terms of a 402. The market must not choose the order's name on the chain: it is derived from the order's id, and
 * a deposit under another name would pay for somebody else's order. Throws `PactumError` `AnswerMalformed`,
 * `OrderHashMismatch`.
 */
export function termsOf(answer: Json, hashes: Hashes): EscrowTerms {
	const escrow = objectOf(answer.escrow);
	const order = idOf(answer.order_id);
	const orderHash = orderHashOf(hashes, order);
	const named = textOf(escrow.order_id_bytes32).toLowerCase();
	if (named !== orderHash && `0x${named}` !== orderHash) {
		throw new PactumError(
			"OrderHashMismatch",
			`expected keccak256 of order ${order} as order_id_bytes32, got another value: not paid, report it`,
		);
	}
	return {
		order,
		seller: addressOf(answer.recipient),
		contract: addressOf(escrow.contract),
		token: addressOf(escrow.usdc_contract),
		amount: unitsOf(answer.amount_units),
		orderHash,
	};
}

/** Returns the name of an order in the escrow contract. */
export function orderHashOf(hashes: Hashes, order: string): string {
	return `0x${hex.encode(hashes.keccak256(utf8.encode(order)))}`;
}

/** Checks an id for use in a path. Throws `PactumError` `IdMalformed`. */
export function idOf(value: unknown): string {
	if (isSegment(value)) return value;
	throw new PactumError("IdMalformed", "expected an id of 1 to 128 letters, digits, hyphens, dots, _ and ~");
}

/** Returns the lower-case 0x hash of a transaction. */
export function transactionOf(value: unknown): string {
	if (typeof value === "string" && /^(0x)?[0-9a-fA-F]{64}$/.test(value)) {
		return value.startsWith("0x") ? value.toLowerCase() : `0x${value.toLowerCase()}`;
	}
	throw malformed("a transaction's hash");
}

/** Converts a number or text to a decimal without an exponent. Throws `PactumError` `PriceMalformed`. */
export function priceOf(value: unknown): string {
	if (isPrice(value)) return String(value);
	throw new PactumError("PriceMalformed", "expected a price in US dollars, a plain decimal");
}

function isPrice(value: unknown): value is number | string {
	const text = typeof value === "number" ? String(value) : value;
	return typeof text === "string" && /^(0|[1-9][0-9]{0,20})(\.[0-9]{1,18})?$/.test(text);
}

/** Reads an address that the market sends. Throws `PactumError` `AnswerMalformed`. */
export function urlOf(address: unknown): Url {
	try {
		return parseUrl(textOf(address));
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		// The message must not quote any of it: it may be a signed address.
		throw new PactumError("AnswerMalformed", `expected an address from Pactum, got none (${error.name})`);
	}
}

function addressOf(value: unknown): string {
	if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
	throw malformed("an address");
}

function unitsOf(value: unknown): Uint8Array {
	const text = typeof value === "number" ? String(value) : value;
	const amount = amountOf(text);
	if (amount !== undefined && !uint256.isZero(amount)) return amount;
	throw malformed("an amount in base units, above 0");
}

export function malformed(expected: string): PactumError {
	return new PactumError("AnswerMalformed", `expected ${expected} from Pactum, got something else`);
}
