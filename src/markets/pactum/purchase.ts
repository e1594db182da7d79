/**
 * One purchase on Pactum, from the order to what it brings. What can cost is asked for once: an order that credit pays, and
 * a deposit. When its answer is lost, the market's lists are asked what became of it, and the purchase ends as unknown
 * when they do not know.
 *
 * credit: price → orders so far → budget, ordering → order → following → result
 * escrow: order (402: terms) → budget, depositing → deposit → proving → following → result
 */
import { readJson } from "../../../modules/encoding/json_text.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import { type AccountPurchase, baseUnits } from "../../wallet/account.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { fields } from "../json_items.js";
import type { MarketMeans, Wanted } from "../market.js";
import { pause } from "../pause.js";
import type { Api, Ask } from "./api.js";
import { isRefusal, PactumError } from "./errors.js";
import { Following, isOfMarket, type Orders } from "./follow.js";
import { decodeProgress, encodeProgress, type Progress } from "./progress.js";
import {
	dollarsOf,
	type EscrowTerms,
	type Item,
	idOf,
	type Order,
	PLACED_NAMES,
	termsOf,
	transactionOf,
} from "./shapes.js";

interface Means extends MarketMeans {
	readonly api: Api;
	readonly market: Desk;
}

/** What is needed of the market's own operations. */
export interface Desk extends Orders {
	quote(offer: string): Promise<Item>;
	orders(): AsyncGenerator<Order, void>;
	prove(item: string, order: string, transaction: string): Promise<string>;
}

/** What `wanted.input` says. */
interface Input {
	readonly query: string | undefined;
	readonly method: "credit" | "escrow";
	readonly isFile: boolean;
}

/** How often what was lost is looked for, and the first wait between two looks; each is twice the one before. */
const LOOKS = 4;
const FIRST_WAIT_MS = 1_000;
/** Of USDC, and of a dollar of credit. */
const DECIMALS = 6;
/** What the rules and the ledger know credit by; its unit is "usd". */
const CREDIT = "account:pactum";

export class PactumPurchase {
	readonly #means: Means;
	readonly #network: string;
	readonly #patience: number;
	readonly #account: AccountPurchase;
	readonly #wanted: Wanted;
	readonly #input: Input;
	readonly #deliver: Deliver;
	/** Whether `#account` has begun: what is free does without. */
	#isPaid = false;
	#transaction = "";

	constructor(
		means: Means,
		network: string,
		patience: number,
		account: AccountPurchase,
		wanted: Wanted,
		deliver: Deliver,
	) {
		this.#means = means;
		this.#network = network;
		this.#patience = patience;
		this.#account = account;
		this.#wanted = wanted;
		this.#input = readInput(wanted.input);
		this.#deliver = deliver;
	}

	async run(): Promise<Outcome> {
		const { record, progress } = this.#account;
		if (record?.state === "authorized") return this.#goOn(progress && decodeProgress(progress));
		// Nothing was asked for yet: old terms and prices are not paid.
		if (record?.state === "intended") this.#account.abandon("restarted");
		return this.#input.method === "credit" ? await this.#byCredit() : await this.#byEscrow(this.#input.method);
	}

	async #goOn(progress: Progress | undefined): Promise<Outcome> {
		this.#isPaid = true;
		switch (progress?.step) {
			case "ordering":
				return this.#followLost(progress.item, progress.mark);
			case "depositing":
				return this.#followUnproven(progress.order);
			case "proving":
				return this.#prove(progress.item, progress.order, progress.transaction);
			case "following":
				return this.#follow(progress.order);
			default:
				return this.#end("unknown", "progress_unreadable", "what the ledger keeps of it is of another program");
		}
	}

	// By credit

	async #byCredit(): Promise<Outcome> {
		const item = await this.#means.market.quote(this.#wanted.offer);
		if (item.needsQuery && this.#input.query === undefined) {
			throw new PactumError("FieldMissing", `item ${item.id} needs a query: ${item.queryFormat || "give it one"}`);
		}
		const amount = inUnits(item.price);
		if (amount === undefined) {
			throw new PactumError("PriceMalformed", `expected a price of at most ${DECIMALS} decimals, got ${item.price}`);
		}
		if (uint256.isZero(amount)) return this.#byEscrow(undefined);
		const mark = await this.#markOf(item.id);
		this.#begin({ network: CREDIT, asset: "usd", payTo: "", amount }, { step: "ordering", item: item.id, mark });
		let order: string;
		try {
			const placed = await this.#place(item.id, "credit");
			if (typeof placed !== "string") throw new PactumError("PaymentRequired", "expected credit to do, got a 402");
			order = placed;
		} catch (error) {
			if (isRefusal(error)) return this.#refused(error as Error);
			return this.#followLost(item.id, mark);
		}
		this.#keep({ step: "following", item: item.id, order });
		return this.#follow(order);
	}

	/** An order was asked for and its answer is lost: it is the one that was not there before, if there is one such. */
	async #followLost(item: string, before: Uint8Array): Promise<Outcome> {
		let wait = FIRST_WAIT_MS;
		for (let looks = 0; looks < LOOKS; looks++) {
			if (looks > 0) {
				await pause(this.#means.timer, wait);
				wait *= 2;
			}
			try {
				const order = await this.#findOrder(xor(before, await this.#markOf(item)));
				if (order === undefined) continue;
				this.#keep({ step: "following", item, order });
				return await this.#follow(order);
			} catch (error) {
				if (!isOfMarket(error)) throw error;
			}
		}
		const detail = `the answer to an order of ${item} was lost, and the list of orders does not tell what became of it`;
		return this.#end("unknown", "order_unknown", detail);
	}

	/** The exclusive or of the hashes of all orders of an item: it has one more when there is one more, in whatever order. */
	async #markOf(item: string): Promise<Uint8Array> {
		let mark: Uint8Array = new Uint8Array(8);
		for await (const order of this.#means.market.orders()) {
			if (order.item === "" || order.item === item) mark = xor(mark, this.#hashOf(order));
		}
		return mark;
	}

	async #findOrder(hash: Uint8Array): Promise<string | undefined> {
		if (isZero(hash)) return undefined;
		for await (const order of this.#means.market.orders()) {
			if (isZero(xor(hash, this.#hashOf(order)))) return order.id;
		}
		return undefined;
	}

	#hashOf({ id }: Order): Uint8Array {
		return this.#means.keys.sha256(utf8.encode(id)).subarray(0, 8);
	}

	// By escrow

	/** `method` is `undefined` for what is known to be free: terms are then a surprise. */
	async #byEscrow(method: "escrow" | undefined): Promise<Outcome> {
		const item = idOf(this.#wanted.offer);
		const placed = await this.#place(item, method);
		if (typeof placed === "string") return this.#follow(placed);
		if (method === undefined) throw new PactumError("PriceChanged", `item ${item} was free and is not any more`);
		const { order, contract, token, amount } = placed;
		this.#begin({ network: this.#network, asset: token, payTo: contract, amount }, { step: "depositing", item, order });
		let transaction: string;
		try {
			transaction = await this.#deposit(placed);
		} catch (error) {
			if (isRefusal(error)) return this.#refused(error as Error);
			return this.#followUnproven(order);
		}
		this.#keep({ step: "proving", item, order, transaction });
		return this.#prove(item, order, transaction);
	}

	/** The hosted wallet deposits. Asked for once: a second deposit would be a second payment. */
	async #deposit({ contract, token, orderHash, seller, amount }: EscrowTerms): Promise<string> {
		const names = `"escrow_contract":"${contract}","usdc_contract":"${token}","order_id_bytes32":"${orderHash}"`;
		const body = `{${names},"seller":"${seller}","amount":${dollarsOf(amount)}}`;
		const path = "/v1/escrow-deposit";
		const ask: Ask = { method: "POST", host: "wallet", path, auth: "key", body, isRepeatable: false };
		const { deposit_tx, tx_hash } = await this.#means.api.read(ask, ["deposit_tx", "tx_hash"], 1_024);
		return transactionOf(deposit_tx ?? tx_hash);
	}

	/** A deposit was asked for and its answer is lost. Unless the market has seen it, a person has to look for it. */
	async #followUnproven(order: string): Promise<Outcome> {
		let wait = FIRST_WAIT_MS;
		for (let looks = 0; looks < LOOKS; looks++) {
			if (looks > 0) {
				await pause(this.#means.timer, wait);
				wait *= 2;
			}
			try {
				const { status } = await this.#means.market.order(order);
				if (status !== "created") return await this.#follow(order);
			} catch (error) {
				if (!isOfMarket(error)) throw error;
			}
		}
		const detail = `the answer to the deposit for order ${order} was lost: if the escrow has it, prove it by its transaction`;
		return this.#end("unknown", "deposit_unknown", detail);
	}

	async #prove(item: string, order: string, transaction: string): Promise<Outcome> {
		this.#transaction = transaction;
		return this.#follow(order, async () => {
			await this.#means.market.prove(item, order, transaction);
		});
	}

	// Both

	/** An order's id, or the terms of one that is to be paid by escrow. Only credit pays by it. */
	async #place(item: string, method: "credit" | "escrow" | undefined): Promise<string | EscrowTerms> {
		const body = JSON.stringify({ query: this.#input.query, payment_method: method });
		const path = `/market/buy/${idOf(item)}`;
		const isRepeatable = method !== "credit";
		const response = await this.#means.api.ask({
			method: "POST",
			host: "gateway",
			path,
			auth: "token",
			body,
			expected: 402,
			isRepeatable,
		});
		const placed = await fields(response, PLACED_NAMES, 1_024);
		return response.status === 402 ? termsOf(placed, this.#means.keys) : idOf(placed.order_id);
	}

	/** To its end; `prove` is for an order that waits to hear that it was paid. */
	async #follow(order: string, prove?: () => Promise<void>): Promise<Outcome> {
		const { isFile } = this.#input;
		const options = { patience: this.#patience, isFile, isPaid: this.#isPaid, deliver: this.#deliver };
		const following = new Following(this.#means, options, order, prove);
		const { state, outcome, detail } = await following.run();
		return this.#end(state, outcome, detail, following.amount);
	}

	#begin(charge: Parameters<AccountPurchase["begin"]>[0], progress: Progress): void {
		const bytes = encodeProgress(progress);
		this.#account.begin(charge, bytes);
		this.#account.advance(bytes);
		this.#isPaid = true;
	}

	/** Flash that does not take it costs what a restart would have to ask for: this run knows. */
	#keep(progress: Progress): void {
		try {
			this.#account.advance(encodeProgress(progress));
		} catch (error) {
			const { name, message } = error as Error;
			this.#means.log({ event: "error", name, message });
		}
	}

	#refused({ name, message }: Error): Outcome {
		return this.#end("refused", name, message);
	}

	/** `amount` is what the order says it cost, "" if it does not. */
	#end(state: Outcome["state"], outcome: string, detail: string, amount = ""): Outcome {
		const ended: Outcome = { state, outcome, detail, transaction: this.#transaction };
		if (this.#isPaid) this.#account.end(ended, this.#risen(amount));
		return ended;
	}

	/** A price that rose between the look at it and the order counts as it is; one that fell gives nothing back. */
	#risen(amount: string): Uint8Array | undefined {
		const record = this.#account.record;
		const cost = record?.network === CREDIT ? inUnits(amount) : undefined;
		return cost !== undefined && uint256.compare(cost, record!.amount) > 0 ? cost : undefined;
	}
}

/** `undefined` for a price with more decimals than there are. */
function inUnits(price: string): Uint8Array | undefined {
	try {
		return baseUnits(price, DECIMALS);
	} catch {
		return undefined;
	}
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
	return a.map((byte, i) => byte ^ b[i]!);
}

function isZero(bytes: Uint8Array): boolean {
	return bytes.every((byte) => byte === 0);
}

/** Throws `PactumError` `InputMalformed`. */
function readInput(input: string): Input {
	const refusal =
		'expected "" or a JSON object with at most query, payment_method ("credit" or "escrow") and file as input';
	try {
		const json = readJson(input === "" ? "{}" : input);
		const [query, method, file] = json.members("query", "payment_method", "file").map((member) => member?.leaf);
		const isQuery = query === undefined || typeof query === "string";
		const isMethod = method === undefined || method === "credit" || method === "escrow";
		const isFile = file === undefined || typeof file === "boolean";
		if (json.isObject && isQuery && isMethod && isFile) {
			return { query, method: method ?? "escrow", isFile: file ?? false };
		}
	} catch {
		// Said below.
	}
	throw new PactumError("InputMalformed", refusal);
}
