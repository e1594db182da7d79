/** Assertions for campaigns of thousands of cases: what holds costs nothing, what does not is reported as ava reports it. */
import { isDeepStrictEqual } from "node:util";
import type { ExecutionContext } from "ava";

export function same(t: ExecutionContext, actual: unknown, expected: unknown, message?: string): void {
	if (!isDeepStrictEqual(actual, expected)) t.deepEqual(actual, expected, message);
}

/** `act` throws an error of that name. */
export function throwsNamed(t: ExecutionContext, act: () => unknown, name: string, message?: string): void {
	try {
		act();
	} catch (error) {
		if ((error as Error).name !== name) t.is((error as Error).name, name, message);
		return;
	}
	t.fail(`expected ${name}, got no error: ${message ?? ""}`);
}
