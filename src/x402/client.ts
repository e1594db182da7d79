/**
 * Buying over HTTP with x402: ask, get a 402, have the payer agree and sign, ask again with the payment, get the data.
 *
 * One purchase makes at most one payment. When an answer is lost, the same payment is sent again, byte for byte, never a
 * new one: the chain takes its nonce only once. A refusal never causes another signature either, but in the one case of
 * `Payment.isPrepaid`, where the second signature has the nonce of the first, so that the chain takes one of them at most.
 */

import type { Timer } from "../device/timer.js";
import type { HttpClient } from "../http/client.js";
import { HttpError } from "../http/errors.js";
import type { HttpRequest } from "../http/request.js";
import type { HttpResponse } from "../http/response.js";
import { type PaymentAnswer, readAnswer, readPaymentRequired } from "./answer.js";
import type { PaymentRequired } from "./payment_required.js";
import type { PaymentFlow } from "./payment_requirements.js";

export interface Payment {
	readonly headerName: string;
	readonly headerValue: string;
	readonly flow: PaymentFlow;
	/** Seconds until the signature can no longer be used; below 0 when that is past. */
	secondsLeft(): number;
	/** An earlier run may have sent it. */
	readonly isRepeated: boolean;
	/** Made by remembered terms, before the seller was asked: its refusal with other terms is no surprise. */
	readonly isPrepaid: boolean;
}

/** What agrees to pay. */
export interface Payer {
	/** The payment to send without asking first: one that a restart interrupted, or a prepayment by remembered terms. */
	prepay(): Payment | undefined;
	/**
	 * Agrees to a seller's terms: checks the policy, makes the intent durable, signs, makes that durable, in this order.
	 * Whatever it throws, nothing has left.
	 */
	pay(terms: PaymentRequired): Payment;
}

/** How a purchase ended, as far as the exchange can tell. */
export interface Outcome {
	readonly state: "delivered" | "refused" | "unknown";
	/** One word for the record: "paid", "free", or why not. */
	readonly outcome: string;
	/** For a person. */
	readonly detail: string;
	readonly transaction: string;
}

export interface BuyDeps {
	readonly http: HttpClient;
	readonly timer: Timer;
}

/** Takes the body of what was bought. Throws `HttpError` when it was cut short. */
export type Deliver = (response: HttpResponse) => Promise<void>;

/** What a market's answers say beyond x402. */
export interface Dialect {
	/** The header that the payment goes in, where it is not that of the version. */
	readonly paymentHeader?: string;
	/** Looks at an answer to the unpaid request that is neither data nor terms, and may throw what it says. */
	unpaid(response: HttpResponse): Promise<void>;
	/** Classifies an answer to a payment; `undefined` leaves it to x402, if its body is still to be read where that counts. */
	paid(response: HttpResponse): Promise<PaymentAnswer | undefined>;
}

/** How often one payment is sent, at most, in one run. */
const SENDS = 4;
/** The wait before the second send; each further one is twice as long. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
/** Facilitators refuse what ends within 6 s. */
const MARGIN_SECONDS = 6;

/**
 * Makes one purchase. Before a payment exists it throws what stopped it (`HttpError`, `TermsError`, and what the payer
 * throws), and nothing has been signed. Once one exists it does not throw: the outcome says what is known.
 */
export async function buy(
	deps: BuyDeps,
	request: HttpRequest,
	payer: Payer,
	deliver: Deliver,
	dialect?: Dialect,
): Promise<Outcome> {
	let payment = payer.prepay();
	if (payment === undefined) {
		const response = await deps.http.request(request);
		if (response.status !== 402) return unpaid(response, deliver, dialect);
		payment = payer.pay(await readPaymentRequired(response));
	}
	const outcome = await new PaymentExchange(deps, request, payment, deliver, dialect).run();
	if (!payment.isPrepaid || outcome.terms === undefined) return outcome;
	// The seller refused a payment by remembered terms and named its present ones.
	try {
		payment = payer.pay(outcome.terms);
	} catch (error) {
		const { name, message } = error as Error;
		return { state: "refused", outcome: name, detail: message, transaction: "" };
	}
	return new PaymentExchange(deps, request, payment, deliver, dialect).run();
}

/** What came without being paid for: the data, or an error of the seller's. */
async function unpaid(response: HttpResponse, deliver: Deliver, dialect?: Dialect): Promise<Outcome> {
	const { status } = response;
	if (status >= 200 && status <= 299) {
		await deliver(response);
		return { state: "delivered", outcome: "free", detail: "the seller asked for nothing", transaction: "" };
	}
	await dialect?.unpaid(response);
	await response.discard();
	const location = response.headers.get("location");
	const detail = `the seller answered ${status}${location === undefined ? "" : `, and names ${location.slice(0, 200)}`}`;
	return { state: "refused", outcome: `http_${status}`, detail, transaction: "" };
}

/** One payment on its way: sent, and sent again, until there is an answer or no point in it. */
class PaymentExchange {
	readonly #deps: BuyDeps;
	readonly #request: HttpRequest;
	readonly #payment: Payment;
	readonly #deliver: Deliver;
	readonly #dialect: Dialect | undefined;
	/** Whether some send of this payment has had no answer: it may have been used. */
	#inDoubt: boolean;

	constructor(deps: BuyDeps, request: HttpRequest, payment: Payment, deliver: Deliver, dialect: Dialect | undefined) {
		this.#deps = deps;
		this.#payment = payment;
		this.#deliver = deliver;
		this.#dialect = dialect;
		this.#inDoubt = payment.isRepeated;
		const credentials = request.credentials ?? [];
		const header = [dialect?.paymentHeader ?? payment.headerName, payment.headerValue] as const;
		this.#request = { ...request, credentials: [...credentials, header] };
	}

	async run(): Promise<Outcome & { readonly terms?: PaymentRequired }> {
		let last = { outcome: "answer_lost", detail: "no answer came before the payment ran out", afterSeconds: 0 };
		for (let sends = 0; sends < SENDS; sends++) {
			if (sends > 0) await this.#wait(sends, last.afterSeconds);
			if (this.#payment.secondsLeft() <= MARGIN_SECONDS) break;
			const answer = await this.#send();
			if (answer.kind === "served") return answer.outcome;
			// What verified before and does not any more was perhaps used in between: not every facilitator says so.
			if (last.outcome === "handler_failed" && answer.outcome === "verification_failed") this.#inDoubt = true;
			if (answer.kind === "ended") return this.#ended(answer);
			if (answer.isInDoubt) this.#inDoubt = true;
			last = answer;
		}
		return this.#ended({ kind: "ended", state: "refused", transaction: "", ...last });
	}

	async #send() {
		try {
			const response = await this.#deps.http.request(this.#request);
			const answer = (await this.#dialect?.paid(response)) ?? (await readAnswer(response, this.#payment.flow));
			return answer.kind === "served" ? await this.#serve(response, answer.transaction) : answer;
		} catch (error) {
			if (!(error instanceof HttpError)) throw error;
			const { message, sent } = error;
			return { kind: "again", outcome: "answer_lost", detail: message, afterSeconds: 0, isInDoubt: sent } as const;
		}
	}

	async #serve(response: HttpResponse, transaction: string) {
		const paid: Outcome = { state: "delivered", outcome: "paid", detail: "", transaction };
		try {
			await this.#deliver(response);
			return { kind: "served", outcome: paid } as const;
		} catch (error) {
			// A body that was cut short may come whole when the same payment is sent again.
			if (error instanceof HttpError && error.name !== "BodyTooLarge") throw error;
			const { name, message } = error as Error;
			return { kind: "served", outcome: { ...paid, state: "unknown", outcome: name, detail: message } } as const;
		}
	}

	/** A refusal counts as one only when no send is in doubt. */
	#ended({ state, outcome, detail, transaction, terms }: Extract<PaymentAnswer, { kind: "ended" }>) {
		if (this.#inDoubt) return { state: "unknown", outcome, detail, transaction } as const;
		return { state, outcome, detail, transaction, ...(terms && { terms }) };
	}

	#wait(sends: number, afterSeconds: number): Promise<void> {
		const backOff = FIRST_WAIT_MS * 2 ** (sends - 1);
		const milliseconds = Math.min(Math.max(backOff, afterSeconds * 1_000), LONGEST_WAIT_MS);
		return new Promise((resolve) => this.#deps.timer.set(resolve, milliseconds));
	}
}
