/**
 * One purchase on Pactum, from the order to what it brings. What can cost is asked for once: an order that credit pays, and
 * a deposit. When its answer is lost, the market's lists are asked what became of it, and the purchase ends as unknown
 * when they do not know.
 *
 * credit: price → orders so far → budget, ordering → order → following → result
 * escrow: order (402: terms) → budget, depositing → deposit → proving → following → result
 */

import { fields } from "../../../modules/encoding/json/items.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { pause } from "../kit/pause.js";
import type { MarketDeps, MarketOrder } from "../market.js";
import type { Api, Ask } from "./api.js";
import { findDeposit } from "./deposit_lookup.js";
import { isRefusal, PactumError } from "./errors.js";
import { Following, isOfMarket, type Orders } from "./follow.js";
import { type OrderInput, readOrderInput } from "./input.js";
import { findNew, markOf } from "./lost_order.js";
import type { PaymentMethod, Settings, ShippingAddress } from "./options.js";
import { decodeProgress, encodeProgress, type Progress } from "./progress.js";
import {
	dollarsOf,
	type EscrowTerms,
	type Item,
	idOf,
	type Order,
	orderHashOf,
	PLACED_NAMES,
	termsOf,
	transactionOf,
} from "./shapes.js";

interface Means extends MarketDeps {
	readonly api: Api;
	readonly market: Desk;
}

/** What is needed of the market's own operations. */
export interface Desk extends Orders {
	quote(offer: string): Promise<Item>;
	orders(): AsyncGenerator<Order, void>;
	prove(item: string, order: string, transaction: string): Promise<string>;
	address(address: ShippingAddress): Promise<void>;
}

type Depositing = Extract<Progress, { readonly step: "depositing" }>;

/** How often what was lost is looked for, and the first wait between two looks; each is twice the one before. */
const LOOKS = 6;
const FIRST_WAIT_MS = 1_000;
/** Of USDC, and of a dollar of credit. */
const DECIMALS = 6;
/** What the rules and the ledger know credit by; its unit is "usd". */
const CREDIT = "account:pactum";

export class PactumPurchase {
	readonly #means: Means;
	readonly #settings: Settings;
	readonly #account: AccountCharge;
	readonly #wanted: MarketOrder;
	readonly #input: OrderInput;
	readonly #deliver: Deliver;
	/** Whether `#account` has begun: what is free does without. */
	#isPaid = false;
	#transaction = "";

	constructor(means: Means, settings: Settings, account: AccountCharge, wanted: MarketOrder, deliver: Deliver) {
		this.#means = means;
		this.#settings = settings;
		this.#account = account;
		this.#wanted = wanted;
		this.#input = readOrderInput(wanted.input);
		this.#deliver = deliver;
	}

	async run(): Promise<Outcome> {
		const { record, progress } = this.#account;
		if (record?.state === "authorized") return this.#goOn(progress && decodeProgress(progress));
		// Nothing was asked for yet: old terms and prices are not paid.
		if (record?.state === "intended") this.#account.abandon("restarted");
		const method = this.#input.method ?? this.#settings.paymentMethod;
		return method === "credit" ? this.#byCredit() : this.#byEscrow(method);
	}

	async #goOn(progress: Progress | undefined): Promise<Outcome> {
		this.#isPaid = true;
		switch (progress?.step) {
			case "ordering":
				return this.#followLost(progress.item, progress.mark);
			case "depositing":
				return this.#followUnproven(progress);
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
		const mark = await markOf(this.#means.market, this.#means.keys, item.id);
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
				const order = await findNew(this.#means.market, this.#means.keys, item, before);
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

	// By escrow

	/** `method` is `undefined` for what is known to be free: terms are then a surprise. */
	async #byEscrow(method: "escrow" | undefined): Promise<Outcome> {
		const item = idOf(this.#wanted.offer);
		const placed = await this.#place(item, method);
		if (typeof placed === "string") return this.#follow(placed);
		if (method === undefined) throw new PactumError("PriceChanged", `item ${item} was free and is not any more`);
		const { order, contract, token, amount } = placed;
		const depositing = { step: "depositing", item, order, escrow: contract } as const;
		this.#begin({ network: this.#settings.network, asset: token, payTo: contract, amount }, depositing);
		let transaction: string;
		try {
			transaction = await this.#deposit(placed);
		} catch (error) {
			if (isRefusal(error)) return this.#refused(error as Error);
			return this.#followUnproven(depositing);
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

	/** A deposit was asked for and its answer is lost. Unless market or chain know of it, a person has to look for it. */
	async #followUnproven({ item, order, escrow }: Depositing): Promise<Outcome> {
		let wait = FIRST_WAIT_MS;
		for (let looks = 0; looks < LOOKS; looks++) {
			if (looks > 0) {
				await pause(this.#means.timer, wait);
				wait *= 2;
			}
			try {
				const { status } = await this.#means.market.order(order);
				if (status !== "created") return await this.#follow(order);
				const transaction = await this.#findDeposit(order, escrow);
				if (transaction === undefined) continue;
				this.#keep({ step: "proving", item, order, transaction });
				return await this.#prove(item, order, transaction);
			} catch (error) {
				if (!isOfMarket(error)) throw error;
			}
		}
		const detail = `the answer to the deposit for order ${order} was lost: if the escrow has it, prove it by its transaction`;
		return this.#end("unknown", "deposit_unknown", detail);
	}

	/** Its transaction, where the owner has named a node that knows it. */
	async #findDeposit(order: string, escrow: string): Promise<string | undefined> {
		const { http, keys } = this.#means;
		const { rpc } = this.#settings;
		return rpc === undefined ? undefined : findDeposit(http, rpc, escrow, orderHashOf(keys, order));
	}

	async #prove(item: string, order: string, transaction: string): Promise<Outcome> {
		this.#transaction = transaction;
		return this.#follow(order, async () => {
			await this.#means.market.prove(item, order, transaction);
		});
	}

	// Both

	/** An order's id, or the terms of one that is to be paid by escrow. Where the market lacks an address, it is set. */
	async #place(item: string, method: PaymentMethod | undefined): Promise<string | EscrowTerms> {
		const { market, log } = this.#means;
		const { address } = this.#settings;
		try {
			return await this.#order(item, method);
		} catch (error) {
			const isMissing = error instanceof PactumError && error.name === "ShippingAddressMissing";
			if (!isMissing || address === undefined) throw error;
			try {
				await market.address(address);
			} catch (second) {
				const { name, message } = second as Error;
				log({ event: "error", name, message });
				throw error;
			}
			return this.#order(item, method);
		}
	}

	/** The like, asked once. Only credit pays by it. */
	async #order(item: string, method: PaymentMethod | undefined): Promise<string | EscrowTerms> {
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
		const options = { patience: this.#settings.patience, isFile, isPaid: this.#isPaid, deliver: this.#deliver };
		const following = new Following(this.#means, options, order, prove);
		const { state, outcome, detail } = await following.run();
		return this.#end(state, outcome, detail, following.amount);
	}

	#begin(charge: Parameters<AccountCharge["begin"]>[0], progress: Progress): void {
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
		return units.parse(price, DECIMALS);
	} catch {
		return undefined;
	}
}
