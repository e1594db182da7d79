/**
 * The signature that insures an agent's call: headers `x-pact-*` over one text, UTF-8, no newline at its end.
 *
 *     v2\nMETHOD\nPATH\nNETWORK\nTIMESTAMP\nNONCE\nBODYHASH
 *     v1\nMETHOD\nPATH\nTIMESTAMP\nNONCE\nBODYHASH
 *
 * PATH goes from `/v1/<endpoint>` to the end of the query; NETWORK is that of `x-pact-network`, or empty; TIMESTAMP is in
 * milliseconds; BODYHASH is the hex of SHA-256, or empty where there is no body. An ed25519 key signs the text itself, in
 * base58; a secp256k1 key signs it as EIP-191 does, and the agent is its address.
 */
import * as base58 from "../../../modules/encoding/base58.js";
import * as hex from "../../../modules/encoding/hex.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import { addressOfPublicKey } from "../../../modules/signer/address.js";
import { signPersonalMessage } from "../../../modules/signer/eip191.js";
import type { Hashes, Signer } from "../../../modules/signer/signer.js";
import type { Header } from "../../http/request.js";

export type SignatureVersion = "v1" | "v2";

export interface SignedCall {
	readonly method: string;
	/** With the query, as on the request line. */
	readonly path: string;
	/** "" if none. */
	readonly network: string;
	/** Milliseconds since the epoch. */
	readonly timestamp: number;
	readonly nonce: string;
	readonly body: Uint8Array | undefined;
}

export function signedText(hashes: Hashes, version: SignatureVersion, signed: SignedCall): string {
	const { method, path, network, timestamp, nonce, body } = signed;
	const where = version === "v2" ? `${path}\n${network}` : path;
	const bodyHash = body === undefined || body.length === 0 ? "" : hex.encode(hashes.sha256(body));
	return `${version}\n${method.toUpperCase()}\n${where}\n${timestamp}\n${nonce}\n${bodyHash}`;
}

/** Returns the agent of the key in `slot`, by the market's name. Throws `SignerError` `KeyMissing`. */
export function agentOf(keys: Signer, slot: number): string {
	const publicKey = keys.publicKey(slot);
	return publicKey.length === 32 ? base58.encode(publicKey) : addressOfPublicKey(keys, publicKey);
}

/**
 * Returns the headers of one signed request, except `x-pact-network`. They are valid for one request, within 30 s. Throws
 * `SignerError`.
 */
export function signatureHeaders(
	keys: Signer,
	slot: number,
	version: SignatureVersion,
	project: string,
	signed: SignedCall,
): Header[] {
	const text = signedText(keys, version, signed);
	const isEd25519 = keys.curve(slot) === "ed25519";
	return [
		["x-pact-agent", agentOf(keys, slot)],
		["x-pact-timestamp", String(signed.timestamp)],
		["x-pact-nonce", signed.nonce],
		[
			"x-pact-signature",
			isEd25519 ? base58.encode(keys.signMessage(slot, utf8.encode(text))) : signPersonalMessage(keys, slot, text),
		],
		["x-pact-project", project],
	];
}
