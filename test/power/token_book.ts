/**
 * A chain's book of one token, as the contracts keep it: EIP-3009 `transferWithAuthorization` and Permit2's
 * `permitWitnessTransferFrom` by the x402 proxy. It takes a nonce of a payer once, recovers who signed (ethers), and checks
 * from when until when a signature is good. Reasons are those that the reference facilitator gives.
 */
import { verifyTypedData } from "ethers";

export const NETWORK = "eip155:84532";
export const USDC = "0x036cbd53842c5426634e7929541ec2318f3dcf7e";
const CHAIN = 84_532;
const PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3";
const PROXY = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001";

/** Seconds: a facilitator takes no signature that ends sooner. */
const MARGIN = 6;

/** A payment as it came in a header. */
export interface SignedPayment {
	readonly header: string;
	readonly method: "eip3009" | "permit2";
	/** Who has signed it, as far as the signature says: lower case. */
	readonly signer: string;
	readonly from: string;
	readonly to: string;
	readonly value: bigint;
	readonly validAfter: number;
	readonly validBefore: number;
	/** Hexadecimal digits. */
	readonly nonce: string;
	/** JSON of what a payment of version 2 says that it accepts; "" in version 1. */
	readonly accepted: string;
}

export interface Transfer {
	readonly payment: SignedPayment;
	readonly url: string;
	/** Seconds since the epoch. */
	readonly at: number;
}

export class TokenBook {
	readonly transfers: Transfer[] = [];
	readonly #used = new Set<string>();

	/** Why this payment cannot be settled at `now` (seconds); `undefined` if it can. */
	verify(payment: SignedPayment, now: number): string | undefined {
		const { method, signer, from, validAfter, validBefore } = payment;
		if (signer !== from) return "invalid_exact_evm_payload_signature";
		if (this.#isUsed(payment)) {
			return method === "permit2" ? "permit2_invalid_nonce" : "invalid_exact_evm_nonce_already_used";
		}
		if (now <= validAfter) return "invalid_exact_evm_payload_authorization_valid_after";
		if (now + MARGIN > validBefore) return "invalid_exact_evm_payload_authorization_valid_before";
		return undefined;
	}

	/** Moves the money, and returns why it could not. */
	settle(payment: SignedPayment, url: string, now: number): string | undefined {
		const reason = this.verify(payment, now);
		if (reason !== undefined) return reason;
		this.#used.add(nameOf(payment));
		this.transfers.push({ payment, url, at: now });
		return undefined;
	}

	#isUsed(payment: SignedPayment): boolean {
		return this.#used.has(nameOf(payment));
	}
}

function nameOf({ method, from, nonce }: SignedPayment): string {
	return `${method} ${from} ${nonce}`;
}

/** Payments by their header: recovering a signer takes most of a run's time. */
const read = new Map<string, SignedPayment>();

/** Throws for a header that is no payment. */
export function readPayment(header: string): SignedPayment {
	const known = read.get(header) ?? decode(header);
	read.set(header, known);
	return known;
}

function decode(header: string): SignedPayment {
	const { payload, accepted } = JSON.parse(Buffer.from(header, "base64").toString());
	const { signature, authorization, permit2Authorization } = payload;
	const shared = { header, accepted: accepted === undefined ? "" : JSON.stringify(accepted) };
	if (authorization !== undefined) {
		const { from, to, value, validAfter, validBefore, nonce } = authorization;
		const domain = { name: "USDC", version: "2", chainId: CHAIN, verifyingContract: USDC };
		return {
			...shared,
			method: "eip3009",
			signer: verifyTypedData(domain, EIP3009, authorization, signature).toLowerCase(),
			from: from.toLowerCase(),
			to: to.toLowerCase(),
			value: BigInt(value),
			validAfter: Number(validAfter),
			validBefore: Number(validBefore),
			nonce: BigInt(nonce).toString(16),
		};
	}
	const { from, permitted, spender, nonce, deadline, witness } = permit2Authorization;
	if (spender !== PROXY || permitted.token.toLowerCase() !== USDC) throw new Error("not the proxy, or not the token");
	const domain = { name: "Permit2", chainId: CHAIN, verifyingContract: PERMIT2 };
	const message = { permitted, spender, nonce, deadline, witness };
	return {
		...shared,
		method: "permit2",
		signer: verifyTypedData(domain, WITNESS_TRANSFER, message, signature).toLowerCase(),
		from: from.toLowerCase(),
		to: witness.to.toLowerCase(),
		value: BigInt(permitted.amount),
		validAfter: Number(witness.validAfter),
		validBefore: Number(deadline),
		nonce: BigInt(nonce).toString(16),
	};
}

const fields = (text: string) =>
	text.split(", ").map((each) => {
		const [type = "", name = ""] = each.split(" ");
		return { type, name };
	});
const EIP3009 = {
	TransferWithAuthorization: fields(
		"address from, address to, uint256 value, uint256 validAfter, uint256 validBefore, bytes32 nonce",
	),
};
const WITNESS_TRANSFER = {
	PermitWitnessTransferFrom: fields(
		"TokenPermissions permitted, address spender, uint256 nonce, uint256 deadline, Witness witness",
	),
	TokenPermissions: fields("address token, uint256 amount"),
	Witness: fields("address to, uint256 validAfter"),
};
