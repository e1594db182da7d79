/** Runs vector modules (`test/vectors`) on a device and reports by its log. The other end is run_vectors.ts. */

import type { Signer } from "../../modules/signer/signer.js";
import type { Port } from "../../src/device/port.js";
import type { Check } from "../vectors/encoding_check.js";

export type Cases = (check: Check, signer: Signer) => void;

/** One event per difference, one per module with the count of all its checks. */
export function runCases(port: Port, modules: readonly (readonly [name: string, cases: Cases])[]): void {
	for (const [name, cases] of modules) {
		let checks = 0;
		const fail = (what: string, actual: string, expected: string) =>
			port.log({ event: "difference", module: name, what, actual, expected });
		try {
			cases((what, actual, expected) => {
				checks++;
				if (actual !== expected) fail(what, String(actual), String(expected));
			}, port.keys);
		} catch (error) {
			fail(`after ${checks} checks`, String(error), "no error");
		}
		port.log({ event: "module", name, checks });
	}
}
