/**
 * The remedy for a ledger that flash has lost a part of (`LedgerDamaged`), which keeps the key: it names what is missing and
 * what is still known, the owner sets what was spent at most by each rule, and the ledger continues from there. It never
 * continues from less than it still knows.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { LedgerError } from "./errors.js";
import { type Damage, LedgerFlash, type LedgerImage, SLOTS } from "./ledger_flash.js";
import { LedgerSums } from "./ledger_sums.js";
import type { Rule } from "./rule.js";
import { idOf, ruleIdentity } from "./rule_identity.js";

/** What flash has lost, and what it still has. */
export interface LedgerLoss extends Damage {
	/** By each rule, what is known to have been spent by it for life: base units. It may have been more. */
	readonly known: readonly { readonly rule: Rule; readonly life: Uint8Array }[];
}

/** A ledger as the configuration names its parts. */
export interface LedgerInFlash {
	readonly storage: Storage;
	readonly hashes: Hashes;
	readonly rules: readonly Rule[];
	readonly plans: readonly string[];
}

/** What flash has lost; `undefined` for a ledger that can be spent from. Throws `LedgerError` `LedgerTooNew`. */
export function findLoss(ledger: LedgerInFlash): LedgerLoss | undefined {
	const image = new LedgerFlash(ledger.storage, ledger.hashes, () => false).readImage();
	if (image.damage === undefined) return undefined;
	const sums = sumsOf(ledger, image);
	const known = ledger.rules.map((rule) => ({ rule, life: sums.spending(rule, 0).life }));
	return { ...image.damage, known };
}

/**
 * Continues from what the owner sets. `spentAtMost` has an amount for each rule's name: the most that it can have spent in its
 * life. What of it is not known counts in the rule's window from `now` on (seconds), since it may just have left. Every plan
 * counts as having bought in its present period, one that buys once as having bought. Purchases that were open are counted and
 * not resumed. Does nothing to a ledger that has lost nothing. Throws `LedgerError` `SpentTooLow` for a rule without an amount,
 * or with less than is known, and then nothing has changed; `LedgerWriteFailed`, `LedgerTooNew`.
 */
export function settleLoss(ledger: LedgerInFlash, spentAtMost: ReadonlyMap<string, Uint8Array>, now: number): void {
	const flash = new LedgerFlash(ledger.storage, ledger.hashes, () => false);
	const image = flash.readImage();
	if (image.damage === undefined) return;
	const sums = sumsOf(ledger, image);
	const unknown = ledger.rules.map((rule) => unknownOf(rule, sums.spending(rule, 0).life, spentAtMost.get(rule.name)));
	const { totals } = image;
	for (const entry of sums.live()) sums.fold(totals, entry, now);
	for (const [i, rule] of ledger.rules.entries()) {
		const amount = unknown[i]!;
		const { network, address } = rule.asset;
		totals.addUnknown(idOf(ledger.hashes, rule.name), ruleIdentity(ledger.hashes, rule), amount, now);
		totals.addSpent(network, address, amount);
	}
	for (const plan of ledger.plans) totals.bought(idOf(ledger.hashes, plan), now);
	// Beyond what may come back of a page that could not be read.
	totals.foldedThrough = image.newest + SLOTS;
	totals.generation++;
	flash.writeTotals(sums.encode(totals));
	flash.writeHead({ sequence: totals.foldedThrough, revision: 0 });
}

function sumsOf({ hashes, rules, plans }: LedgerInFlash, image: LedgerImage): LedgerSums {
	return new LedgerSums(hashes, rules, plans, image);
}

/** What may have been spent by `rule` beyond what is known. Throws `LedgerError` `SpentTooLow`. */
export function unknownOf({ name }: Rule, known: Uint8Array, atMost: Uint8Array | undefined): Uint8Array {
	if (atMost !== undefined && uint256.compare(atMost, known) >= 0) return uint256.subtract(atMost, known);
	const least = uint256.toDecimal(known);
	const got = atMost === undefined ? "nothing" : uint256.toDecimal(atMost);
	throw new LedgerError(
		"SpentTooLow",
		`rule "${name}" is known to have spent ${least} base units: expected at least as much, got ${got}`,
	);
}
