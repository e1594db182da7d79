/**
 * Repairs that keep the key.
 *
 * For a ledger that has lost entries (`LedgerDamaged`): report what is missing and what is still known. The owner then sets
 * the most that each rule can have spent, and the ledger continues from there, never from less than it still knows.
 *
 * For a ledger written while the clock was ahead, which blocks plans and windows until that time: move its dates back.
 */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Hashes } from "../../modules/signer/signer.js";
import type { Storage } from "../device/storage.js";
import { damaged, LedgerError } from "./errors.js";
import { type Damage, describeDamage, ENTRY_LIMIT, LedgerFlash, type LedgerImage, SLOTS } from "./ledger_flash.js";
import { LedgerSums } from "./ledger_sums.js";
import { encodeRecord } from "./record.js";
import type { Rule } from "./rule.js";
import { idOf, ruleIdentity } from "./rule_identity.js";

/** The entries that flash has lost, and the spending that is still known. */
export interface LedgerLoss extends Damage {
	/** The known spending of each rule for life, base units. The true amount may be higher. */
	readonly known: readonly { readonly rule: Rule; readonly life: Uint8Array }[];
}

/** A ledger in flash, with the rules and plans of the configuration. */
export interface LedgerInFlash {
	readonly storage: Storage;
	readonly hashes: Hashes;
	readonly rules: readonly Rule[];
	readonly plans: readonly string[];
}

/** Finds what flash has lost; `undefined` if the ledger can be spent from. Throws `LedgerError` `LedgerTooNew`. */
export function findLoss(ledger: LedgerInFlash): LedgerLoss | undefined {
	const image = new LedgerFlash(ledger.storage, ledger.hashes, () => false).readImage();
	if (image.damage === undefined) return undefined;
	const sums = sumsOf(ledger, image);
	const known = ledger.rules.map((rule) => ({ rule, life: sums.spending(rule, 0).life }));
	return { ...image.damage, known };
}

/**
 * Continues a damaged ledger from the owner's figures. `spentAtMost` maps each rule's name to the most that it can have spent
 * for life. The part that is not known counts in the rule's window from `now` (seconds) on, since it may have left just now.
 * Every plan counts as having bought in its present period, and a plan that buys once as having bought. Open purchases are
 * counted and not resumed. Does nothing to an undamaged ledger. Throws `LedgerError` `SpentTooLow` for a rule without an
 * amount, or with less than is known, and then nothing has changed; `LedgerWriteFailed`, `LedgerTooNew`.
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
		const count = signaturesIn(rule, amount, image.damage.missing.length);
		totals.addUnknown(idOf(ledger.hashes, rule.name), ruleIdentity(ledger.hashes, rule), amount, now, count);
		totals.addSpent(network, address, amount);
	}
	for (const plan of ledger.plans) totals.bought(idOf(ledger.hashes, plan), now);
	// Leaves a gap beyond any record that an unreadable page may return later.
	totals.foldedThrough = image.newest + SLOTS;
	totals.generation++;
	flash.writeTotals(sums.encode(totals));
	flash.writeHead({ sequence: totals.foldedThrough, revision: 0 });
}

/**
 * Moves dates that were recorded while the clock was ahead back to `now` (seconds). Plans may buy again from their next
 * period on, and windows forget these amounts after their length. No amount changes, neither in a window nor for life.
 * Returns the number of entries written. The agent must be restarted afterwards. Throws `LedgerError` `LedgerDamaged`,
 * `LedgerTooNew`, `LedgerWriteFailed`.
 */
export function redate({ storage, hashes }: Pick<LedgerInFlash, "storage" | "hashes">, now: number): number {
	const flash = new LedgerFlash(storage, hashes, () => false);
	const { slots, totals, damage } = flash.readImage();
	if (damage !== undefined) throw damaged(describeDamage(damage));
	let written = 0;
	for (const [slot, entry] of slots.entries()) {
		const isLive = entry !== undefined && entry.sequence > totals.foldedThrough;
		if (!isLive || (entry.time <= now && entry.period <= now)) continue;
		const record = flash.readRecord(slot);
		const { time, period, revision } = record;
		const dated = { ...record, time: Math.min(time, now), period: Math.min(period, now), revision: revision + 1 };
		flash.writeRecord(slot, encodeRecord(dated, ENTRY_LIMIT));
		written++;
	}
	const dated = totals.clone();
	if (dated.redate(now)) {
		dated.generation++;
		flash.writeTotals(dated.encode(ENTRY_LIMIT)!);
		written++;
	}
	return written;
}

function sumsOf({ hashes, rules, plans }: LedgerInFlash, image: LedgerImage): LedgerSums {
	return new LedgerSums(hashes, rules, plans, image);
}

/** Returns the amount that `rule` may have spent beyond what is known. Throws `LedgerError` `SpentTooLow`. */
export function unknownOf({ name }: Rule, known: Uint8Array, atMost: Uint8Array | undefined): Uint8Array {
	if (atMost !== undefined && uint256.compare(atMost, known) >= 0) return uint256.subtract(atMost, known);
	const least = uint256.toDecimal(known);
	const got = atMost === undefined ? "nothing" : uint256.toDecimal(atMost);
	throw new LedgerError(
		"SpentTooLow",
		`rule "${name}" has spent at least ${least} base units: expected that or more, got ${got}`,
	);
}

/**
 * The signatures that may have left in a rule's window by the purchases that are missing: each may be this rule's, and a
 * prepayment may have been replaced. What the owner sets as spent is no less for a payment that has never been settled.
 */
function signaturesIn(rule: Rule, unknown: Uint8Array, missing: number): number {
	const isKnown = missing === 0 && uint256.isZero(unknown);
	return isKnown ? 0 : Math.max(missing, 1) * (rule.prepay ? 2 : 1);
}
