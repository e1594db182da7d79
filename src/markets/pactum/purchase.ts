/**
 * One purchase on Pactum, from the order to its result. A request that costs money is made once: an order by credit, or a
 * deposit. If its answer is lost, the market's lists are searched for its effect; if they do not show it, the purchase ends
 * as unknown.
 *
 * credit: price → orders so far → budget, ordering → order → following → result
 * escrow: order (402: terms) → budget, depositing → deposit → proving → following → result
 */

import type { CborValue } from "../../../modules/encoding/cbor.js";
import { fields } from "../../../modules/encoding/json/items.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";
import { HttpError } from "../../http/errors.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { parseAmount } from "../kit/amount.js";
import { isRemote } from "../kit/errors.js";
import { poll } from "../kit/poll.js";
import { interrupted } from "../kit/progress.js";
import type { MarketOrder } from "../market.js";
import { setAddress } from "./account.js";
import { type PactumApi, post } from "./api.js";
import { findDeposit } from "./deposit_lookup.js";
import { isRefusal, PactumError } from "./errors.js";
import { Following } from "./follow.js";
import { type OrderInput, readOrderInput } from "./input.js";
import { findItem } from "./items.js";
import { findNew, knownOrders } from "./lost_order.js";
import type { PactumSettings, PaymentMethod } from "./options.js";
import { order as lookAt, prove } from "./orders.js";
import { encodeProgress, type PurchaseProgress, progressOf } from "./progress.js";
import { type EscrowTerms, idOf, orderHashOf, PLACED_NAMES, termsOf, transactionOf } from "./shapes.js";

type Depositing = Extract<PurchaseProgress, { readonly step: "depositing" }>;

/** Intervals of polling for the effect of a request whose answer was lost. */
const TIMES = Object.freeze({ looks: 6, firstMs: 1_000, longestMs: 60_000 });
/** Decimals of USDC, and of a dollar of credit. */
const DECIMALS = 6;
/** The network of credit in rules and ledger; its unit is "usd". */
const CREDIT = "account:pactum";

export class PactumPurchase {
	readonly #api: PactumApi;
	readonly #settings: PactumSettings;
	readonly #account: AccountCharge;
	readonly #offer: string;
	readonly #input: OrderInput;
	readonly #deliver: Deliver;
	/** True once `#account` has begun; a free order does not use it. */
	#isPaid = false;
	#transaction = "";

	constructor(
		api: PactumApi,
		settings: PactumSettings,
		account: AccountCharge,
		{ offer, input }: MarketOrder,
		deliver: Deliver,
	) {
		this.#api = api;
		this.#settings = settings;
		this.#account = account;
		this.#offer = offer;
		this.#input = readOrderInput(input);
		this.#deliver = deliver;
	}

	async run(): Promise<Outcome> {
		const progress = interrupted(this.#account);
		if (progress !== undefined) return this.#resume(progress);
		const method = this.#input.method ?? this.#settings.paymentMethod;
		return method === "credit" ? this.#byCredit() : this.#byEscrow(method);
	}

	async #resume(saved: readonly CborValue[]): Promise<Outcome> {
		this.#isPaid = true;
		const progress = progressOf(saved);
		switch (progress?.step) {
			case "ordering":
				return this.#followLost(progress.item, progress.known);
			case "depositing":
				return this.#followUnproven(progress);
			case "proving":
				return this.#prove(progress.item, progress.order, progress.transaction);
			case "following":
				return this.#follow(progress.order);
			default:
				return this.#end("unknown", "progress_unreadable", "the saved progress is not a Pactum purchase's");
		}
	}

	// By credit

	async #byCredit(): Promise<Outcome> {
		const item = await findItem(this.#api, this.#offer);
		if (item.needsQuery && this.#input.query === undefined) {
			throw new PactumError(
				"FieldMissing",
				`item ${item.id} needs a query: ${item.queryFormat || "add one to the input"}`,
			);
		}
		const amount = parseAmount(item.price, DECIMALS);
		if (amount === undefined) {
			throw new PactumError(
				"PriceMalformed",
				`expected a price of at most ${DECIMALS} decimals and 18 digits, got ${item.price}`,
			);
		}
		if (uint256.isZero(amount)) return this.#byEscrow(undefined);
		const { address } = this.#settings;
		if (item.needsShipping && address !== undefined) await setAddress(this.#api, address);
		const known = await knownOrders(this.#api, item.id);
		this.#begin({ network: CREDIT, asset: "usd", payTo: "", amount }, { step: "ordering", item: item.id, known });
		let order: string;
		try {
			const placed = await this.#order(item.id, "credit");
			if (typeof placed !== "string")
				throw new PactumError("PaymentRequired", "expected an order paid by credit, got a 402");
			order = placed;
		} catch (error) {
			if (isRefusal(error)) return this.#refused(error as Error);
			return this.#followLost(item.id, known);
		}
		this.#save({ step: "following", item: item.id, order });
		return this.#follow(order);
	}

	/** Searches for an order whose answer was lost: the one that was not listed before, if there is exactly one. */
	async #followLost(item: string, known: Uint8Array | undefined): Promise<Outcome> {
		const order = known && (await this.#lookFor(() => findNew(this.#api, item, known)));
		if (order !== undefined) {
			this.#save({ step: "following", item, order });
			return this.#follow(order);
		}
		const detail = `the answer to an order of ${item} was lost, and the list of orders does not show its state`;
		return this.#end("unknown", "order_unknown", detail);
	}

	/**
	 * Polls until `look` returns a result; `undefined` if it never does. Errors of the market and the network are transient.
	 */
	#lookFor<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
		return poll(this.#api.deps, TIMES, async () => {
			try {
				return await look();
			} catch (error) {
				if (!isRemote(error)) throw error;
				return undefined;
			}
		});
	}

	// By escrow

	/** Buys by escrow. `method` is `undefined` for an item that is known to be free: terms are then unexpected. */
	async #byEscrow(method: "escrow" | undefined): Promise<Outcome> {
		const item = idOf(this.#offer);
		const placed = await this.#place(item, method);
		if (typeof placed === "string") return this.#follow(placed);
		if (method === undefined)
			throw new PactumError("PriceChanged", `item ${item} is no longer free: buy it again at its price`);
		const { order, contract, token, amount } = placed;
		checkSafe(amount);
		const depositing = { step: "depositing", item, order, escrow: contract } as const;
		this.#begin({ network: this.#settings.network, asset: token, payTo: contract, amount }, depositing);
		let transaction: string;
		try {
			transaction = await this.#deposit(placed);
		} catch (error) {
			if (isRefusal(error)) return this.#refused(error as Error);
			return this.#followUnproven(depositing);
		}
		this.#save({ step: "proving", item, order, transaction });
		return this.#prove(item, order, transaction);
	}

	/** Lets the hosted wallet deposit. Requested only once: a second deposit would be a second payment. */
	async #deposit({ contract, token, orderHash, seller, amount }: EscrowTerms): Promise<string> {
		const names = `"escrow_contract":"${contract}","usdc_contract":"${token}","order_id_bytes32":"${orderHash}"`;
		const body = `{${names},"seller":"${seller}","amount":${units.format(amount, DECIMALS)}}`;
		const request = {
			...post("/v1/escrow-deposit", body),
			host: "wallet",
			auth: "key",
			repeat: "never",
			on: "deposit",
		} as const;
		const { deposit_tx, tx_hash } = await this.#api.read(request, ["deposit_tx", "tx_hash"]);
		return transactionOf(deposit_tx ?? tx_hash);
	}

	/** Searches for a deposit whose answer was lost. If neither market nor chain shows it, a person has to look for it. */
	async #followUnproven({ item, order, escrow }: Depositing): Promise<Outcome> {
		const found = await this.#lookFor(async () => {
			const { status } = await lookAt(this.#api, order);
			const transaction = status === "created" ? await this.#findDeposit(order, escrow) : undefined;
			return status === "created" && transaction === undefined ? undefined : { transaction };
		});
		if (found?.transaction !== undefined) {
			this.#save({ step: "proving", item, order, transaction: found.transaction });
			return this.#prove(item, order, found.transaction);
		}
		if (found !== undefined) return this.#follow(order);
		const detail = `the answer to the deposit for order ${order} was lost: if the escrow has it, prove it with its transaction`;
		return this.#end("unknown", "deposit_unknown", detail);
	}

	/** Returns its transaction, if the owner has configured a node that shows it. */
	async #findDeposit(order: string, escrow: string): Promise<string | undefined> {
		const { http, keys } = this.#api.deps;
		const { rpc } = this.#settings;
		return rpc === undefined ? undefined : findDeposit(http, rpc, escrow, orderHashOf(keys, order));
	}

	async #prove(item: string, order: string, transaction: string): Promise<Outcome> {
		this.#transaction = transaction;
		return this.#follow(order, () => prove(this.#api, item, order, transaction));
	}

	// Both

	/**
	 * Places an order that is free or still to be paid by escrow. Sets the shipping address if the market lacks it, and orders
	 * again.
	 */
	async #place(item: string, method: "escrow" | undefined): Promise<string | EscrowTerms> {
		const { address } = this.#settings;
		try {
			return await this.#order(item, method);
		} catch (error) {
			const isMissing = error instanceof PactumError && error.name === "ShippingAddressMissing";
			if (!isMissing || address === undefined) throw error;
			try {
				await setAddress(this.#api, address);
			} catch (second) {
				this.#report(second as Error);
				throw error;
			}
			return this.#order(item, method);
		}
	}

	/**
	 * Places an order. Returns its id, or the terms of one to be paid by escrow. An order by credit costs money, so it is
	 * placed once, whatever the market answers.
	 */
	async #order(item: string, method: PaymentMethod | undefined): Promise<string | EscrowTerms> {
		const body = JSON.stringify({ query: this.#input.query, payment_method: method });
		const repeat = method === "credit" ? "never" : "always";
		const response = await this.#api.ask({ ...post(`/market/buy/${idOf(item)}`, body), expected: 402, repeat });
		const placed = await fields(response, PLACED_NAMES, 1_024);
		return response.status === 402 ? termsOf(placed, this.#api.deps.keys) : idOf(placed.order_id);
	}

	/** Follows an order to its end; `prove` names the payment of an order that waits for one. */
	async #follow(order: string, prove?: () => Promise<unknown>): Promise<Outcome> {
		const { isFile } = this.#input;
		const options = { patience: this.#settings.patience, isFile, isPaid: this.#isPaid, deliver: this.#deliver };
		const following = new Following(this.#api, options, order, prove);
		const { state, outcome, detail } = await following.run();
		return this.#end(state, outcome, detail, following.amount);
	}

	#begin(charge: Parameters<AccountCharge["begin"]>[0], progress: PurchaseProgress): void {
		const bytes = encodeProgress(progress);
		this.#account.begin(charge, bytes);
		this.#account.advance(bytes);
		this.#isPaid = true;
	}

	/** Saves progress. If flash fails, only a restart would have to look it up again; this run has it in memory. */
	#save(progress: PurchaseProgress): void {
		try {
			this.#account.advance(encodeProgress(progress));
		} catch (error) {
			this.#report(error as Error);
		}
	}

	#report({ name, message }: Error): void {
		this.#api.deps.log({ event: "error", name, message });
	}

	/**
	 * Ends an order that the market says it refused; its amount counts for life. If no byte of the request has left, nothing
	 * counts.
	 */
	#refused(error: Error): Outcome {
		const { name, message } = error;
		const hasLeft = !(error instanceof HttpError) && name !== "ApiKeyMissing";
		if (hasLeft) return this.#end("refused", name, message);
		this.#account.release(name);
		return { state: "refused", outcome: name, detail: message, transaction: "" };
	}

	/** Ends the purchase. `amount` is the order's own figure; "" if it has none. */
	#end(state: Outcome["state"], outcome: string, detail: string, amount = ""): Outcome {
		const ended: Outcome = { state, outcome, detail, transaction: this.#transaction };
		if (this.#isPaid) this.#account.end(ended, this.#risen(amount));
		return ended;
	}

	/** Returns the price if it rose since it was looked up; a lower price gives nothing back. */
	#risen(amount: string): Uint8Array | undefined {
		const record = this.#account.record;
		const cost = record?.network === CREDIT ? parseAmount(amount, DECIMALS) : undefined;
		return cost !== undefined && uint256.compare(cost, record!.amount) > 0 ? cost : undefined;
	}
}

/**
 * Checks an amount. The wallet service deposits `int(float(amount) * 10**6)` (its services/payment.py), which for some
 * amounts is one unit too low: the market would never accept such a deposit, and it would stay in escrow. Throws
 * `PactumError` `AmountUnsafe`.
 */
function checkSafe(amount: Uint8Array): void {
	const text = units.format(amount, DECIMALS);
	if (String(Math.trunc(Number(text) * 10 ** DECIMALS)) === uint256.toDecimal(amount)) return;
	throw new PactumError("AmountUnsafe", `the wallet service would deposit less than ${text} USDC: pay by credit`);
}
