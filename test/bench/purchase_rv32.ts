/**
 * What a purchase takes of an rv32imc core: XS, the agent and the C signer bare in QEMU, counted by `minstret`. What is not
 * counted: the making of the ROM, which a board has from the SDK's linker; waits for the link; and what is beyond it, since
 * the modem has TCP. The nonce, the time and the order of frames move a count by some thousands, so it is rounded.
 */
import { privateKeyToAccount } from "viem/accounts";
import { buildRv32 } from "../../tools/rv32/build.js";
import { startWorld } from "../../tools/world/world.js";
import { type Rv32Run, runLives } from "../rv32/device.js";
import { KEY } from "./purchases.js";

export interface Rv32PurchaseRow {
	readonly bench: "purchase";
	readonly purchase: string;
	readonly target: "rv32imc";
	/** Without the start's, on flash that has been started with before. */
	readonly instructions: number;
	/** Bytes, at most in the run, start included; the stack as reserved. */
	readonly taken: number;
}

const STEP = 100_000;

/** @throws HostError in one line when the compiler or QEMU is not installed */
export async function purchaseRv32Bench(): Promise<Rv32PurchaseRow[]> {
	const image = await buildRv32();
	const world = await startWorld();
	try {
		const owner = privateKeyToAccount(KEY).address;
		await world.chain.mint(owner, 1_000_000n);
		await world.chain.approvePermit2(owner);
		const { seller, v1 } = world;
		const [first, start] = await runLives(image, world, KEY, [[], []]);
		const rows = [rowOf("none: the first start", first!, undefined), rowOf("none: the start alone", start!, undefined)];
		for (const [name, url] of [
			["free", `${seller.url}/free`],
			["x402 v1, EIP-3009", `${v1.url}/data`],
			["x402 v2, EIP-3009", `${seller.url}/data`],
			["x402 v2, Permit2", `${seller.url}/permit2`],
		] as const) {
			const [, bought] = await runLives(image, world, KEY, [[], [{ name: "plan", url }]]);
			rows.push(rowOf(name, bought!, start));
		}
		return rows;
	} finally {
		await world.stop();
	}
}

function rowOf(name: string, { result, events }: Rv32Run, before: Rv32Run | undefined): Rv32PurchaseRow {
	const purchase = events.find(({ event }) => event === "purchase");
	if (result.exitCode !== 0 || (before !== undefined && purchase?.state !== "delivered")) {
		throw new Error(`the device ended by ${result.reason ?? JSON.stringify(purchase ?? events)}`);
	}
	const instructions = result.instructions - (before?.result.instructions ?? 0);
	return {
		bench: "purchase",
		purchase: name,
		target: "rv32imc",
		instructions: Math.round(instructions / STEP) * STEP,
		taken: result.heap.taken,
	};
}
