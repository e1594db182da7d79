/**
 * The bound on one plan's turn: when it is over, the plan's next request is refused and its purchase ends. A signature that
 * has left is waited for as long as it can be used, since what it bought may still come.
 */
import { type Clock, seconds } from "../device/clock.js";
import { HttpError } from "../http/errors.js";
import { isFinal, type PurchaseRecord } from "../wallet/record.js";

/** Longer than a market's order, or a person at a checkout, is waited for. */
const TURN_MS = 900_000;

export class Turn {
	readonly #clock: Clock;
	/** Monotonic milliseconds; `undefined` between turns. */
	#since: number | undefined;
	#record: (() => PurchaseRecord | undefined) | undefined;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	begin(record: () => PurchaseRecord | undefined): void {
		this.#since = this.#clock.monotonic();
		this.#record = record;
	}

	end(): void {
		this.#since = this.#record = undefined;
	}

	/** To be called before each request. Throws `HttpError` `TurnOver`. */
	check(): void {
		if (this.#since === undefined || this.#clock.monotonic() - this.#since <= TURN_MS || this.#isPaymentAlive()) return;
		throw new HttpError(
			"TurnOver",
			`the plan's turn took more than ${TURN_MS / 60_000} minutes: other plans are waiting`,
		);
	}

	#isPaymentAlive(): boolean {
		const record = this.#record?.();
		const now = seconds(this.#clock);
		return record !== undefined && !isFinal(record.state) && now !== undefined && now < record.validBefore;
	}
}
