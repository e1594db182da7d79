/**
 * The wallet service: accounts by mail code, and deposits into the escrow from the hosted wallet. It knows API keys and no
 * gateway tokens. As fredm45/Pactum 6ef967c has it, in packages/wallet/api/routes.py; `/v1/recover`, and `/v1/register` for
 * old accounts, are the newer document's.
 *
 * | operation                 | auth    | checked                                                                    |
 * |---------------------------|---------|----------------------------------------------------------------------------|
 * | POST `/v1/register`       |         | an email address; for new accounts and for old ones                        |
 * | POST `/v1/verify`         |         | the code just mailed, within 5 minutes, once; the address has no account   |
 * | POST `/v1/recover`        |         | the same; the address has one. The old key is dead at once                 |
 * | POST `/v1/escrow-deposit` | API key | addresses, 32 bytes, an amount, the balance; then the chain says           |
 *
 * Register takes 3 requests a minute and verify 5 (packages/wallet/auth/rate_limit.py). A deposit that the chain refuses is
 * a 500 in plain text, as is one that is not seen in time (packages/wallet/userop/bundler.py).
 */
import express, { type Express, type Request } from "express";
import type { Address, Hex } from "viem";
import type { Chain } from "../../chain.js";
import type { Clock } from "../clock.js";
import type { Account, Accounts } from "./accounts.js";
import { deposit } from "./escrow.js";
import { dollars, truncated } from "./money.js";
import { bearer, type Check, isAddress, Refusal, readBody } from "./refusal.js";
import type { PactumVariant } from "./variant.js";

const isEmail: Check = (value) => typeof value === "string" && /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(value);
const isCode: Check = (value) => typeof value === "string" && /^\d{6}$/.test(value);
const isBytes32: Check = (value) => typeof value === "string" && /^(0x)?[0-9a-fA-F]{64}$/.test(value);
const isAmount: Check = (value) => Number(value) > 0 && Number.isFinite(Number(value));

const credentials = ({ apiKey, wallet, email }: Account) => ({ api_key: apiKey, wallet_address: wallet, email });

/** So many requests to an operation in a minute. */
function limiter(limit: number, clock: Clock): () => void {
	let times: number[] = [];
	return () => {
		times = times.filter((time) => time > clock.now() - 60_000);
		if (times.length >= limit) throw new Refusal("RATE_LIMIT", `Rate limit exceeded. Max ${limit} requests per 60s.`);
		times.push(clock.now());
	};
}

export function walletService(chain: Chain, accounts: Accounts, variant: PactumVariant, clock: Clock): Express {
	const app = express();
	const admitRegister = limiter(3, clock);
	const admitVerify = limiter(5, clock);
	const withCode = (request: Request): string => {
		const { email, code } = readBody(request, { email: isEmail, code: isCode }) as { email: string; code: string };
		admitVerify();
		accounts.useCode(email, code);
		return email;
	};
	app.post("/v1/register", (request, response) => {
		const { email } = readBody(request, { email: isEmail }) as { email: string };
		admitRegister();
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
		const key = bearer(request);
		// FastAPI's HTTPBearer.
		if (key === undefined) return response.status(403).json({ detail: "Not authenticated" });
		const isKey = key.startsWith("pk_live_");
		const account = accounts.ofKey(key, isKey ? "Invalid API key" : "Invalid API key format");
		const fields = readBody(request, {
			escrow_contract: isAddress,
			usdc_contract: isAddress,
			order_id_bytes32: isBytes32,
			seller: isAddress,
			amount: isAmount,
		});
		const transaction = await depositFor(chain, account, fields);
		if (transaction === undefined) return response.status(500).type("text/plain").send("Internal Server Error");
		const operation = `0x${"0f".repeat(32)}`;
		const named = { [variant.depositField]: transaction, user_op_hash: operation, from: account.wallet };
		return response.json({ status: "completed", ...named, ...fields, amount: String(fields.amount) });
	});
	return app;
}

/** The transaction of the deposit; nothing if the chain refused it. */
async function depositFor(
	chain: Chain,
	{ wallet }: Account,
	fields: Record<string, unknown>,
): Promise<Hex | undefined> {
	const amount = truncated(fields.amount as string | number);
	const balance = await chain.balanceOf(wallet);
	if (balance < amount)
		throw new Refusal("INVALID_REQUEST", `Insufficient balance: ${dollars(balance)} USDC (need ${fields.amount})`);
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
	} catch {
		return undefined;
	}
}
