/** The owner's serial line, as a port provides it. */
import type { SignerError } from "../../modules/signer/errors.js";
import type { Curve } from "../../modules/signer/signer.js";

/** The most bytes of UTF-8 in a line, without its end. */
export const CONSOLE_LINE_LIMIT = 4_000;

/** Lines of UTF-8 from and to the owner, at most `CONSOLE_LINE_LIMIT` bytes each, without their ends. */
export interface ConsoleLine {
	/**
	 * Calls `onLine` for each line that `takeKey` does not take; with `undefined` for one that is not UTF-8, or longer than
	 * `longest` allows at that moment, which then takes no memory.
	 */
	open(onLine: (line: string | undefined) => void, longest: () => number): void;
	write(line: string): void;
	/**
	 * Takes the next line as a private key, 64 hexadecimal digits, and imports it into the slot. On a device the digits
	 * never reach JavaScript. `done` gets the name of the `SignerError` if the key was refused.
	 */
	takeKey(slot: number, curve: Curve, done: (refusal?: SignerError["name"]) => void): void;
}
