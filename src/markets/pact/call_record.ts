/** Reads the record of a call once the market's chain has settled it, and waits for its refund. */

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
/** Intervals of polling for a refund. */
const TIMES = Object.freeze({ firstMs: 1_000, longestMs: 30_000 });
/** The network that the indexer is asked for if none is configured; by default it looks on Solana's devnet. */
export const MAINNET = "solana-mainnet";

/** Characters of a text in a record. */
const LONGEST_WORD = 128;

/** A call as the market's chain has settled it. */
export interface Settlement {
	readonly isBreach: boolean;
	/** Base units of USDC; `undefined` if the record does not say. */
	readonly refund: Uint8Array | undefined;
	/** The signature of the transaction that posted it; "" until it is known. */
	readonly signature: string;
	/** True for a breach that was refunded by a known transaction. */
	readonly isRefunded: boolean;
}

/**
 * Polls a call, at most `polls` times, until its charge and refund are posted. Returns the last record, `undefined` if there
 * was none. A failed poll counts as no record, unless all further ones would fail likewise: then its error is returned.
 */
export function follow(client: PactClient, id: string, polls: number): Promise<Settlement | PactError | undefined> {
	const seen: Seen = { last: undefined };
	// Not async: each suspended function takes more than a kilobyte.
	return poll(client.deps, { ...TIMES, looks: polls }, () => look(client, id, seen)).then((end) => end ?? seen.last);
}

interface Seen {
	last: Settlement | undefined;
}

/** Polls once. Returns `undefined` to poll again. */
async function look(client: PactClient, id: string, seen: Seen): Promise<Settlement | PactError | undefined> {
	for (const source of ["indexer", "gateway"] as const) {
		// The network of a call is only known if it is configured.
		if (source === "gateway" && client.settings.network !== "") break;
		try {
			const record = await readRecord(client, id, source);
			if (record !== undefined) {
				seen.last = settlementOf(record);
				break;
			}
		} catch (error) {
			if (error instanceof PactError && isFinal(error)) return error;
			// Transient: the next poll may succeed, and the refund does not depend on it.
		}
	}
	return seen.last?.signature === "" ? undefined : seen.last;
}

/** True if every further lookup would be refused likewise. */
function isFinal({ name }: PactError): boolean {
	return name === "NetworkUnknown" || name === "CallIdMalformed";
}

/**
 * Reads a call's record; `undefined` until it is settled. The indexer has it by network, the gateway without one. Throws
 * `PactError` `CallIdMalformed`, `NetworkUnknown`, `LookupFailed`, `AnswerMalformed`, and `HttpError`.
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

/** Makes a request that costs nothing, and expects 200 or `expected`. Throws `PactError`, `HttpError`. */
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

/** Names the failure. The indexer answers 400 for an unknown network, the gateway for an id that is no UUID. */
function lookupFailed(status: number, url: string): PactError {
	if (status !== 400) {
		return new PactError("LookupFailed", `expected 200, the market answered ${status}: try again later`);
	}
	return url.includes("network=")
		? new PactError("NetworkUnknown", "the market does not know the network: correct `network`, such as solana-mainnet")
		: new PactError("CallIdMalformed", "the market takes UUIDs for call ids: use the id of X-Pact-Call-Id");
}

/** Reads a document. Throws `PactError` `AnswerMalformed`, `HttpError`. */
export async function readDocument(response: HttpResponse): Promise<JsonText> {
	const text = await response.text(RECORD_LIMIT);
	try {
		return readJson(text);
	} catch (error) {
		throw new PactError("AnswerMalformed", `the market's answer: ${(error as Error).message}`);
	}
}

/** Returns a short text, or "". */
export function wordOf(value: JsonText | undefined): string {
	return leafText(value).slice(0, LONGEST_WORD);
}
