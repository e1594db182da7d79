/**
 * What a purchase takes of a device: one purchase of each kind on XS, each on a device of its own. The meter is XS's own
 * count of the work; what the start alone takes is a row too.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { hexToBytes } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { type FirmwareEvent, type FirmwareResult, runFirmware } from "../../tools/firmware.js";
import { startWorld, type World } from "../../tools/world/world.js";
import { buildXs, type XsBuild } from "../../tools/xs/build.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";
import { configure, type PlanFields } from "../world/configuration.js";

export interface PurchaseRow {
	readonly bench: "purchase";
	readonly purchase: string;
	readonly bits: number;
	/** XS's count, without the start's. */
	readonly meter: number;
	/** Bytes, at most in the run, start included; the stack as reserved. */
	readonly taken: number;
	/** The same; the stack as used. */
	readonly peak: number;
	readonly slots: number;
	readonly chunks: number;
	readonly stack: number;
	readonly sent: number;
	readonly received: number;
	readonly connections: number;
	/** Requests, each of which waits for its answer. */
	readonly roundTrips: number;
}

/** The device's. */
export const KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

export async function purchasesBench(): Promise<PurchaseRow[]> {
	const build = await buildXs();
	const world = await startWorld();
	try {
		const owner = privateKeyToAccount(KEY).address;
		await world.chain.mint(owner, 1_000_000n);
		await world.chain.approvePermit2(owner);
		const { seller, v1 } = world;
		const run = (plans: PlanFields[], count = 1) => runDevice(world, build, plans, count);
		const start = await run([]);
		const repeated = [{ name: "repeat", url: `${seller.url}/data`, everySeconds: 1 }];
		return [
			rowOf("none: the start alone", start, undefined),
			rowOf("free", await run([{ name: "free", url: `${seller.url}/free` }]), start),
			rowOf("x402 v2, EIP-3009", await run([{ name: "v2", url: `${seller.url}/data` }]), start),
			rowOf("x402 v1, EIP-3009", await run([{ name: "v1", url: `${v1.url}/data` }]), start),
			rowOf("x402 v2, Permit2", await run([{ name: "permit2", url: `${seller.url}/permit2` }]), start),
			rowOf("x402 v2, a repeat that pays first", await run(repeated, 2), await run(repeated, 1)),
		];
	} finally {
		await world.stop();
	}
}

interface Run {
	readonly result: FirmwareResult;
	/** The last purchase. */
	readonly purchase: FirmwareEvent | undefined;
}

async function runDevice(world: World, build: XsBuild, plans: readonly PlanFields[], count: number): Promise<Run> {
	const flash = temporaryFolder();
	try {
		await writeFile(path.join(flash, "key.0"), Buffer.concat([Buffer.of(0), hexToBytes(KEY)]), { mode: 0o600 });
		const events: FirmwareEvent[] = [];
		const configuration = JSON.stringify({ ...JSON.parse(configure(world, plans, { prepay: true })), count });
		const onEvent = (event: FirmwareEvent) => events.push(event);
		const result = await runFirmware({ engine: "xs", build, flash, configuration, onEvent });
		const purchase = events.findLast(({ event }) => event === "purchase");
		if (result.exitCode !== 0 || (purchase !== undefined && purchase.state !== "delivered")) {
			throw new Error(`the device ended by ${result.reason ?? JSON.stringify(purchase ?? events)}`);
		}
		return { result, purchase };
	} finally {
		await removeFolder(flash);
	}
}

function rowOf(name: string, { result, purchase }: Run, before: Run | undefined): PurchaseRow {
	const heap = result.heap!;
	const number = (field: string) => Number(purchase?.[field] ?? 0);
	return {
		bench: "purchase",
		purchase: name,
		bits: result.bits,
		meter: result.meter! - (before?.result.meter ?? 0),
		taken: heap.taken,
		peak: heap.peak,
		slots: heap.slotsPeak,
		chunks: heap.chunksPeak,
		stack: heap.stackPeak,
		sent: number("bytesSent"),
		received: number("bytesReceived"),
		connections: number("connections"),
		roundTrips: number("requests"),
	};
}
