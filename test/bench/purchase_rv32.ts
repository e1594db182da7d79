/**
 * What a purchase takes of an rv32imc core: XS, the agent and the C signer bare in QEMU, counted by `minstret`. What is not
 * counted: the making of the ROM, which a board has from the SDK's linker; waits for the link; and what is beyond it, since
 * the modem has TCP. The nonce, the time and the order of frames move a count by some thousands, so it is rounded.
 */
import { privateKeyToAccount } from "viem/accounts";
import { buildRv32 } from "../../tools/rv32/build.js";
import { startWorld } from "../../tools/world/world.js";
import { runDevice } from "../rv32/device.js";
import { KEY } from "./purchases.js";

export interface Rv32PurchaseRow {
	readonly bench: "purchase";
	readonly purchase: string;
	readonly target: "rv32imc";
	/** Without the start's. */
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
		await world.chain.mint(privateKeyToAccount(KEY).address, 1_000_000n);
		const start = await runDevice(image, world, KEY, []);
		const bought = await runDevice(image, world, KEY, [{ name: "v2", url: `${world.seller.url}/data` }]);
		const purchase = bought.events.find(({ event }) => event === "purchase");
		if (bought.result.exitCode !== 0 || purchase?.state !== "delivered") {
			throw new Error(`the device ended by ${bought.result.reason ?? JSON.stringify(purchase ?? bought.events)}`);
		}
		const row = (name: string, instructions: number, taken: number): Rv32PurchaseRow => ({
			bench: "purchase",
			purchase: name,
			target: "rv32imc",
			instructions: Math.round(instructions / STEP) * STEP,
			taken,
		});
		const before = start.result.instructions;
		return [
			row("none: the start alone", before, start.result.heap.taken),
			row("x402 v2, EIP-3009", bought.result.instructions - before, bought.result.heap.taken),
		];
	} finally {
		await world.stop();
	}
}
