/** Reads the record of a call, once the market's chain has settled it, and waits for its refund. */

import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import type { HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { amountOf } from "../kit/amount.js";
import { ask } from "../kit/ask.js";
import { leafText } from "../kit/fields.js";
import { retryAfter } from "../kit/pause.js";
import { poll } from "../kit/poll.js";
import type { PactClient } from "./client.js";
import { PactError } from "./errors.js";
import { callIdOf, readRefusal } from "./refusal.js";
import { bearer } from "./request.js";

/** Bytes of one record. */
const RECORD_LIMIT = 4_096;
const ATTEMPTS = Object.freeze({ limit: 3, firstWaitMs: 1_000 });
/** Between two looks for a refund. */
const TIMES = Object.freeze({ firstMs: 1_000, longestMs: 30_000 });
/** Where the indexer is to look if no network is configured: on its own it looks on Solana's devnet. */
export const MAINNET = "solana-mainnet";

/** Characters of a text that a record has. */
const LONGEST_WORD = 128;

/** A call as the market's chain has settled it. */
export interface Settlement {
	readonly isBreach: boolean;
	/** Base units of USDC; `undefined` where the record does not say. */
	readonly refund: Uint8Array | undefined;
	/** Signature of the transaction that posted it; "" until one is known. */
	readonly signature: string;
	/** A breach that was paid back, by a transaction that is known. */
	readonly isRefunded: boolean;
}

/**
 * Follows a call until what was charged and paid back is posted, `polls` looks at most; returns the last record seen,
 * `undefined` if there was none. A look that fails saw nothing, unless all others would fail likewise: then it returns why.
 */
export async function follow(
	client: PactClient,
	id: string,
	polls: number,
): Promise<Settlement | PactError | undefined> {
	let last: Settlement | undefined;
	const end = await poll(client.deps, { ...TIMES, looks: polls }, async () => {
		const seen = await look(client, id);
		if (seen instanceof PactError) return seen;
		last = seen ?? last;
		return last !== undefined && last.signature !== "" ? last : undefined;
	});
	return end ?? last;
}

async function look(client: PactClient, id: string): Promise<Settlement | PactError | undefined> {
	for (const source of ["indexer", "gateway"] as const) {
		// Which network a call was on is only known where it was configured.
		if (source === "gateway" && client.settings.network !== "") break;
		try {
			const record = await readRecord(client, id, source);
			if (record !== undefined) return settlementOf(record);
		} catch (error) {
			if (error instanceof PactError && isFinal(error)) return error;
			// Transient: the next look may succeed, and the refund does not depend on it.
		}
	}
	return undefined;
}

/** Tells whether every further lookup would be refused likewise. */
function isFinal({ name }: PactError): boolean {
	return name === "NetworkUnknown" || name === "CallIdMalformed";
}

/**
 * Reads a call's record; `undefined` as long as it is not settled. The indexer knows it by network, the gateway without
 * one. Throws `PactError` `CallIdMalformed`, `NetworkUnknown`, `LookupFailed`, `AnswerMalformed`, and `HttpError`.
 */
export async function readRecord(
	client: PactClient,
	id: string,
	source: "indexer" | "gateway",
): Promise<JsonText | undefined> {
	if (callIdOf(id) === "") {
		throw new PactError("CallIdMalformed", "expected a call id of 1 to 64 letters, digits, - and _");
	}
	const { gateway, indexer, network } = client.settings;
	const response = await lookUp(
		client,
		source === "gateway"
			? { method: "GET", url: `${gateway}/v1/calls/${id}`, credentials: bearer(client.settings) }
			: { method: "GET", url: `${indexer}/api/calls/${id}?network=${network || MAINNET}` },
		404,
	);
	if (response.status !== 404) return readDocument(response);
	await response.discard();
	return undefined;
}

export function settlementOf(record: JsonText): Settlement {
	const [breach, refundLamports, transaction] = record.members("breach", "refundLamports", "signature");
	const refund = amountOf(refundLamports?.leaf);
	const signature = wordOf(transaction);
	const isBreach = breach?.leaf === true;
	const isRefunded = isBreach && refund !== undefined && !uint256.isZero(refund) && signature !== "";
	return { isBreach, refund, signature, isRefunded };
}

/** Asks for what costs nothing: 200, or `expected`. Throws `PactError`, `HttpError`. */
export function lookUp({ deps }: PactClient, request: HttpRequest, expected = 200): Promise<HttpResponse> {
	const asked = { ...request, acceptEncoding: "identity;q=1, *;q=0" } as const;
	return ask(
		deps.timer,
		"always",
		async (waitMs) => {
			const response = await deps.http.request(asked);
			const { status } = response;
			if (status === 200 || status === expected) return response;
			const afterMs = status === 429 || status === 503 ? retryAfter(response, waitMs) : undefined;
			const refusal = await readRefusal(response);
			const { name, message } = refusal?.error ?? lookupFailed(status, asked.url);
			throw new PactError(name, message, afterMs);
		},
		ATTEMPTS,
	);
}

/** A 400 is the indexer's for a network that it does not know, and the gateway's for an id that is no UUID. */
function lookupFailed(status: number, url: string): PactError {
	if (status !== 400) {
		return new PactError("LookupFailed", `expected 200, the market answered ${status}: try again later`);
	}
	return url.includes("network=")
		? new PactError("NetworkUnknown", "the market does not know the network: correct `network`, such as solana-mainnet")
		: new PactError("CallIdMalformed", "the market takes UUIDs for call ids: use the id of X-Pact-Call-Id");
}

/** Throws `PactError` `AnswerMalformed`, `HttpError`. */
export async function readDocument(response: HttpResponse): Promise<JsonText> {
	const text = await response.text(RECORD_LIMIT);
	try {
		return readJson(text);
	} catch (error) {
		throw new PactError("AnswerMalformed", `the market's answer: ${(error as Error).message}`);
	}
}

/** A short text, or "". */
export function wordOf(value: JsonText | undefined): string {
	return leafText(value).slice(0, LONGEST_WORD);
}
