/**
 * The signature of a request to the gateway, checked: ed25519 by `node:crypto` for a Solana key, EIP-191 by viem for an
 * address. What is signed is this text as UTF-8, with no newline at its end:
 *
 *     v2\nMETHOD\nPATH\nNETWORK\nTIMESTAMP\nNONCE\nBODYHASH        NETWORK: of x-pact-network, or empty
 *     v1\nMETHOD\nPATH\nTIMESTAMP\nNONCE\nBODYHASH
 *
 * PATH is as it was sent, with `/v1/<endpoint>` and the query; BODYHASH is the hex of SHA-256, or empty with no body.
 * Source: pactnetwork/pact-monitor fdf317d, packages/market-proxy/src/middleware/verify-signature.ts.
 */
import { createHash, createPublicKey, verify } from "node:crypto";
import type { Request } from "express";
import { isAddress, isHex, verifyMessage } from "viem";
import { fromBase58 } from "./base58.js";
import type { RefusalName } from "./refusals.js";

export type SignatureVersion = "v1" | "v2";

const SKEW = 30_000;
const REPLAY_WINDOW = 60_000;

/** Everything that goes into the signed text. */
export interface Signed {
	readonly method: string;
	/** With the query. */
	readonly path: string;
	readonly network: string;
	readonly timestamp: string;
	readonly nonce: string;
	readonly bodyHash: string;
}

export const bodyHash = (body: Uint8Array): string =>
	body.length === 0 ? "" : createHash("sha256").update(body).digest("hex");

export function signedText(version: SignatureVersion, signed: Signed): string {
	const { method, path, network, timestamp, nonce, bodyHash } = signed;
	const where = version === "v2" ? [path, network] : [path];
	return [version, method.toUpperCase(), ...where, timestamp, nonce, bodyHash].join("\n");
}

async function isSignedBy(agent: string, signature: string, text: string): Promise<boolean> {
	if (isAddress(agent, { strict: true }))
		return isHex(signature) && verifyMessage({ address: agent, message: text, signature }).catch(() => false);
	const key = fromBase58(agent);
	const bytes = fromBase58(signature);
	if (key?.length !== 32 || bytes?.length !== 64) return false;
	const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), key]);
	return verify(null, Buffer.from(text), createPublicKey({ key: der, format: "der", type: "spki" }), bytes);
}

/** The reason of a refusal, or the `agent` that signed. */
export type Verdict = { readonly agent: string } | { readonly refused: RefusalName; readonly message: string };

const refused = (name: RefusalName, message: string): Verdict => ({ refused: name, message });

export class SignatureCheck {
	readonly #now: () => number;
	/** When each agent's nonce may come again. */
	readonly #nonces = new Map<string, number>();

	/** @param now - milliseconds since 1970 */
	constructor(now: () => number) {
		this.#now = now;
	}

	/**
	 * Checks a request that has `x-pact-agent`, in the gateway's order: headers, time, nonce, signature. A nonce is used up
	 * by a request in time, whether or not its signature then is good.
	 *
	 * @param versions - the texts that are tried
	 * @param network - of the endpoint: a Solana network wants an ed25519 key, another an address
	 */
	async check(request: Request, versions: readonly SignatureVersion[], network: string | undefined): Promise<Verdict> {
		const header = (name: string): string => request.header(`x-pact-${name}`) ?? "";
		const [agent, timestamp, nonce, signature] = ["agent", "timestamp", "nonce", "signature"].map(header);
		for (const name of ["timestamp", "nonce", "signature", "project"])
			if (header(name) === "") return refused("auth_missing", "missing pact auth header");
		if (!/^\d+$/.test(timestamp!)) return refused("auth_stale", "malformed x-pact-timestamp");
		if (Math.abs(this.#now() - Number(timestamp)) > SKEW) return refused("auth_stale", "timestamp outside skew window");
		const isEvm = isAddress(agent!, { strict: true });
		const name = isEvm ? agent!.toLowerCase() : agent!;
		if (this.#isReplay(`${name}:${nonce}`)) return refused("auth_replay", "nonce already seen");

		if (network !== undefined && network.startsWith("solana-") === isEvm)
			return refused("auth_bad_sig", `agent key type does not match endpoint network ${network}`);
		const { method, originalUrl: path } = request;
		const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
		const signed = { method, path, network: header("network"), timestamp: timestamp!, nonce: nonce! };
		for (const version of versions)
			if (await isSignedBy(agent!, signature!, signedText(version, { ...signed, bodyHash: bodyHash(body) })))
				return { agent: name };
		return refused("auth_bad_sig", "signature verification failed");
	}

	#isReplay(key: string): boolean {
		const now = this.#now();
		const until = this.#nonces.get(key);
		if (until !== undefined && until > now) return true;
		this.#nonces.set(key, now + REPLAY_WINDOW);
		return false;
	}
}
