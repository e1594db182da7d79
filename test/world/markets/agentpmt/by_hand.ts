/** A client of the local AgentPMT, written with fetch and viem alone: the text of each signature is spelled out. */
import { createHash } from "node:crypto";
import { decodePaymentRequiredHeader } from "@x402/core/http";
import type { PaymentRequired } from "@x402/core/types";
import test, { type ExecutionContext } from "ava";
import type { PrivateKeyAccount } from "viem/accounts";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type Chain, startChain } from "../../../../tools/world/chain.js";
import { type AgentPmt, startAgentPmt } from "../../../../tools/world/markets/agentpmt/market.js";
import { type Answer, send } from "../send.js";

export type Lines = readonly [string, string];

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/** A session of a wallet, under which requests are signed. */
export class Signer {
	readonly market: AgentPmt;
	readonly account: PrivateKeyAccount;
	session = "";
	#requests = 0;

	constructor(market: AgentPmt, account: PrivateKeyAccount) {
		this.market = market;
		this.account = account;
	}

	async open(): Promise<this> {
		const path = "/api/external/auth/session";
		const { body } = await send(this.market, "POST", path, { wallet_address: this.account.address });
		this.session = body.session_nonce as string;
		return this;
	}

	/**
	 * The four fields of a signed request.
	 *
	 * @param lines - action and product, or method and path, with their names
	 * @param payload - the canonical JSON that is hashed; nothing for an empty line
	 */
	async fields(lines: Lines, payload?: string, request_id = `req-${++this.#requests}`) {
		const wallet = this.account.address.toLowerCase();
		const message = [
			"agentpmt-external",
			`wallet:${wallet}`,
			`session:${this.session}`,
			`request:${request_id}`,
			...lines,
			`payload:${payload === undefined ? "" : sha256(payload)}`,
		].join("\n");
		const signature = await this.account.signMessage({ message });
		return { wallet_address: this.account.address as string, session_nonce: this.session, request_id, signature };
	}

	/** Signs and sends. @param body - the fields beside the four */
	async post(path: string, lines: Lines, payload?: string, body: object = {}): Promise<Answer> {
		return send(this.market, "POST", path, { ...(await this.fields(lines, payload)), ...body });
	}

	balance(): Promise<Answer> {
		return this.post("/api/external/credits/balance", ["action:balance", "product:-"]);
	}
}

export const api = "/api/external";

export let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

export async function open(t: ExecutionContext): Promise<AgentPmt> {
	const market = await startAgentPmt(chain);
	t.teardown(market.stop);
	return market;
}

export async function signer(market: AgentPmt, credits = 0): Promise<Signer> {
	const wallet = privateKeyToAccount(generatePrivateKey());
	if (credits > 0) market.credits.add(wallet.address, credits);
	return new Signer(market, wallet).open();
}

export const code = ({ status, body }: Answer): string =>
	`${status} ${body.code ?? (body.success ? "success" : "")}`.trim();

/** Both forms of a message's place in FastAPI's detail. */
export const locs = ({ body }: Answer): string[] =>
	(body.detail as { loc: string[] }[]).map(({ loc }) => loc.join("."));

export const termsOf = ({ headers }: Answer): PaymentRequired =>
	decodePaymentRequiredHeader(headers.get("payment-required")!);

export const invokePath = (slug: string, action: string): string => `/external/tools/${slug}/actions/${action}/invoke`;

/** The newer dialect, signed. */
export const invoke = (
	agent: Signer,
	slug: string,
	action: string,
	payload: string,
	more: object = {},
): Promise<Answer> => {
	const path = invokePath(slug, action);
	return agent.post(`/api${path}`, ["method:POST", `path:${path}`], payload, {
		parameters: JSON.parse(payload),
		...more,
	});
};
