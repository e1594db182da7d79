/** The owner's serial line, as a port provides it. */
import type { SignerError } from "../../modules/signer/errors.js";
import type { Curve } from "../../modules/signer/signer.js";

/** Lines of UTF-8 from and to the owner, at most `CONSOLE_LINE_LIMIT` bytes each, without their ends. */
export interface ConsoleLine {
	/** Calls `onLine` for each line that is not for `takeKey`; `undefined` stands for one that was too long or no UTF-8. */
	open(onLine: (line: string | undefined) => void): void;
	write(line: string): void;
	/**
	 * Takes the next line for a private key, 64 hexadecimal digits, and puts it into the slot. On a device the digits never
	 * come to JavaScript. `done` is given the name of the `SignerError` that refused the key, if one did.
	 */
	takeKey(slot: number, curve: Curve, done: (refusal?: SignerError["name"]) => void): void;
}

export const CONSOLE_LINE_LIMIT = 4_000;
