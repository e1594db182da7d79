/**
 * The sellers' and markets' books of one life of a device: every signature and every ask that costs, when it reached them, and
 * what the chain moved. They share no code with the ledger.
 */
import type { Watcher } from "../lives/sellers.js";
import type { SeenCharge } from "../lives/witness.js";
import { readPayment, type SignedPayment, TokenBook } from "./token_book.js";

/** Something that may have moved money, each time it reached a seller. */
export interface Arrival {
	/** Where it came: an address, or a market's origin. */
	readonly url: string;
	/** A nonce, or a market's id of a charge. */
	readonly id: string;
	readonly value: bigint;
	/** Whom it pays; "" where a market does not say. */
	readonly payTo: string;
	/** Seconds since the epoch. */
	readonly at: number;
	/** Of a signature. */
	readonly payment: SignedPayment | undefined;
}

export class Books implements Watcher {
	readonly token = new TokenBook();
	readonly arrivals: Arrival[] = [];
	readonly #seconds: () => number;

	constructor(seconds: () => number) {
		this.#seconds = seconds;
	}

	get now(): number {
		return this.#seconds();
	}

	/** Notes a payment that has reached `url`, and reads it. Throws for a header that is none. */
	signed(url: string, header: string): SignedPayment {
		const payment = readPayment(header);
		const { nonce, value, to } = payment;
		this.arrivals.push({ url, id: nonce, value, payTo: to, at: this.#seconds(), payment });
		return payment;
	}

	charge({ origin, id, cost }: SeenCharge, payTo = ""): void {
		this.arrivals.push({ url: origin, id, value: cost, payTo, at: this.#seconds(), payment: undefined });
	}

	/** A seller that notes what it saw by itself is not among these. */
	pay(): void {
		throw new Error("these books read payments themselves");
	}

	/** What has left for `source`, each nonce and charge once, in the order in which it first arrived, by its greatest value. */
	left(source: string): Arrival[] {
		const first = new Map<string, Arrival>();
		for (const arrival of this.arrivals) {
			if (!arrival.url.startsWith(source)) continue;
			const before = first.get(arrival.id);
			if (before === undefined) first.set(arrival.id, arrival);
			else if (arrival.value > before.value) first.set(arrival.id, { ...before, value: arrival.value });
		}
		return [...first.values()];
	}

	/** What was moved from `source`, by the chain's and the markets' own word. */
	moved(source: string): { readonly id: string; readonly at: number }[] {
		const transfers = this.token.transfers
			.filter(({ url }) => url.startsWith(source))
			.map(({ payment, at }) => ({ id: payment.nonce, at }));
		const charges = this.left(source).filter(({ payment }) => payment === undefined);
		return [...transfers, ...charges];
	}
}
