/** `credits/purchase` (x402, or the hash of a transaction that the buyer sent), and `credits/balance`. */
import type { Express, Request, Response } from "express";
import { type Address, getAddress, type Hex, isHash, parseEventLogs } from "viem";
import { eurc, type Token, tokenAbi, usdc } from "../../chain.js";
import { troubleAtWork, urlOf } from "../payanagent/shop/site.js";
import { answer, type Context, jsonOf, paymentHeaders, paymentOf } from "./context.js";
import { baseUnitsPerCredit, packSize } from "./credits.js";
import { demand, paymentKey, type Sale, settle, whilePaying } from "./payment.js";
import { invalid, type Read, Refusal, read } from "./refusal.js";

const shape = {
	wallet_address: "wallet",
	credits: "integer",
	payment_method: "string",
	payer_wallet_address: "wallet?",
	request_id: "string?",
	transaction_hash: "string?",
	email: "string?",
	chain_id: "integer?",
	token: "string?",
} as const;
type Order = Read<typeof shape>;

type Purchase = Readonly<Record<string, unknown>> & { readonly wallet_address: Address; readonly credits: number };

const tokens: Readonly<Record<string, Token>> = { USDC: usdc, EURC: eurc };

/** @throws {Refusal} 400 or 422 */
function readOrder(request: Request, { variants, chain }: Context): Order {
	const body = jsonOf(request);
	const order = read(body, shape);
	for (const [name, value] of [["chain_id", order.chain_id] as const, ["token", order.token] as const]) {
		if (value === undefined && variants.chainRequired)
			throw invalid({ loc: ["body", name], msg: "Field required", type: "missing", input: null });
	}
	if (order.payment_method !== "x402") throw new Refusal(400, "PAYMENT_METHOD", "payment_method must be x402");
	if (order.credits <= 0 || order.credits % packSize !== 0) {
		const suggested_credits = Math.max(1, Math.ceil(order.credits / packSize)) * packSize;
		const message = `credits are sold in multiples of ${packSize}`;
		throw new Refusal(400, "INVALID_CREDIT_PACK", message, { details: { suggested_credits } });
	}
	if (order.chain_id !== undefined && order.chain_id !== chain.chainId)
		throw new Refusal(400, "CHAIN_UNSUPPORTED", `chain_id must be ${chain.chainId} in this network mode`);
	if (order.token !== undefined && !Object.hasOwn(tokens, order.token))
		throw new Refusal(400, "TOKEN_UNSUPPORTED", "token must be USDC or EURC");
	return order;
}

/** Purchases that were made or are in progress, by everything that makes two the same: request_id, payment, transaction. */
class Purchases {
	readonly #done = new Map<string, Purchase>();
	readonly #underWay = new Set<string>();

	/** @throws {Refusal} 409 if what is the same was another purchase then. */
	find(keys: readonly string[], order: Order): Purchase | undefined {
		const before = keys.map((key) => this.#done.get(key)).find((purchase) => purchase !== undefined);
		if (before && (before.wallet_address !== order.wallet_address || before.credits !== order.credits))
			throw new Refusal(409, "PURCHASE_CONFLICT", "this request_id or payment was for another purchase");
		return before;
	}

	/** Buys what was not bought before. @throws {Refusal} 409 while the same is under way. */
	async once(keys: readonly string[], order: Order, buy: () => Promise<Purchase>): Promise<Purchase> {
		const before = this.find(keys, order);
		if (before) return before;
		if (keys.some((key) => this.#underWay.has(key)))
			throw new Refusal(409, "X402_PAYMENT_IN_PROGRESS", "a verified x402 payment is already in progress");
		for (const key of keys) this.#underWay.add(key);
		try {
			const purchase = await buy();
			for (const key of keys) this.#done.set(key, purchase);
			return purchase;
		} finally {
			for (const key of keys) this.#underWay.delete(key);
		}
	}
}

/** Grants the credits of an order once it is paid. */
function grant(context: Context, order: Order, transaction: string): Purchase {
	const { wallet_address, credits, request_id } = order;
	const expires_at = context.credits.add(wallet_address, credits, "purchase", transaction);
	const balance = context.credits.balance(wallet_address);
	return {
		wallet_address,
		credits,
		balance,
		expires_at,
		transaction_hash: transaction,
		request_id: request_id ?? null,
	};
}

const tokenOf = (order: Order): Token => tokens[order.token ?? "USDC"]!;
const amountOf = (order: Order): bigint => BigInt(order.credits * baseUnitsPerCredit);

function saleOf(context: Context, request: Request, order: Order): Sale {
	const { treasury: payTo, variants } = context;
	const amount = String(amountOf(order));
	const offer = { amount, payTo, token: tokenOf(order), maxTimeoutSeconds: variants.maxTimeoutSeconds };
	return { offers: [offer], resource: { url: urlOf(request), description: `${order.credits} AgentPMT credits` } };
}

/** The buyer sent the transaction itself. @throws {Refusal} unless it pays exactly this order */
async function checkTransaction({ chain, treasury, variants }: Context, order: Order): Promise<void> {
	const hash = order.transaction_hash as Hex;
	if (!isHash(hash)) throw new Refusal(400, "TRANSACTION_HASH", "transaction_hash must be 32 bytes in hex");
	const receipt = await chain.client.getTransactionReceipt({ hash }).catch(() => undefined);
	const latest = await chain.client.getBlockNumber({ cacheTime: 0 });
	if (!receipt || latest - receipt.blockNumber + 1n < variants.confirmations)
		throw new Refusal(409, "TRANSACTION_UNCONFIRMED", "the transaction has too few confirmations yet");
	const { address } = tokenOf(order);
	const payer = getAddress(order.payer_wallet_address ?? order.wallet_address);
	const pays = parseEventLogs({ abi: tokenAbi, logs: receipt.logs, eventName: "Transfer" }).some(
		(log) =>
			log.address.toLowerCase() === address.toLowerCase() &&
			log.args.from === payer &&
			log.args.to === getAddress(treasury) &&
			log.args.value === amountOf(order),
	);
	if (receipt.status !== "success" || !pays)
		throw new Refusal(400, "TRANSACTION_MISMATCH", "the transaction does not pay this order");
}

export function creditRoutes(app: Express, context: Context): void {
	const purchases = new Purchases();

	const byTransaction = async (order: Order): Promise<Purchase> => {
		await checkTransaction(context, order);
		return grant(context, order, order.transaction_hash!);
	};

	const byPayment = (request: Request, response: Response, order: Order, header: string): Promise<Purchase> =>
		whilePaying(context, request, saleOf(context, request, order), header, async (payment) => {
			if (payment.payer !== (order.payer_wallet_address ?? order.wallet_address))
				throw new Refusal(400, "PAYER_MISMATCH", "a payer that is not wallet_address must be payer_wallet_address");
			await troubleAtWork();
			const { transaction } = await settle(context, response, payment);
			return grant(context, order, transaction);
		});

	app.post("/api/external/credits/purchase", async (request, response) => {
		const order = readOrder(request, context);
		const header = paymentOf(request, paymentHeaders);
		const hash = order.transaction_hash?.toLowerCase();
		if (header !== undefined && hash !== undefined)
			throw new Refusal(400, "X402_MIXED", "send a payment header or transaction_hash, not both");
		const keys = order.request_id === undefined ? [] : [`request ${order.request_id}`];
		if (header !== undefined) {
			keys.push(`payment ${paymentKey(header)}`);
			const pay = () => byPayment(request, response, order, header);
			answer(response, context, await purchases.once(keys, order, pay));
		} else if (hash !== undefined) {
			keys.push(`transaction ${hash}`);
			answer(response, context, await purchases.once(keys, order, () => byTransaction(order)));
		} else {
			const before = purchases.find(keys, order);
			if (!before) throw await demand(context, request, saleOf(context, request, order));
			answer(response, context, before);
		}
	});

	app.post("/api/external/credits/balance", async (request, response) => {
		const subject = { action: "balance", product: "-" };
		const wallet = await context.sessions.authenticate(jsonOf(request), subject);
		answer(response, context, { wallet_address: wallet, balance: context.credits.balance(wallet) });
	});
}
