/** Orders: what becomes of one from its placing to its end, and of the money that is held for it. */
import type { Address, Hex } from "viem";
import type { Clock } from "../clock.js";
import type { Account } from "./accounts.js";
import type { Item } from "./catalogue.js";
import type { Escrow } from "./escrow.js";
import { Refusal } from "./refusal.js";

const RETRIES = 3;
const RELEASE_SECONDS = 24 * 60 * 60;

export type OrderStatus =
	| "created"
	| "paid"
	| "processing"
	| "delivered"
	| "completed"
	| "failed"
	| "refunded"
	| "disputed";

export interface Message {
	readonly message_id: string;
	readonly from_wallet: Address;
	readonly to_wallet: Address;
	readonly content: string;
	readonly direction: "buyer_to_seller" | "seller_to_buyer";
	readonly created_at: string;
}

export interface Order {
	readonly id: string;
	readonly item: Item;
	readonly buyer: Account;
	readonly query: string | undefined;
	readonly method: "free" | "credit" | "escrow";
	readonly createdAt: number;
	status: OrderStatus;
	result: string | object | undefined;
	retriesLeft: number;
	/** The number of further attempts of the seller that fail. */
	failuresLeft: number;
	/** The transaction that paid. */
	proof: Hex | undefined;
	deliveredAt: number | undefined;
	disputeReason: string | undefined;
	readonly messages: Message[];
}

export class Orders {
	readonly #clock: Clock;
	readonly #escrow: Escrow;
	readonly #all: Order[] = [];
	/** Ids for the next orders; those of a counter when there is none left. */
	readonly nextIds: string[] = [];

	constructor(clock: Clock, escrow: Escrow) {
		this.#clock = clock;
		this.#escrow = escrow;
	}

	create(item: Item, buyer: Account, method: Order["method"], query: string | undefined): Order {
		const counted = `00000000-0000-4000-8000-${String(this.#all.length + 1).padStart(12, "0")}`;
		const order: Order = {
			id: this.nextIds.shift() ?? counted,
			item,
			buyer,
			query,
			method,
			createdAt: this.#clock.now(),
			status: "created",
			result: undefined,
			retriesLeft: RETRIES,
			failuresLeft: typeof item.fulfilment === "object" ? item.fulfilment.failures : 0,
			proof: undefined,
			deliveredAt: undefined,
			disputeReason: undefined,
			messages: [],
		};
		this.#all.push(order);
		return order;
	}

	/** An order by its id, as it is now. Throws `NOT_FOUND`, and `FORBIDDEN` for another buyer's. */
	async find(id: string, buyer?: Account): Promise<Order> {
		const order = this.#all.find((each) => each.id === id);
		if (!order) throw new Refusal("NOT_FOUND", `Order ${id} not found`);
		if (buyer !== undefined && order.buyer !== buyer) throw new Refusal("FORBIDDEN");
		await this.#releaseIfDue(order);
		return order;
	}

	/** Newest first. */
	all(): Order[] {
		return [...this.#all].reverse();
	}

	/** The buyer's orders, newest first. */
	async of(buyer: Account): Promise<Order[]> {
		const orders = this.#all.filter((order) => order.buyer === buyer).reverse();
		for (const order of orders) await this.#releaseIfDue(order);
		return orders;
	}

	/** The order is paid for, or free: the seller's first attempt. */
	fulfil(order: Order): void {
		order.status = "paid";
		if (order.item.fulfilment === "by hand") return;
		if (order.failuresLeft > 0) this.fail(order);
		else this.deliver(order);
	}

	/** The result is there: a free order is done with it, a paid one waits for the buyer. */
	deliver(order: Order, result: string | object = order.item.result): void {
		order.result = result;
		order.deliveredAt = this.#clock.now();
		order.status = order.method === "free" ? "completed" : "delivered";
	}

	fail(order: Order): void {
		order.failuresLeft--;
		order.result = { error: "the seller's service answered 502" };
		order.status = "failed";
	}

	/** The seller tries again; if that succeeds the order is complete and the seller is paid. */
	async retry(order: Order): Promise<void> {
		require(order, "failed");
		if (order.retriesLeft === 0) throw new Refusal("INVALID_REQUEST", "No retries left. Open a dispute.");
		order.retriesLeft--;
		if (order.failuresLeft > 0) return this.fail(order);
		this.deliver(order);
		await this.complete(order, "operator");
	}

	async confirm(order: Order): Promise<void> {
		require(order, "delivered");
		await this.complete(order, order.buyer.wallet);
	}

	async dispute(order: Order, reason: string): Promise<void> {
		require(order, "paid", "processing", "delivered", "failed");
		if (order.method === "free") throw new Refusal("INVALID_REQUEST", "Nothing was paid for this order.");
		order.disputeReason = reason;
		order.status = "disputed";
		if (order.method === "escrow") await this.#escrow.call(order.buyer.wallet, "dispute", order.id);
	}

	/** The seller is paid. The status comes first: a second request while the chain works finds it done. */
	async complete(order: Order, by: Address | "operator"): Promise<void> {
		order.status = "completed";
		if (order.method === "escrow") await this.#escrow.call(by, by === "operator" ? "release" : "confirm", order.id);
		if (order.method === "credit") {
			order.buyer.credit.balance -= order.item.price;
			order.buyer.credit.frozen -= order.item.price;
		}
	}

	/** The buyer has the money back. */
	async refund(order: Order): Promise<void> {
		order.status = "refunded";
		if (order.method === "escrow") await this.#escrow.call("operator", "refund", order.id);
		if (order.method === "credit") order.buyer.credit.frozen -= order.item.price;
	}

	async #releaseIfDue(order: Order): Promise<void> {
		const due = order.status === "delivered" && this.#clock.now() >= order.deliveredAt! + RELEASE_SECONDS * 1000;
		if (due) await this.complete(order, "operator");
	}
}

function require(order: Order, ...statuses: readonly OrderStatus[]): void {
	if (!statuses.includes(order.status))
		throw new Refusal("INVALID_REQUEST", `Order status is '${order.status}', expected ${statuses.join(" or ")}`);
}
