/** Wallets that the market makes, and sessions. */
import type { Express } from "express";
import { bytesToHex } from "viem";
import { english, generateMnemonic, mnemonicToAccount } from "viem/accounts";
import { iso, reply } from "../payanagent/shop/site.js";
import { answer, type Context, jsonOf } from "./context.js";
import { read } from "./refusal.js";

export function identityRoutes(app: Express, context: Context): void {
	const { sessions, secrets } = context;

	app.post("/api/external/agentaddress", (_request, response) => {
		const mnemonic = generateMnemonic(english);
		const account = mnemonicToAccount(mnemonic);
		const evmPrivateKey = bytesToHex(account.getHdKey().privateKey!);
		secrets.add(mnemonic).add(evmPrivateKey);
		reply(response, { success: true, data: { evmAddress: account.address, evmPrivateKey, mnemonic } });
	});

	app.post("/api/external/auth/session", (request, response) => {
		const { wallet_address } = read(jsonOf(request), { wallet_address: "wallet" });
		const { nonce, expiresAt } = sessions.open(wallet_address);
		secrets.add(nonce);
		answer(response, context, { wallet_address, session_nonce: nonce, expires_at: iso(expiresAt) });
	});
}
