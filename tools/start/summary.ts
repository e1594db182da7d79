/** Sums up a run from the device's own events. */
import type { ExpectedEnds } from "../demonstration/expected_ends.js";
import type { FirmwareEvent, FirmwareResult } from "../firmware.js";

export interface Summary {
	readonly event: "summary";
	readonly engine: string;
	readonly bits: number;
	readonly purchases: number;
	readonly delivered: number;
	readonly refused: number;
	readonly unknown: number;
	/** Base units, by asset. The device's event `spent` also has the reserved amounts. */
	readonly spent: readonly { readonly network: string; readonly asset: string; readonly amount: string }[];
	/** Bytes, of the XS machine. */
	readonly heap: SummaryHeap | undefined;
	/** XS's own count of executed work. */
	readonly meter: number | undefined;
}

interface SummaryHeap {
	readonly limit: number;
	/** Includes the whole stack, which is reserved. */
	readonly taken: number;
	readonly peak: number;
	readonly slotsPeak: number;
	readonly chunksPeak: number;
}

/** The amount spent of an asset, from the event `spent` at the end of a run. */
export interface SpentOfAsset {
	readonly network: string;
	readonly asset: string;
	readonly amount: string;
	readonly reserved: string;
	readonly allowed: string;
	readonly symbol?: string;
	readonly decimals?: number;
}

export function summarize(events: readonly FirmwareEvent[], result: FirmwareResult): Summary {
	const purchases = events.filter(({ event }) => event === "purchase");
	const count = (state: string) => purchases.filter((purchase) => purchase.state === state).length;
	const { heap } = result;
	return {
		event: "summary",
		engine: result.engine,
		bits: result.bits,
		purchases: purchases.length,
		delivered: count("delivered"),
		refused: count("refused"),
		unknown: count("unknown"),
		spent: spentOf(events).map(({ network, asset, amount }) => ({ network, asset, amount })),
		heap: heap && heapOf(heap),
		meter: result.meter,
	};
}

function heapOf({ limit, taken, peak, slotsPeak, chunksPeak }: SummaryHeap): SummaryHeap {
	return { limit, taken, peak, slotsPeak, chunksPeak };
}

export function spentOf(events: readonly FirmwareEvent[]): readonly SpentOfAsset[] {
	return (events.findLast(({ event }) => event === "spent")?.of ?? []) as readonly SpentOfAsset[];
}

/** True if the device ran to its end, as its last event shows, and every purchase ended as expected. */
export function endedAsExpected(
	events: readonly FirmwareEvent[],
	result: FirmwareResult,
	expected: ExpectedEnds = {},
): boolean {
	const isRight = (event: FirmwareEvent) =>
		event.event === "purchase"
			? event.state === (expected[String(event.plan)] ?? "delivered")
			: event.event !== "error";
	return result.exitCode === 0 && events.at(-1)?.event === "spent" && events.every(isRight);
}
