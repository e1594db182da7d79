/** Of several ways to pay, none of which is allowed, the one that came furthest says why. */
import test from "ava";
import { configuration, entry, FakeSeller, PAY_TO } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";

const polygon = entry({ network: "eip155:137" });
const solana = entry({ network: "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp" });
const upto = entry({ scheme: "upto" });
const OTHER = `0x${"11".repeat(20)}`;

/** What is offered, and how it is refused. */
const table: Readonly<Record<string, readonly [unknown[], outcome: string, shown: RegExp]>> = {
	"another chain before a wrong price": [[polygon, entry({ amount: "60000" })], "OverPlanCap", /60000/],
	"a wrong price before other chains": [[entry({ amount: "60000" }), polygon, solana], "OverPlanCap", /60000/],
	"another chain before another receiver": [[polygon, entry({ payTo: OTHER })], "PayToNotPinned", /0x1111/],
	"another chain before another name": [
		[polygon, entry({ extra: { name: "USD Coin", version: "2" } })],
		"DomainMismatch",
		/USD Coin/,
	],
	"another chain before an amount that is none": [[polygon, entry({ amount: "1e3" })], "AmountMalformed", /1e3/],
	"an amount that is none before another chain": [[entry({ amount: "1e3" }), polygon], "AmountMalformed", /1e3/],
	"another scheme before another token": [[upto, entry({ asset: OTHER })], "NoRule", /0x1111.*add one/],
	"an unknown chain before one without a rule": [[solana, polygon], "NoRule", /eip155:137: no rule of yours/],
	"an unknown chain alone": [[solana], "NetworkUnknown", /solana/],
	"a receiver that is wrong before a price that is": [
		[entry({ payTo: OTHER }), entry({ amount: "60000" })],
		"OverPlanCap",
		/60000/,
	],
	"the seventeenth and last": [
		[...Array.from({ length: 16 }, (_, i) => entry({ network: `eip155:${i + 1}` })), entry({ amount: "60000" })],
		"OverPlanCap",
		/60000/,
	],
	"of two that came equally far the first": [
		[entry({ amount: "60000" }), entry({ amount: "70000" })],
		"OverPlanCap",
		/60000/,
	],
};

for (const [name, [accepts, outcome, shown]] of Object.entries(table)) {
	test(`${name}: ${outcome}`, async (t) => {
		const device = new Device();
		new FakeSeller(device).accepts = accepts;
		const [ended] = await device.purchases(configuration());
		t.is(`${ended!.state} ${ended!.outcome}`, `refused ${outcome}`);
		t.regex(String(ended!.detail), shown);
		t.false(/add one to allow it/.test(String(ended!.detail)) && !/84532/.test(String(ended!.detail)), "bad advice");
		if (outcome.startsWith("Over")) t.is(ended!.amount, "60000", "the price is that of the same one");
	});
}

test("the twentieth is bought", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	seller.accepts = [...Array.from({ length: 19 }, (_, i) => entry({ network: `eip155:${i + 1}` })), entry()];
	const [ended] = await device.purchases(configuration());
	t.is(`${ended!.state} ${ended!.outcome}`, "delivered paid");
	t.is(seller.payments[0]!.payTo, PAY_TO);
});
