/** Payments of operations that no plan reaches. For them, 400 and 409 have a special meaning. */
import type { HttpResponse } from "../../../http/response.js";
import type { PaymentAnswer } from "../../../x402/answer.js";
import { PayanAgentError } from "../errors.js";
import { Payment, unknown } from "../payment.js";

/** Pays for an offer in the older way: 409 means that the offer is not the market's own. */
export class LegacyPayment extends Payment {
	override async unpaid(response: HttpResponse): Promise<void> {
		if (response.status !== 409) return super.unpaid(response);
		await response.discard();
		throw new PayanAgentError("EcosystemOffer", "this offer is not the market's own: buy it at /x402/<id>");
	}
}

/** Pays for an approval: 409 means that a payment is being settled, 400 that one has been or that nothing is to be approved. */
export class ApprovalPayment extends Payment {
	override async paid(response: HttpResponse): Promise<PaymentAnswer | undefined> {
		const answer = await super.paid(response);
		if (answer !== undefined || (response.status !== 409 && response.status !== 400)) return answer;
		const { message } = await this.refusal(response);
		return unknown("settling", message, "");
	}
}
