/**
 * Credit for an account, which a person pays for in a browser: the device shows where, and waits. It spends nothing itself,
 * and asks nobody as long as there is as much as is wanted.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";
import type { HttpResponse } from "../../http/response.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { pause } from "../kit/pause.js";
import type { MarketDeps } from "../market.js";
import { PactumError } from "./errors.js";
import { isOfMarket } from "./follow.js";
import type { Balance } from "./options.js";

export const PROVIDERS = Object.freeze(["stripe", "alipay", "wechat"] as const);
export type Provider = (typeof PROVIDERS)[number];

/** The operations of the market that are needed here. */
export interface Till {
	readonly name: string;
	balance(): Promise<Balance>;
	balanceAnswer(): Promise<HttpResponse>;
	topup(amount: string, provider: Provider): Promise<string>;
}

const LEAST_CENTS = 100;
const MOST_CENTS = 50_000;
/** Between two looks at the balance: the first wait, and the longest; each is twice the one before. */
const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 30_000;

/** Cents of an amount of dollars, decimal. Throws `PactumError` `TopUpOutOfRange`. */
export function centsOf(amount: string): number {
	let cents = 0;
	try {
		const text = uint256.toDecimal(units.parse(amount, 2));
		if (text.length <= 6) cents = Number(text);
	} catch {
		// Said below.
	}
	if (cents >= LEAST_CENTS && cents <= MOST_CENTS) return cents;
	throw new PactumError("TopUpOutOfRange", `expected 1 to 500 dollars in whole cents, got ${JSON.stringify(amount)}`);
}

/**
 * Sees to it that `amount` dollars of credit are there: where they are not, a person is shown where to pay for so much, and
 * waited for, `patience` milliseconds at most. The balance is delivered, as the market writes it. Throws `PactumError`
 * `NotPaid`, and what stopped it.
 */
export async function keepCredit(
	means: MarketDeps,
	till: Till,
	amount: string,
	provider: Provider,
	patience: number,
	deliver: Deliver,
): Promise<Outcome> {
	centsOf(amount);
	const wanted = units.parse(amount, 6);
	if (!(await has(till, wanted))) {
		await till.topup(amount, provider);
		await paid(means, till, wanted, patience);
	}
	await deliver(await till.balanceAnswer());
	return { state: "delivered", outcome: "free", detail: "", transaction: "" };
}

async function paid({ timer, log }: MarketDeps, till: Till, wanted: Uint8Array, patience: number): Promise<void> {
	let wait = FIRST_WAIT_MS;
	for (let waited = 0; waited < patience; waited += wait, wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
		await pause(timer, wait);
		try {
			if (!(await has(till, wanted))) continue;
			log({ event: "checkout", market: till.name, url: "" });
			return;
		} catch (error) {
			// The next look may be luckier: a person is about to pay.
			if (!isOfMarket(error)) throw error;
		}
	}
	log({ event: "checkout", market: till.name, url: "" });
	throw new PactumError("NotPaid", "nobody paid at the checkout in time: what is paid there later counts all the same");
}

async function has(till: Till, wanted: Uint8Array): Promise<boolean> {
	const { available } = await till.balance();
	return uint256.compare(units.parse(available, 6), wanted) >= 0;
}
