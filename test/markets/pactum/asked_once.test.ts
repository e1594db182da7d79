/**
 * What costs at Pactum is asked once: an order that credit pays, and a deposit. The market has done it, whatever it
 * answers: it is not asked again, and the sum for life counts no less than the market took.
 */
import { Ledger } from "../../../src/wallet/ledger.js";
import { integer } from "../../support/memory.js";
import { lies } from "../asked_once.js";
import { credit, type Device, ofPath, pactumTest } from "./kit.js";

const BODIES = [
	"",
	...[
		"AUTH_FAILED",
		"SHIPPING_REQUIRED",
		"QUOTA_EXCEEDED",
		"INSUFFICIENT_CREDIT",
		"MISSING_FIELDS",
		"INVALID_REQUEST",
	].map((error) => ({ error, message: "Nothing was done." })),
	{ order_id: "../x" },
	{ token: "another" },
];
const PRICE = 1_234n;
const address = { name: "A", street: "B", city: "C", state: "", postal_code: "1", country: "DE" };

function lifeOf(device: Device, rule: "credit" | "escrow"): bigint {
	const rules = device.rules();
	const ledger = new Ledger(device.flash, device.keys, rules, ["plan"]);
	const { life } = ledger.spending(rules.find(({ name }) => name === rule)!, Math.floor(Date.now() / 1_000));
	return integer(life);
}

pactumTest(
	"an order by credit is asked once, whatever the market says of it",
	{ credit: 1_000_000_000n },
	async ({ t, market, device }) => {
		widen(device);
		const path = "/market/buy/item-text";
		let orders = 0;
		for (const lie of lies(BODIES)) {
			device.boot({ address });
			market.gateway.script.next(path, lie);
			const bought = await device.buy("item-text", credit).catch(() => undefined);
			t.is(ofPath(market, path).length, ++orders, JSON.stringify(lie));
			// Found in the list of orders, which has the newest 20 alone.
			if (lie.name === "answer" && lie.status >= 500) t.is(bought?.outcome.state, "delivered", JSON.stringify(lie));
		}
		t.is(lifeOf(device, "credit"), PRICE * BigInt(orders));
	},
);

pactumTest(
	"a deposit is asked once, whatever the hosted wallet says of it",
	{ usdc: 1_000_000_000n },
	async ({ t, market, device }) => {
		widen(device);
		const path = "/v1/escrow-deposit";
		let deposits = 0;
		for (const lie of lies(["", { error: "INVALID_REQUEST", message: "Insufficient balance" }])) {
			device.boot({ address });
			market.wallet.script.next(path, lie);
			await device.buy("item-text").catch(() => {});
			t.is(ofPath(market, path).length, ++deposits, JSON.stringify(lie));
		}
		t.is(lifeOf(device, "escrow"), PRICE * BigInt(deposits));
	},
);

function widen(device: Device): void {
	const most = "1000000000";
	device.changeRule = (rule) => ({ ...rule, maxPerWindow: most, maxForLife: most, maxCountPerWindow: 10_000 });
}
