/**
 * Reads PayanAgent's documents. Fields that come in several forms are read in each: `_id` and `id`, prices as numbers and as
 * strings.
 */

import { fields, members } from "../../../../modules/encoding/json/items.js";
import { pick } from "../../../../modules/encoding/json/pick.js";
import * as uint256 from "../../../../modules/encoding/uint256.js";
import * as units from "../../../../modules/encoding/units.js";
import type { HttpResponse } from "../../../http/response.js";
import { type Json, numberOf, objectOf, textOf } from "../../kit/fields.js";
import { DOCUMENT_LIMIT } from "../api.js";
import { malformed } from "../errors.js";
import { type OfferType, schemaOf } from "../offer.js";

export interface PayanOffer {
	readonly id: string;
	readonly name: string;
	/** US dollars; `undefined` if the market does not say. */
	readonly price: string | undefined;
	readonly category: string;
	readonly offerType: OfferType;
	/** JSON Schema, an example or prose; "" if there is none, and in a list, which omits it. */
	readonly inputSchema: string;
	readonly sellerId: string;
	/** The seller's score, by its receipts; `undefined` if the market does not say. */
	readonly trustScore: number | undefined;
}

/** The members to read, also those of nested objects. */
export const OFFER: readonly string[] = Object.freeze([
	...["_id", "id", "title", "category", "priceUsd", "priceCents", "amountRaw", "offerType", "sellerId"],
	...["seller", "agentId", "trustScore", "reputation", "score"],
]);

/** Reads an offer. `inputSchema`: its JSON text, or "". */
export function offerOf(json: unknown, inputSchema = ""): PayanOffer {
	const { title, category, amountRaw, offerType, seller, sellerId } = json as Json;
	const { agentId, trustScore, reputation } = objectOf(seller);
	return {
		id: idOf(json),
		name: textOf(title),
		// An ecosystem offer listed at 0 states its price only in its terms.
		price: amountRaw === "0" ? undefined : priceOf(json as Json),
		category: textOf(category),
		offerType: offerType === "download" ? "download" : "api",
		inputSchema,
		sellerId: textOf(sellerId) || textOf(agentId),
		trustScore: scoreOf(trustScore, reputation),
	};
}

function priceOf({ priceUsd, priceCents }: Json): string | undefined {
	return dollarsOf(priceUsd) ?? (typeof priceCents === "number" ? dollarsOf(priceCents / 100) : undefined);
}

/** Reads one offer in full. Throws `PayanAgentError` `AnswerMalformed`, `ItemsError`, `HttpError`. */
export async function readOffer(response: HttpResponse): Promise<PayanOffer> {
	const document = await members(response, ["inputSchema", ...OFFER], DOCUMENT_LIMIT, "offer");
	return offerOf(pick(document, OFFER), schemaOf(document.members("inputSchema")[0]));
}

export interface Agent {
	readonly id: string;
	readonly name: string;
	readonly description: string;
	readonly walletAddress: string;
	readonly trustScore: number | undefined;
}

export const AGENT: readonly string[] = Object.freeze([
	...["_id", "id", "name", "description", "walletAddress", "trustScore", "reputation", "score"],
]);

export function agentOf(json: unknown): Agent {
	const { name, description, walletAddress, trustScore, reputation } = objectOf(json);
	return {
		id: idOf(json),
		name: textOf(name),
		description: textOf(description),
		walletAddress: textOf(walletAddress),
		trustScore: scoreOf(trustScore, reputation),
	};
}

function scoreOf(trustScore: unknown, reputation: unknown): number | undefined {
	const score = trustScore ?? objectOf(reputation).score;
	return typeof score === "number" ? score : undefined;
}

export interface Receipt {
	readonly id: string;
	/** The offer or the request that it is for. */
	readonly subject: string;
	/** Base units of USDC; `undefined` if the receipt does not say. */
	readonly amount: Uint8Array | undefined;
	/** Lower case, 0x; "" if the receipt has none. */
	readonly transaction: string;
	readonly settlement: string;
	/** Made with a secret of the server: only the server can check it. */
	readonly signature: string;
}

export const RECEIPT: readonly string[] = Object.freeze([
	...["_id", "id", "offerId", "requestId", "amountMicroUsd", "amountUsd", "amountCents", "txHash", "settlementType"],
	...["type", "signature"],
]);

export function receiptOf(json: unknown): Receipt {
	const { offerId, requestId, txHash, settlementType, type, signature } = json as Json;
	return {
		id: idOf(json),
		subject: textOf(offerId) || textOf(requestId),
		amount: amountOf(json as Json),
		transaction: textOf(txHash).toLowerCase(),
		settlement: textOf(settlementType) || textOf(type),
		signature: textOf(signature),
	};
}

function amountOf({ amountMicroUsd, amountUsd, amountCents }: Json): Uint8Array | undefined {
	try {
		if (typeof amountMicroUsd === "number") return uint256.fromNumber(amountMicroUsd);
		if (amountUsd !== undefined) return units.parse(dollarsOf(amountUsd) ?? "", 6);
		return typeof amountCents === "number" ? uint256.fromNumber(amountCents * 10_000) : undefined;
	} catch {
		return undefined;
	}
}

/** The number of an agent's purchases and sales, by its receipts. */
export interface Stats {
	readonly bought: number;
	readonly sold: number;
}

export const STATS: readonly string[] = Object.freeze([
	...["stats", "purchases", "sales", "receiptsBought", "receiptsSold"],
]);

export function statsOf(json: unknown): Stats {
	const { purchases, sales, receiptsBought, receiptsSold } = objectOf(json);
	return { bought: countOf(purchases ?? receiptsBought), sold: countOf(sales ?? receiptsSold) };
}

export interface Bid {
	readonly id: string;
	readonly bidderId: string;
	readonly priceCents: number;
	readonly message: string;
	readonly status: string;
}

export interface WorkRequest {
	readonly id: string;
	readonly title: string;
	readonly status: string;
	readonly budgetMaxCents: number;
	/** 0 until a price is agreed. */
	readonly agreedPriceCents: number;
	readonly isEscrow: boolean;
	readonly buyerId: string;
	readonly providerId: string;
	/** Milliseconds since the epoch; `undefined` if the market does not say. */
	readonly createdAt: number | undefined;
	/** The receipt of the settlement, or "". */
	readonly receiptId: string;
}

export const REQUEST: readonly string[] = Object.freeze([
	...["_id", "id", "title", "status", "budgetMaxCents", "agreedPriceCents", "escrow", "buyerId", "providerId"],
	...["_creationTime", "settlementReceiptId"],
]);
export const BID: readonly string[] = Object.freeze([
	...["_id", "id", "bidderId", "providerId", "priceCents", "message", "status"],
]);

export function requestOf(json: unknown): WorkRequest {
	const request = objectOf(json);
	const { title, status, budgetMaxCents, agreedPriceCents, escrow, buyerId, providerId, _creationTime } = request;
	return {
		id: idOf(json),
		title: textOf(title),
		status: textOf(status),
		budgetMaxCents: countOf(budgetMaxCents),
		agreedPriceCents: countOf(agreedPriceCents),
		isEscrow: escrow === true,
		buyerId: textOf(buyerId),
		providerId: textOf(providerId),
		createdAt: typeof _creationTime === "number" ? _creationTime : undefined,
		receiptId: textOf(request.settlementReceiptId),
	};
}

export function bidOf(json: unknown): Bid {
	const { bidderId, providerId, priceCents, message, status } = objectOf(json);
	return {
		id: idOf(json),
		bidderId: textOf(bidderId) || textOf(providerId),
		priceCents: countOf(priceCents),
		message: textOf(message),
		status: textOf(status),
	};
}

/** The members to read of a discovery. */
export const DISCOVERY: readonly string[] = Object.freeze([
	...OFFER,
	...["agents", "name", "description", "openRequests", "budgetMaxCents"],
]);

/** Returns the id. Throws `PayanAgentError` `AnswerMalformed` if there is none. */
export function idOf(json: unknown): string {
	const { _id, id } = objectOf(json);
	const found = textOf(_id) || textOf(id);
	if (found === "") throw malformed("an id");
	return found;
}

/** Returns the members `names` of an answer, or of its member `wrapper` if it has one. */
export async function readDocument(response: HttpResponse, names: readonly string[], wrapper = ""): Promise<Json> {
	const members = await fields(response, wrapper === "" ? names : [wrapper, ...names], DOCUMENT_LIMIT);
	const inner = wrapper === "" ? undefined : members[wrapper];
	return typeof inner === "object" && inner !== null ? (inner as Json) : members;
}

function countOf(value: unknown): number {
	return numberOf(value) ?? 0;
}

/** Converts a price in dollars to plain decimal, to the millionth; `undefined` for anything else. */
function dollarsOf(value: unknown): string | undefined {
	if (typeof value === "string") return /^[0-9]{1,15}(\.[0-9]{1,18})?$/.test(value) ? value : undefined;
	if (typeof value !== "number" || !(value >= 0 && value < 1e15)) return undefined;
	return value.toFixed(6).replace(/0+$/, "").replace(/\.$/, "");
}
