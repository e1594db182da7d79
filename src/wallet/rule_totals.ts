/**
 * The sums of rules, packed into rows of bytes in memory as in flash. A row holds a rule's id and identity in six bytes each,
 * its amount for life, the length of its window in two bytes, and the window (window.ts). Rows are immutable: a change makes
 * a new one.
 */
import type { CborValue } from "../../modules/encoding/cbor.js";
import { asBytes } from "./cbor_fields.js";
import { damaged } from "./errors.js";
import { isAmountAt, NUMBER_SIZE, packedAmount, readAmount, readNumber, replaced, writeNumber } from "./packed.js";
import { isWindow, type Window } from "./window.js";

export interface RuleTotal {
	/** The id of the rule's name (`idOf`). */
	readonly id: number;
	/** `ruleIdentity` of the rule in its last version; 0 if not known. */
	readonly identity: number;
	/** Base units, 32 bytes. */
	readonly life: Uint8Array;
	readonly window: Window;
}

export type RuleTotals = Uint8Array;

/** Byte range of a row. */
interface Row {
	readonly from: number;
	readonly to: number;
}

const LIFE = 2 * NUMBER_SIZE;
const LENGTH_SIZE = 2;

/** Iterates over the sums of each rule, in the order in which they were added. */
export function* rulesIn(totals: RuleTotals): Generator<RuleTotal> {
	for (const row of rowsOf(totals)) yield ruleAt(totals, row);
}

/**
 * Replaces the sums of the rule `id` with the result of `change`, which gets `undefined` if there are none, and removes the
 * row if it returns `undefined`.
 */
export function withRule(
	totals: RuleTotals,
	id: number,
	change: (total: RuleTotal | undefined) => RuleTotal | undefined,
): RuleTotals {
	let row: Row = { from: totals.length, to: totals.length };
	for (const each of rowsOf(totals)) if (readNumber(totals, each.from) === id) row = each;
	const after = change(row.from === row.to ? undefined : ruleAt(totals, row));
	return replaced(totals, row.from, row.to, after === undefined ? new Uint8Array(0) : packed(after));
}

/** Throws `LedgerError` `LedgerDamaged` for malformed rows. */
export function asRuleTotals(value: CborValue | undefined): RuleTotals {
	const totals = asBytes(value);
	let end = 0;
	for (const row of rowsOf(totals)) {
		if (!isAmountAt(totals, row.from + LIFE) || row.to > totals.length || !isWindow(ruleAt(totals, row).window)) break;
		end = row.to;
	}
	if (end !== totals.length) throw damaged("malformed sums of rules");
	return totals;
}

function* rowsOf(totals: RuleTotals): Generator<Row> {
	for (let from = 0; from < totals.length; ) {
		const window = from + LIFE + 1 + totals[from + LIFE]!;
		const to = window + LENGTH_SIZE + readNumber(totals, window, LENGTH_SIZE);
		yield { from, to };
		from = to;
	}
}

function ruleAt(totals: RuleTotals, { from, to }: Row): RuleTotal {
	return {
		id: readNumber(totals, from),
		identity: readNumber(totals, from + NUMBER_SIZE),
		life: readAmount(totals, from + LIFE),
		window: totals.subarray(from + LIFE + 1 + totals[from + LIFE]! + LENGTH_SIZE, to),
	};
}

function packed({ id, identity, life, window }: RuleTotal): Uint8Array {
	const amount = packedAmount(life);
	const row = new Uint8Array(LIFE + amount.length + LENGTH_SIZE + window.length);
	writeNumber(row, 0, id);
	writeNumber(row, NUMBER_SIZE, identity);
	row.set(amount, LIFE);
	writeNumber(row, LIFE + amount.length, window.length, LENGTH_SIZE);
	row.set(window, LIFE + amount.length + LENGTH_SIZE);
	return row;
}
