/**
 * Being paid by x402 v2, one step at a time, where the terms depend on what is asked: the official resource server builds
 * the terms, finds the accepted entry (it must be the echo of one, verbatim), verifies and settles on the local chain.
 */
import {
	decodePaymentSignatureHeader,
	encodePaymentRequiredHeader,
	encodePaymentResponseHeader,
} from "@x402/core/http";
import { x402ResourceServer } from "@x402/core/server";
import type { PaymentPayload, PaymentRequired, PaymentRequirements } from "@x402/core/types";
import { ExactEvmScheme } from "@x402/evm/exact/server";
import type { Address, Hex } from "viem";
import { NamedError } from "../../../../../modules/encoding/named_error.js";
import type { Chain } from "../../../chain.js";
import { createFacilitator } from "../../../facilitator.js";
import type { Offer } from "../../../resources.js";

/** `PaymentMalformed`: not base64 of a v2 payment. `PaymentInvalid`: the message is the reason of the official code. */
export class CheckoutError extends NamedError<"PaymentMalformed" | "PaymentInvalid"> {}

/** A payment that would settle. */
export interface Payment {
	readonly payload: PaymentPayload;
	readonly requirements: PaymentRequirements;
	readonly payer: Address;
	/** The authorization's nonce: bytes32 for EIP-3009, decimal for Permit2. */
	readonly nonce: string;
	/** Seconds since 1970: `validBefore`, or Permit2's deadline. */
	readonly validBefore: number;
}

export type Settled = Awaited<ReturnType<x402ResourceServer["settlePayment"]>>;

interface Authorizations {
	readonly authorization?: { readonly from: Address; readonly nonce: Hex; readonly validBefore: string };
	readonly permit2Authorization?: { readonly from: Address; readonly nonce: string; readonly deadline: string };
}

export interface Checkout {
	/** @param error - why it is asked for, again perhaps */
	terms(offers: readonly Offer[], resource: PaymentRequired["resource"], error?: string): Promise<PaymentRequired>;
	/**
	 * @param header - the payment header's value
	 * @throws {CheckoutError}
	 */
	verify(header: string, terms: PaymentRequired): Promise<Payment>;
	/** Moves the money; a failure is an answer too, as the official middleware has it. */
	settle(payment: Payment): Promise<Settled>;
}

/** Reads a payment header without judging it. @throws {CheckoutError} PaymentMalformed */
export function readPayment(header: string): Omit<Payment, "requirements"> {
	try {
		const payload = decodePaymentSignatureHeader(header);
		const { authorization, permit2Authorization: permit } = payload.payload as Authorizations;
		const { from, nonce } = (authorization ?? permit)!;
		const validBefore = Number(authorization?.validBefore ?? permit?.deadline);
		if (payload.x402Version !== 2 || !from || !nonce) throw new Error("not a v2 payment");
		return { payload, payer: from.toLowerCase() as Address, nonce, validBefore };
	} catch (error) {
		throw new CheckoutError("PaymentMalformed", `expected base64 of an x402 v2 payment: ${(error as Error).message}`);
	}
}

/** Opens a checkout whose facilitator settles on `chain`. */
export async function openCheckout(chain: Chain): Promise<Checkout> {
	const server = new x402ResourceServer(createFacilitator(chain)).register(chain.network, new ExactEvmScheme());
	await server.initialize();
	const option = ({ amount, token, payTo, maxTimeoutSeconds, extra }: Offer) => ({
		scheme: "exact",
		network: chain.network,
		payTo,
		maxTimeoutSeconds,
		price: { amount, asset: token.address, extra: { name: token.name, version: token.version } },
		...(extra && { extra: { ...extra } }),
	});
	const verify: Checkout["verify"] = async (header, terms) => {
		const read = readPayment(header);
		const requirements = server.findMatchingRequirements(terms.accepts, read.payload);
		if (!requirements) throw new CheckoutError("PaymentInvalid", "No matching payment requirements");
		const verified = await server
			.verifyPayment(read.payload, requirements)
			.catch((error: Error) => ({ isValid: false, invalidReason: error.message }));
		if (!verified.isValid) throw new CheckoutError("PaymentInvalid", verified.invalidReason ?? "invalid_payment");
		return { ...read, requirements };
	};
	const settle: Checkout["settle"] = ({ payload, requirements, payer }) =>
		server.settlePayment(payload, requirements).catch((error: Error) => ({
			success: false,
			errorReason: error.message,
			transaction: "",
			network: requirements.network,
			payer,
		}));
	return {
		terms: async (offers, resource, error = "Payment required") =>
			server.createPaymentRequiredResponse(
				await server.buildPaymentRequirementsFromOptions(offers.map(option), {}),
				resource,
				error,
			),
		verify,
		settle,
	};
}

export const termsHeader = (terms: PaymentRequired): Record<string, string> => ({
	"PAYMENT-REQUIRED": encodePaymentRequiredHeader(terms),
});

export const receiptHeader = (settled: Settled): Record<string, string> => ({
	"PAYMENT-RESPONSE": encodePaymentResponseHeader(settled),
});
