/** An order of Pactum's followed to its end: looked at, its seller made to try again, its result fetched. */

import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { fields } from "../../../modules/encoding/json/items.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { pause } from "../kit/pause.js";
import type { MarketDeps } from "../market.js";
import { PactumError } from "./errors.js";
import type { Order } from "./shapes.js";

/** The operations of an order that are needed here. */
export interface Orders {
	readonly name: string;
	order(id: string): Promise<Order>;
	result(id: string): Promise<HttpResponse>;
	file(id: string): Promise<HttpResponse>;
	retry(id: string): Promise<Order>;
	dispute(id: string, reason: string): Promise<void>;
}

interface Means extends MarketDeps {
	readonly market: Orders;
}

interface Options {
	/** Milliseconds. */
	readonly patience: number;
	/** Whether the result is a file. */
	readonly isFile: boolean;
	readonly isPaid: boolean;
	readonly deliver: Deliver;
}

export type Verdict = Pick<Outcome, "state" | "outcome" | "detail">;

/** Between two looks at an order: the first wait, and the longest; each is twice the one before. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** How often a result is fetched, and a seller made to try again. */
const FETCHES = 3;
const RETRIES = 3;

export class Following {
	/** US dollars that the order says it cost; "" as long as it does not. */
	amount = "";
	readonly #means: Means;
	readonly #options: Options;
	readonly #order: string;
	readonly #prove: (() => Promise<void>) | undefined;
	/** As it was seen last. */
	#status = "";
	#retries = 0;
	/** What stands in the way. */
	#detail: string;

	/** `prove` is for an order that waits to hear that it was paid. */
	constructor(means: Means, options: Options, order: string, prove: (() => Promise<void>) | undefined) {
		this.#means = means;
		this.#options = options;
		this.#order = order;
		this.#prove = prove;
		this.#detail = `order ${order} has not been delivered yet`;
	}

	/** The money may be gone: nothing of the market's is thrown. */
	async run(): Promise<Verdict> {
		let wait = FIRST_WAIT_MS;
		await this.#say();
		for (let waited = 0; ; waited += wait, wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
			try {
				const verdict = await this.#look();
				if (verdict !== undefined) return verdict;
			} catch (error) {
				if (!isOfMarket(error)) throw error;
				const { name, message } = error as Error;
				if (name === "NotFound" || name === "ApiKeyRefused") return ended("unknown", name, message);
				this.#detail = message;
			}
			if (waited >= this.#options.patience) return ended("unknown", "not_delivered_yet", this.#detail);
			await pause(this.#means.timer, wait);
		}
	}

	/** One look at the order, and what its status calls for. `undefined` when it is to be looked at again. */
	async #look(): Promise<Verdict | undefined> {
		const { market, log } = this.#means;
		const id = this.#order;
		const { status, amount, retriesLeft } = await market.order(id);
		this.amount = amount;
		if (status === "delivered" || status === "completed") return this.#fetch();
		if (status === "refunded") return ended("unknown", status, `order ${id}: Pactum says the money went back`);
		if (status === "disputed") return ended("unknown", status, `order ${id}: Pactum decides whose the money is`);
		if (status !== this.#status) log({ event: "waiting", market: market.name, order: id, status });
		this.#status = status;
		if (status === "created") await this.#say();
		if (status === "failed") return this.#failed(retriesLeft);
		return undefined;
	}

	/** The proof. How it went the order itself says next. */
	async #say(): Promise<void> {
		try {
			await this.#prove?.();
		} catch (error) {
			if (!isOfMarket(error)) throw error;
			this.#detail = (error as Error).message;
		}
	}

	async #failed(retriesLeft: number | undefined): Promise<Verdict | undefined> {
		if (this.#retries === RETRIES || retriesLeft === 0 || (await this.#isHopeless())) return this.#dispute();
		this.#retries++;
		try {
			const { status } = await this.#means.market.retry(this.#order);
			return status === "completed" ? await this.#fetch() : undefined;
		} catch (error) {
			if (!(error instanceof PactumError) || error.name !== "NoRetriesLeft") throw error;
			return this.#dispute();
		}
	}

	/** Whether the seller says that the request is at fault: then to try again is no use. */
	async #isHopeless(): Promise<boolean> {
		try {
			const response = await this.#means.market.result(this.#order);
			const { result } = await fields(response, ["result", "error", "message"], 1_024);
			return /invalid[ _]request/i.test(JSON.stringify(result ?? ""));
		} catch (error) {
			if (error instanceof ItemsError) return false;
			throw error;
		}
	}

	/** Of an order that failed for good. What was free ends there. */
	async #dispute(): Promise<Verdict> {
		const detail = `order ${this.#order} failed, and trying again did not help`;
		if (!this.#options.isPaid) return ended("refused", "failed", detail);
		await this.#means.market.dispute(this.#order, "The seller's service failed, retries included.");
		return ended("unknown", "disputed", `${detail}: the payment is frozen until Pactum has decided`);
	}

	async #fetch(): Promise<Verdict> {
		const { market, timer } = this.#means;
		const { isFile, isPaid, deliver } = this.#options;
		for (let fetches = 1; ; fetches++) {
			try {
				await deliver(isFile ? await market.file(this.#order) : await market.result(this.#order));
				return ended("delivered", isPaid ? "paid" : "free", "");
			} catch (error) {
				const { name, message } = error as Error;
				const isCut = error instanceof HttpError && name !== "BodyTooLarge";
				const isLater = isCut || (error instanceof PactumError && name === "AnswerUnexpected");
				if (!isLater || fetches === FETCHES) return ended("unknown", name, `order ${this.#order}: ${message}`);
			}
			await pause(timer, FIRST_WAIT_MS * fetches);
		}
	}
}

/** What is to be looked at again rather than thrown, once money may be gone. */
export function isOfMarket(error: unknown): boolean {
	return error instanceof HttpError || error instanceof PactumError || error instanceof ItemsError;
}

function ended(state: Verdict["state"], outcome: string, detail: string): Verdict {
	return { state, outcome, detail };
}
