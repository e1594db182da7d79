/** Insured calls: what each cost, what is to be paid back, and when the settler posted it. */
import { createHash } from "node:crypto";
import { toBase58 } from "./base58.js";
import type { Endpoint } from "./endpoints.js";

export type Outcome = "ok" | "client_error" | "server_error" | "latency_breach" | "network_error";

export interface Agent {
	/** USDC in the agent's account, in micro-USDC. */
	balance: bigint;
	/** The part that the gateway may take. */
	allowance: bigint;
}

export interface Call {
	readonly id: string;
	/** Nobody for a call that only a beta key pays for. */
	readonly agent: string | undefined;
	readonly endpoint: Endpoint;
	readonly outcome: Outcome;
	readonly premium: bigint;
	readonly refund: bigint;
	readonly latencyMs: number;
	readonly at: number;
	settledAt: number | undefined;
	/** The Solana transaction that settled it. */
	signature: string | undefined;
}

export class Calls {
	readonly #now: () => number;
	readonly #calls = new Map<string, Call>();
	readonly agents = new Map<string, Agent>();
	#ids = 0;

	constructor(now: () => number) {
		this.#now = now;
	}

	/** An id never given before; the same sequence in each run. */
	nextId(): string {
		return `00000000-0000-4000-8000-${String(++this.#ids).padStart(12, "0")}`;
	}

	/** Returns the reason why `agent` cannot pay `premium`; nothing if it can. */
	cannotPay(agent: string, premium: bigint): string | undefined {
		const { balance, allowance } = this.agents.get(agent) ?? { balance: undefined, allowance: 0n };
		if (balance === undefined) return "no_ata";
		if (balance < premium) return "insufficient_balance";
		return allowance < premium ? "insufficient_allowance" : undefined;
	}

	/** Takes the premium; a breach is paid back with the cover when it is settled. A caller's own mistake is free. */
	record(
		id: string,
		agent: string | undefined,
		endpoint: Endpoint,
		outcome: Outcome,
		latencyMs: number,
		keepsPremium = false,
	): Call {
		const isBreach = outcome !== "ok" && outcome !== "client_error";
		const premium = outcome === "client_error" ? 0n : endpoint.premium;
		const refund = isBreach ? (keepsPremium ? 0n : premium) + endpoint.cover : 0n;
		const settled = { settledAt: undefined, signature: undefined };
		const call: Call = { id, agent, endpoint, outcome, premium, refund, latencyMs, at: this.#now(), ...settled };
		const payer = agent === undefined ? undefined : this.agents.get(agent);
		if (payer) {
			payer.balance -= premium;
			payer.allowance -= premium;
		}
		this.#calls.set(id, call);
		return call;
	}

	/** Posts what waits. `unsigned` leaves it without its transaction, as the indexer sees it for a moment. */
	settle({ unsigned = false } = {}): void {
		for (const call of this.#calls.values()) {
			const payer = call.agent === undefined ? undefined : this.agents.get(call.agent);
			if (call.settledAt === undefined && payer) payer.balance += call.refund;
			call.settledAt ??= this.#now();
			if (!unsigned) call.signature ??= toBase58(createHash("sha512").update(call.id).digest());
		}
	}

	/** All calls, in order. */
	all(): Call[] {
		return [...this.#calls.values()];
	}

	/**
	 * Returns the indexer's view of a call; nothing before it is settled, or if it was on another network
	 * (pactnetwork/pact-monitor fdf317d: indexer/src/api/calls.controller.ts, indexer/src/events/events.dto.ts).
	 */
	view(id: string, network?: string) {
		const call = this.#calls.get(id);
		if (call?.settledAt === undefined || (network ?? call.endpoint.network) !== call.endpoint.network) return undefined;
		const { agent, endpoint, outcome, premium, refund, latencyMs, at, settledAt, signature } = call;
		return {
			callId: id,
			agentPubkey: agent ?? null,
			endpointSlug: endpoint.slug,
			premiumLamports: String(premium),
			refundLamports: String(refund),
			latencyMs,
			breach: refund > 0n,
			breachReason: outcome === "ok" ? null : outcome,
			source: null,
			ts: new Date(at).toISOString(),
			settledAt: new Date(settledAt).toISOString(),
			signature: signature ?? null,
			recipientShares: [],
		};
	}
}
