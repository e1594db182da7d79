/**
 * Requests for work, on which providers bid. With escrow the buyer pays when it makes the request, otherwise when it approves
 * the work; both by x402, and at most once: an open outcome is looked up, never paid again.
 */

import { fields } from "../../../../modules/encoding/json/items.js";
import { HttpError } from "../../../http/errors.js";
import type { HttpResponse } from "../../../http/response.js";
import type { Purchase } from "../../../wallet/purchase.js";
import type { Deliver } from "../../../x402/client.js";
import { isRemote } from "../../kit/errors.js";
import { type Json, textOf } from "../../kit/fields.js";
import { elements } from "../../kit/pages.js";
import { poll } from "../../kit/poll.js";
import { queryOf } from "../../kit/request.js";
import { type Api, DOCUMENT_LIMIT, segment } from "../api.js";
import { malformed, PayanAgentError } from "../errors.js";
import { type Bought, Payment } from "../payment.js";
import { BID, type Bid, bidOf, REQUEST, readDocument, requestOf, type WorkRequest } from "./documents.js";
import { ApprovalPayment } from "./payments.js";

export interface NewRequest {
	readonly title: string;
	readonly description: string;
	readonly budgetMaxCents: number;
	readonly escrow?: boolean;
	readonly inputPayload?: string;
	/** A provider who is hired at once, and the price agreed with it. */
	readonly providerId?: string;
	readonly agreedPriceCents?: number;
}

export interface NewBid {
	readonly priceCents: number;
	readonly estimatedDurationSeconds?: number;
	readonly message?: string;
}

/** The outcome of a paid request. */
export interface Requested extends Bought {
	/** "" if the market did not say and it was not found. */
	readonly requestId: string;
}

/** The result of a cancellation. */
export interface Cancelled {
	/** The receipt of the refund; "" if nothing was in escrow. */
	readonly receiptId: string;
	readonly transaction: string;
}

const ITEM_LIMIT = 8_192;
/** Intervals of polling a settlement. */
const POLLS = { firstMs: 1_000, longestMs: 30_000 };
/** The most that the market's clock may differ from the device's. */
const CLOCK_SKEW_MS = 60_000;

const pathOf = (id: string, action = ""): string => `/api/v1/requests/${segment(id)}${action}`;

export async function* requests(
	api: Api,
	filter: { readonly status?: string; readonly q?: string; readonly limit?: number },
): AsyncGenerator<WorkRequest, void> {
	const response = await api.ask({ method: "GET", path: `/api/v1/requests${queryOf(filter)}` });
	const list = elements(response, { member: "requests", itemBytes: ITEM_LIMIT, names: REQUEST });
	for await (const item of list) yield requestOf(item);
}

/** Returns a request and its bids without input and output, which may be long: see `readRequest`. */
export async function request(api: Api, id: string): Promise<{ request: WorkRequest; bids: readonly Bid[] }> {
	const response = await api.ask({ method: "GET", path: pathOf(id) });
	const names = ["request", ...REQUEST, ...BID];
	const list = elements(response, { member: "bids", itemBytes: ITEM_LIMIT, names });
	const bids: Bid[] = [];
	for (;;) {
		const next = await list.next();
		if (next.done === true) return { request: requestOf(next.value.request), bids };
		bids.push(bidOf(next.value));
	}
}

/** Delivers the request with everything that its buyer or provider may see, as the market's JSON. */
export async function readRequest(api: Api, id: string, deliver: Deliver): Promise<void> {
	await deliver(await api.ask({ method: "GET", path: pathOf(id), isKeyed: true }));
}

/** Creates a request that needs no payment yet, and returns its id. */
export async function createRequest(api: Api, fields: NewRequest): Promise<string> {
	const body = { ...fields, escrow: false };
	const ask = { method: "POST", path: "/api/v1/requests", body, isKeyed: true, repeat: "when refused" } as const;
	return created(await readDocument(await api.ask(ask), ["requestId"]), "requestId");
}

/**
 * Creates a request with escrow: pays the price agreed with the provider, or else the budget. Throws before a payment as
 * `buy` of x402 does, and `PayanAgentError`: `NotFound`, `BadRequest` for a provider that does not exist.
 */
export async function createWithEscrow(api: Api, fields: NewRequest, payer: Purchase): Promise<Requested> {
	// The market would take the money before it notices that there is no such provider.
	if (fields.providerId !== undefined && payer.record === undefined) {
		await (await api.ask({ method: "GET", path: `/api/v1/agents/${segment(fields.providerId)}` })).discard();
	}
	const body = { ...fields, escrow: true };
	const ask = api.request({ method: "POST", path: "/api/v1/requests", body, isKeyed: true });
	let requestId = "";
	const take = async (response: HttpResponse) => {
		requestId = textOf((await readResult(response, ["requestId"])).requestId);
	};
	const outcome = await new Payment(api).run(ask, payer, take);
	if (outcome.state !== "unknown" || requestId !== "") return { ...outcome, requestId };
	requestId = await findOwn(api, fields, payer.record?.time ?? 0);
	if (requestId === "") return { ...outcome, requestId };
	return { ...outcome, state: "delivered", outcome: "paid", detail: `found as request ${requestId}`, requestId };
}

/**
 * Returns the id of this agent's one matching request since `time` (seconds), as far as the market says; "" for none or
 * several.
 */
async function findOwn(api: Api, { title, providerId }: NewRequest, time: number): Promise<string> {
	let found = "";
	if (api.agentId === "") return found;
	try {
		const status = providerId === undefined ? "open" : undefined;
		for await (const each of requests(api, { q: title, ...(status && { status }) })) {
			const isOwn = each.buyerId === api.agentId && each.title === title && each.isEscrow;
			const isNew = each.createdAt === undefined || each.createdAt >= time * 1_000 - CLOCK_SKEW_MS;
			if (!isOwn || !isNew) continue;
			if (found !== "") return "";
			found = each.id;
		}
	} catch {
		return "";
	}
	return found;
}

/** Accepts a provider's bid. */
export async function accept(api: Api, id: string, bidId: string): Promise<void> {
	const isDone = async () => {
		const { bids } = await request(api, id);
		return bids.some((bid) => bid.id === bidId && bid.status === "accepted");
	};
	await change(api, pathOf(id, "/accept"), { bidId }, isDone);
}

/** Bids on a request, and returns the bid's id. */
export async function bid(api: Api, id: string, fields: NewBid): Promise<string> {
	const body: Json = { ...fields };
	const ask = { method: "POST", path: pathOf(id, "/bid"), body, isKeyed: true, repeat: "when refused" } as const;
	return created(await readDocument(await api.ask(ask), ["bidId"]), "bidId");
}

/** Hands in the work. */
export async function fulfill(api: Api, id: string, outputPayload: string): Promise<void> {
	const isDone = async () => ["fulfilled", "approved"].includes((await request(api, id)).request.status);
	await change(api, pathOf(id, "/fulfill"), { outputPayload }, isDone);
}

/**
 * Approves the work: releases the escrow, or pays the provider. Once the market says that a settlement is pending, nothing
 * more is paid: the request is polled until it is approved.
 *
 * Before a payment throws what `buy` of x402 throws, and `PayanAgentError` `Settling` if it was not approved in time.
 */
export async function approve(api: Api, id: string, payer: Purchase): Promise<Bought> {
	if (payer.record === undefined) {
		// The market sends terms even while another payment is being settled.
		const { status } = (await request(api, id)).request;
		if (status === "completing" || status === "approved") return approvedBefore(api, id);
	}
	const ask = api.request({ method: "POST", path: pathOf(id, "/approve"), isKeyed: true });
	const payment = new ApprovalPayment(api);
	let outcome: Bought;
	try {
		outcome = await payment.run(ask, payer, async (response) => {
			payment.take(await readResult(response, ["receiptId", "txHash"]));
		});
	} catch (error) {
		if (!(error instanceof PayanAgentError) || error.name !== "Settling") throw error;
		return approvedBefore(api, id);
	}
	if (outcome.state !== "unknown") return outcome;
	const settled = await settledAs(api, id, "approved");
	if (settled === undefined) return outcome;
	const receiptId = settled.receiptId || outcome.receiptId;
	return { ...outcome, state: "delivered", outcome: "paid", detail: "found approved", receiptId };
}

/** Throws `PayanAgentError` `Settling` if it does not become approved in time. */
async function approvedBefore(api: Api, id: string): Promise<Bought> {
	const settled = await settledAs(api, id, "approved");
	if (settled === undefined) {
		throw new PayanAgentError("Settling", `request ${id} is being settled by another payment: read it again later`);
	}
	const detail = "approved before, or by a settlement that was under way";
	return { state: "delivered", outcome: "free", detail, transaction: "", receiptId: settled.receiptId };
}

/**
 * Cancels a request; its escrow is refunded. Throws `PayanAgentError` `NotAllowed` within 7 days of delivery, `Settling` if
 * it is still being settled after some time.
 */
export async function cancel(api: Api, id: string, reason?: string): Promise<Cancelled> {
	const body: Json = reason === undefined ? {} : { reason };
	const ask = { method: "POST", path: pathOf(id, "/cancel"), body, isKeyed: true, repeat: "when refused" } as const;
	try {
		const { receiptId, txHash } = await readDocument(await api.ask(ask), ["receiptId", "txHash"]);
		return { receiptId: textOf(receiptId), transaction: textOf(txHash) };
	} catch (error) {
		const isOpen = wasHeard(error) || (error instanceof PayanAgentError && error.name === "Settling");
		const settled = isOpen ? await settledAs(api, id, "cancelled") : undefined;
		if (settled === undefined) throw error;
		return { receiptId: settled.receiptId, transaction: "" };
	}
}

/** Makes a free change once; if the answer is lost, looks up whether it was made. */
async function change(api: Api, path: string, body: Json, isDone: () => Promise<boolean>): Promise<void> {
	try {
		await (await api.ask({ method: "POST", path, body, isKeyed: true, repeat: "when refused" })).discard();
	} catch (error) {
		if (!wasHeard(error) || !(await isDone())) throw error;
	}
}

/** Polls the request until it has this status; `undefined` if it gets another one, or none in time. */
async function settledAs(api: Api, id: string, status: "approved" | "cancelled"): Promise<WorkRequest | undefined> {
	const other = status === "approved" ? "cancelled" : "approved";
	const seen = await poll(api.deps, { ...POLLS, looks: api.settlementPolls }, async () => {
		try {
			const { request: seen } = await request(api, id);
			return seen.status === status || seen.status === other ? seen : undefined;
		} catch (error) {
			if (!isRemote(error)) throw error;
			return undefined; // transient: the next poll may succeed
		}
	});
	return seen?.status === status ? seen : undefined;
}

/** Reads the result of an action; an unreadable result does not undo the action. */
async function readResult(response: HttpResponse, names: readonly string[]): Promise<Json> {
	try {
		return await fields(response, names, DOCUMENT_LIMIT);
	} catch {
		response.close();
		return {};
	}
}

function created(document: Json, name: string): string {
	const id = textOf(document[name]);
	if (id === "") throw malformed(`"${name}"`);
	return id;
}

/** True if a request that failed may have reached the market. */
function wasHeard(error: unknown): boolean {
	return error instanceof HttpError && error.sent;
}
