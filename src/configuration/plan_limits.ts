/** The bounds that a plan sets for itself: how long it waits, and when payments that bring nothing pause it. */
import type { Waits } from "../http/limits.js";
import type { Field } from "./field.js";

export interface PlanWaits {
	/** For each exchange before a payment: what differs from the HTTP client's limits. */
	readonly before: Partial<Waits>;
	/** Seconds that the answer to a payment is waited for, at most, however long the payment lives. */
	readonly paid: number;
}

export interface Brake {
	/** How many payments in a row may bring nothing. */
	readonly payments: number;
	/** How long the plan then pays no more. */
	readonly seconds: number;
}

const DAY = 86_400;
const YEAR = 31_622_400;
/** No wait before a payment is longer: other plans wait meanwhile. */
const LONGEST_WAIT = 900;
/** A paid answer may take a quarter of an hour: models, pictures, video. */
const WAITS: PlanWaits = Object.freeze({ before: Object.freeze({}), paid: 900 });
const BRAKE: Brake = Object.freeze({ payments: 3, seconds: DAY });

/** In seconds. What is missing is as by default; one object for all plans that set nothing. */
export function readWaits(field: Field): PlanWaits {
	if (field.isMissing) return WAITS;
	const { connect, answer, silence, exchange, paid } = field.members(
		"connect",
		"answer",
		"silence",
		"exchange",
		"paid",
	);
	return {
		before: {
			...(!connect.isMissing && { connectTimeout: milliseconds(connect) }),
			...(!answer.isMissing && { headerTimeout: milliseconds(answer) }),
			...(!silence.isMissing && { idleTimeout: milliseconds(silence) }),
			...(!exchange.isMissing && { exchangeTimeout: milliseconds(exchange) }),
		},
		paid: paid.isMissing ? WAITS.paid : paid.integer(1, DAY),
	};
}

function milliseconds(field: Field): number {
	return field.integer(1, LONGEST_WAIT) * 1_000;
}

export function readBrake(field: Field): Brake {
	if (field.isMissing) return BRAKE;
	const { payments, seconds } = field.members("payments", "seconds");
	return {
		payments: payments.isMissing ? BRAKE.payments : payments.integer(1, 1_000),
		seconds: seconds.isMissing ? BRAKE.seconds : seconds.integer(1, YEAR),
	};
}
