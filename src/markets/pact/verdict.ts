/**
 * The market's verdict on a call, in the headers of its answer, in both spellings:
 *
 * | guide | gateway |
 * |---|---|
 * | `X-Pact-Classification`: success, client_error, server_error | `X-Pact-Outcome`: ok, client_error, server_error, latency_breach, network_error |
 * | `X-Pact-Premium-Microusd` | `X-Pact-Premium` |
 * | `X-Pact-Call-Id` | `X-Pact-Call-Id` |
 * | | `X-Pact-Refund` |
 *
 * A call that was forwarded uninsured has none of them.
 */
import type { HeaderList } from "../../http/header_list.js";
import { amountOf } from "../kit/amount.js";
import { callIdOf } from "./refusal.js";

export type Classification = "success" | "client_error" | "server_error" | "latency_breach" | "network_error";

const CLASSIFICATIONS: readonly Classification[] = Object.freeze([
	"success",
	"client_error",
	"server_error",
	"latency_breach",
	"network_error",
] as const);

export interface PactVerdict {
	/** `undefined` if the market names none, or an unknown one. */
	readonly classification: Classification | undefined;
	/** Identifies the call for its refund; "" if there is none. */
	readonly callId: string;
	/** Base units of USDC, which are millionths of a dollar; `undefined` if the market does not say. */
	readonly premium: Uint8Array | undefined;
	/** The refund that is owed, in the same units. */
	readonly refund: Uint8Array | undefined;
}

/** Reads the verdict; `undefined` if no header shows that the market handled the call as its own. */
export function readVerdict(headers: HeaderList): PactVerdict | undefined {
	const outcome = headers.get("x-pact-classification") ?? headers.get("x-pact-outcome");
	const callId = callIdOf(headers.get("x-pact-call-id") ?? "");
	const premium = headers.get("x-pact-premium-microusd") ?? headers.get("x-pact-premium");
	if (outcome === undefined && callId === "" && premium === undefined) return undefined;
	return {
		classification: outcome === "ok" ? "success" : CLASSIFICATIONS.find((each) => each === outcome),
		callId,
		premium: amountOf(premium),
		refund: amountOf(headers.get("x-pact-refund")),
	};
}

/** True if a call of this kind is refunded. */
export function isBreach(classification: Classification | undefined): boolean {
	return classification === "server_error" || classification === "network_error" || classification === "latency_breach";
}
