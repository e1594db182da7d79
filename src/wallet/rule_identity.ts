/**
 * Ids of rules and plans in the ledger's sums: the first 48 bits of a SHA-256. A safe integer holds one, and the sums take
 * the same room whatever the names.
 */
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Rule } from "./rule.js";

/** Returns the id of a name; never 0. */
export function idOf(hashes: Hashes, name: string): number {
	const digest = hashes.sha256(utf8.encode(name));
	let id = 0;
	for (let i = 0; i < 6; i++) id = id * 256 + digest[i]!;
	return id || 1;
}

/** Returns an id that survives renaming a rule: it covers the payee's origin and the asset. */
export function ruleIdentity(hashes: Hashes, { origin, asset }: Pick<Rule, "origin" | "asset">): number {
	return idOf(hashes, `${origin}\n${asset.network}\n${asset.address}`);
}
