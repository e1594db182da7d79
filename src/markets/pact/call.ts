/**
 * One paid call: asked, asked again where that is safe, its premium counted, its refund followed.
 *
 * | answer | what is done | ends as |
 * |---|---|---|
 * | 2xx | delivered; the premium of its header counts | delivered |
 * | 401, a bad signature | once more over the other text, with a fresh timestamp and nonce | refused |
 * | 401, stale | once more with a fresh timestamp and nonce | refused |
 * | 401, a replay | the market has seen this nonce, which was sent once: it may have made the call | unknown |
 * | 429 | waited for, three times in all | refused |
 * | other 4xx | | refused; unknown when it cost something |
 * | 5xx of the market before the call | | refused |
 * | other 5xx | if the call is idempotent, three times in all while the premiums keep within the cap | unknown |
 * | 3xx | | unknown |
 * | none, and nothing had left | three times in all | refused |
 * | none | never asked again: each request is a call of its own | unknown |
 *
 * What has cost something is never "refused", which gives budget back. A premium that is not known counts as the plan's
 * cap, which was taken from the budget before anything left.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import type { Url } from "../../http/url.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { pause, retryAfter } from "../kit/pause.js";
import { interrupted } from "../kit/progress.js";
import { follow } from "./call_record.js";
import type { PactClient } from "./client.js";
import { PactError } from "./errors.js";
import { type CallProgress, encodeProgress, progressOf } from "./progress.js";
import { type PactRefusal, readRefusal } from "./refusal.js";
import { httpRequestOf, isIdempotent, type PactRequest, urlOf } from "./request.js";
import { agentOf, type SignatureVersion } from "./signature.js";
import { isBreach, type PactVerdict, readVerdict } from "./verdict.js";

/** What premiums are counted in: base units of USDC, which are millionths of a dollar. */
export const PACT_NETWORK = "account:pact";
export const PACT_ASSET = "usdc";

/** How often a call is asked, in all. */
const ASKS = 3;
/** Before it is asked again; each further wait is twice as long. */
const FIRST_WAIT_MS = 500;

/** What an answer comes to: an end, or one more request after so many milliseconds. */
type Step = Outcome | { readonly state: "again"; readonly afterMs: number };

export class Call {
	/** The text that signatures are over; the market may take only the older one. */
	version: SignatureVersion;
	readonly #client: PactClient;
	readonly #account: AccountCharge;
	readonly #deliver: Deliver;
	#spent: Uint8Array = new Uint8Array(32);
	#isUnpriced = false;
	readonly #refunds: string[] = [];
	#asks = 0;
	#isSignedAnew = false;

	constructor(client: PactClient, account: AccountCharge, deliver: Deliver, version: SignatureVersion) {
		this.#client = client;
		this.#account = account;
		this.#deliver = deliver;
		this.version = version;
	}

	/**
	 * Makes the call, or ends one that a restart has left open. Throws what stopped it before anything left: `PactError`,
	 * `PolicyError`, `LedgerError`, `SignerError`, `HttpError` for an address that is none.
	 */
	async run(request: PactRequest): Promise<Outcome> {
		const progress = interrupted(this.#account);
		if (progress !== undefined) return this.#resume(progressOf(progress));
		const { deps, settings } = this.#client;
		const url = urlOf(settings, request);
		const isInsured = this.#isInsured(request);
		if (isInsured) agentOf(deps.keys, settings.slot!);
		const charge = { network: PACT_NETWORK, asset: PACT_ASSET, payTo: "", amount: this.#account.cap };
		this.#account.begin(charge, this.#progress(0));
		for (;;) {
			this.#keep(0);
			const step = await this.#ask(request, url, isInsured);
			if (step.state !== "again") return this.#close(step);
			await pause(deps.timer, step.afterMs);
		}
	}

	/** Ends a call that a restart interrupted: it may have been made, so it is not made again. */
	async #resume(progress: CallProgress | undefined): Promise<Outcome> {
		if (progress === undefined) {
			this.#isUnpriced = true;
			return this.#close(ended("unknown", "progress_unreadable", "the saved progress is not a Pact call's"));
		}
		const { place, spent, isUnpriced, refunds, state, outcome } = progress;
		this.#spent = spent;
		this.#isUnpriced = isUnpriced || place === 0;
		this.#refunds.push(...refunds);
		if (place === 2) return this.#close({ state, outcome, detail: "", transaction: "" });
		const word = place === 1 ? "delivery_cut" : "answer_lost";
		return this.#close(ended("unknown", word, "a restart interrupted the call"));
	}

	async #ask(request: PactRequest, url: Url, isInsured: boolean): Promise<Step> {
		this.#asks++;
		let response: HttpResponse;
		try {
			const { version } = this;
			const asked = httpRequestOf(this.#client, request, url, isInsured ? version : undefined);
			response = await this.#client.deps.http.request(asked);
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			if (!error.sent) return this.#again(ended("refused", error.name, error.message), this.#backOff);
			this.#isUnpriced = true;
			return ended("unknown", "answer_lost", error.message);
		}
		const { status } = response;
		const verdict = readVerdict(response.headers);
		this.#count(verdict);
		if (status >= 200 && status <= 299) return this.#serve(response, isInsured, verdict);
		const refusal = await readRefusal(response);
		if (status >= 500) return this.#failed(request, response, isInsured, verdict, refusal);
		if (status >= 400) return this.#refused(request, response, isInsured, verdict, refusal);
		this.#price(isInsured, verdict);
		return ended("unknown", "redirected", `the service answered ${status}`);
	}

	/** A 2xx answer: what is known of its price is kept before its body is read. */
	async #serve(response: HttpResponse, isInsured: boolean, verdict: PactVerdict | undefined): Promise<Outcome> {
		this.#price(isInsured, verdict);
		try {
			this.#keep(1);
			await this.#deliver(response);
		} catch (error) {
			response.close();
			return ended("unknown", (error as Error).name, (error as Error).message);
		}
		const isFree = !this.#isUnpriced && uint256.isZero(this.#spent);
		return ended("delivered", isFree ? "free" : "paid", "");
	}

	/** A 4xx answer: it costs what its premium says, if there is one. */
	#refused(
		request: PactRequest,
		response: HttpResponse,
		isInsured: boolean,
		verdict: PactVerdict | undefined,
		refusal: PactRefusal | undefined,
	): Step {
		const { status } = response;
		const name = refusal?.error.name ?? verdict?.classification ?? `http_${status}`;
		const end = ended("refused", name, refusal?.error.message ?? `the service answered ${status}`);
		if (status === 401 && isInsured && verdict === undefined) return this.#unsigned(end);
		// The market's own 429 did nothing; a service's is of a call that was made.
		const mayWait = status === 429 && (verdict === undefined || isIdempotent(request));
		return mayWait ? this.#again(end, retryAfter(response, this.#backOff)) : end;
	}

	/** The market does not take the signature. */
	#unsigned(end: Outcome): Step {
		if (end.outcome === "AuthReplay") {
			this.#isUnpriced = true;
			return { ...end, state: "unknown" };
		}
		const mayHelp = end.outcome === "BadSignature" || end.outcome === "AuthStale";
		const isOlder = end.outcome === "BadSignature" && !this.#isSignedAnew && this.version === "v2";
		if (end.outcome === "BadSignature") this.version = isOlder ? "v1" : "v2";
		if (!mayHelp || this.#isSignedAnew) return end;
		this.#isSignedAnew = true;
		return this.#again(end, 0);
	}

	/** A 5xx answer: of the market before it made the call, or of a call that failed, which costs and is paid back. */
	#failed(
		request: PactRequest,
		response: HttpResponse,
		isInsured: boolean,
		verdict: PactVerdict | undefined,
		refusal: PactRefusal | undefined,
	): Step {
		const { status } = response;
		const detail = refusal?.error.message ?? `the service answered ${status}`;
		const name = refusal?.error.name ?? verdict?.classification ?? `http_${status}`;
		const afterMs = retryAfter(response, this.#backOff);
		if (name === "EndpointPaused" || name === "NotImplemented") return ended("refused", name, detail);
		if (name === "BalanceCheckFailed") return this.#again(ended("refused", name, detail), afterMs);
		const wasMade = isInsured || verdict !== undefined || refusal !== undefined;
		this.#price(wasMade, verdict);
		if (verdict === undefined && refusal !== undefined && refusal.callId !== "") this.#refunds.push(refusal.callId);
		const end = ended(wasMade ? "unknown" : "refused", name, detail);
		return isIdempotent(request) && this.#isWithinCap(verdict) ? this.#again(end, afterMs) : end;
	}

	/** Counts what an answer says that it cost, and notes a call of which something is to be paid back. */
	#count(verdict: PactVerdict | undefined): void {
		if (verdict === undefined) return;
		const { classification, callId, premium, refund } = verdict;
		if (premium !== undefined) this.#spent = uint256.add(this.#spent, premium);
		const owed = refund ?? premium;
		const isOwed = owed === undefined || !uint256.isZero(owed);
		if (callId !== "" && isOwed && isBreach(classification)) this.#refunds.push(callId);
	}

	/** Of a call that was made, and of which the market does not say what it cost, nobody knows it. */
	#price(wasMade: boolean, verdict: PactVerdict | undefined): void {
		if ((wasMade || verdict !== undefined) && verdict?.premium === undefined) this.#isUnpriced = true;
	}

	/** Whether one more call like the last would keep within what was taken from the budget. */
	#isWithinCap(verdict: PactVerdict | undefined): boolean {
		if (this.#isUnpriced) return false;
		const next = uint256.add(this.#spent, verdict?.premium ?? new Uint8Array(32));
		return uint256.compare(next, this.#account.cap) <= 0;
	}

	/** Once more, unless it has been often enough or would have to wait too long. */
	#again(end: Outcome, afterMs: number | undefined): Step {
		return this.#asks < ASKS && afterMs !== undefined ? { state: "again", afterMs } : end;
	}

	get #backOff(): number {
		return FIRST_WAIT_MS * 2 ** (this.#asks - 1);
	}

	/** Follows what is to be paid back, and takes down the end. */
	async #close(end: Outcome): Promise<Outcome> {
		const amount = this.#amount();
		// What cost something is not given back on the word that it was refused.
		const state = end.state === "refused" && !uint256.isZero(amount) ? "unknown" : end.state;
		let outcome: Outcome = { ...end, state };
		if (this.#refunds.length > 0) {
			this.#keep(2, outcome);
			outcome = await this.#withRefunds(outcome);
		}
		this.#account.end(outcome, amount);
		return outcome;
	}

	/** The premium stays counted: that it came back is the market's word. */
	async #withRefunds(end: Outcome): Promise<Outcome> {
		const { deps, settings } = this.#client;
		let detail = end.detail;
		let transaction = end.transaction;
		let isPending = false;
		for (const id of this.#refunds) {
			const record = await follow(this.#client, id, settings.refundPolls);
			const posted = record?.isRefunded ? record : undefined;
			const refund = posted?.refund === undefined ? "0" : uint256.toDecimal(posted.refund);
			const told = posted ? `${refund} refunded by ${posted.signature}` : "no refund posted yet";
			deps.log({ event: "refund", market: "pact", call: id, amount: refund, posted: posted !== undefined });
			detail = `${detail === "" ? "" : `${detail}; `}call ${id}: ${told}`;
			transaction = posted?.signature ?? transaction;
			isPending ||= posted === undefined;
		}
		const outcome = end.state === "delivered" ? end.outcome : isPending ? "refund_pending" : "refunded";
		return { ...end, outcome, detail, transaction };
	}

	#amount(): Uint8Array {
		const { cap } = this.#account;
		return this.#isUnpriced && uint256.compare(cap, this.#spent) > 0 ? cap : this.#spent;
	}

	#keep(place: CallProgress["place"], end?: Outcome): void {
		this.#account.advance(this.#progress(place, end));
	}

	#progress(place: CallProgress["place"], end: Pick<Outcome, "state" | "outcome"> = { state: "unknown", outcome: "" }) {
		const { state, outcome } = end;
		return encodeProgress({
			place,
			spent: this.#spent,
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
