/** Credits: a balance at the market, bought in packs by x402. 100 cost one US dollar and last 12 months. */

import * as uint256 from "../../../modules/encoding/uint256.js";
import type { Purchase } from "../../wallet/purchase.js";
import { buy, type Deliver, type Outcome } from "../../x402/client.js";
import { numberOf } from "../kit/fields.js";
import { jsonRequest } from "../kit/request.js";
import { malformed, readFields } from "./answer.js";
import { type Api, signedAction } from "./api.js";
import { AgentPmtError } from "./errors.js";
import { MarketPayer, x402Dialect } from "./x402_payment.js";

/** Packs are multiples of this many credits. */
const PACK = 500;
/** Upper bound on a suggested pack: 10 million dollars. */
const MOST_CREDITS = 1_000_000_000;
/** Base units of USDC. The price of a credit in EURC is not documented. */
const UNITS_PER_CREDIT = 10_000;

export interface CreditOrder {
	/**
	 * A multiple of 500. For another number the market suggests the next larger pack, which is bought if the plan's cap allows.
	 */
	readonly credits: number;
	/** The market's idempotency key. */
	readonly requestId?: string;
	readonly email?: string;
}

export interface CreditOptions {
	/** The newer reference puts chain and token into the order, the older one does not. */
	readonly dialect: "newer" | "older";
	readonly paymentHeader: string;
	readonly chainId: number;
	readonly token: "USDC" | "EURC";
	/** The address that pays, if it is not the wallet's own. */
	readonly payer: string | undefined;
}

export const PURCHASE_PATH = "/external/credits/purchase";

export class Credits {
	readonly #api: Api;
	readonly #options: CreditOptions;

	constructor(api: Api, options: CreditOptions) {
		this.#api = api;
		this.#options = options;
	}

	/** POST /external/credits/balance. Throws `AgentPmtError`, `HttpError`. */
	async balance(): Promise<number> {
		const request = signedAction("/external/credits/balance", "balance", "-", "always");
		const [field] = await readFields(await this.#api.askSigned(request), "balance");
		const balance = numberOf(field?.leaf);
		if (balance === undefined) throw malformed("a number balance");
		return balance;
	}

	/**
	 * POST /external/credits/purchase, paid by x402; delivers the market's answer as received. Throws as `buy` of x402 does,
	 * only before anything was signed: `AgentPmtError` `PackPrice` for a price that differs from the documented one,
	 * `PolicyError`.
	 */
	async purchase(order: CreditOrder, purchase: Purchase, deliver: Deliver): Promise<Outcome> {
		const { token } = this.#options;
		// A purchase that a restart interrupted resumes with its own pack, suggested or not.
		const begun = token === "USDC" ? packOf(purchase) : undefined;
		try {
			return await this.#buy({ ...order, credits: begun ?? order.credits }, purchase, deliver);
		} catch (error) {
			const suggested = error instanceof AgentPmtError ? error.suggestedCredits : undefined;
			// After a restart, only the price tells which pack it was: without a documented price, no suggestion is followed.
			const isPack = suggested !== undefined && suggested % PACK === 0 && suggested <= MOST_CREDITS;
			const isWanted = isPack && suggested > order.credits;
			if (!isWanted || begun !== undefined || token !== "USDC") throw error;
			return this.#buy({ ...order, credits: suggested }, purchase, deliver);
		}
	}

	#buy(order: CreditOrder, purchase: Purchase, deliver: Deliver): Promise<Outcome> {
		const { paymentHeader, chainId, token } = this.#options;
		const amount = token === "USDC" ? uint256.fromNumber(order.credits * UNITS_PER_CREDIT) : undefined;
		const request = jsonRequest("POST", this.#api.url(PURCHASE_PATH), JSON.stringify(this.order(order)));
		const payer = new MarketPayer(purchase, { network: `eip155:${chainId}`, amount });
		return buy(this.#api.deps, request, payer, deliver, x402Dialect(this.#api, { path: PURCHASE_PATH }, paymentHeader));
	}

	/** Builds the body of an order. Equal orders have equal bodies: a payment goes with the body that got its terms. */
	order({ credits, requestId, email }: CreditOrder): object {
		const { dialect, chainId, token, payer } = this.#options;
		return {
			wallet_address: this.#api.wallet,
			credits,
			payment_method: "x402",
			...(dialect === "newer" && { chain_id: chainId, token }),
			...(payer !== undefined && { payer_wallet_address: payer }),
			...(requestId !== undefined && { request_id: requestId }),
			...(email !== undefined && { email }),
		};
	}
}

/** Returns the pack of a purchase that a restart interrupted. */
function packOf({ record }: Purchase): number | undefined {
	return record === undefined ? undefined : Number(uint256.toDecimal(record.amount)) / UNITS_PER_CREDIT;
}
