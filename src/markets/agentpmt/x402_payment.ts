/** Pays AgentPMT by x402: the market has its own header name, short validity, and documented prices of packs. */
import * as uint256 from "../../../modules/encoding/uint256.js";
import type { HttpResponse } from "../../http/response.js";
import type { Purchase } from "../../wallet/purchase.js";
import type { Dialect, Payer, Payment } from "../../x402/client.js";
import type { PaymentRequired } from "../../x402/payment_required.js";
import type { OfferedRequirements, PaymentRequirements } from "../../x402/payment_requirements.js";
import type { Api } from "./api.js";
import { AgentPmtError } from "./errors.js";
import type { Row } from "./refusals.js";

/** The market rejects authorizations with a longer validity, even if its own terms offer more. */
const LONGEST_VALIDITY_SECONDS = 240;

/** The documented price of a pack. */
export interface PackPrice {
	/** CAIP-2. */
	readonly network: string;
	/** Base units; `undefined` if the documents do not say. */
	readonly amount: Uint8Array | undefined;
}

/** Agrees only to terms that fit the market's documents. */
export class MarketPayer implements Payer {
	readonly #purchase: Purchase;
	readonly #price: PackPrice | undefined;

	/** `price` applies to credits; a tool costs what its terms say, within rules and caps. */
	constructor(purchase: Purchase, price?: PackPrice) {
		this.#purchase = purchase;
		this.#price = price;
	}

	/** Credits are never prepaid: remembered terms may be those of another pack. */
	prepay(): Payment | undefined {
		if (this.#price !== undefined && this.#purchase.record === undefined) return undefined;
		return this.#purchase.prepay();
	}

	/** Pays by the terms that fit. Throws `AgentPmtError` `PackPrice`, and what `Purchase.pay` throws. */
	pay(terms: PaymentRequired): Payment {
		const { x402Version, error, resource, extensions } = terms;
		const offers = () => this.#documented(terms);
		return this.#purchase.pay({ x402Version, error, resource, extensions, offers, release: () => terms.release() });
	}

	*#documented(terms: PaymentRequired): Generator<OfferedRequirements | Error> {
		for (const offer of terms.offers()) {
			if (offer instanceof Error) yield offer;
			else yield this.#isDocumented(offer) ? shortened(offer) : this.#mispriced(offer);
		}
	}

	#isDocumented(entry: PaymentRequirements): boolean {
		if (this.#price === undefined) return true;
		const { network, amount } = this.#price;
		return entry.network === network && (amount === undefined || uint256.compare(entry.amount, amount) === 0);
	}

	#mispriced({ amount, network }: PaymentRequirements): AgentPmtError {
		const price = this.#price!;
		const expected = price.amount === undefined ? "a price" : `${uint256.toDecimal(price.amount)} base units`;
		return new AgentPmtError(
			"PackPrice",
			`expected ${expected} on ${price.network} for these credits, got ${uint256.toDecimal(amount)} on ${network}: not signed, report it`,
		);
	}
}

function shortened(entry: OfferedRequirements): OfferedRequirements {
	return { ...entry, maxTimeoutSeconds: Math.min(entry.maxTimeoutSeconds, LONGEST_VALIDITY_SECONDS) };
}

/** The market's dialect of x402 for a request to a path below `/api`; no error repeats `secrets`. */
export function x402Dialect(
	api: Api,
	request: { readonly path: string; readonly refusals?: readonly Row[]; readonly secrets?: readonly string[] },
	paymentHeader: string,
): Dialect {
	return {
		paymentHeader,
		unpaid: async (response: HttpResponse) => {
			throw await api.refusal(response, request);
		},
		paid: async () => undefined,
	};
}
