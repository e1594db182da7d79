/**
 * A call that is charged to the balance. It is made once: a call that may have reached the market is never repeated,
 * neither if the market suggests it (401, 409, 429, 503) nor after a lost answer. Its cost is the decrease of the balance.
 *
 * | answer | the balance | ends as |
 * |---|---|---|
 * | 2xx | | delivered |
 * | none, and no byte had left | | repeated; then refused, and nothing counts |
 * | none, 3xx, 409 for a used request id | as before | unknown |
 * | another | as before | refused |
 * | any but 2xx | less | unknown, `charged_undelivered` |
 * | any but 2xx | more, or not available | unknown |
 *
 * For life the ledger counts all that plan and rule allow for one call, whatever the market lists, charges or answers. In
 * the window and in reports it counts the cost. Opening a session and asking for the balance come first and cost nothing, so
 * an expired session or a rate limit mostly shows there.
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { ask, isSuccess } from "../kit/ask.js";
import { isRemote } from "../kit/errors.js";
import { interrupted } from "../kit/progress.js";
import type { Api, SignedRequest } from "./api.js";
import type { Credits } from "./credits.js";
import { AgentPmtError } from "./errors.js";

/** The unit that the ledger counts: whole credits. */
export const NETWORK = "account:agentpmt";
export const ASSET = "credit";

export interface Call {
	readonly offer: string;
	readonly signed: SignedRequest;
	/** Looks the price up, in credits; `undefined` if the market's list has none. */
	price(): Promise<number | undefined>;
}

/** The progress of a call, which the ledger keeps as [request id, balance, whether the result was delivered]. */
interface CallProgress {
	readonly requestId: string;
	/** Before the call, in credits. */
	readonly balance: number;
	readonly isServed: boolean;
}

export class Invocation {
	readonly #api: Api;
	readonly #credits: Credits;
	readonly #call: Call;
	readonly #account: AccountCharge;
	readonly #deliver: Deliver;

	constructor(api: Api, credits: Credits, call: Call, account: AccountCharge, deliver: Deliver) {
		this.#api = api;
		this.#credits = credits;
		this.#call = call;
		this.#account = account;
		this.#deliver = deliver;
	}

	/**
	 * Makes the call, or ends one that a restart left open. Throws the error that stopped it before anything that costs money
	 * left.
	 */
	async run(): Promise<Outcome> {
		const saved = interrupted(this.#account);
		if (saved !== undefined) return this.#resume(saved);
		const progress = await this.#begin();
		this.#account.advance(encode(progress));
		let response: HttpResponse;
		try {
			response = await ask(this.#api.deps.timer, "never", () => this.#send(progress));
		} catch (error) {
			return this.#unanswered(progress, error as Error);
		}
		if (isSuccess(response)) return this.#serve(progress, response);
		const { status } = response;
		const { name, message } = await this.#api.refusal(response, this.#call.signed);
		const isDoubtful = status < 400 || name === "RequestReplayed";
		return this.#endUndelivered(progress, ended(isDoubtful ? "unknown" : "refused", name, message));
	}

	/** Reserves the budget. If it throws, nothing has cost anything. */
	async #begin(): Promise<CallProgress> {
		const { offer, price } = this.#call;
		const listed = await price();
		const balance = await this.#credits.balance();
		if (listed !== undefined && balance < listed) {
			throw new AgentPmtError(
				"CreditsInsufficient",
				`${offer} costs ${listed} credits and the balance is ${balance}: buy credits first`,
			);
		}
		const progress = { requestId: this.#api.newRequestId(), balance, isServed: false };
		const charge = { network: NETWORK, asset: ASSET, payTo: "", amount: unitsOf(listed ?? 0), isEstimate: true };
		this.#account.begin(charge, encode(progress));
		return progress;
	}

	/** Ends a call that a restart interrupted: it may have been made, so it is not made again. */
	async #resume(saved: readonly cbor.CborValue[]): Promise<Outcome> {
		const progress = progressOf(saved);
		if (progress === undefined) {
			return this.#end(ended("unknown", "progress_unreadable", "the saved progress is not an AgentPMT call's"));
		}
		if (progress.isServed) return this.#endServed(progress);
		return this.#endUndelivered(progress, ended("unknown", "answer_lost", "a restart interrupted the call"));
	}

	async #send({ requestId }: CallProgress): Promise<HttpResponse> {
		try {
			await this.#api.openSession();
		} catch (error) {
			throw isRemote(error) ? new SessionFailed(error) : error;
		}
		return this.#api.sendSigned(this.#call.signed, requestId);
	}

	async #unanswered(progress: CallProgress, error: Error): Promise<Outcome> {
		if (error instanceof HttpError && error.sent) {
			return this.#endUndelivered(progress, ended("unknown", "answer_lost", error.message));
		}
		const { name, message } = error instanceof SessionFailed ? error.reason : error;
		this.#account.release(name);
		if (!(error instanceof HttpError) && !(error instanceof SessionFailed)) throw error;
		return ended("refused", name, message);
	}

	async #serve(progress: CallProgress, response: HttpResponse): Promise<Outcome> {
		try {
			await this.#deliver(response);
		} catch (error) {
			response.close();
			const { name, message } = error as Error;
			const outcome = error instanceof HttpError ? "answer_lost" : name;
			return this.#end(ended("unknown", outcome, message), await this.#cost(progress));
		}
		const served = { ...progress, isServed: true };
		this.#account.advance(encode(served));
		return this.#endServed(served);
	}

	async #endServed(progress: CallProgress): Promise<Outcome> {
		return this.#end(ended("delivered", "paid", ""), await this.#cost(progress));
	}

	/** Ends a call without a result, by the decrease of the balance. */
	async #endUndelivered(progress: CallProgress, outcome: Outcome): Promise<Outcome> {
		const cost = await this.#cost(progress);
		if (cost === undefined) return this.#end({ ...outcome, state: "unknown" });
		if (cost > 0) {
			const detail = `${cost} credits were charged without a result: ${outcome.detail}`;
			return this.#end(ended("unknown", "charged_undelivered", detail), cost);
		}
		return this.#end(outcome, outcome.state === "refused" ? 0 : undefined);
	}

	/**
	 * Returns the decrease of the balance since before the call, in credits; `undefined` if the market does not say, or it has
	 * grown.
	 */
	async #cost({ balance }: CallProgress): Promise<number | undefined> {
		try {
			const cost = Math.ceil(balance - (await this.#credits.balance()));
			return Number.isSafeInteger(cost) && cost >= 0 ? cost : undefined;
		} catch (error) {
			if (isRemote(error)) return undefined;
			throw error;
		}
	}

	/**
	 * Ends the charge. The whole reserved amount counts if the cost is unknown, 0 for a call that was made, or more than was
	 * reserved: a market's claim alone must not use up a rule.
	 */
	#end(outcome: Outcome, cost?: number): Outcome {
		const isKnown = cost !== undefined && (cost > 0 || outcome.state === "refused");
		const units = isKnown ? unitsOf(cost) : undefined;
		const isMore = units !== undefined && uint256.compare(units, this.#account.record!.amount) > 0;
		this.#account.end(outcome, isMore ? undefined : units);
		return outcome;
	}
}

/** The session could not be opened, so the call has not left. */
class SessionFailed extends Error {
	readonly reason: Error;

	constructor(reason: Error) {
		super(reason.message);
		this.reason = reason;
	}
}

function ended(state: Outcome["state"], outcome: string, detail: string): Outcome {
	return { state, outcome, detail, transaction: "" };
}

/** Converts credits to base units. Throws `AgentPmtError` `AnswerMalformed` for a price that the ledger cannot count. */
function unitsOf(credits: number): Uint8Array {
	const whole = Math.ceil(credits);
	if (Number.isSafeInteger(whole)) return uint256.fromNumber(whole);
	throw new AgentPmtError("AnswerMalformed", "the market's list has a price beyond 2^53 credits: report it");
}

function encode({ requestId, balance, isServed }: CallProgress): Uint8Array {
	return cbor.encode([requestId, String(balance), isServed]);
}

function progressOf([requestId, balance, isServed]: readonly cbor.CborValue[]): CallProgress | undefined {
	if (typeof requestId !== "string" || typeof balance !== "string") return undefined;
	return { requestId, balance: Number(balance), isServed: isServed === true };
}
