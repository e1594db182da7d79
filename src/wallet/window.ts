/**
 * A rolling window over folded purchases, in buckets of an eighth of its length. A bucket counts while its last purchase is
 * in the window. So the sum is never less than the true one, and forgets at most an eighth of a window late. No bucket is
 * dropped by age, since the clock may be wrong. When there are more than ten, the oldest is merged into the next, which has
 * left the window by then.
 *
 * A window is packed bytes, in memory as in flash: eight rules with ten buckets each do not fit as objects. Each bucket has
 * `from` and `until` in six bytes each, `count` in four, then `amount` (packed.ts). A window is immutable: a change makes a
 * new one.
 */
import type { CborValue } from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { asAmount, asNumber } from "./cbor_fields.js";
import { isAmountAt, NUMBER_SIZE, packedAmount, readAmount, readNumber, writeNumber } from "./packed.js";

export interface Bucket {
	/** Times of its first and its last purchase, seconds since the epoch. */
	readonly from: number;
	readonly until: number;
	/** Base units, 32 bytes. */
	readonly amount: Uint8Array;
	/** Payments, as `maxCountPerWindow` counts them. */
	readonly count: number;
}

export type Window = Uint8Array;

const BUCKETS_IN_WINDOW = 8;
/** A whole window lies between the end of the first bucket and the beginning of the last. */
const BUCKETS_LIMIT = BUCKETS_IN_WINDOW + 2;
const COUNT_SIZE = 4;
/** Offset of a bucket's amount. */
const AMOUNT = 2 * NUMBER_SIZE + COUNT_SIZE;

/** Returns a window without spending. */
export function emptyWindow(): Window {
	return new Uint8Array(0);
}

/** Adds a purchase. If the clock was set back, it goes to the newest bucket, which counts longest. */
export function withPurchase(window: Window, purchase: Bucket, windowSeconds: number): Window {
	const width = Math.ceil(windowSeconds / BUCKETS_IN_WINDOW);
	const buckets = [...bucketsOf(window)];
	const last = buckets[buckets.length - 1];
	if (last === undefined || purchase.from - last.from >= width) buckets.push(purchase);
	else buckets[buckets.length - 1] = merged(last, purchase);
	if (buckets.length > BUCKETS_LIMIT) mergeAt(buckets, 0);
	return pack(buckets);
}

/** Joins two windows into at most `most` buckets. */
export function joined(a: Window, b: Window, most = BUCKETS_LIMIT): Window {
	const buckets = [...bucketsOf(a), ...bucketsOf(b)].sort((one, other) => one.until - other.until);
	while (buckets.length > most) mergeClosest(buckets);
	return pack(buckets);
}

/** Drops one bucket by merging: the window then forgets later, never sooner. */
export function coarser(window: Window): Window {
	const buckets = [...bucketsOf(window)];
	mergeClosest(buckets);
	return pack(buckets);
}

export function bucketCount(window: Window): number {
	let count = 0;
	for (const _ of bucketsOf(window)) count++;
	return count;
}

export function* bucketsOf(window: Window): Generator<Bucket> {
	for (let at = 0; at < window.length; at += AMOUNT + 1 + window[at + AMOUNT]!) {
		yield {
			from: readNumber(window, at),
			until: readNumber(window, at + NUMBER_SIZE),
			count: readNumber(window, at + 2 * NUMBER_SIZE, COUNT_SIZE),
			amount: readAmount(window, at + AMOUNT),
		};
	}
}

export function pack(buckets: readonly Bucket[]): Window {
	const amounts = buckets.map(({ amount }) => packedAmount(amount));
	const window = new Uint8Array(amounts.reduce((sum, { length }) => sum + AMOUNT + length, 0));
	let at = 0;
	for (const [i, { from, until, count }] of buckets.entries()) {
		writeNumber(window, at, from);
		writeNumber(window, at + NUMBER_SIZE, until);
		writeNumber(window, at + 2 * NUMBER_SIZE, count, COUNT_SIZE);
		window.set(amounts[i]!, at + AMOUNT);
		at += AMOUNT + amounts[i]!.length;
	}
	return window;
}

export function isWindow(bytes: Uint8Array): boolean {
	let at = 0;
	while (at < bytes.length && isAmountAt(bytes, at + AMOUNT)) at += AMOUNT + 1 + bytes[at + AMOUNT]!;
	return at === bytes.length;
}

/** Reads a window of format 1: four consecutive values for each bucket. */
export function windowInFormat1(values: readonly CborValue[]): Window {
	const buckets: Bucket[] = [];
	for (let i = 0; i < values.length; i += 4) {
		buckets.push({
			from: asNumber(values[i]),
			until: asNumber(values[i + 1]),
			amount: asAmount(values[i + 2]),
			count: asNumber(values[i + 3]),
		});
	}
	return pack(buckets);
}

/** Merges the two neighbours that together span the shortest time. */
function mergeClosest(buckets: Bucket[]): void {
	let at = 0;
	for (let i = 1; i < buckets.length - 1; i++) if (span(buckets, i) < span(buckets, at)) at = i;
	mergeAt(buckets, at);
}

function span(buckets: readonly Bucket[], at: number): number {
	return buckets[at + 1]!.until - buckets[at]!.from;
}

function mergeAt(buckets: Bucket[], at: number): void {
	buckets.splice(at, 2, merged(buckets[at]!, buckets[at + 1]!));
}

function merged(one: Bucket, { until, amount, count }: Bucket): Bucket {
	return {
		from: one.from,
		until: Math.max(one.until, until),
		amount: uint256.addCapped(one.amount, amount),
		count: one.count + count,
	};
}
