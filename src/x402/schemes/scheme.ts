/**
 * PaymentScheme: all that differs between one way of paying and another (x402 specification, `schemes/`). A scheme is one
 * folder beside this file and one line in `list.ts`; nothing outside its folder knows an address of its networks from
 * another.
 *
 * A payment is the same payment again when payer and nonce are the same: its network settles at most one of them, and
 * none after `validBefore`. The ledger relies on exactly this, so a scheme has to derive both from its chain's own rules.
 */
import type { Curve, Hashes, Signer } from "../../../modules/signer/signer.js";
import type { PaymentRequirements, SchemeFields, SchemeRequirements } from "../payment_requirements.js";

/** A token as the owner knows it. */
export interface SchemeAsset {
	readonly name: string;
	readonly version: string;
}

/** One permission to move `requirements.amount`, once. */
export interface Authorization {
	readonly requirements: PaymentRequirements;
	/** The payer's address. */
	readonly from: string;
	/** `nonceLength` bytes. The network takes each only once from one payer. */
	readonly nonce: Uint8Array;
	/** Seconds since the epoch; the network takes it no later. */
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
	/** The kind of key that signs. */
	readonly curve: Curve;
	/** How a token can move; a rule names those that it allows. */
	readonly methods: readonly string[];
	/** Bytes. */
	readonly nonceLength: number;

	/** True if `network` is a CAIP-2 identifier of the namespace, in its one spelling. */
	isNetwork(network: string): boolean;
	/** The CAIP-2 identifier of a network's name in x402 v1; `undefined` for a name of another scheme. */
	networkOfName(name: string): string | undefined;
	/** The address of a public key, as people read it. */
	addressOf(hashes: Hashes, publicKey: Uint8Array): string;
	/** The canonical form of an address that the owner typed. Throws an error that says what is wrong with it. */
	parseAddress(hashes: Hashes, text: string): string;

	/** Reads what this scheme signs. Throws `TermsError`. */
	readRequirements(fields: SchemeFields): SchemeRequirements;
	/** Why `requirements` are not for the token that the owner means, or `undefined`. The address is compared elsewhere. */
	assetMismatch(asset: SchemeAsset, requirements: SchemeAsset & { readonly method: string }): string | undefined;
	/** How long a payment lives, in seconds: never longer than the seller asks for or the owner allows (`longest`). */
	lifetime(requirements: PaymentRequirements, longest: number): number;
	/** True if the network settles at most one of two payments with one nonce, one by each of these requirements. */
	isReplaceable(before: PaymentRequirements, after: PaymentRequirements): boolean;

	/** The question to a node of the network for what `owner` has of `asset`. */
	balanceQuery(asset: string, owner: string): BalanceQuery;
	/** Base units, 32 bytes, from the `result` of the answer; `undefined` when it holds no balance. */
	readBalance(result: unknown): Uint8Array | undefined;

	/**
	 * Signs with the key in `slot`: the same bytes for the same authorization, always. Only `wallet/purchase.ts` calls it,
	 * behind the policy and the durable record. Throws `SignerError`.
	 */
	sign(keys: Signer, slot: number, authorization: Authorization): Uint8Array;
	/** The `payload` of PaymentPayload. A function of its parameters alone: after a restart the same bytes go out. */
	payload(authorization: Authorization, signature: Uint8Array): object;
}
