/** Session nonces, and the signed requests made under them: EIP-191 over the lines of the documents. */
import { type Address, type Hex, isHex, recoverMessageAddress } from "viem";
import type { Clock } from "../clock.js";
import { type Json, payloadHashes } from "./canonical_json.js";
import { Refusal, read } from "./refusal.js";

export interface Session {
	readonly nonce: string;
	readonly wallet: Address;
	/** Milliseconds since 1970. */
	expiresAt: number;
}

/** The signed subject: two lines of the older dialect, or of the newer invoke. */
export type Subject =
	| { readonly action: string; readonly product: string }
	| { readonly method: string; readonly path: string };

/** The fields that every signed request has. */
export const signedFields = {
	wallet_address: "wallet",
	session_nonce: "string",
	request_id: "string",
	signature: "string",
} as const;

const defaultSeconds = 3_600;

/** @param payload - lower-case hex, or empty */
export function messageOf(wallet: string, session: string, request: string, subject: Subject, payload: string): string {
	const about =
		"action" in subject
			? [`action:${subject.action}`, `product:${subject.product}`]
			: [`method:${subject.method}`, `path:${subject.path}`];
	const who = [`wallet:${wallet.toLowerCase()}`, `session:${session}`, `request:${request}`];
	return ["agentpmt-external", ...who, ...about, `payload:${payload}`].join("\n");
}

export class Sessions {
	/** The lifetime of a new session. */
	seconds = defaultSeconds;
	readonly all: Session[] = [];
	readonly #clock: Clock;
	readonly #requests = new Set<string>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** @param nonce - a nonce of a test's choice, for vectors */
	open(wallet: Address, nonce: string = crypto.randomUUID()): Session {
		const session = {
			nonce,
			wallet: wallet.toLowerCase() as Address,
			expiresAt: this.#clock.now() + this.seconds * 1000,
		};
		this.all.push(session);
		return session;
	}

	/** Ends all sessions, or those of one wallet. */
	expire(wallet?: Address): void {
		for (const session of this.all) {
			if (wallet === undefined || session.wallet === wallet.toLowerCase()) session.expiresAt = 0;
		}
	}

	/**
	 * Checks a signed request, in this order: fields, session, signature, replay. A request id is used up by the first
	 * request whose signature is right, whatever becomes of it.
	 *
	 * @param payload - what is hashed; nothing: the payload line is empty
	 * @returns the wallet, in lower case
	 * @throws {Refusal}
	 */
	async authenticate(body: Json | undefined, subject: Subject, payload?: Json): Promise<Address> {
		const { wallet_address: wallet, session_nonce, request_id, signature } = read(body, signedFields);
		const session = this.all.find((each) => each.nonce === session_nonce && each.wallet === wallet);
		if (!session) throw unauthorized("SESSION_NONCE_INVALID", "there is no such session of this wallet");
		if (session.expiresAt <= this.#clock.now()) throw unauthorized("SESSION_NONCE_EXPIRED", "the session is over");

		const hashes = payload === undefined ? [""] : payloadHashes(payload);
		const messages = hashes.map((hash) => messageOf(wallet, session_nonce, request_id, subject, hash));
		const details = { expected_message: messages[0]! };
		const signers = await Promise.all(messages.map((message) => signerOf(message, signature)));
		if (signers.includes(undefined)) throw unauthorized("MALFORMED", "the signature is not 65 bytes in hex", details);
		if (!signers.includes(wallet)) {
			throw unauthorized("WALLET_MISMATCH", "the signature is not this wallet's over the expected message", details);
		}
		const key = `${wallet} ${request_id}`;
		if (this.#requests.has(key)) {
			throw new Refusal(409, "EXTERNAL_SIGNATURE_REQUEST_REPLAY", "the request_id was used before");
		}
		this.#requests.add(key);
		return wallet;
	}
}

function unauthorized(code: string, message: string, details?: Readonly<Record<string, unknown>>): Refusal {
	return new Refusal(401, `EXTERNAL_SIGNATURE_${code}`, message, details && { details });
}

/** Returns the signer; nothing for a malformed signature. viem alone decides. */
async function signerOf(message: string, signature: string): Promise<Address | undefined> {
	if (!isHex(signature) || signature.length !== 132) return undefined;
	const signer = await recoverMessageAddress({ message, signature: signature as Hex }).catch(() => undefined);
	return signer?.toLowerCase() as Address | undefined;
}
