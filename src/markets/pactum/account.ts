/** Requests about the account: its credit, a checkout for more of it, its shipping address. */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as units from "../../../modules/encoding/units.js";
import type { HttpResponse } from "../../http/response.js";
import { get, type PactumApi, post } from "./api.js";
import { PactumError } from "./errors.js";
import type { PactumBalance, ShippingAddress } from "./options.js";
import { priceOf, urlOf } from "./shapes.js";

export const TOP_UP_PROVIDERS = Object.freeze(["stripe", "alipay", "wechat"] as const);
export type TopUpProvider = (typeof TOP_UP_PROVIDERS)[number];

const LEAST_CENTS = 100;
const MOST_CENTS = 50_000;

export async function balance(api: PactumApi): Promise<PactumBalance> {
	const { balance, frozen, available } = await api.read(get("/market/credit/balance"), [
		...["balance", "frozen", "available"],
	]);
	return { balance: priceOf(balance), frozen: priceOf(frozen), available: priceOf(available) };
}

/** Returns the balance as the market writes it. The caller must read or close the body. */
export function balanceAnswer(api: PactumApi): Promise<HttpResponse> {
	return api.ask(get("/market/credit/balance"));
}

/**
 * Opens a checkout for 1 to 500 dollars of credit, decimal, in whole cents. Shows a person where to pay, by the event
 * "checkout", and returns that address: it allows paying there and nothing else. The balance grows once somebody has paid.
 * Throws `PactumError` `TopUpOutOfRange`.
 */
export async function topup(api: PactumApi, amount: string, provider: TopUpProvider): Promise<string> {
	const body = `{"amount":${centsOf(amount) / 100},"provider":"${provider}"}`;
	const { checkout_url } = await api.read(post("/market/credit/topup", body), ["checkout_url"]);
	const { href } = urlOf(checkout_url);
	api.deps.log({ event: "checkout", market: "pactum", amount, provider, url: href });
	return href;
}

/** Sets the shipping address of physical items, before one is ordered. */
export async function setAddress(api: PactumApi, address: ShippingAddress): Promise<void> {
	const { name, street, city, state, postal_code, country } = address;
	const body = JSON.stringify({ address: { name, street, city, state, postal_code, country } });
	await api.tell({ ...post("/market/address", body), method: "PUT", repeat: "always" });
}

/** Converts dollars, decimal, to cents. Throws `PactumError` `TopUpOutOfRange`. */
export function centsOf(amount: string): number {
	let cents = 0;
	try {
		const digits = uint256.toDecimal(units.parse(amount, 2));
		if (digits.length <= 6) cents = Number(digits);
	} catch {
		// Refused below.
	}
	if (cents >= LEAST_CENTS && cents <= MOST_CENTS) return cents;
	throw new PactumError("TopUpOutOfRange", `expected 1 to 500 dollars in whole cents, got ${JSON.stringify(amount)}`);
}
