/**
 * A rolling window over purchases whose records are gone, in buckets of an eighth of it. A bucket counts as long as its last
 * purchase is in the window, so the sum is never less than the true one, and at most an eighth of a window late in
 * forgetting. Nothing is dropped by its age, since a clock may be wrong: the oldest of more than ten buckets is added to the
 * next, which is by then out of the window.
 */
import type { CborValue } from "../../modules/encoding/cbor.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { asAmount, asNumber } from "./cbor_fields.js";

export interface Bucket {
	/** Seconds since the epoch, of its first and its last purchase. */
	from: number;
	until: number;
	amount: Uint8Array;
	/** Signatures. */
	count: number;
}

const BUCKETS_IN_WINDOW = 8;
/** From the end of the first to the beginning of the last there is a whole window. */
const BUCKETS_LIMIT = BUCKETS_IN_WINDOW + 2;

/** Adds a purchase. A clock that was set back files under the newest bucket, which is the one that counts longest. */
export function addToWindow(buckets: Bucket[], purchase: Readonly<Bucket>, windowSeconds: number): void {
	const width = Math.ceil(windowSeconds / BUCKETS_IN_WINDOW);
	const last = buckets[buckets.length - 1];
	if (last === undefined || purchase.from - last.from >= width) buckets.push({ ...purchase });
	else merge(last, purchase);
	if (buckets.length > BUCKETS_LIMIT) mergeAt(buckets, 0);
}

/** Makes two neighbours one, those that together span least: the window forgets later then, never sooner. */
export function coarsen(buckets: Bucket[]): void {
	let at = 0;
	for (let i = 1; i < buckets.length - 1; i++) if (span(buckets, i) < span(buckets, at)) at = i;
	mergeAt(buckets, at);
}

function span(buckets: readonly Bucket[], at: number): number {
	return buckets[at + 1]!.until - buckets[at]!.from;
}

function mergeAt(buckets: Bucket[], at: number): void {
	merge(buckets[at]!, buckets[at + 1]!);
	buckets.splice(at + 1, 1);
}

function merge(bucket: Bucket, { until, amount, count }: Readonly<Bucket>): void {
	bucket.until = Math.max(bucket.until, until);
	bucket.amount = uint256.addCapped(bucket.amount, amount);
	bucket.count += count;
}

/** Four values a bucket, one after the other: a level less for the stack of a device. */
export function writeBuckets(buckets: readonly Bucket[]): CborValue {
	return buckets.flatMap(({ from, until, amount, count }) => [from, until, uint256.toMinimal(amount), count]);
}

export function readBuckets(values: readonly CborValue[]): Bucket[] {
	const buckets: Bucket[] = [];
	for (let i = 0; i < values.length; i += 4) {
		buckets.push({
			from: asNumber(values[i]),
			until: asNumber(values[i + 1]),
			amount: asAmount(values[i + 2]),
			count: asNumber(values[i + 3]),
		});
	}
	return buckets;
}
