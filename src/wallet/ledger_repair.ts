/**
 * Remedies that keep the key. For a ledger that flash has lost a part of (`LedgerDamaged`): it names what is missing and what
 * is still known, the owner sets what was spent at most by each rule, and the ledger continues from there, never from less
 * than it still knows. For one that was written while the clock was ahead, which blocks plans and windows until that time: its
 * dates are brought back.
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

/**
 * Brings what was recorded while the clock was ahead back to `now` (seconds): plans may buy again from their next period on,
 * and windows forget it when they have passed. No amount changes, neither in a window nor for life. Returns how many entries
 * it wrote. The agent has to be restarted after it. Throws `LedgerError` `LedgerDamaged`, `LedgerTooNew`, `LedgerWriteFailed`.
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
