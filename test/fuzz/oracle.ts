/** For targets of the fuzzing that have an oracle: what a parser reads must be what another reads, or reads in other pieces. */
import type { Drawn } from "../support/drawn.js";

export const latin1 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

/** `input` cut at places drawn at random. */
export function pieces(input: Uint8Array, drawn: Drawn): Uint8Array[] {
	const cut: Uint8Array[] = [];
	for (let at = 0; at < input.length; ) {
		const end = Math.min(input.length, at + 1 + drawn.integer(drawn.once(3) ? 3 : 1_024));
		cut.push(input.slice(at, end));
		at = end;
	}
	return cut;
}

/** What `run` returns, or the name of the error of class `allowed` that it throws; anything else goes on. */
export function outcomeOf<T>(run: () => T, allowed: new (...args: never[]) => Error): T | string {
	try {
		return run();
	} catch (error) {
		if (error instanceof allowed) return error.name;
		throw error;
	}
}

export function mustBe(isTrue: boolean, what: string): void {
	if (!isTrue) throw new Error(what);
}
