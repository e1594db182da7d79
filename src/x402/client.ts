/**
 * Buys over HTTP with x402: send the request, get a 402, let the payer agree and sign, send the request with the payment, get the data.
 *
 * One purchase makes at most one payment. When an answer is lost, `buy` resends the same payment byte for byte; the network
 * settles its nonce only once. It asks for a second signature in one case: a seller refuses a prepayment
 * (`Payment.isPrepaid`) and sends other terms. That signature has the first one's nonce.
 */

import type { Timer } from "../device/timer.js";
import type { HttpClient } from "../http/client.js";
import { contentCodingOf } from "../http/content_coding.js";
import { HttpError } from "../http/errors.js";
import type { Waits } from "../http/limits.js";
import type { Credential, HttpRequest } from "../http/request.js";
import type { HttpResponse } from "../http/response.js";
import { retryAfterSeconds } from "../http/retry_after.js";
import { withoutSecrets } from "../http/shown.js";
import { isHeadTooLong, type PaymentAnswer, readAnswer } from "./answer.js";
import { type Elsewhere, fetchElsewhere } from "./elsewhere.js";
import { readPaymentRequired } from "./find_payment_required.js";
import type { PaymentRequired } from "./payment_required.js";
import type { PaymentFlow } from "./payment_requirements.js";
import { afterColon, sellersWords } from "./sellers_words.js";

export interface Payment {
	readonly headerName: string;
	readonly headerValue: Credential[1];
	readonly flow: PaymentFlow;
	/** Seconds until the signature can no longer be used; negative once it has expired. */
	secondsLeft(): number;
	/**
	 * The waits of the next exchange: as long as the payment is valid. `exchangeTimeout` is the time left for all exchanges.
	 */
	waits(): PaidWaits;
	/** True if a run before a restart may have sent it. */
	readonly isRepeated: boolean;
	/** True if it was made by remembered terms, before the seller sent its current ones. */
	readonly isPrepaid: boolean;
}

/** Milliseconds. */
export type PaidWaits = Pick<Waits, "headerTimeout" | "idleTimeout" | "exchangeTimeout">;

/** Agrees to a seller's terms and signs the payment. */
export interface Payer {
	/** Returns a payment to send without asking for terms: one that a restart interrupted, or one by remembered terms. */
	prepay(): Payment | undefined;
	/**
	 * Agrees to a seller's terms: checks the policy, writes the intent, signs, records the signature, in this order. If it
	 * throws, no signature has left.
	 */
	pay(terms: PaymentRequired): Payment;
}

/** The outcome of a purchase, as far as the exchange shows it. */
export interface Outcome {
	readonly state: "delivered" | "refused" | "unknown";
	/** One word for the record: "paid", "free", or the reason. */
	readonly outcome: string;
	/** An explanation for a person. */
	readonly detail: string;
	readonly transaction: string;
	/** The status of an answer without payment. */
	readonly status?: number;
	/** Seconds after which the seller wants to be asked again, if it says so. */
	readonly afterSeconds?: number;
}

export interface BuyDeps {
	readonly http: HttpClient;
	readonly timer: Timer;
}

/** Reads the body of a paid response. Throws `HttpError` if the body was cut short. */
export type Deliver = (response: HttpResponse) => Promise<void>;

/** Reads the parts of a market's answers that go beyond x402. */
export interface Dialect {
	/** The header that carries the payment, if it is not that of the x402 version. */
	readonly paymentHeader?: string;
	/** Reads an answer to the unpaid request that is neither data nor terms. May throw the market's own error. */
	unpaid(response: HttpResponse): Promise<void>;
	/** Classifies an answer to a payment. Returns `undefined` to leave it to x402, which then needs the body unread. */
	paid(response: HttpResponse): Promise<PaymentAnswer | undefined>;
}

/** Upper bounds on sends of one payment in one run, and on those to a seller that is still working on it. */
const SENDS = 4;
const SENDS_TO_BUSY = 40;
/** The wait before the second send. It doubles with each further one. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/**
 * Bounds on late answers: how long to wait for the seller's own answer after a late one to an earlier request, and how many
 * late answers to accept.
 */
const LATE_ANSWER_MS = 10_000;
const LATE_ANSWERS = 3;
/** Facilitators refuse authorizations that expire within 6 s. */
const MARGIN_SECONDS = 6;

/**
 * Makes one purchase. Before a payment exists, throws `HttpError`, `TermsError` and what the payer throws; nothing has been
 * signed then. Once a payment exists, it does not throw: the outcome says what is known.
 */
export async function buy(
	deps: BuyDeps,
	request: HttpRequest,
	payer: Payer,
	deliver: Deliver,
	dialect?: Dialect,
): Promise<Outcome> {
	let payment = payer.prepay();
	let unpaidError: string | undefined;
	if (payment === undefined) {
		const response = await deps.http.request(request);
		if (response.status !== 402) return unpaid(response, deliver, dialect);
		({ payment, unpaidError } = await agree(response, payer));
	}
	const exchange = new PaymentExchange(deps, request, payment, deliver, dialect, unpaidError);
	// Not awaited, so that this function is not in memory meanwhile.
	if (!payment.isPrepaid) return exchange.run();
	const outcome = await exchange.run();
	if (outcome.terms === undefined || outcome.outcome === "WalletEmpty") return outcome;
	// The seller refused a payment by remembered terms and sent its current ones.
	try {
		payment = payer.pay(outcome.terms);
	} catch (error) {
		const { name, message } = error as Error;
		return { state: "refused", outcome: name, detail: message, transaction: "" };
	}
	return new PaymentExchange(deps, request, payment, deliver, dialect).run();
}

/** A function of its own, so that the terms are not in memory while the payment is in flight. */
async function agree(response: HttpResponse, payer: Payer): Promise<{ payment: Payment; unpaidError: string }> {
	const required = await readPaymentRequired(response);
	return { payment: payer.pay(required), unpaidError: required.error };
}

/** Returns the outcome of a request that was answered without payment: free data, or the seller's error. */
async function unpaid(response: HttpResponse, deliver: Deliver, dialect?: Dialect): Promise<Outcome> {
	const { status } = response;
	if (status >= 200 && status <= 299) {
		const detail = `the seller asked for no payment${encodingOf(response, ", ")}`;
		await deliver(response);
		return { state: "delivered", outcome: "free", detail, transaction: "" };
	}
	await dialect?.unpaid(response);
	const location = response.headers.get("location");
	const place = location === undefined ? "" : ` with Location ${withoutSecrets(location).slice(0, 200)}`;
	const detail = `the seller answered ${status}${place}${afterColon(await sellersWords(response))}`;
	const afterSeconds = retryAfterSeconds(response);
	return { state: "refused", outcome: `http_${status}`, detail, transaction: "", status, afterSeconds };
}

/** Says that a body is compressed, which this client does not undo; "" if it is not. */
function encodingOf({ headers }: HttpResponse, before = ""): string {
	const coding = contentCodingOf(headers);
	return coding === "" ? "" : `${before}the data is encoded as ${coding}, and kept as it came`;
}

/** One payment in flight: sent, and resent until it is answered or expires. */
class PaymentExchange {
	readonly #deps: BuyDeps;
	/** The request without and with the payment. */
	readonly #unpaid: HttpRequest;
	readonly #paid: HttpRequest;
	readonly #payment: Payment;
	readonly #deliver: Deliver;
	readonly #dialect: Dialect | undefined;
	/** The seller's error text in its answer to the unpaid request, if it was asked. */
	readonly #unpaidError: string | undefined;
	/** True if a send of this payment got no answer: the seller may have settled it. */
	#inDoubt: boolean;

	constructor(
		deps: BuyDeps,
		request: HttpRequest,
		payment: Payment,
		deliver: Deliver,
		dialect: Dialect | undefined,
		unpaidError?: string,
	) {
		this.#unpaidError = unpaidError;
		this.#deps = deps;
		this.#payment = payment;
		this.#deliver = deliver;
		this.#dialect = dialect;
		this.#inDoubt = payment.isRepeated;
		this.#unpaid = request;
		const credentials = request.credentials ?? [];
		const header = [dialect?.paymentHeader ?? payment.headerName, payment.headerValue] as const;
		this.#paid = { ...request, credentials: [...credentials, header] };
	}

	async run(): Promise<Outcome & { readonly terms?: PaymentRequired }> {
		let last = {
			outcome: "answer_lost",
			detail: "no answer arrived before the payment expired",
			afterSeconds: 0,
			isBusy: false,
		};
		for (let sends = 0, failures = 0; failures < SENDS && sends < SENDS_TO_BUSY; sends++) {
			const left = this.#payment.secondsLeft() - MARGIN_SECONDS;
			// A seller that asks for a longer wait than the payment is valid gets it once more only if it is working on it.
			if (!last.isBusy && last.afterSeconds >= left) break;
			if (sends > 0) await this.#wait(sends, last.afterSeconds);
			if (this.#payment.secondsLeft() <= MARGIN_SECONDS || this.#payment.waits().exchangeTimeout <= 0) break;
			const answer = await this.#send();
			if (answer.kind === "served") return answer.outcome;
			// It verified before, so it may have been settled in between: not every facilitator reports that reason.
			if (last.outcome === "handler_failed" && answer.outcome === "verification_failed") this.#inDoubt = true;
			if (answer.kind === "ended") return this.#ended(answer);
			if (answer.isInDoubt) this.#inDoubt = true;
			if (answer.isBusy !== true) failures++;
			last = { ...answer, isBusy: answer.isBusy === true };
		}
		return this.#ended({ kind: "ended", state: "refused", transaction: "", ...last });
	}

	/**
	 * Returns the answer to this payment and to nothing else. "Payment required" on a reused connection may be a late duplicate
	 * of the answer to an earlier request. The seller's own answer then follows on the same connection; if it does not, the
	 * payment is sent once more on a fresh connection.
	 */
	async #send() {
		try {
			let response: HttpResponse | undefined = await this.#request({ isHeld: true });
			for (let late = 0; response !== undefined && late < LATE_ANSWERS; late++) {
				const answer = await this.#read(response);
				if (answer.kind === "served" || !answer.isLikeUnpaid || !response.isReused) return answer;
				response = await response.another(LATE_ANSWER_MS);
			}
			response?.release();
			return await this.#read(await this.#request({ isFresh: true }));
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			const { name, message, sent } = error;
			// The seller has answered. The same payment would get the same answer, which cannot be read.
			if (sent && isHeadTooLong(name)) {
				return { kind: "ended", state: "unknown", outcome: name, detail: message, transaction: "" } as const;
			}
			return {
				kind: "again",
				outcome: "answer_lost",
				detail: message,
				afterSeconds: 0,
				isInDoubt: sent,
				isBusy: false,
			} as const;
		}
	}

	/** Sends the payment. Waits as long as the payment is valid: a second exchange would make the seller work twice. */
	#request(how: Pick<HttpRequest, "isHeld" | "isFresh">): Promise<HttpResponse> {
		const waits = { ...this.#paid.waits, ...this.#payment.waits() };
		return this.#deps.http.request({ ...this.#paid, ...how, waits });
	}

	async #read(response: HttpResponse) {
		let answer: PaymentAnswer;
		try {
			answer =
				(await this.#dialect?.paid(response)) ?? (await readAnswer(response, this.#payment.flow, this.#unpaidError));
		} catch (error) {
			response.release();
			throw error;
		}
		if (answer.kind === "served") return this.#serve(response, answer.transaction);
		if (answer.kind === "elsewhere") return this.#fetch(response, answer);
		if (!response.isReused || answer.isLikeUnpaid !== true) response.release();
		return answer;
	}

	/** The payment is used: what it has bought is fetched from elsewhere, or the outcome is unknown. */
	async #fetch(response: HttpResponse, elsewhere: Elsewhere) {
		await response.discard();
		response.release();
		const { transaction, isJob } = elsewhere;
		const { http, timer } = this.#deps;
		const deps = { http, timer, request: this.#unpaid, waits: () => this.#payment.waits() };
		const taken = await fetchElsewhere(deps, elsewhere, (found) => this.#serve(found, transaction));
		if (typeof taken !== "string") return taken;
		const outcome = isJob ? "job_unfinished" : "redirected";
		return { kind: "ended", state: "unknown", outcome, detail: taken, transaction, isLikeUnpaid: false } as const;
	}

	async #serve(response: HttpResponse, transaction: string) {
		const paid: Outcome = { state: "delivered", outcome: "paid", detail: encodingOf(response), transaction };
		try {
			await this.#deliver(response);
			return { kind: "served", outcome: paid } as const;
		} catch (error) {
			// Resending the same payment may fetch the whole body.
			if (error instanceof HttpError && error.name !== "BodyTooLarge") throw error;
			const { name, message } = error as Error;
			return { kind: "served", outcome: { ...paid, state: "unknown", outcome: name, detail: message } } as const;
		} finally {
			response.release();
		}
	}

	/** Makes a refusal unknown if any send is in doubt. */
	#ended({ state, outcome, detail, transaction, terms }: Extract<PaymentAnswer, { kind: "ended" }>) {
		if (this.#inDoubt) return { state: "unknown", outcome, detail, transaction } as const;
		return { state, outcome, detail, transaction, ...(terms && { terms }) };
	}

	#wait(sends: number, afterSeconds: number): Promise<void> {
		const backOff = FIRST_WAIT_MS * 2 ** (sends - 1);
		// If the seller names a time, wait until then, but only while the payment can still be used.
		const left = Math.max(this.#payment.secondsLeft() - MARGIN_SECONDS - 1, 0) * 1_000;
		const milliseconds = Math.max(Math.min(backOff, LONGEST_WAIT_MS), Math.min(afterSeconds * 1_000, left));
		return new Promise((resolve) => this.#deps.timer.set(resolve, milliseconds));
	}
}
