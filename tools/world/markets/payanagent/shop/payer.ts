/** A wallet for the markets' own tests, which pays whatever is asked with the official client. */
import { x402Client } from "@x402/core/client";
import { encodePaymentSignatureHeader } from "@x402/core/http";
import type { PaymentPayload, PaymentRequired } from "@x402/core/types";
import { ExactEvmScheme } from "@x402/evm";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import type { Chain } from "../../../chain.js";
import { secret } from "../../../secret_log.js";

export interface Payer {
	readonly account: PrivateKeyAccount;
	/** Signs a payment for the first entry of the terms. */
	sign(terms: PaymentRequired): Promise<PaymentPayload>;
	/** The same as a header's value. */
	pay(terms: PaymentRequired): Promise<string>;
}

/** @param balance - of USDC; 100 USDC by default */
export async function newPayer(chain: Chain, balance = 100_000_000n): Promise<Payer> {
	const account = privateKeyToAccount(secret(generatePrivateKey()));
	if (balance > 0n) await chain.mint(account.address, balance);
	const client = x402Client.fromConfig({
		schemes: [{ network: chain.network, client: new ExactEvmScheme(account) }],
		spendControls: false,
	});
	const sign = (terms: PaymentRequired): Promise<PaymentPayload> => client.createPaymentPayload(terms);
	return { account, sign, pay: async (terms) => encodePaymentSignatureHeader(await sign(terms)) };
}
