/**
 * The operations of Pact Network Market that neither a plan nor a console command reaches, as functions over its client:
 * endpoints, an agent's funds, the record of a call. None of them is in the image.
 */

import { items } from "../../../modules/encoding/json/items.js";
import type { JsonText } from "../../../modules/encoding/json/text.js";
import * as units from "../../../modules/encoding/units.js";
import { amountOf } from "../kit/amount.js";
import { numberOf } from "../kit/fields.js";
import type { Offer } from "../market.js";
import {
	follow,
	lookUp,
	MAINNET,
	readDocument,
	readRecord,
	type Settlement,
	settlementOf,
	wordOf,
} from "./call_record.js";
import type { PactClient } from "./client.js";
import { PactError } from "./errors.js";
import { bearer, requestOfOffer } from "./request.js";
import { agentOf } from "./signature.js";

/** Bytes of one endpoint, and the number of its hostnames. */
const ENDPOINT_LIMIT = 2_048;
const HOSTNAMES_LIMIT = 64;
const ENDPOINT: readonly string[] = Object.freeze(["slug", "network", "hostnames", "paused"]);

/** A service that can be called. */
export interface PactEndpoint {
	/** The `<endpoint>` of an address. */
	readonly slug: string;
	/** "" if the market does not say. */
	readonly network: string;
	readonly hostnames: readonly string[];
	readonly isPaused: boolean;
}

/**
 * The terms on which calls of an endpoint are insured. Amounts are base units of USDC; `undefined` if the market does not
 * say.
 */
export interface EndpointTerms {
	/** A call's price. */
	readonly premium: Uint8Array | undefined;
	/** The refund, in addition to the premium, of a call that fails or takes longer than `latencyMs`. */
	readonly cover: Uint8Array | undefined;
	readonly latencyMs: number | undefined;
	readonly isPaused: boolean;
}

/** The amounts that an agent can be charged. */
export interface AgentFunds {
	readonly isEligible: boolean;
	/** Base units of USDC; `undefined` if the market does not say. */
	readonly balance: Uint8Array | undefined;
	readonly allowance: Uint8Array | undefined;
	/** The reason why it is not eligible, in the market's words, or "". */
	readonly reason: string;
}

/** The full record of a call. */
export interface CallRecord extends Settlement {
	readonly callId: string;
	readonly endpoint: string;
	/** Base units of USDC; `undefined` if the record does not say. */
	readonly premium: Uint8Array | undefined;
	readonly latencyMs: number | undefined;
	readonly breachReason: string;
	/** ISO 8601, or "". */
	readonly settledAt: string;
}

/**
 * Yields the endpoints as they arrive, without their prices. Returns how long the list is valid according to the market, in
 * seconds.
 */
export async function* endpoints(client: PactClient): AsyncGenerator<PactEndpoint, number> {
	const url = `${client.settings.gateway}/.well-known/endpoints`;
	const response = await lookUp(client, { method: "GET", url });
	const list = items(response, "endpoints", ENDPOINT_LIMIT, undefined, ["cacheTtlSec", ...ENDPOINT]);
	let next = await list.next();
	try {
		for (; ; next = await list.next()) {
			if (next.done === true) return seconds(next.value.members("cacheTtlSec")[0]?.leaf);
			const endpoint = endpointOf(next.value);
			if (endpoint !== undefined) yield endpoint;
		}
	} finally {
		await list.return(next.value);
	}
}

function seconds(value: unknown): number {
	return typeof value === "number" && value >= 0 ? value : 0;
}

function endpointOf(value: JsonText): PactEndpoint | undefined {
	const [slug, network, hostnames, paused] = value.members(...ENDPOINT);
	if (wordOf(slug) === "") return undefined;
	return {
		slug: wordOf(slug),
		network: wordOf(network),
		hostnames: (hostnames?.elements(HOSTNAMES_LIMIT) ?? []).map(wordOf).filter((name) => name !== ""),
		isPaused: paused?.leaf === true,
	};
}

/**
 * Returns the terms of an endpoint from the indexer, since the gateway's list has none; `undefined` for an unknown endpoint.
 * Throws `PactError` `NetworkUnknown`, `LookupFailed`.
 */
export async function endpointTerms(
	client: PactClient,
	slug: string,
	network = client.settings.network,
): Promise<EndpointTerms | undefined> {
	const path = `/api/endpoints/${encodeURIComponent(slug)}?network=${encodeURIComponent(network || MAINNET)}`;
	const response = await lookUp(client, { method: "GET", url: client.settings.indexer + path }, 404);
	if (response.status === 404) {
		await response.discard();
		return undefined;
	}
	const [premium, cover, latency, paused] = (await readDocument(response)).members(
		...["flatPremiumLamports", "imputedCostLamports", "slaLatencyMs", "paused"],
	);
	return {
		premium: amountOf(premium?.leaf),
		cover: amountOf(cover?.leaf),
		latencyMs: numberOf(latency?.leaf),
		isPaused: paused?.leaf === true,
	};
}

/** Yields the endpoints whose name or host contains `query`. */
export async function* find(client: PactClient, query: string): AsyncGenerator<Offer, void> {
	const wanted = query.toLowerCase();
	for await (const endpoint of endpoints(client)) {
		const isNamed = [endpoint.slug, ...endpoint.hostnames].some((name) => name.toLowerCase().includes(wanted));
		if (isNamed && !endpoint.isPaused && isOnNetwork(client, endpoint))
			yield await offerOf(client, endpoint.slug, endpoint);
	}
}

/** Returns the endpoint of an offer with its price. Throws `PactError` `EndpointNotFound`, `EndpointPaused`. */
export async function quote(client: PactClient, offer: string): Promise<Offer> {
	const { endpoint } = requestOfOffer(offer, "");
	for await (const each of endpoints(client)) {
		if (each.slug !== endpoint || !isOnNetwork(client, each)) continue;
		if (each.isPaused) throw new PactError("EndpointPaused", `endpoint ${endpoint} is paused: try again later`);
		return await offerOf(client, offer, each);
	}
	throw new PactError("EndpointNotFound", `no endpoint ${endpoint} on this network: list the endpoints`);
}

/** True if both have the same network; an endpoint or a configuration without one matches any. */
function isOnNetwork({ settings }: PactClient, { network }: PactEndpoint): boolean {
	return settings.network === "" || network === "" || network === settings.network;
}

async function offerOf(client: PactClient, id: string, { slug, hostnames, network }: PactEndpoint): Promise<Offer> {
	const name = [hostnames.join(", "), network].filter((part) => part !== "").join(" on ");
	const premium = (await endpointTerms(client, slug, network || client.settings.network))?.premium;
	return { id, name, price: premium === undefined ? undefined : units.format(premium, 6) };
}

/** Returns the amounts that an agent can be charged; by default the agent of the key slot. Throws `PactError` `SlotUnset`. */
export async function agent(client: PactClient, agent?: string): Promise<AgentFunds> {
	const { gateway } = client.settings;
	const url = `${gateway}/v1/agents/${encodeURIComponent(agent ?? ownAgent(client))}`;
	const response = await lookUp(client, { method: "GET", url, credentials: bearer(client.settings) });
	const [eligible, balance, allowance, reason] = (await readDocument(response)).members(
		...["eligible", "ata_balance_lamports", "allowance_lamports", "reason"],
	);
	return {
		isEligible: eligible?.leaf === true,
		balance: amountOf(balance?.leaf),
		allowance: amountOf(allowance?.leaf),
		reason: wordOf(reason),
	};
}

function ownAgent({ deps, settings }: PactClient): string {
	if (settings.slot === undefined) {
		throw new PactError("SlotUnset", "no agent is known without a key: configure `slot`, or name an agent");
	}
	return agentOf(deps.keys, settings.slot);
}

/** Returns a call as settled; `undefined` before it is. */
export async function callRecord(
	client: PactClient,
	callId: string,
	source: "indexer" | "gateway" = "indexer",
): Promise<CallRecord | undefined> {
	const record = await readRecord(client, callId, source);
	if (record === undefined) return undefined;
	const [endpoint, premium, latency, breachReason, settledAt] = record.members(
		...["endpointSlug", "premiumLamports", "latencyMs", "breachReason", "settledAt"],
	);
	const latencyMs = latency?.leaf;
	return {
		...settlementOf(record),
		callId,
		endpoint: wordOf(endpoint),
		premium: amountOf(premium?.leaf),
		latencyMs: typeof latencyMs === "number" ? latencyMs : undefined,
		breachReason: wordOf(breachReason),
		settledAt: wordOf(settledAt),
	};
}

/**
 * Polls a call until its refund is posted, or for about a minute. Returns the last record. Throws `PactError`
 * `CallIdMalformed`, `NetworkUnknown`.
 */
export async function refund(client: PactClient, callId: string): Promise<Settlement | undefined> {
	const end = await follow(client, callId, client.settings.refundPolls);
	if (end instanceof PactError) throw end;
	return end;
}
