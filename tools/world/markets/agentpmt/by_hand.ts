/** A client of AgentPMT by hand, for the market's own tests: fetch, viem, and what is to be signed written out. */
import { createHash } from "node:crypto";
import type { PrivateKeyAccount } from "viem/accounts";
import type { AgentPmt } from "./market.js";

export interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Headers;
}

export type Lines = readonly [string, string];

export const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

export async function send(
	market: AgentPmt,
	method: string,
	path: string,
	body?: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
	const json = body === undefined ? {} : { "Content-Type": "application/json" };
	const text = typeof body === "string" ? body : JSON.stringify(body);
	const response = await fetch(market.url + path, {
		method,
		headers: { ...json, ...headers },
		...(body === undefined ? {} : { body: text }),
	});
	const answered = await response.text();
	return {
		status: response.status,
		body: (answered.startsWith("{") ? JSON.parse(answered) : { text: answered }) as Answer["body"],
		headers: response.headers,
	};
}

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
