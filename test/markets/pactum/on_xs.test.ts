/** Pactum's client on XS, with the memory of the smallest board. */
import test from "ava";
import { type Chain, startChain, usdc } from "../../../tools/world/chain.js";
import { catalogue, fileContents } from "../../../tools/world/markets/pactum/catalogue.js";
import { startPactum } from "../../../tools/world/markets/pactum/market.js";
import { buildXs } from "../../../tools/xs/build.js";
import { runProgram, xsTest } from "../../xs/device.js";

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

xsTest("on XS a device discovers items, and buys free, by credit, by escrow, a file, and after a retry", async (t) => {
	const build = await buildXs({ entry: "test/markets/pactum/xs_program.ts" });
	const market = await startPactum(chain);
	t.teardown(market.stop);
	const { apiKey } = await market.newAccount({ usdc: 1_000_000n, credit: 1_000_000n });
	const configuration = {
		gateway: market.gateway.url,
		walletService: market.wallet.url,
		apiKey,
		network: chain.network,
		token: usdc.address.toLowerCase(),
		escrow: market.escrow.address.toLowerCase(),
		wanted: [
			{ offer: "item-free", input: "" },
			{ offer: "item-paid", input: '{"query":"BTC","payment_method":"credit"}' },
			{ offer: "item-text", input: "" },
			{ offer: "item-file", input: '{"file":true}' },
			{ offer: "item-flaky", input: "" },
		],
	};
	const { result, events } = await runProgram(t, "", configuration, { build });
	t.like(events[0], { event: "discovered", count: catalogue.length });
	const bought = events.filter(({ event }) => event === "bought");
	t.deepEqual(
		bought.map(({ offer, state, outcome }) => [offer, state, outcome]),
		[
			["item-free", "delivered", "free"],
			["item-paid", "delivered", "paid"],
			["item-text", "delivered", "paid"],
			["item-file", "delivered", "paid"],
			["item-flaky", "delivered", "paid"],
		],
	);
	t.is(bought[3]!.bytes, fileContents.length);
	t.is(result.exitCode, 0);
	t.true(result.heap.peak <= 94_208 * (result.bits / 32));
	t.deepEqual(market.leaks, []);
	const said = JSON.stringify(events);
	t.false(market.secrets().some((secret) => said.includes(secret)));
	t.log(`peak ${result.heap.peak} of ${result.heap.limit} bytes, meter ${result.meter}`);
});
