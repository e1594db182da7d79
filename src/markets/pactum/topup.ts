/**
 * Credit for an account, which a person pays for in a browser: the device shows where, and waits for a while. It spends
 * nothing itself, and asks for nothing while there is enough credit.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { parseAmount } from "../kit/amount.js";
import { isRemote } from "../kit/errors.js";
import { poll } from "../kit/poll.js";
import { balance, balanceAnswer, centsOf, type TopUpProvider, topup } from "./account.js";
import type { PactumApi } from "./api.js";
import { PactumError } from "./errors.js";

/** Intervals of polling the balance. Other plans do not wait longer for a person; the checkout stays shown. */
const TIMES = Object.freeze({ firstMs: 2_000, longestMs: 30_000, forMs: 120_000 });

export class TopUp {
	readonly #api: PactumApi;
	/** True while a checkout is shown to a person. */
	#isShown = false;

	constructor(api: PactumApi) {
		this.#api = api;
	}

	/**
	 * Ensures that the account has `amount` dollars of credit: if not, shows a person where to pay that amount, and waits two
	 * minutes. Delivers the balance as the market writes it. Throws `PactumError` `NotPaid`, and the error that stopped it; the
	 * checkout then stays shown until a later period finds the credit.
	 */
	async keep(amount: string, provider: TopUpProvider, deliver: Deliver): Promise<Outcome> {
		centsOf(amount);
		const wanted = units.parse(amount, 6);
		if (!(await this.#has(wanted))) {
			await topup(this.#api, amount, provider);
			this.#isShown = true;
			await this.#paid(wanted);
		}
		if (this.#isShown) this.#api.deps.log({ event: "checkout", market: "pactum", url: "" });
		this.#isShown = false;
		await deliver(await balanceAnswer(this.#api));
		return { state: "delivered", outcome: "free", detail: "", transaction: "" };
	}

	async #paid(wanted: Uint8Array): Promise<void> {
		const isPaid = await poll(this.#api.deps, TIMES, async () => {
			try {
				return (await this.#has(wanted)) || undefined;
			} catch (error) {
				// Transient: a person is about to pay, and the next poll may succeed.
				if (!isRemote(error)) throw error;
				return undefined;
			}
		});
		if (isPaid === true) return;
		throw new PactumError("NotPaid", "nobody has paid at the checkout yet: a later payment there still counts");
	}

	async #has(wanted: Uint8Array): Promise<boolean> {
		const available = parseAmount((await balance(this.#api)).available, 6);
		if (available !== undefined) return uint256.compare(available, wanted) >= 0;
		throw new PactumError("PriceMalformed", "expected a balance of at most 6 decimals and 18 digits from Pactum");
	}
}
