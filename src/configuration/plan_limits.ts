/** Limits that a plan sets for itself: its waits, and the number of payments without a delivery that pauses it. */
import type { Waits } from "../http/limits.js";
import type { Field } from "./field.js";

export interface PlanWaits {
	/** Overrides of the HTTP client's limits for each exchange before a payment. */
	readonly before: Partial<Waits>;
	/** The longest wait for the answer to a payment, in seconds, however long the payment is valid. */
	readonly paid: number;
}

export interface Brake {
	/** The number of payments in a row without a delivery that pauses the plan. */
	readonly payments: number;
	/** The length of the pause. */
	readonly seconds: number;
}

const DAY = 86_400;
const YEAR = 31_622_400;
/** The longest wait before a payment: other plans wait meanwhile. */
const LONGEST_WAIT = 900;
/** A paid answer may take a quarter of an hour: models, pictures, video. */
const WAITS: PlanWaits = Object.freeze({ before: Object.freeze({}), paid: 900 });
const BRAKE: Brake = Object.freeze({ payments: 3, seconds: DAY });

/** Seconds. Missing members have defaults; plans that set nothing share one object. */
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
