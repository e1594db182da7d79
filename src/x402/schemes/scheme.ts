/**
 * PaymentScheme: everything that differs between ways of paying (x402 specification, `schemes/`). A scheme is one folder
 * beside this file and one line in `list.ts`. Only its folder knows the address formats of its networks.
 *
 * Two payments are the same payment if payer and nonce are equal: the network settles at most one of them, and none after
 * `validBefore`. The ledger relies on exactly this, so a scheme must guarantee it by its network's own rules.
 */
import type { Curve, Hashes, Signer } from "../../../modules/signer/signer.js";
import type { PaymentRequirements, SchemeFields, SchemeRequirements } from "../payment_requirements.js";

/** A token as the owner configures it. */
export interface SchemeAsset {
	readonly name: string;
	readonly version: string;
}

/** One permission to move `requirements.amount`, once. */
export interface Authorization {
	readonly requirements: PaymentRequirements;
	/** The payer's address. */
	readonly from: string;
	/** `nonceLength` bytes. The network accepts each only once from one payer. */
	readonly nonce: Uint8Array;
	/** Seconds since the epoch; the network accepts it no later. */
	readonly validBefore: number;
}

/** A JSON-RPC request that asks for a balance. */
export interface BalanceQuery {
	readonly method: string;
	readonly params: readonly unknown[];
}

export interface PaymentScheme {
	/** The specification's name, `accepts[].scheme`. */
	readonly name: string;
	/** The CAIP-2 namespace of its networks, such as "eip155". */
	readonly namespace: string;
	/** The curve of the signing key. */
	readonly curve: Curve;
	/** The ways a token can move; a rule lists those that it allows. */
	readonly methods: readonly string[];
	/** Bytes. */
	readonly nonceLength: number;
	/** The members of `extra` that it reads. */
	readonly extraNames: readonly string[];

	/** True if `network` is a CAIP-2 identifier of the namespace, in its canonical spelling. */
	isNetwork(network: string): boolean;
	/** Returns the CAIP-2 identifier of an x402 v1 network name; `undefined` for a name of another scheme. */
	networkOfName(name: string): string | undefined;
	/** Returns the address of a public key, in the usual notation. */
	addressOf(hashes: Hashes, publicKey: Uint8Array): string;
	/** Returns the canonical form of an address that the owner typed. Throws an error that says what is wrong with it. */
	parseAddress(hashes: Hashes, text: string): string;

	/** Reads the fields that this scheme signs. Throws `TermsError`. */
	readRequirements(fields: SchemeFields): SchemeRequirements;
	/**
	 * Why `requirements` are not for the token that the owner means, or `undefined`, also where they leave out what the owner
	 * knows. The address is compared elsewhere.
	 */
	assetMismatch(asset: SchemeAsset, requirements: SchemeAsset & { readonly method: string }): string | undefined;
	/** Returns a payment's validity in seconds: at most what the seller asks for and what the owner allows (`longest`). */
	lifetime(requirements: PaymentRequirements, longest: number): number;
	/** True if the network settles at most one of two payments with the same nonce, one by each of these requirements. */
	isReplaceable(before: PaymentRequirements, after: PaymentRequirements): boolean;

	/** Returns the request that asks a node of the network for `owner`'s balance of `asset`. */
	balanceQuery(asset: string, owner: string): BalanceQuery;
	/** Reads the balance from the `result` of the answer: base units, 32 bytes; `undefined` if it holds none. */
	readBalance(result: unknown): Uint8Array | undefined;

	/**
	 * Signs with the key in `slot`. Deterministic: equal authorizations give equal bytes. Only `wallet/purchase.ts` calls it,
	 * after the policy has allowed the payment and its record is durable. Throws `SignerError`.
	 */
	sign(keys: Signer, slot: number, authorization: Authorization): Uint8Array;
	/** Returns the `payload` of PaymentPayload. Depends on its parameters alone: after a restart the same bytes go out. */
	payload(authorization: Authorization, signature: Uint8Array): object;
}
