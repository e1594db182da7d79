/**
 * Deliberate confirmation. A change that could let more money out is not made when it is requested. The console describes it
 * in plain words with a code of six digits, and makes it when `confirm` returns the code, within two minutes and before any
 * other change. The code is random and also depends on the change, so that no script and no slip can confirm an unread
 * change.
 */
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Signer } from "../../modules/signer/signer.js";
import type { Clock } from "../device/clock.js";
import { ConsoleError } from "./errors.js";

/** The change that waits for its code. */
interface Pending {
	readonly code: string;
	/** Monotonic milliseconds. */
	readonly until: number;
	readonly act: () => object;
	tries: number;
}

/** Dependencies for drawing a code. */
interface Chance {
	readonly keys: Signer;
	readonly clock: Clock;
	readonly random: (buffer: Uint8Array) => void;
}

const PATIENCE_MS = 120_000;
const TRIES = 3;
const NONCE_SIZE = 16;

export class Confirmation {
	#pending: Pending | undefined;

	/** Draws a code for a change. `what` describes everything that `act` will do, to the byte. Replaces any pending change. */
	ask({ keys, clock, random }: Chance, what: string, act: () => object): { confirm: string; withinSeconds: number } {
		const text = utf8.encode(what);
		const bytes = new Uint8Array(NONCE_SIZE + text.length);
		random(bytes.subarray(0, NONCE_SIZE));
		bytes.set(text, NONCE_SIZE);
		const [a, b, c] = keys.sha256(bytes) as unknown as readonly [number, number, number];
		const code = String(((a << 16) | (b << 8) | c) % 1_000_000).padStart(6, "0");
		this.#pending = { code, until: clock.monotonic() + PATIENCE_MS, act, tries: 0 };
		return { confirm: code, withinSeconds: PATIENCE_MS / 1_000 };
	}

	/** Makes the pending change if `code` is right. Throws `ConsoleError` `NothingToConfirm`, `CodeExpired`, `CodeWrong`. */
	take({ clock }: Pick<Chance, "clock">, code: string): object {
		const pending = this.#pending;
		if (pending === undefined) {
			throw new ConsoleError("NothingToConfirm", "no change is waiting for a code: ask for the change first");
		}
		if (clock.monotonic() > pending.until) {
			this.drop();
			throw new ConsoleError("CodeExpired", "the code expired after two minutes: ask for the change again");
		}
		if (code !== pending.code) {
			const left = TRIES - ++pending.tries;
			if (left === 0) this.drop();
			const then = left === 0 ? "ask for the change again" : `${left} tries left`;
			throw new ConsoleError("CodeWrong", `wrong code: ${then}`);
		}
		this.drop();
		return pending.act();
	}

	drop(): void {
		this.#pending = undefined;
	}
}
