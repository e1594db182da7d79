/** State that the parts of the market share, and its readers and answers. */
import type { Request, Response } from "express";
import type { Address } from "viem";
import type { Chain } from "../../chain.js";
import type { Clock } from "../clock.js";
import type { Checkout } from "../payanagent/shop/checkout.js";
import { bodyOf, reply } from "../payanagent/shop/site.js";
import { type Json, parseJson } from "./canonical_json.js";
import type { Credits } from "./credits.js";
import { invalid, Refusal } from "./refusal.js";
import type { Sessions } from "./sessions.js";

/**
 * The market's behaviour where the documents differ or leave it open. A test changes it at any time. Signatures are always
 * checked in full.
 */
export interface Variants {
	/** The paths of invoke: `/tools/{productId}/invoke`, `/tools/{slug}/actions/{slug}/invoke`, or both. */
	dialects: readonly ("older" | "newer")[];
	/** True if `credits/purchase` needs chain_id and token: the newer table says so, its example and the older do not. */
	chainRequired: boolean;
	/** The place of a 402's terms. The older document names the header, the newer one the body. */
	terms: "header and body" | "header" | "body";
	/** `maxTimeoutSeconds` of the terms; more than 240 is offered by some, and refused when it is used. */
	maxTimeoutSeconds: number;
	/** Blocks that a buyer's own transaction must have, its own counted. */
	confirmations: bigint;
	/** The headers in which invoke takes a payment. credits/purchase takes all three of them always. */
	invokePaymentHeaders: readonly PaymentHeader[];
	/**
	 * The form of answers without a published body: `{success, …fields}`, or `{success, data: {…fields}}` as agentaddress has
	 * it.
	 */
	answers: "flat" | "data";
	/** The place of an error's details: beside `error` and `code`, under `details`, or all of it under FastAPI's `detail`. */
	errors: "flat" | "details" | "detail";
	/** The answer of workflows/active: "list active sessions" (newer) or "get your active session" (older). */
	active: "list" | "one";
}

export type PaymentHeader = "payment-signature" | "x-payment" | "payment";
export const paymentHeaders: readonly PaymentHeader[] = ["payment-signature", "x-payment", "payment"];

export interface Context {
	readonly chain: Chain;
	readonly clock: Clock;
	readonly checkout: Checkout;
	readonly credits: Credits;
	readonly sessions: Sessions;
	readonly variants: Variants;
	/** The address that is paid for credits and tools. */
	readonly treasury: Address;
	/** The terms that were asked for: path and body. A payment must come with one of these bodies, byte for byte. */
	readonly quoted: Set<string>;
	/** Payments being verified and settled. */
	readonly inProgress: Set<string>;
	/** Everything secret that the market gave out. */
	readonly secrets: Set<string>;
}

/** The body. @throws {Refusal} 422 as FastAPI has it, if it is not JSON or does not say so. */
export function jsonOf(request: Request): Json {
	if (!/^application\/json\s*(;|$)/i.test(request.header("content-type") ?? "")) {
		throw invalid({ loc: ["body"], msg: "Content-Type must be application/json", type: "dict_type", input: null });
	}
	try {
		return parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bodyOf(request)));
	} catch (error) {
		throw invalid({ loc: ["body"], msg: (error as Error).message, type: "json_invalid", input: null });
	}
}

/** Answers what has no published body. */
export function answer(response: Response, { variants }: Context, fields: Readonly<Record<string, unknown>>): void {
	reply(response, variants.answers === "flat" ? { success: true, ...fields } : { success: true, data: fields });
}

/** The payment of a request. @throws {Refusal} 400 if there are several. */
export function paymentOf(request: Request, accepted: readonly PaymentHeader[]): string | undefined {
	const values = accepted.map((name) => request.header(name)).filter((value) => value !== undefined);
	if (values.length > 1) throw new Refusal(400, "X402_SEVERAL_PAYMENTS", "send one payment header");
	return values[0];
}

export const quoteKey = (request: Request): string => `${request.path} ${bodyOf(request).toString("latin1")}`;
