/** The buyers: their mail codes, API keys, gateway tokens, hosted wallets and credit. */
import { createHash } from "node:crypto";
import type { Address } from "viem";
import { newSender } from "../../chain.js";
import { Secrets } from "../../secret_log.js";
import type { Clock } from "../clock.js";
import { readToken, signToken } from "./jwt.js";
import { Refusal } from "./refusal.js";

const CODE_SECONDS = 5 * 60;
const TOKEN_SECONDS = 7 * 24 * 60 * 60;
const TOKEN_SECRET = "the gateway's own secret";

export interface Account {
	readonly email: string;
	/** The hosted wallet. The service holds its key; here the chain asks for none. */
	readonly wallet: Address;
	/** The one that is valid. */
	apiKey: string;
	/** Micro-dollars; what is frozen is part of the balance. */
	readonly credit: { balance: bigint; frozen: bigint };
	shippingAddress: Readonly<Record<string, unknown>> | undefined;
	/** False for a wallet that the gateway does not know: it may look, and not buy. */
	isRegistered: boolean;
}

interface Code {
	readonly code: string;
	/** Milliseconds since 1970. */
	readonly expires: number;
}

export class Accounts {
	readonly #clock: Clock;
	readonly #byEmail = new Map<string, Account>();
	readonly #codes = new Map<string, Code>();
	readonly #expired = new Set<string>();
	readonly #secrets = new Secrets();
	#issued = 0;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** Mails a new code to `email`; an older one is void. */
	sendCode(email: string): void {
		const code = String(100_000 + (Number.parseInt(this.#fresh("code").slice(0, 8), 16) % 900_000));
		this.#secrets.add(code);
		this.#codes.set(email, { code, expires: this.#clock.now() + CODE_SECONDS * 1000 });
	}

	/** Returns the code in the mail; nothing if none arrived, or it was used. */
	mailedCode(email: string): string | undefined {
		return this.#codes.get(email)?.code;
	}

	/** Uses up the code of `email`. Throws `INVALID_REQUEST` if it is another or has expired. */
	useCode(email: string, code: string): void {
		const sent = this.#codes.get(email);
		if (sent?.code !== code) throw new Refusal("INVALID_REQUEST", "Invalid or expired verification code");
		this.#codes.delete(email);
		if (sent.expires <= this.#clock.now()) throw new Refusal("INVALID_REQUEST", "Verification code expired");
	}

	/** Throws `INVALID_REQUEST` if the address has an account: that one is recovered. */
	create(email: string): Account {
		if (this.#byEmail.has(email)) throw new Refusal("INVALID_REQUEST", "Email already registered");
		const wallet = newSender();
		const credit = { balance: 0n, frozen: 0n };
		const apiKey = this.#newKey();
		const account: Account = { email, wallet, apiKey, credit, shippingAddress: undefined, isRegistered: true };
		this.#byEmail.set(email, account);
		return account;
	}

	/** A new key; the old one is dead at once. Tokens issued for the old one live on to their end. */
	recover(email: string): Account {
		const account = this.#byEmail.get(email);
		if (!account) throw new Refusal("INVALID_REQUEST", "No account for this email");
		account.apiKey = this.#newKey();
		return account;
	}

	/** The account of an API key. Throws `AUTH_FAILED`, with the words of the host that is asked. */
	ofKey(apiKey: string, words: string): Account {
		for (const account of this.#byEmail.values()) if (account.apiKey === apiKey) return account;
		throw new Refusal("AUTH_FAILED", words);
	}

	/** The account of a gateway token. Throws `AUTH_FAILED`, also for an API key. */
	ofToken(token: string): Account {
		const claims = this.#expired.has(token) ? undefined : readToken(token, TOKEN_SECRET, this.#clock.now());
		for (const account of this.#byEmail.values()) if (account.wallet.toLowerCase() === claims?.wallet) return account;
		throw new Refusal("AUTH_FAILED", undefined, {}, true);
	}

	issueToken({ wallet, apiKey }: Account): string {
		const iat = Math.floor(this.#clock.now() / 1000);
		const claims = { wallet: wallet.toLowerCase(), api_key: apiKey, iat, exp: iat + TOKEN_SECONDS };
		const token = signToken({ ...claims, jti: this.#fresh("token").slice(0, 8) }, TOKEN_SECRET);
		this.#secrets.add(token);
		return token;
	}

	/** Every token issued so far is expired from now on. */
	expireTokens(): void {
		for (const secret of this.#secrets) if (secret.includes(".")) this.#expired.add(secret);
	}

	/** All keys, tokens and codes ever given out. */
	secrets(): string[] {
		return [...this.#secrets];
	}

	#newKey(): string {
		const key = `pk_live_${this.#fresh("key").slice(0, 32)}`;
		this.#secrets.add(key);
		return key;
	}

	/** The same from one run to the next, and never the same twice. */
	#fresh(what: string): string {
		return createHash("sha256")
			.update(`${what} ${++this.#issued}`)
			.digest("hex");
	}
}
