/** Credits: a balance at the market, bought in packs by x402. 100 of them are one US dollar, and they last 12 months. */

import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Purchase } from "../../wallet/purchase.js";
import { buy, type Deliver, type Outcome } from "../../x402/client.js";
import { malformed, numberOf, readFields, textOf } from "./answer.js";
import { type Api, signedAction } from "./api.js";
import { AgentPmtError, type Names } from "./errors.js";
import { MarketPayer, x402Dialect } from "./x402_payment.js";

/** Packs are multiples of so many credits. */
const PACK = 500;
/** Base units of USDC. What a credit costs in EURC is not documented. */
const UNITS_PER_CREDIT = 10_000;

export interface CreditOrder {
	/** A multiple of 500; for another number the market suggests the next pack, which is bought if the plan's cap allows. */
	readonly credits: number;
	/** The market's idempotency key. */
	readonly requestId?: string;
	readonly email?: string;
}

/** Credits that a payment on the chain has paid for. */
export interface Grant {
	readonly credits: number;
	readonly balance: number | undefined;
	readonly transaction: string;
}

export interface CreditOptions {
	/** The newer reference has chain and token in the order, the older one neither. */
	readonly dialect: "newer" | "older";
	readonly paymentHeader: string;
	readonly chainId: number;
	readonly token: "USDC" | "EURC";
	/** The address that pays, where it is not the wallet's own. */
	readonly payer: string | undefined;
}

const PATH = "/external/credits/purchase";
const GRANT_FIELDS: readonly string[] = Object.freeze(["credits", "balance", "transaction_hash"]);
const CLAIM_NAMES: Names = Object.freeze({ 409: "TransactionUnconfirmed" });
/** How often a transaction is claimed that has too few confirmations yet, and the first wait; each is twice the last. */
const CLAIMS = 5;
const FIRST_WAIT_MS = 2_000;

export class Credits {
	readonly #api: Api;
	readonly #options: CreditOptions;

	constructor(api: Api, options: CreditOptions) {
		this.#api = api;
		this.#options = options;
	}

	/** POST /external/credits/balance. Throws `AgentPmtError`, `HttpError`. */
	async balance(): Promise<number> {
		const asking = { ...signedAction("/external/credits/balance", "balance", "-"), isSafe: true };
		const [field] = await readFields(await this.#api.askSigned(asking), "balance");
		const balance = numberOf(field);
		if (balance === undefined) throw malformed("a number balance");
		return balance;
	}

	/**
	 * POST /external/credits/purchase, paid by x402. The grant is delivered as it comes. As `buy` of x402: throws only
	 * before anything was signed (`AgentPmtError` `PackPrice` for a price that is not the documented one, `PolicyError`).
	 */
	async purchase(order: CreditOrder, purchase: Purchase, deliver: Deliver): Promise<Outcome> {
		const { token } = this.#options;
		// What was begun before a restart goes on with the pack that it was begun with, suggested or not.
		const begun = token === "USDC" ? packOf(purchase) : undefined;
		try {
			return await this.#buy({ ...order, credits: begun ?? order.credits }, purchase, deliver);
		} catch (error) {
			const suggested = error instanceof AgentPmtError ? error.suggestedCredits : undefined;
			// A pack of unknown price could not be told from another after a restart.
			const isWanted = suggested !== undefined && suggested % PACK === 0 && suggested > order.credits;
			if (!isWanted || begun !== undefined || token !== "USDC") throw error;
			return this.#buy({ ...order, credits: suggested }, purchase, deliver);
		}
	}

	/**
	 * POST /external/credits/purchase with the hash of a transaction that somebody has sent: a sponsor, or the wallet's
	 * owner. Nothing is spent here. Waits for confirmations, 30 s in all. Throws `AgentPmtError` `TransactionUnconfirmed`.
	 */
	async claim(order: CreditOrder, transactionHash: string): Promise<Grant> {
		const body = JSON.stringify({ ...this.#order(order), transaction_hash: transactionHash });
		for (let claims = 1; ; claims++) {
			try {
				const asking = { method: "POST", path: PATH, body, isSafe: true, names: CLAIM_NAMES } as const;
				const [credits, balance, hash] = await readFields(await this.#api.ask(asking), ...GRANT_FIELDS);
				return {
					credits: numberOf(credits) ?? order.credits,
					balance: numberOf(balance),
					transaction: textOf(hash) || transactionHash,
				};
			} catch (error) {
				const isTooEarly = error instanceof AgentPmtError && error.name === "TransactionUnconfirmed";
				if (!isTooEarly || claims === CLAIMS) throw error;
				await this.#api.wait(FIRST_WAIT_MS * 2 ** (claims - 1), error);
			}
		}
	}

	#buy(order: CreditOrder, purchase: Purchase, deliver: Deliver): Promise<Outcome> {
		const { paymentHeader, chainId, token } = this.#options;
		const amount = token === "USDC" ? uint256.fromNumber(order.credits * UNITS_PER_CREDIT) : undefined;
		const request = {
			method: "POST",
			url: this.#api.url(PATH),
			headers: [["Content-Type", "application/json"]] as const,
			body: utf8.encode(JSON.stringify(this.#order(order))),
		};
		const payer = new MarketPayer(purchase, { network: `eip155:${chainId}`, amount });
		return buy(this.#api.means, request, payer, deliver, x402Dialect(this.#api, { path: PATH }, paymentHeader));
	}

	/** The same for the same order: a payment is sent with the body that its terms were asked with. */
	#order({ credits, requestId, email }: CreditOrder): object {
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

/** Of a purchase that a restart has left open. */
function packOf({ record }: Purchase): number | undefined {
	return record === undefined ? undefined : Number(uint256.toDecimal(record.amount)) / UNITS_PER_CREDIT;
}
