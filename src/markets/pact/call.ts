/**
 * One paid call: made once, its premium counted, its refund followed.
 *
 * | answer | outcome |
 * |---|---|
 * | 2xx | delivered; the premium in its header counts |
 * | 401 | refused; after a bad signature the next call signs the other text |
 * | 401, a replay: the market has seen this nonce, which was sent only once | unknown |
 * | other 4xx | refused; unknown when it cost something |
 * | 5xx of the market before the call | refused |
 * | other 5xx, 3xx | unknown |
 * | none, and nothing had left | repeated, three times in all; then refused, and nothing counts |
 * | none | unknown |
 *
 * A call that may have reached the market is never repeated: each request is a call of its own, and that one was refused
 * is only the market's claim. For life the whole cap counts, whatever premium the market reports; a premium counts in
 * the window and in reports, or the cap if the premium is unknown.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { ask } from "../kit/ask.js";
import { interrupted } from "../kit/progress.js";
import { follow, type Settlement } from "./call_record.js";
import type { PactClient } from "./client.js";
import { PactError } from "./errors.js";
import { type CallProgress, encodeProgress, progressOf } from "./progress.js";
import { type PactRefusal, readRefusal } from "./refusal.js";
import { httpRequestOf, type PactRequest, urlOf } from "./request.js";
import { agentOf, type SignatureVersion } from "./signature.js";
import { isBreach, type PactVerdict, readVerdict } from "./verdict.js";

/** The unit of premiums: base units of USDC, which are millionths of a dollar. */
export const PACT_NETWORK = "account:pact";
export const PACT_ASSET = "usdc";

/** Attempts to reach the market while no byte has left. */
const ATTEMPTS = Object.freeze({ limit: 3, firstWaitMs: 500 });

/** The text that is signed, beyond one call: the market may accept only the older one. */
export interface AcceptedSignatures {
	version: SignatureVersion;
}

export class Call {
	readonly #signatures: AcceptedSignatures;
	readonly #client: PactClient;
	readonly #account: AccountCharge;
	readonly #deliver: Deliver;
	#premium: Uint8Array = new Uint8Array(32);
	/** True if the call may have cost an unknown amount. */
	#isUnpriced = false;
	readonly #refunds: string[] = [];

	constructor(client: PactClient, account: AccountCharge, deliver: Deliver, signatures: AcceptedSignatures) {
		this.#client = client;
		this.#account = account;
		this.#deliver = deliver;
		this.#signatures = signatures;
	}

	/**
	 * Makes the call, or ends one that a restart left open. Throws the error that stopped it before anything left: `PactError`,
	 * `PolicyError`, `LedgerError`, `SignerError`, `HttpError` for a malformed address.
	 */
	async run(request: PactRequest): Promise<Outcome> {
		const saved = interrupted(this.#account);
		if (saved !== undefined) return this.#resume(progressOf(saved));
		const { deps, settings } = this.#client;
		urlOf(settings, request);
		const isInsured = this.#isInsured(request);
		if (isInsured) agentOf(deps.keys, settings.slot!);
		const charge = { network: PACT_NETWORK, asset: PACT_ASSET, payTo: "", amount: this.#account.cap };
		this.#account.begin(charge, this.#progress(0));
		this.#save(0);
		let response: HttpResponse;
		try {
			response = await ask(deps.timer, "never", () => this.#send(request, isInsured), ATTEMPTS);
		} catch (error) {
			return this.#unanswered(error as Error);
		}
		return this.#close(await this.#answered(response, isInsured));
	}

	/** Ends a call that a restart interrupted: it may have been made, so it is not repeated. */
	async #resume(progress: CallProgress | undefined): Promise<Outcome> {
		if (progress === undefined) {
			this.#isUnpriced = true;
			return this.#close(ended("unknown", "progress_unreadable", "the saved progress is not a Pact call's"));
		}
		const { place, premium, isUnpriced, refunds, state, outcome } = progress;
		this.#premium = premium;
		this.#isUnpriced = isUnpriced || place === 0;
		this.#refunds.push(...refunds);
		if (place === 2) return this.#close({ state, outcome, detail: "", transaction: "" });
		const word = place === 1 ? "delivery_cut" : "answer_lost";
		return this.#close(ended("unknown", word, "a restart interrupted the call"));
	}

	/** Signs again at each attempt: a timestamp is valid for 30 s. */
	async #send(request: PactRequest, isInsured: boolean): Promise<HttpResponse> {
		const url = urlOf(this.#client.settings, request);
		const asked = httpRequestOf(this.#client, request, url, isInsured ? this.#signatures.version : undefined);
		return this.#client.deps.http.request(asked);
	}

	/** Any other error than an unsent `HttpError` means that bytes of the request may have left. */
	async #unanswered(error: Error): Promise<Outcome> {
		const isOfNetwork = error instanceof HttpError;
		if (isOfNetwork && error.sent) {
			this.#isUnpriced = true;
			return this.#close(ended("unknown", "answer_lost", error.message));
		}
		this.#account.release(error.name);
		if (!isOfNetwork) throw error;
		return ended("refused", error.name, error.message);
	}

	async #answered(response: HttpResponse, isInsured: boolean): Promise<Outcome> {
		const { status } = response;
		const verdict = readVerdict(response.headers);
		this.#count(verdict);
		if (status >= 200 && status <= 299) return this.#serve(response, isInsured, verdict);
		const refusal = await readRefusal(response);
		if (status >= 500) return this.#failed(status, isInsured, verdict, refusal);
		if (status >= 400) return this.#refused(status, isInsured, verdict, refusal);
		this.#price(isInsured, verdict);
		return ended("unknown", "redirected", `the service answered ${status}`);
	}

	/** Handles a 2xx answer: its price is saved before its body is read. */
	async #serve(response: HttpResponse, isInsured: boolean, verdict: PactVerdict | undefined): Promise<Outcome> {
		this.#price(isInsured, verdict);
		try {
			this.#save(1);
			await this.#deliver(response);
		} catch (error) {
			response.close();
			return ended("unknown", (error as Error).name, (error as Error).message);
		}
		const isFree = !this.#isUnpriced && uint256.isZero(this.#premium);
		return ended("delivered", isFree ? "free" : "paid", "");
	}

	/** Handles a 4xx answer: it costs its premium, if it has one. */
	#refused(
		status: number,
		isInsured: boolean,
		verdict: PactVerdict | undefined,
		refusal: PactRefusal | undefined,
	): Outcome {
		const name = refusal?.error.name ?? verdict?.classification ?? `http_${status}`;
		const end = ended("refused", name, refusal?.error.message ?? `the service answered ${status}`);
		if (status !== 401 || !isInsured || verdict !== undefined) return end;
		if (name === "BadSignature") this.#signatures.version = this.#signatures.version === "v2" ? "v1" : "v2";
		if (name !== "AuthReplay") return end;
		this.#isUnpriced = true;
		return { ...end, state: "unknown" };
	}

	/**
	 * Handles a 5xx answer: from the market before it made the call, or from a failed call, which costs money and is refunded.
	 */
	#failed(
		status: number,
		isInsured: boolean,
		verdict: PactVerdict | undefined,
		refusal: PactRefusal | undefined,
	): Outcome {
		const detail = refusal?.error.message ?? `the service answered ${status}`;
		const name = refusal?.error.name ?? verdict?.classification ?? `http_${status}`;
		// The gateway's own plain-text 503, for a network that it does not serve (market-proxy, routes/proxy.ts).
		const isPlain = status === 503 && verdict === undefined && refusal === undefined;
		const isBefore = isPlain || name === "EndpointPaused" || name === "NotImplemented" || name === "BalanceCheckFailed";
		if (isBefore) return ended("refused", name, detail);
		const wasMade = isInsured || verdict !== undefined || refusal !== undefined;
		this.#price(wasMade, verdict);
		if (verdict === undefined && refusal !== undefined && refusal.callId !== "") this.#refunds.push(refusal.callId);
		return ended(wasMade ? "unknown" : "refused", name, detail);
	}

	/** Counts the cost that an answer reports, and notes a call that is to be refunded. */
	#count(verdict: PactVerdict | undefined): void {
		if (verdict === undefined) return;
		const { classification, callId, premium, refund } = verdict;
		if (premium !== undefined) this.#premium = premium;
		const owed = refund ?? premium;
		const isOwed = owed === undefined || !uint256.isZero(owed);
		if (callId !== "" && isOwed && isBreach(classification)) this.#refunds.push(callId);
	}

	/** Marks the price unknown if a call was made and the market did not report its cost. */
	#price(wasMade: boolean, verdict: PactVerdict | undefined): void {
		if ((wasMade || verdict !== undefined) && verdict?.premium === undefined) this.#isUnpriced = true;
	}

	/** Follows pending refunds, and records the outcome. */
	async #close(end: Outcome): Promise<Outcome> {
		const cost = this.#cost();
		// A call with a cost is not released because the market says that it was refused.
		const state = end.state === "refused" && !uint256.isZero(cost) ? "unknown" : end.state;
		let outcome: Outcome = { ...end, state };
		if (this.#refunds.length > 0) {
			this.#save(2, outcome);
			const records: (Settlement | PactError | undefined)[] = [];
			for (const id of this.#refunds) {
				records.push(await follow(this.#client, id, this.#client.settings.refundPolls));
			}
			outcome = this.#withRefunds(outcome, records);
		}
		this.#account.end(outcome, cost);
		return outcome;
	}

	/**
	 * Adds the refunds: a breach refunds the endpoint's cover and the premium. The premium stays counted, since the refund is
	 * only the market's claim.
	 */
	#withRefunds(end: Outcome, records: readonly (Settlement | PactError | undefined)[]): Outcome {
		const { deps } = this.#client;
		let detail = end.detail;
		let transaction = end.transaction;
		let isPending = false;
		for (const [i, id] of this.#refunds.entries()) {
			const record = records[i];
			const failure = record instanceof PactError ? record.message : "no refund posted yet";
			const posted = !(record instanceof PactError) && record?.isRefunded ? record : undefined;
			const refund = posted?.refund === undefined ? "0" : uint256.toDecimal(posted.refund);
			const status = posted ? `${refund} refunded by ${posted.signature}` : failure;
			deps.log({ event: "refund", market: "pact", call: id, amount: refund, posted: posted !== undefined });
			detail = `${detail === "" ? "" : `${detail}; `}call ${id}: ${status}`;
			transaction = posted?.signature ?? transaction;
			isPending ||= posted === undefined;
		}
		const outcome = end.state === "delivered" ? end.outcome : isPending ? "refund_pending" : "refunded";
		return { ...end, outcome, detail, transaction };
	}

	#cost(): Uint8Array {
		const { cap } = this.#account;
		return this.#isUnpriced && uint256.compare(cap, this.#premium) > 0 ? cap : this.#premium;
	}

	#save(place: CallProgress["place"], end?: Outcome): void {
		this.#account.advance(this.#progress(place, end));
	}

	#progress(place: CallProgress["place"], end: Pick<Outcome, "state" | "outcome"> = { state: "unknown", outcome: "" }) {
		const { state, outcome } = end;
		return encodeProgress({
			place,
			premium: this.#premium,
			isUnpriced: this.#isUnpriced,
			refunds: this.#refunds,
			state,
			outcome,
		});
	}

	#isInsured({ isInsured }: PactRequest): boolean {
		const { slot } = this.#client.settings;
		if (isInsured === true && slot === undefined) {
			throw new PactError("SlotUnset", "an insured call needs a key slot to sign it: configure `slot`");
		}
		return isInsured ?? slot !== undefined;
	}
}

function ended(state: Outcome["state"], outcome: string, detail: string): Outcome {
	return { state, outcome, detail, transaction: "" };
}
