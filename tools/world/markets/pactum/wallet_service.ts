/**
 * The wallet service: accounts by mail code, and deposits into the escrow from the hosted wallet. It knows API keys and no
 * gateway tokens.
 *
 * | operation                 | auth    | checked                                                                    |
 * |---------------------------|---------|----------------------------------------------------------------------------|
 * | POST `/v1/register`       |         | an email address; for new accounts and for old ones                        |
 * | POST `/v1/verify`         |         | the code just mailed, within 5 minutes, once; the address has no account   |
 * | POST `/v1/recover`        |         | the same; the address has one. The old key is dead at once                 |
 * | POST `/v1/escrow-deposit` | API key | addresses, 32 bytes, at most 6 decimals, the balance; then the chain says  |
 */
import express, { type Express, type Request } from "express";
import type { Address, Hex } from "viem";
import type { Chain } from "../../chain.js";
import type { Account, Accounts } from "./accounts.js";
import { deposit } from "./escrow.js";
import { dollars, micros } from "./money.js";
import { bearer, type Check, isAddress, Refusal, readBody } from "./refusal.js";
import type { PactumVariant } from "./variant.js";

const isEmail: Check = (value) => typeof value === "string" && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value);
const isCode: Check = (value) => typeof value === "string" && /^\d{6}$/.test(value);
const isBytes32: Check = (value) => typeof value === "string" && /^(0x)?[0-9a-fA-F]{64}$/.test(value);
const isAmount: Check = (value) => (micros(value) ?? 0n) > 0n;

const credentials = ({ apiKey, wallet, email }: Account) => ({ api_key: apiKey, wallet_address: wallet, email });

export function walletService(chain: Chain, accounts: Accounts, variant: PactumVariant): Express {
	const app = express();
	const withCode = (request: Request): string => {
		const { email, code } = readBody(request, { email: isEmail, code: isCode }) as { email: string; code: string };
		accounts.useCode(email, code);
		return email;
	};
	app.post("/v1/register", (request, response) => {
		const { email } = readBody(request, { email: isEmail }) as { email: string };
		accounts.sendCode(email);
		response.json({ message: "Verification code sent", email });
	});
	app.post("/v1/verify", (request, response) => {
		response.json(credentials(accounts.create(withCode(request))));
	});
	app.post("/v1/recover", (request, response) => {
		response.json(credentials(accounts.recover(withCode(request))));
	});
	app.post("/v1/escrow-deposit", async (request, response) => {
		const account = accounts.ofKey(bearer(request));
		const fields = readBody(request, {
			escrow_contract: isAddress,
			usdc_contract: isAddress,
			order_id_bytes32: isBytes32,
			seller: isAddress,
			amount: isAmount,
		});
		const transaction = await depositFor(chain, account, fields);
		response.json({ status: "completed", [variant.depositField]: transaction, from: account.wallet, ...fields });
	});
	return app;
}

async function depositFor(chain: Chain, { wallet }: Account, fields: Record<string, unknown>): Promise<Hex> {
	const amount = micros(fields.amount)!;
	const balance = await chain.balanceOf(wallet);
	if (balance < amount)
		throw new Refusal("INVALID_REQUEST", `Insufficient balance: ${dollars(balance)} USDC (need ${dollars(amount)})`);
	const id = fields.order_id_bytes32 as string;
	try {
		return await deposit(chain, {
			from: wallet,
			escrow: fields.escrow_contract as Address,
			token: fields.usdc_contract as Address,
			orderIdOnChain: (id.startsWith("0x") ? id : `0x${id}`) as Hex,
			seller: fields.seller as Address,
			amount,
		});
	} catch (error) {
		const { shortMessage, message } = error as Error & { shortMessage?: string };
		throw new Refusal("INVALID_REQUEST", `The deposit was reverted: ${shortMessage ?? message}`);
	}
}
