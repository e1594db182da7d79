/** PayanAgent bought from on XS, with the memory of the smallest board. */
import { xsTest } from "../../xs/device.js";
import { openDevice } from "../plans_on_xs.js";

xsTest("on XS a device buys native and relayed offers and a file, and ends each as the market answered", async (t) => {
	const { day, wallet, run } = await openDevice(t, "payanagent");
	const page = { url: "https://example.com" };
	const purchases = await run([
		{ offer: "sub-cent", ends: "delivered paid" },
		{ offer: "scrape", input: { ...page, depth: 2 }, ends: "delivered paid" },
		{ offer: "scrape", input: { ...page, depth: 4 }, ends: "refused InputInvalid" },
		{ offer: "dataset", ends: "delivered paid" },
		{ offer: "relayed-in-both", ends: "delivered paid" },
		{ offer: "relayed-in-x-header", ends: "delivered paid" },
		{ offer: "relayed-in-challenge", ends: "delivered paid" },
		{ offer: "relayed-v1", ends: "delivered paid" },
		{ offer: "relayed-echo", input: page, ends: "delivered paid" },
		{ offer: "relayed-free", ends: "refused NotRelayed" },
		{ offer: "relayed-dear", ends: "refused OverPlanCap" },
		{ offer: "broken", ends: "unknown charged_undelivered" },
	]);
	const paid = purchases.filter(({ nonce }) => nonce !== undefined).map(({ amount, nonce }) => [amount, nonce]);
	const transfers = await day.chain.transfers(wallet);
	t.deepEqual(
		transfers.map(({ value, nonce }) => [String(value), nonce]),
		paid,
	);
	t.is(paid.length, 9);
});
