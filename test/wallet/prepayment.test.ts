/**
 * A prepayment that is replaced by one by the seller's present terms: both signatures have left, and a seller may settle either.
 * So both stay counted under the rule that allowed the first.
 */
import test from "ava";
import { configuration, entry, FakeSeller, ORIGIN, PAY_TO } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";

const OTHER = `0x${"11".repeat(20)}`;
const HOUR = 3_600_000;

const caps = {
	origin: ORIGIN,
	asset: "usdc",
	methods: ["eip3009"],
	maxPerPayment: "50000",
	maxPerWindow: "1000000",
	maxCountPerWindow: 100,
	windowSeconds: 86_400,
	maxValiditySeconds: 120,
};

test("a prepayment by one rule is not replaced under another, so no more leaves by a rule than it allows for life", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const rules = [
		{ ...caps, name: "one", payTo: [PAY_TO], maxForLife: "50000", prepay: true },
		{ ...caps, name: "other", payTo: [OTHER], maxForLife: "1000000" },
	];
	const text = configuration([{ everySeconds: 3_600 }], {}, { count: 1 }, rules);
	for (let i = 0; i < 24; i++) {
		// Every second purchase is prepaid by terms that are the seller's no more.
		seller.accepts = [entry(i % 2 === 0 ? {} : { payTo: OTHER })];
		await device.run(text);
		device.clock.now! += HOUR;
	}
	const left = new Map<string, bigint>();
	for (const { header, payTo, value } of new Map(seller.payments.map((each) => [each.header, each])).values()) {
		t.true(header !== "");
		left.set(payTo, (left.get(payTo) ?? 0n) + value);
	}
	t.true(left.get(PAY_TO)! <= 50_000n, `${left.get(PAY_TO)} left by a rule that allows 50000 for life`);
	t.true(left.get(OTHER)! > 0n);
});

test("both signatures of a prepayment that was replaced count in the window", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const text = (maxCountPerWindow: number) =>
		configuration([{ everySeconds: 3_600 }], { prepay: true, maxCountPerWindow, windowSeconds: 86_400 }, { count: 1 });
	await device.run(text(3));
	device.clock.now! += HOUR;
	seller.accepts = [entry({ amount: "12000" })];
	const [refused] = await device.purchases(text(2));
	t.is(`${refused!.state} ${refused!.outcome}`, "refused OverWindowCount");
	t.is(new Set(seller.payments.map(({ header }) => header)).size, 2);

	device.clock.now! += HOUR;
	const again = new Device();
	const other = new FakeSeller(again);
	await again.run(text(3));
	again.clock.now! += HOUR;
	other.accepts = [entry({ amount: "12000" })];
	const [delivered] = await again.purchases(text(3));
	t.is(delivered!.state, "delivered");
	again.clock.now! += HOUR;
	const [over] = await again.purchases(text(3));
	t.is(`${over!.state} ${over!.outcome}`, "refused OverWindowCount");
	t.is(new Set(other.payments.map(({ header }) => header)).size, 3);
});
