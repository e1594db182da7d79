/** A buyer for tests: the official x402 client one step at a time, so that a test can send the same payment again. */
import { x402Client, x402HTTPClient } from "@x402/core/client";
import { decodePaymentRequiredHeader, decodePaymentResponseHeader } from "@x402/core/http";
import type { PaymentPayload, PaymentRequired } from "@x402/core/types";
import { ExactEvmScheme } from "@x402/evm";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Chain } from "../../tools/world/chain.js";
import { secret } from "../../tools/world/secret_log.js";

/** What came back: `terms` and `receipt` are the two headers, decoded. */
export interface Answer {
	/** 0 if the connection ended before a whole answer. */
	readonly status: number;
	readonly body: string;
	readonly terms: PaymentRequired | undefined;
	readonly receipt: ReturnType<typeof decodePaymentResponseHeader> | undefined;
}

export interface Buyer {
	readonly account: PrivateKeyAccount;
	/** Asks for the terms of `url`, and signs a payment for the first offer. Nothing is sent. */
	sign(url: string): Promise<PaymentPayload>;
	/** Requests `url`, with the payment if there is one. */
	send(url: string, payment?: PaymentPayload, init?: RequestInit): Promise<Answer>;
}

async function request(url: string, init: RequestInit): Promise<Answer> {
	try {
		const response = await fetch(url, init);
		const terms = response.headers.get("payment-required");
		const receipt = response.headers.get("payment-response");
		return {
			status: response.status,
			body: await response.text(),
			terms: terms === null ? undefined : decodePaymentRequiredHeader(terms),
			receipt: receipt === null ? undefined : decodePaymentResponseHeader(receipt),
		};
	} catch {
		return { status: 0, body: "", terms: undefined, receipt: undefined };
	}
}

/** A buyer with a fresh key, `balance` of USDC (1 USDC by default) and, by then, an approval of Permit2. */
export async function newBuyer(chain: Chain, balance = 1_000_000n): Promise<Buyer> {
	const account = privateKeyToAccount(secret(generatePrivateKey()));
	await chain.mint(account.address, balance);
	await chain.approvePermit2(account.address);
	const schemes = [{ network: chain.network, client: new ExactEvmScheme(account) }];
	const client = new x402HTTPClient(x402Client.fromConfig({ schemes, spendControls: false }));
	return {
		account,
		sign: async (url) => {
			const { terms } = await request(url, {});
			if (!terms) throw new Error(`${url} did not ask for a payment`);
			return client.createPaymentPayload(terms);
		},
		send: (url, payment, init) => {
			const header = payment ? client.encodePaymentSignatureHeader(payment) : {};
			return request(url, { ...init, headers: header });
		},
	};
}

/** An answer in a few words: its status, which header came, and the reason it gives. */
export function inWords({ status, terms, receipt }: Answer): string {
	if (status === 0) return "lost";
	if (receipt?.success) return `${status} settled`;
	if (receipt)
		return `${status} failed ${receipt.errorReason} ${receipt.transaction === "" ? "without hash" : "with hash"}`;
	return terms ? `${status} terms ${terms.error}` : `${status} bare`;
}
