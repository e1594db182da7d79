/**
 * The bound on one plan's turn: once it is over, the plan's next request is refused and its purchase ends. If a signature has
 * left, the turn lasts as long as the signature can be used, since the data may still arrive.
 */
import { type Clock, seconds } from "../device/clock.js";
import { HttpError } from "../http/errors.js";
import { isFinal, type PurchaseRecord } from "../wallet/record.js";

/** Longer than the wait for a market's order or for a person at a checkout. */
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

	/** Checks that the turn is not over. Call it before each request. Throws `HttpError` `TurnOver`. */
	check(): void {
		if (this.#since === undefined || this.#clock.monotonic() - this.#since <= TURN_MS || this.#isPaymentAlive()) return;
		throw new HttpError(
			"TurnOver",
			`the plan's turn took more than ${TURN_MS / 60_000} minutes and ends here, so that other plans get theirs`,
		);
	}

	#isPaymentAlive(): boolean {
		const record = this.#record?.();
		const now = seconds(this.#clock);
		return record !== undefined && !isFinal(record.state) && now !== undefined && now < record.validBefore;
	}
}
