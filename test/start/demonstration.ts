/** The demonstration on one engine: what it says, and what the chain says. */
import type { ExecutionContext } from "ava";
import type { Address } from "viem";
import { type Engine, type FirmwareEvent, type FirmwareResult, runFirmware } from "../../hal/host/firmware.js";
import { endedAsExpected, summarize } from "../../hal/host/summary.js";
import { startDemonstration } from "../demonstration.js";
import { payTo } from "../world/resources.js";

/** Runs it twice with one flash: the second run has nothing to do but what the seller refused before. */
export async function demonstrate(t: ExecutionContext, engine: Engine): Promise<FirmwareResult> {
	const demonstration = await startDemonstration();
	t.teardown(() => demonstration.stop());
	const { flash, configuration, empty, world } = demonstration;
	const run = async (configuration: string) => {
		const events: FirmwareEvent[] = [];
		const result = await runFirmware({ engine, flash, configuration, onEvent: (event) => events.push(event) });
		return { events, result, purchases: events.filter(({ event }) => event === "purchase") };
	};
	const boot = await run(empty);
	const address = boot.events.find(({ event }) => event === "start")?.address as Address;
	await demonstration.fund(address);
	const { events, result, purchases } = await run(configuration);
	t.true(endedAsExpected(events, result), JSON.stringify(events));

	const { spent, ...counts } = summarize(events, result);
	t.like(counts, { event: "summary", engine, purchases: 6, delivered: 4, refused: 2, unknown: 0 });
	t.deepEqual(
		spent.map(({ amount }) => amount),
		["30000"],
	);
	t.deepEqual(
		purchases.map(({ outcome }) => outcome),
		["paid", "paid", "paid", "free", "NoRule", "OverWindowCap"],
	);
	const paid = purchases.filter(({ outcome }) => outcome === "paid");
	const transfers = await world.chain.transfers(address);
	t.deepEqual(
		transfers.map(({ from, to, value, nonce, transactionHash }) => ({ from, to, value, nonce, transactionHash })),
		paid.map(({ amount, nonce, transaction }) => ({
			from: address,
			to: payTo,
			value: BigInt(amount as string),
			nonce: nonce as Address,
			transactionHash: transaction as Address,
		})),
	);

	const again = await run(configuration);
	t.is(again.events.find(({ event }) => event === "start")?.address, address);
	t.deepEqual(
		again.purchases.map(({ outcome }) => outcome),
		["NoRule", "OverWindowCap"],
	);
	t.deepEqual(summarize(again.events, again.result).spent, spent);
	t.is((await world.chain.transfers(address)).length, transfers.length);
	return result;
}
