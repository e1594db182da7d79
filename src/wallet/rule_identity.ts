/**
 * What rules and plans are known by in the ledger's sums: 48 bits of a SHA-256, a number, so that sums take the same room
 * whatever the names, and a safe integer holds them.
 */
import * as utf8 from "../../modules/encoding/utf8.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Rule } from "./rule.js";

/** Of a name. Never 0. */
export function idOf(hashes: Hashes, name: string): number {
	const digest = hashes.sha256(utf8.encode(name));
	let id = 0;
	for (let i = 0; i < 6; i++) id = id * 256 + digest[i]!;
	return id || 1;
}

/** What a rule stays known by when its name changes: whom it pays, and in what. */
export function ruleIdentity(hashes: Hashes, { origin, asset }: Pick<Rule, "origin" | "asset">): number {
	return idOf(hashes, `${origin}\n${asset.network}\n${asset.address}`);
}
