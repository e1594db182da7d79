/** Pact Network Market bought from on XS, with the memory of the smallest board. */
import { xsTest } from "../../xs/device.js";
import { openDevice } from "../plans_on_xs.js";

xsTest("on XS a device makes insured and uninsured calls, and ends each as the market answered", async (t) => {
	const { day, run } = await openDevice(t, "pact");
	const purchases = await run([
		{ offer: "dummy/quote/AAPL?key=a-secret", input: { limit: 10 }, ends: "delivered paid" },
		{ offer: "dummy/quote/%zz?key=a-secret", ends: "refused RequestMalformed" },
		{ offer: "PUT dummy/echo", input: { note: "é" }, ends: "delivered paid" },
		{ offer: "dummy/big", ends: "delivered paid" },
		{ offer: "uninsured:dummy/quote/AAPL", ends: "delivered free" },
		{ offer: "dummy/nothing", ends: "refused client_error" },
		{ offer: "nowhere/quote", ends: "refused EndpointNotFound" },
		{ offer: "POST dummy/status/500", ends: "unknown refunded" },
	]);
	t.deepEqual(
		purchases.map(({ rule }) => rule),
		["pact", undefined, "pact", "pact", "pact", "pact", "pact", "pact"],
	);
	t.is(purchases[3]!.bytes, 65_536);
	t.false(JSON.stringify(purchases).includes("a-secret"), "the query of an offer is in no event");
	t.is(day.pact.calls().filter(({ settledAt }) => settledAt !== undefined).length, day.pact.calls().length);
});
