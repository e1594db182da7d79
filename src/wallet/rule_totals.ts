/**
 * The sums of rules, in rows of bytes, in memory as in flash: a rule's id and identity in six bytes each, its amount for life,
 * the length of its window in two bytes, its window (window.ts). A row is never changed, a new one takes its place.
 */
import type { CborValue } from "../../modules/encoding/cbor.js";
import { asBytes } from "./cbor_fields.js";
import { damaged } from "./errors.js";
import { isAmountAt, NUMBER_SIZE, packedAmount, readAmount, readNumber, replaced, writeNumber } from "./packed.js";
import { isWindow, type Window } from "./window.js";

export interface RuleTotal {
	/** Of the rule's name (`idOf`). */
	readonly id: number;
	/** `ruleIdentity` of the rule as it last was; 0 when that is not known. */
	readonly identity: number;
	/** Base units, 32 bytes. */
	readonly life: Uint8Array;
	readonly window: Window;
}

export type RuleTotals = Uint8Array;

/** Where a row is. */
interface Row {
	readonly from: number;
	readonly to: number;
}

const LIFE = 2 * NUMBER_SIZE;
const LENGTH_SIZE = 2;

/** Each rule's sums, in the order in which they came. */
export function* rulesIn(totals: RuleTotals): Generator<RuleTotal> {
	for (const row of rowsOf(totals)) yield ruleAt(totals, row);
}

/** With what `change` makes of the sums of the rule `id`, or of none; `undefined` takes its row out. */
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

/** Throws `LedgerError` `LedgerDamaged` for bytes that are no such rows. */
export function asRuleTotals(value: CborValue | undefined): RuleTotals {
	const totals = asBytes(value);
	let end = 0;
	for (const row of rowsOf(totals)) {
		if (!isAmountAt(totals, row.from + LIFE) || row.to > totals.length || !isWindow(ruleAt(totals, row).window)) break;
		end = row.to;
	}
	if (end !== totals.length) throw damaged("something else where sums belong");
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
