/** A client of the local Pactum, written with fetch alone. */
import test from "ava";
import type { Hex } from "viem";
import { type Chain, startChain } from "../../../../tools/world/chain.js";
import { type PactumMarket, startPactum } from "../../../../tools/world/markets/pactum/market.js";

export let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** A market of the test's own. */
export async function newMarket(t: { teardown(end: () => unknown): void }): Promise<PactumMarket> {
	const market = await startPactum(chain);
	t.teardown(market.stop);
	return market;
}

/** Every field that some answer has; those of other answers are missing. */
export interface Body
	extends Readonly<
		Record<
			| "api_key"
			| "available"
			| "balance"
			| "checkout_url"
			| "error"
			| "frozen"
			| "item_id"
			| "message"
			| "order_id"
			| "status"
			| "token"
			| "wallet_address",
			string
		>
	> {
	/** Text of the wallet service's; of the gateway's own refusals before it looks, JSON text; a list of FastAPI's. */
	readonly detail?: string | readonly { readonly loc: readonly string[] }[];
	readonly missing?: readonly string[];
	readonly deposit_tx: Hex;
	readonly tx_hash: Hex;
	readonly recipient: Hex;
	readonly amount_units: number;
	readonly count: number;
	readonly price: number | string;
	readonly result: unknown;
	readonly agents: readonly Body[];
	readonly items: readonly Body[];
	readonly messages: readonly Body[];
	readonly orders: readonly Body[];
	readonly escrow: { readonly contract: string; readonly usdc_contract: string; readonly order_id_bytes32: string };
}

export interface Answer {
	readonly status: number;
	readonly body: Body;
	readonly headers: Headers;
}

export async function call(
	method: string,
	url: string,
	body?: unknown,
	headers: Record<string, string> = {},
): Promise<Answer> {
	const init: RequestInit = { method, headers, redirect: "manual" };
	if (body !== undefined) {
		init.headers = { "content-type": "application/json", ...headers };
		init.body = typeof body === "string" ? body : JSON.stringify(body);
	}
	const response = await fetch(url, init);
	const text = await response.text();
	const json = /json/.test(response.headers.get("content-type") ?? "");
	return { status: response.status, body: json ? JSON.parse(text) : text, headers: response.headers };
}

/** The status and the word of an answer, or the paths of the fields that are wrong, or a wallet service's sentence. */
export const inWords = ({ status, body }: Answer): string =>
	`${status} ${body.error ?? inDetail(body) ?? body.status ?? ""}`.trim();

function inDetail({ detail }: Body): string | undefined {
	if (typeof detail === "object") return detail.map(({ loc }) => loc.join(".")).join(", ");
	return detail?.startsWith("{") ? (JSON.parse(detail) as { error: string }).error : detail;
}

/** A buyer with a token, and the operations bound to it. */
export async function newBuyer(market: PactumMarket, money: { usdc?: bigint; credit?: bigint } = {}) {
	const account = await market.newAccount(money);
	const { apiKey } = account;
	const { token } = (await call("POST", `${market.gateway.url}/market/auth/wallet`, { api_key: apiKey })).body;
	const authorization = `Bearer ${token}`;
	const gateway = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
		call(method, `${market.gateway.url}/market${path}`, body, { authorization, ...headers });
	const deposit = (terms: Body, over: object = {}): Promise<Answer> => {
		const { contract, usdc_contract, order_id_bytes32 } = terms.escrow;
		const fields = { escrow_contract: contract, usdc_contract, order_id_bytes32, seller: terms.recipient };
		const body = { ...fields, amount: terms.amount_units / 1_000_000, ...over };
		return call("POST", `${market.wallet.url}/v1/escrow-deposit`, body, { authorization: `Bearer ${apiKey}` });
	};
	const prove = (item: string, order: string, proof: string): Promise<Answer> =>
		gateway("POST", `/buy/${item}`, {}, { "X-Payment-Proof": proof, "X-Order-Id": order });
	return { account, token: token as string, gateway, deposit, prove };
}

/** The whole escrow flow; the order's id. */
export async function buyByEscrow(
	buyer: Awaited<ReturnType<typeof newBuyer>>,
	item: string,
	body: object = {},
): Promise<string> {
	const terms = (await buyer.gateway("POST", `/buy/${item}`, body)).body;
	const { deposit_tx } = (await buyer.deposit(terms)).body;
	await buyer.prove(item, terms.order_id, deposit_tx);
	return terms.order_id;
}
