/** XS, the agent and the C signer as one bare rv32imc image, the instruction set of the ESP32-C3, with its memory. */
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { buildRv32, rv32Missing } from "../../tools/rv32/build.js";
import { usdc } from "../../tools/world/chain.js";
import { payTo } from "../../tools/world/resources.js";
import { secret } from "../../tools/world/secret_log.js";
import { startWorld } from "../../tools/world/world.js";
import { testWith } from "../support/needs.js";
import { runDevice } from "./device.js";

const missing = rv32Missing();
const title = "a bare rv32imc core buys by x402 v2 through its UART, and viem sees the payment on the chain";

testWith(missing, title, async (t) => {
	const image = await buildRv32();
	const world = await startWorld();
	t.teardown(() => world.stop());
	const key = secret(generatePrivateKey());
	const { address } = privateKeyToAccount(key);
	await world.chain.mint(address, 1_000_000n);

	const { result, events } = await runDevice(image, world, key, [{ name: "v2", url: `${world.seller.url}/data` }]);

	t.is(result.exitCode, 0, result.reason);
	t.like(
		events.find(({ event }) => event === "start"),
		{ address },
	);
	const purchase = events.find(({ event }) => event === "purchase")!;
	t.like(purchase, { state: "delivered", outcome: "paid", amount: "10000", requests: 2, connections: 1 });
	t.deepEqual(JSON.parse(purchase.data as string), { resource: "/data", temperature: 21.5, unit: "C" });
	t.deepEqual(await world.chain.transfers(address), [
		{
			token: usdc.address,
			from: address,
			to: payTo,
			value: 10_000n,
			nonce: purchase.nonce as `0x${string}`,
			transactionHash: purchase.transaction as `0x${string}`,
		},
	]);
	t.is(await world.chain.balanceOf(address), 990_000n);
	const receipt = await world.chain.client.getTransactionReceipt({ hash: purchase.transaction as `0x${string}` });
	t.is(receipt.status, "success");

	t.is(result.heap.limit, 94_208);
	t.log(`${result.instructions} instructions, peak ${result.heap.peak} of ${result.heap.limit} bytes`);
});
