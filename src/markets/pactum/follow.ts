/** Follows an order to its end: polls it, lets its seller try again, fetches its result. */

import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { fields } from "../../../modules/encoding/json/items.js";
import { HttpError } from "../../http/errors.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { isRemote } from "../kit/errors.js";
import { pause } from "../kit/pause.js";
import { poll } from "../kit/poll.js";
import type { PactumApi } from "./api.js";
import { PactumError } from "./errors.js";
import { askOrder, dispute, file, result, retry } from "./orders.js";
import { orderOf, type PactumOrder } from "./shapes.js";

interface FollowOptions {
	/** Milliseconds. */
	readonly patience: number;
	/** True if the result is a file. */
	readonly isFile: boolean;
	readonly isPaid: boolean;
	readonly deliver: Deliver;
}

/** The end of an order. */
export type OrderEnd = Pick<Outcome, "state" | "outcome" | "detail">;

/** Intervals of polling an order. */
const TIMES = Object.freeze({ firstMs: 1_000, longestMs: 30_000 });
/** Upper bounds on attempts to fetch a result, and on retries by the seller. */
const FETCHES = 3;
const FETCH_WAIT_MS = 1_000;
const RETRIES = 3;

export class Following {
	/** The cost that the order reports, US dollars; "" until it does. */
	amount = "";
	readonly #api: PactumApi;
	readonly #options: FollowOptions;
	readonly #order: string;
	readonly #prove: (() => Promise<unknown>) | undefined;
	/** At the last poll. */
	#status = "";
	#retries = 0;
	/** The reason why the order has not ended yet. */
	#detail: string;

	/** `prove` names the payment of an order that waits for one. */
	constructor(api: PactumApi, options: FollowOptions, order: string, prove: (() => Promise<unknown>) | undefined) {
		this.#api = api;
		this.#options = options;
		this.#order = order;
		this.#prove = prove;
		this.#detail = `order ${order} has not been delivered yet`;
	}

	/** Follows the order. Since the money may be gone, throws no error of the market or the network. */
	async run(): Promise<OrderEnd> {
		await this.#say();
		const times = { ...TIMES, forMs: this.#options.patience };
		const end = await poll(this.#api.deps, times, () => this.#look());
		return end ?? ended("unknown", "not_delivered_yet", this.#detail);
	}

	/** Polls the order once, and acts on its status. Returns `undefined` to poll again. */
	async #look(): Promise<OrderEnd | undefined> {
		try {
			const answer = await askOrder(this.#api, this.#order);
			return await this.#act(orderOf(answer, this.#order));
		} catch (error) {
			if (!isRemote(error)) throw error;
			const { name, message } = error;
			if (name === "NotFound" || name === "ApiKeyRefused") return ended("unknown", name, message);
			this.#detail = message;
			return undefined;
		}
	}

	async #act({ status, amount, retriesLeft }: PactumOrder): Promise<OrderEnd | undefined> {
		const id = this.#order;
		this.amount = amount;
		if (status === "delivered" || status === "completed") return this.#fetch();
		if (status === "refunded") return ended("unknown", status, `order ${id}: Pactum reports a refund`);
		if (status === "disputed") return ended("unknown", status, `order ${id}: Pactum decides who gets the money`);
		if (status !== this.#status) this.#api.deps.log({ event: "waiting", market: "pactum", order: id, status });
		this.#status = status;
		if (status === "created") await this.#say();
		if (status === "failed") return this.#failed(retriesLeft);
		return undefined;
	}

	/** Sends the proof. The next poll shows whether it was accepted. */
	async #say(): Promise<void> {
		try {
			await this.#prove?.();
		} catch (error) {
			if (!isRemote(error)) throw error;
			this.#detail = error.message;
		}
	}

	async #failed(retriesLeft: number | undefined): Promise<OrderEnd | undefined> {
		if (this.#retries === RETRIES || retriesLeft === 0 || (await this.#isHopeless())) return this.#dispute();
		this.#retries++;
		try {
			const { status } = await retry(this.#api, this.#order);
			return status === "completed" ? await this.#fetch() : undefined;
		} catch (error) {
			if (!(error instanceof PactumError) || error.name !== "NoRetriesLeft") throw error;
			return this.#dispute();
		}
	}

	/** True if the seller blames the request: another try would fail too. */
	async #isHopeless(): Promise<boolean> {
		try {
			const response = await result(this.#api, this.#order);
			const said = await fields(response, ["result", "error", "message"], 1_024);
			return /invalid[ _]request/i.test(JSON.stringify(said.result ?? ""));
		} catch (error) {
			if (error instanceof ItemsError) return false;
			throw error;
		}
	}

	/** Disputes an order that failed for good; a free one just ends. */
	async #dispute(): Promise<OrderEnd> {
		const detail = `order ${this.#order} failed, and so did its retries`;
		if (!this.#options.isPaid) return ended("refused", "failed", detail);
		await dispute(this.#api, this.#order, "The seller's service failed, retries included.");
		return ended("unknown", "disputed", `${detail}: the payment is frozen until Pactum has decided`);
	}

	async #fetch(): Promise<OrderEnd> {
		const { isFile, isPaid, deliver } = this.#options;
		for (let fetches = 1; ; fetches++) {
			try {
				await deliver(await (isFile ? file : result)(this.#api, this.#order));
				return ended("delivered", isPaid ? "paid" : "free", "");
			} catch (error) {
				const { name, message } = error as Error;
				const isCut = error instanceof HttpError && name !== "BodyTooLarge";
				const isTransient = isCut || (error instanceof PactumError && name === "AnswerUnexpected");
				if (!isTransient || fetches === FETCHES) return ended("unknown", name, `order ${this.#order}: ${message}`);
			}
			await pause(this.#api.deps.timer, FETCH_WAIT_MS * fetches);
		}
	}
}

function ended(state: OrderEnd["state"], outcome: string, detail: string): OrderEnd {
	return { state, outcome, detail };
}
