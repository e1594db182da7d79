/** What Pactum sends, as far as a device needs it. Prices may be numbers or strings there, here they are decimal text. */
import * as hex from "../../../modules/encoding/hex.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Hashes } from "../../../modules/signer/signer.js";
import type { Offer } from "../market.js";
import { PactumError } from "./errors.js";

type Fields = Readonly<Record<string, unknown>>;

export interface Item extends Offer {
	/** US dollars for one order; "0" is free. */
	readonly price: string;
	/** What an order must come with: a query; a shipping address that was set before. */
	readonly needsQuery: boolean;
	readonly needsShipping: boolean;
	/** How a query is phrased; "" if the seller does not say. */
	readonly queryFormat: string;
	readonly exampleQueries: readonly string[];
	readonly features: readonly string[];
}

export const ITEM_NAMES: readonly string[] = Object.freeze([
	"item_id",
	"name",
	"price",
	"required",
	"description",
	"shipping",
	"query_format",
	"example_queries",
	"features",
]);
/** What a price takes of an item. */
export const PRICE_NAMES: readonly string[] = Object.freeze(ITEM_NAMES.slice(0, 6));

export interface Agent {
	readonly wallet: string;
	/** "" if there is none. */
	readonly name: string;
	readonly rating: number | undefined;
}

export const AGENT_NAMES: readonly string[] = Object.freeze(["wallet", "name", "avg_rating"]);

export interface Order {
	readonly id: string;
	/** created, paid, processing, delivered, completed, failed, refunded, disputed. */
	readonly status: string;
	/** Of a list; "" where it does not say. */
	readonly item: string;
	/** US dollars; "" where it does not say. */
	readonly amount: string;
	/** Of a failed one, where it says. */
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

export interface Message {
	readonly content: string;
	/** "" where the market does not say. */
	readonly direction: string;
	readonly time: string;
}

export const MESSAGE_NAMES: readonly string[] = Object.freeze(["content", "direction", "created_at"]);

/** What an escrow order is to be paid with. */
export interface EscrowTerms {
	readonly order: string;
	/** Lower-case addresses. */
	readonly seller: string;
	readonly contract: string;
	readonly token: string;
	/** Base units, 32 bytes. */
	readonly amount: Uint8Array;
	/** 0x and 64 digits: what the contract knows the order by. */
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

export function itemOf(value: unknown): Item {
	const item = objectOf(value, "an item");
	const required = asObject(item.required);
	return {
		id: idOf(item.item_id),
		name: textOf(item.name),
		price: priceOf(item.price),
		needsQuery: required.description === true,
		needsShipping: required.shipping === true,
		queryFormat: textOf(item.query_format),
		exampleQueries: textsOf(item.example_queries),
		features: textsOf(item.features),
	};
}

export function agentOf(value: unknown): Agent {
	const agent = objectOf(value, "an agent");
	const rating = Number(agent.avg_rating ?? Number.NaN);
	return {
		wallet: textOf(agent.wallet),
		name: textOf(agent.name),
		rating: Number.isFinite(rating) ? rating : undefined,
	};
}

/** `id`: of an order that was asked for by it, which then need not say it. */
export function orderOf(value: unknown, id?: string): Order {
	const order = objectOf(value, "an order");
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

export function messageOf(value: unknown): Message {
	const message = objectOf(value, "a message");
	return {
		content: textOf(message.content),
		direction: textOf(message.direction),
		time: textOf(message.created_at),
	};
}

/**
 * The terms of a 402. The order's name on the chain is not the market's to choose: it follows from the order's id, and a
 * deposit under another name would pay for somebody else's order. Throws `PactumError` `AnswerMalformed`,
 * `OrderHashMismatch`.
 */
export function termsOf(answer: Fields, hashes: Hashes): EscrowTerms {
	const escrow = asObject(answer.escrow);
	const order = idOf(answer.order_id);
	const orderHash = orderHashOf(hashes, order);
	const named = textOf(escrow.order_id_bytes32).toLowerCase();
	if (named !== orderHash && `0x${named}` !== orderHash) {
		throw new PactumError(
			"OrderHashMismatch",
			`expected keccak256 of order ${order} as order_id_bytes32, got another value: nothing is paid for it`,
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

/** What the escrow knows an order by. */
export function orderHashOf(hashes: Hashes, order: string): string {
	return `0x${hex.encode(hashes.keccak256(utf8.encode(order)))}`;
}

/** An id that can stand in a path. Throws `PactumError` `IdMalformed`. */
export function idOf(value: unknown): string {
	if (typeof value === "string" && /^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(value)) return value;
	throw new PactumError("IdMalformed", "expected an id of 1 to 128 letters, digits, hyphens, dots, _ and ~");
}

/** Lower-case 0x hash of a transaction. */
export function transactionOf(value: unknown): string {
	if (typeof value === "string" && /^(0x)?[0-9a-fA-F]{64}$/.test(value)) {
		return value.startsWith("0x") ? value.toLowerCase() : `0x${value.toLowerCase()}`;
	}
	throw malformed("a transaction's hash");
}

/** A decimal without an exponent, from a number or text. Throws `PactumError` `PriceMalformed`. */
export function priceOf(value: unknown): string {
	if (isPrice(value)) return String(value);
	throw new PactumError("PriceMalformed", "expected a price in US dollars, a plain decimal");
}

function isPrice(value: unknown): value is number | string {
	const text = typeof value === "number" ? String(value) : value;
	return typeof text === "string" && /^(0|[1-9][0-9]{0,20})(\.[0-9]{1,18})?$/.test(text);
}

/** US dollars, or USDC, of an amount in millionths: 10000 is "0.01". */
export function dollarsOf(amount: Uint8Array): string {
	const digits = uint256.toDecimal(amount).padStart(7, "0");
	return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, "");
}

export function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

function textsOf(value: unknown): string[] {
	return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}

function objectOf(value: unknown, what: string): Fields {
	if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Fields;
	throw malformed(what);
}

function asObject(value: unknown): Fields {
	return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function addressOf(value: unknown): string {
	if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
	throw malformed("an address");
}

function unitsOf(value: unknown): Uint8Array {
	const text = typeof value === "number" ? String(value) : value;
	if (typeof text === "string" && /^[1-9][0-9]{0,20}$/.test(text)) return uint256.fromDecimal(text);
	throw malformed("an amount in base units, above 0");
}

function malformed(expected: string): PactumError {
	return new PactumError("AnswerMalformed", `expected ${expected} from Pactum, got something else`);
}
