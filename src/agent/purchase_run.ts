/**
 * One purchase of one plan in one period: directly from a seller by x402, or at a market, where the wallet signs or an
 * account is charged.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import type { FromMarket, FromSeller, Plan } from "../configuration/plan.js";
import type { Timer } from "../device/timer.js";
import type { HttpClient } from "../http/client.js";
import type { Waits } from "../http/limits.js";
import { type Header, type HttpRequest, isCredential } from "../http/request.js";
import { redacted, withoutSecrets } from "../http/shown.js";
import { parseUrl } from "../http/url.js";
import type { OpenMarket } from "../markets/market.js";
import type { AccountCharge } from "../wallet/account_charge.js";
import type { Purchase } from "../wallet/purchase.js";
import type { PurchaseRecord } from "../wallet/record.js";
import type { Wallet } from "../wallet/wallet.js";
import { buy, type Deliver, type Outcome } from "../x402/client.js";

/** Dependencies of a run. */
export interface PurchaseRunDeps {
	readonly http: HttpClient;
	readonly timer: Timer;
	readonly wallet: Wallet;
	readonly markets: ReadonlyMap<string, OpenMarket>;
}

/** The payment that was asked for, agreed to or not. */
export interface AskedPayment {
	readonly network: string;
	readonly asset: string;
	readonly amount: Uint8Array;
	readonly method: string;
}

/** Shorter texts are not treated as secrets: they occur in ordinary messages. */
const SECRET_LENGTH = 8;
/** Of a credential, which is a secret whatever it looks like. */
const CREDENTIAL_LENGTH = 4;

export class PurchaseRun {
	/** Scheme, host and port. */
	readonly seller: string;
	/** For a person: the address, or the market and its offer. Has no query, which may hold a key. */
	readonly what: string;
	readonly #deps: PurchaseRunDeps;
	readonly #buys: FromSeller | FromMarket;
	readonly #waits: Partial<Waits>;
	readonly #secrets: readonly string[];
	readonly #purchase: Purchase;
	readonly #account: AccountCharge;

	/** `record`: this purchase, if a restart left it open. */
	constructor(deps: PurchaseRunDeps, plan: Plan, period: number, record?: PurchaseRecord) {
		const { wallet, markets } = deps;
		const { buys, maxAmount, name, waits } = plan;
		this.#deps = deps;
		this.#buys = buys;
		this.#waits = waits.before;
		const isMarket = "market" in buys;
		const { origin, target } = isMarket
			? { origin: markets.get(buys.market)!.origin, target: "/" }
			: parseUrl(buys.url);
		const path = pathOf(target);
		this.seller = origin;
		this.what = withoutSecrets(isMarket ? `${buys.market}: ${buys.offer}` : `${origin}${path}`);
		this.#secrets = secretsOf(buys, target);
		const order = {
			plan: name,
			period,
			seller: { origin, path },
			cap: uint256.fromDecimal(maxAmount),
			paidWait: waits.paid,
			request: wallet.digest(
				utf8.encode(isMarket ? JSON.stringify([buys.market, buys.offer, buys.input]) : textOf(buys)),
			),
		};
		const isAccount = record?.kind === "charge";
		this.#purchase = wallet.purchase(order, isAccount ? undefined : record);
		this.#account = wallet.account(order, isAccount ? record : undefined);
	}

	/** The purchase's record in the ledger; `undefined` until a purchase has begun. */
	get record(): PurchaseRecord | undefined {
		return this.#account.record ?? this.#purchase.record;
	}

	/**
	 * The payment that was asked for. For a charge, the cost that the market reports; its reserved amount matters for the caps
	 * alone.
	 */
	get asked(): AskedPayment | undefined {
		const { record } = this.#account;
		return record === undefined ? this.#purchase.asked : { ...record, amount: record.cost, method: "account" };
	}

	/** Makes a seller's or market's text safe to show in an event, in case it repeats secrets of the request. */
	shown(text: string): string {
		return withoutSecrets(redacted(text, this.#secrets));
	}

	/** Buys. Throws what stopped it before anything that costs money left. `end` records the outcome. */
	buy(deliver: Deliver): Promise<Outcome> {
		const buys = this.#buys;
		if (!("market" in buys)) return buy(this.#deps, requestOf(buys, this.#waits), this.#purchase, deliver);
		const { market } = this.#deps.markets.get(buys.market)!;
		return market.buy(buys, { x402: this.#purchase, account: this.#account }, deliver);
	}

	/** Records the outcome. A market itself ends a charge to an account. */
	end(outcome: Outcome): void {
		if (this.#account.record === undefined) this.#purchase.end(outcome);
	}

	/** Closes an interrupted purchase. */
	abandon(reason: string): void {
		this.#account.abandon(reason);
		this.#purchase.abandon(reason);
	}
}

/**
 * Returns the parts of a plan that may be secret: the values of its query and headers, and the part of an offer after "?".
 */
function secretsOf(buys: FromSeller | FromMarket, target: string): string[] {
	const isMarket = "market" in buys;
	const { 1: query = "" } = (isMarket ? buys.offer : target).split("?");
	const values = query.split("&").map((each) => each.slice(each.indexOf("=") + 1));
	const headers = isMarket ? [] : buys.headers;
	const others = headers.map(([, value]) => value).filter((value) => value.length >= SECRET_LENGTH);
	const longest = [query, ...values].filter((value) => value.length >= SECRET_LENGTH);
	return [...longest, ...others, ...headers.filter(([name]) => isCredential(name)).flatMap(partsOf)];
}

/** A credential and what may be secret in it: a token behind its scheme, the values of cookies. */
function partsOf([, value]: Header): string[] {
	return [value, ...value.split(/[ ;=:]+/)].filter((part) => part.length >= CREDENTIAL_LENGTH);
}

function textOf({ method, url, headers, body }: FromSeller): string {
	return `${method} ${url}\n${JSON.stringify(headers)}\n${body ?? ""}`;
}

function requestOf({ method, url, headers, body }: FromSeller, waits: Partial<Waits>): HttpRequest {
	// No redirects: rules and plan name what is paid for.
	const plain = headers.filter(([name]) => !isCredential(name));
	const credentials = headers.filter(([name]) => isCredential(name));
	return { method, url, headers: plain, credentials, waits, ...(body !== undefined && { body: utf8.encode(body) }) };
}

function pathOf(target: string): string {
	const query = target.indexOf("?");
	return query < 0 ? target : target.slice(0, query);
}
