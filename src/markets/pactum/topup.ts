/**
 * Credit for an account, which a person pays for in a browser: the device shows where, and waits. It spends nothing itself,
 * and asks nobody as long as there is as much as is wanted.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { isRemote } from "../kit/errors.js";
import { poll } from "../kit/poll.js";
import { balance, balanceAnswer, centsOf, type TopUpProvider, topup } from "./account.js";
import type { PactumApi } from "./api.js";
import { PactumError } from "./errors.js";

/** Between two looks at the balance. */
const TIMES = Object.freeze({ firstMs: 2_000, longestMs: 30_000 });

/**
 * Ensures that the account has `amount` dollars of credit: if not, shows a person where to pay for so much, and waits,
 * `patience` milliseconds at most. Delivers the balance, as the market writes it. Throws `PactumError` `NotPaid`, and what
 * stopped it.
 */
export async function keepCredit(
	api: PactumApi,
	amount: string,
	provider: TopUpProvider,
	patience: number,
	deliver: Deliver,
): Promise<Outcome> {
	centsOf(amount);
	const wanted = units.parse(amount, 6);
	if (!(await has(api, wanted))) {
		await topup(api, amount, provider);
		await paid(api, wanted, patience);
	}
	await deliver(await balanceAnswer(api));
	return { state: "delivered", outcome: "free", detail: "", transaction: "" };
}

async function paid(api: PactumApi, wanted: Uint8Array, patience: number): Promise<void> {
	const { timer, log } = api.deps;
	const isPaid = await poll(timer, { ...TIMES, forMs: patience }, async () => {
		try {
			return (await has(api, wanted)) || undefined;
		} catch (error) {
			// Transient: a person is about to pay, and the next look may succeed.
			if (!isRemote(error)) throw error;
			return undefined;
		}
	});
	log({ event: "checkout", market: "pactum", url: "" });
	if (isPaid === true) return;
	throw new PactumError("NotPaid", "nobody paid at the checkout in time: what is paid there later still counts");
}

async function has(api: PactumApi, wanted: Uint8Array): Promise<boolean> {
	const { available } = await balance(api);
	return uint256.compare(units.parse(available, 6), wanted) >= 0;
}
