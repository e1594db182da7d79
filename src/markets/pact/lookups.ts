/** What can be asked of the market without paying: its endpoints, an agent's funds, and what became of a call. */

import { items } from "../../../modules/encoding/json/items.js";
import type { JsonText } from "../../../modules/encoding/json/text.js";
import { readJson } from "../../../modules/encoding/json/text.js";
import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { pause, retryAfter } from "../kit/pause.js";
import type { MarketDeps } from "../market.js";
import { PactError } from "./errors.js";
import { callIdOf, readRefusal } from "./refusal.js";
import type { PactSettings } from "./settings.js";
import { amountOf } from "./verdict.js";

/** Bytes of one record, and of one endpoint. */
const RECORD_LIMIT = 4_096;
const ENDPOINT_LIMIT = 2_048;
/** How often one lookup is asked when the market has no time for it. */
const ASKS = 3;
const ASK_AGAIN_MS = 1_000;
/** Between two looks for a refund; each wait is twice the one before. */
const FIRST_POLL_MS = 1_000;
const LONGEST_POLL_MS = 30_000;

/** The members that are looked at. */
const ENDPOINT: readonly string[] = Object.freeze(["slug", "network", "hostnames", "premiumLamports", "paused"]);
const HOSTNAMES_LIMIT = 64;

/** What can be called. */
export interface Endpoint {
	/** The `<endpoint>` of an address. */
	readonly slug: string;
	/** "" where the market does not say. */
	readonly network: string;
	readonly hostnames: readonly string[];
	/** Base units of USDC a call; `undefined` where the market does not say. */
	readonly premium: Uint8Array | undefined;
	readonly isPaused: boolean;
}

/** What an agent can be charged. */
export interface AgentFunds {
	readonly isEligible: boolean;
	/** Base units of USDC; `undefined` where the market does not say. */
	readonly balance: Uint8Array | undefined;
	readonly allowance: Uint8Array | undefined;
	/** Why it is not eligible, in the market's word, or "". */
	readonly reason: string;
}

/** A call as the market's chain has settled it. */
export interface CallRecord {
	readonly callId: string;
	readonly endpoint: string;
	/** Base units of USDC; `undefined` where the record does not say. */
	readonly premium: Uint8Array | undefined;
	readonly refund: Uint8Array | undefined;
	readonly latencyMs: number | undefined;
	readonly isBreach: boolean;
	readonly breachReason: string;
	/** ISO 8601, or "". */
	readonly settledAt: string;
	/** Of the transaction that posted it, or "" as long as none is known. */
	readonly signature: string;
	/** A breach that was paid back, and by which transaction is known. */
	readonly isRefunded: boolean;
}

/** The endpoints as they arrive. Returns how long the market thinks the list holds, in seconds. */
export async function* endpoints(means: MarketDeps, settings: PactSettings): AsyncGenerator<Endpoint, number> {
	const response = await ask(means, { method: "GET", url: `${settings.gateway}/.well-known/endpoints` });
	if (response.status !== 200) throw await failed(response);
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

function endpointOf(value: JsonText): Endpoint | undefined {
	const [slug, network, hostnames, premium, paused] = value.members(...ENDPOINT);
	if (word(slug) === "") return undefined;
	return {
		slug: word(slug),
		network: word(network),
		hostnames: (hostnames?.elements(HOSTNAMES_LIMIT) ?? []).map(word).filter((name) => name !== ""),
		premium: amountOf(premium?.leaf),
		isPaused: paused?.leaf === true,
	};
}

export async function agentFunds(means: MarketDeps, settings: PactSettings, agent: string): Promise<AgentFunds> {
	const url = `${settings.gateway}/v1/agents/${encodeURIComponent(agent)}`;
	const response = await ask(means, { method: "GET", url, credentials: bearer(settings) });
	if (response.status !== 200) throw await failed(response);
	const [eligible, balance, allowance, reason] = (await json(response)).members(
		...["eligible", "ata_balance_lamports", "allowance_lamports", "reason"],
	);
	return {
		isEligible: eligible?.leaf === true,
		balance: amountOf(balance?.leaf),
		allowance: amountOf(allowance?.leaf),
		reason: word(reason),
	};
}

/**
 * A call as it was settled; `undefined` as long as it is not. The indexer knows it by network, the gateway without one.
 * Throws `PactError` `CallIdMalformed`, `LookupFailed`, `AnswerMalformed`, and `HttpError`.
 */
export async function callRecord(
	means: MarketDeps,
	settings: PactSettings,
	id: string,
	source: "indexer" | "gateway",
): Promise<CallRecord | undefined> {
	if (callIdOf(id) === "") {
		throw new PactError("CallIdMalformed", "expected a call id of 1 to 64 letters, digits, - and _");
	}
	const { gateway, indexer, network } = settings;
	const response = await ask(
		means,
		source === "gateway"
			? { method: "GET", url: `${gateway}/v1/calls/${id}`, credentials: bearer(settings) }
			: // Without a network the indexer looks on Solana's devnet.
				{ method: "GET", url: `${indexer}/api/calls/${id}?network=${network || "solana-mainnet"}` },
	);
	if (response.status === 404) {
		await response.discard();
		return undefined;
	}
	if (response.status !== 200) throw await failed(response);
	return recordOf(id, await json(response));
}

function recordOf(callId: string, value: JsonText): CallRecord {
	const [endpoint, premium, refund, latencyMs, breach, breachReason, settledAt, signature] = value.members(
		...["endpointSlug", "premiumLamports", "refundLamports", "latencyMs", "breach", "breachReason", "settledAt"],
		"signature",
	);
	const refunded = amountOf(refund?.leaf);
	const latency = latencyMs?.leaf;
	const isBreach = breach?.leaf === true;
	return {
		callId,
		endpoint: word(endpoint),
		premium: amountOf(premium?.leaf),
		refund: refunded,
		latencyMs: typeof latency === "number" ? latency : undefined,
		isBreach,
		breachReason: word(breachReason),
		settledAt: word(settledAt),
		signature: word(signature),
		isRefunded: isBreach && refunded?.some((byte) => byte !== 0) === true && word(signature) !== "",
	};
}

/**
 * Follows a call until what was charged and paid back is posted, `polls` looks at most; the last record seen, `undefined`
 * if there was none. A look that fails is one that saw nothing.
 */
export async function follow(
	means: MarketDeps,
	settings: PactSettings,
	id: string,
	polls: number,
): Promise<CallRecord | undefined> {
	let last: CallRecord | undefined;
	for (let poll = 0; poll < polls; poll++) {
		if (poll > 0) await pause(means.timer, Math.min(FIRST_POLL_MS * 2 ** (poll - 1), LONGEST_POLL_MS));
		last = (await look(means, settings, id)) ?? last;
		if (last !== undefined && last.signature !== "") return last;
	}
	return last;
}

async function look(means: MarketDeps, settings: PactSettings, id: string): Promise<CallRecord | undefined> {
	for (const source of ["indexer", "gateway"] as const) {
		// Which network a call was on is only known where it was configured.
		if (source === "gateway" && settings.network !== "") break;
		try {
			const record = await callRecord(means, settings, id, source);
			if (record !== undefined) return record;
		} catch {
			// The next look may be luckier, and the refund does not wait for it.
		}
	}
	return undefined;
}

export function bearer({ betaKey }: PactSettings): [name: string, value: string][] {
	return [["Authorization", `Bearer ${betaKey}`]];
}

/** A lookup costs nothing: it is asked again when the market has no time for it. */
async function ask(means: MarketDeps, request: HttpRequest): Promise<HttpResponse> {
	for (let asks = 1; ; asks++) {
		const response = await means.http.request({ ...request, acceptEncoding: "identity;q=1, *;q=0" });
		const afterMs = retryAfter(response, ASK_AGAIN_MS * asks);
		const isBusy = response.status === 429 || response.status === 503;
		if (!isBusy || asks === ASKS || afterMs === undefined) return response;
		await response.discard();
		await pause(means.timer, afterMs);
	}
}

async function failed(response: HttpResponse): Promise<PactError> {
	const { status } = response;
	const refusal = await readRefusal(response);
	await response.discard();
	return (
		refusal?.error ?? new PactError("LookupFailed", `expected 200, the market answered ${status}: try again later`)
	);
}

async function json(response: HttpResponse): Promise<JsonText> {
	const text = await response.text(RECORD_LIMIT);
	try {
		return readJson(text);
	} catch (error) {
		throw new PactError("AnswerMalformed", `the market's answer: ${(error as Error).message}`);
	}
}

/** A short text, or "". */
function word(value: JsonText | undefined): string {
	const leaf = value?.leaf;
	return typeof leaf === "string" ? leaf.slice(0, 128) : "";
}
