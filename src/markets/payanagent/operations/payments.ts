/** Payments of operations that no plan reaches: to them 409 means something of its own. */
import type { HttpResponse } from "../../../http/response.js";
import type { PaymentAnswer } from "../../../x402/answer.js";
import { PayanAgentError } from "../errors.js";
import { Payment, unknown } from "../payment.js";

/** Of an offer in the older way: 409 says that the offer is not the market's own. */
export class LegacyPayment extends Payment {
	override async unpaid(response: HttpResponse): Promise<void> {
		if (response.status !== 409) return super.unpaid(response);
		await response.discard();
		throw new PayanAgentError("EcosystemOffer", "this offer is not the market's own: buy it at /x402/<id>");
	}
}

/** Of an approval: 409 says that a payment is being settled. */
export class ApprovalPayment extends Payment {
	override async paid(response: HttpResponse): Promise<PaymentAnswer | undefined> {
		const answer = await super.paid(response);
		if (answer !== undefined || response.status !== 409) return answer;
		await response.discard();
		return unknown("settling", "the market says that the payment is being settled", "");
	}
}
