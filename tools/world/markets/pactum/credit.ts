/** Credit bought in a browser: a checkout page for the person, and the balance that grows once they have paid. */
import type { Account } from "./accounts.js";

interface TopUp {
	readonly account: Account;
	/** Micro-dollars. */
	readonly amount: bigint;
	paid: boolean;
}

export class TopUps {
	readonly #base: () => string;
	readonly #byUrl = new Map<string, TopUp>();

	/** @param base - the URL that checkout pages are below */
	constructor(base: () => string) {
		this.#base = base;
	}

	/** The URL that the person is to open. */
	open(account: Account, amount: bigint): string {
		const url = `${this.#base()}/checkout/cs_${this.#byUrl.size + 1}`;
		this.#byUrl.set(url, { account, amount, paid: false });
		return url;
	}

	/** The person pays at `url`. Paying twice is paying once. */
	pay(url: string): void {
		const topUp = this.#byUrl.get(url);
		if (!topUp) throw new Error(`${url} is no checkout page`);
		if (!topUp.paid) topUp.account.credit.balance += topUp.amount;
		topUp.paid = true;
	}
}
