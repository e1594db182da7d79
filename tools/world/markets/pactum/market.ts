/**
 * A local Pactum: the gateway, the wallet service and the file host, each on a free port of the loopback interface, and an
 * escrow of its own on the local chain. It is strict: unknown fields, wrong types and scopes are refused, and what cannot
 * be seen in an answer is in the hooks.
 *
 * @example
 * const market = await startPactum(chain);
 * const { apiKey, wallet } = await market.newAccount({ usdc: 1_000_000n, credit: 10_000_000n });
 * // … the device buys at market.gateway.url with apiKey …
 * t.like(await market.escrow.order(orderId), { buyer: wallet, status: "released" });
 * await market.stop();
 */
import express, { type Express } from "express";
import type { Address } from "viem";
import type { Chain } from "../../chain.js";
import { record, type SeenRequest, type Served, serve } from "../../requests.js";
import { Clock } from "../clock.js";
import { Script, type Step } from "../script.js";
import { type Account, Accounts } from "./accounts.js";
import { catalogue, type Item } from "./catalogue.js";
import { TopUps } from "./credit.js";
import { deployEscrow, type Escrow } from "./escrow.js";
import { fileHost } from "./files.js";
import { gateway, say } from "./gateway.js";
import { type Order, Orders } from "./orders.js";
import { answerRefusal, bodyOf, NoSuchOperation, Refusal, type RefusalName } from "./refusal.js";
import type { PactumVariant } from "./variant.js";
import { walletService } from "./wallet_service.js";

/** A server of the market, which can be told what to do with its next requests. */
export interface Part extends Served {
	readonly script: Script;
}

export interface PactumMarket {
	readonly gateway: Part;
	readonly wallet: Part;
	readonly files: Part;
	readonly escrow: Escrow;
	readonly variant: PactumVariant;
	/** The clock of codes (5 minutes), tokens (7 days), file URLs (1 hour) and release (1 day after delivery). */
	readonly clock: Clock;
	/** For sale; may be changed. */
	readonly items: Item[];
	/** Ids for the next orders, before those of the counter. */
	readonly nextOrderIds: string[];
	/** Credentials that came to the file host. A test ends with `t.deepEqual(market.leaks, [])`. */
	readonly leaks: readonly string[];
	/** Every API key, token and code given out so far: none may be in a log. */
	secrets(): string[];
	/** An account without the mail; with USDC in its wallet and credit, both in millionths of a dollar. */
	newAccount(money?: { readonly usdc?: bigint; readonly credit?: bigint }): Promise<Account>;
	/** The code in the person's mail. */
	mailedCode(email: string): string | undefined;
	/** All tokens issued so far are expired. */
	expireTokens(): void;
	/** A step for `script`: one of the refusals, as the host writes it. */
	refusal(
		host: "gateway" | "wallet",
		name: RefusalName,
		words?: string,
		more?: Readonly<Record<string, unknown>>,
	): Step;
	/** The person pays at a `checkout_url`. */
	pay(checkoutUrl: string): void;
	/** An order as the market has it. */
	order(id: string): Promise<Order>;
	/** All orders of all accounts, newest first. A list of the market has the newest 20 of one. */
	orders(): readonly Order[];
	/** The seller begins, delivers or fails an order that is paid. */
	process(id: string): Promise<void>;
	deliver(id: string, result?: string | object): Promise<void>;
	fail(id: string): Promise<void>;
	/** The seller writes to the buyer. */
	say(id: string, content: string): Promise<void>;
	/** The market pays the seller, or the buyer back: of a dispute, or before. */
	resolve(id: string, to: "seller" | "buyer"): Promise<void>;
	/** Closes all connections. May be called again. */
	stop(): Promise<void>;
}

/** Serves `app` behind what notes requests and what the script does with them. */
async function servePart(app: Express, host: "gateway" | "wallet"): Promise<Part> {
	const requests: SeenRequest[] = [];
	const script = new Script();
	const outer = express().disable("x-powered-by");
	outer.use(express.raw({ type: () => true, limit: "1mb" }));
	outer.use(record(requests, "x-payment-proof"), script.middleware, app);
	outer.use(() => {
		throw new NoSuchOperation();
	});
	outer.use(answerRefusal(host));
	return { ...(await serve(outer, requests)), script };
}

/** Starts it. The chain is the caller's to stop, later. */
export async function startPactum(chain: Chain): Promise<PactumMarket> {
	const clock = new Clock();
	const escrow = await deployEscrow(chain);
	const accounts = new Accounts(clock);
	const orders = new Orders(clock, escrow);
	const variant: PactumVariant = {
		price: "number",
		depositField: "deposit_tx",
		bytes32Prefix: true,
		repeatedProof: "refused",
		terms: {},
		escrow: {},
	};
	const items = [...catalogue];
	const leaks: string[] = [];
	const files = await servePart(
		fileHost(orders, clock, () => accounts.secrets(), leaks),
		"gateway",
	);
	const wallet = await servePart(walletService(chain, accounts, variant, clock), "wallet");
	const topUps = new TopUps(() => wallet.url);
	const context = { chain, escrow, orders, variant, accounts, clock, items, topUps, filesUrl: files.url };
	const front = await servePart(gateway(context), "gateway");
	let people = 0;
	return {
		gateway: front,
		wallet,
		files,
		escrow,
		variant,
		clock,
		items,
		leaks,
		nextOrderIds: orders.nextIds,
		secrets: () => accounts.secrets(),
		newAccount: async ({ usdc = 0n, credit = 0n } = {}) => {
			const account = accounts.create(`person-${++people}@example.com`);
			account.credit.balance = credit;
			if (usdc > 0n) await chain.mint(account.wallet as Address, usdc);
			return account;
		},
		mailedCode: (email) => accounts.mailedCode(email),
		expireTokens: () => accounts.expireTokens(),
		refusal: (host, name, words, more) => {
			const refused = new Refusal(name, words, more, name === "NOT_REGISTERED" || name.startsWith("AUTH_"));
			return { name: "answer", status: refused.status, body: bodyOf(refused, host) };
		},
		pay: (url) => topUps.pay(url),
		order: (id) => orders.find(id),
		orders: () => orders.all(),
		process: async (id) => {
			(await orders.find(id)).status = "processing";
		},
		deliver: async (id, result) => orders.deliver(await orders.find(id), result),
		fail: async (id) => orders.fail(await orders.find(id)),
		say: async (id, content) => {
			say(await orders.find(id), "seller_to_buyer", content, clock.now());
		},
		resolve: async (id, to) => {
			const order = await orders.find(id);
			await (to === "seller" ? orders.complete(order, "operator") : orders.refund(order));
		},
		stop: async () => {
			await Promise.all([front.stop(), wallet.stop(), files.stop()]);
		},
	};
}
