/** Charges to a market account: what a market says never makes the sum for life less, and is never more than it can hold. */
import test from "ava";
import * as uint256 from "../../modules/encoding/uint256.js";
import { configuration, ORIGIN, USDC } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";
import { integer } from "../support/memory.js";

const NETWORK = "eip155:84532";
const ESCROW = `0x${"22".repeat(20)}`;
const amount = (value: number | bigint) => uint256.fromDecimal(String(value));
const MAX = 2n ** 256n - 1n;

const rule = (fields: object) => ({
	name: "account",
	origin: ORIGIN,
	asset: "usdc",
	methods: ["account"],
	payTo: [ESCROW],
	maxPerPayment: "5000",
	maxPerWindow: "1000000",
	maxCountPerWindow: 1_000,
	windowSeconds: 3_600,
	maxForLife: "5000",
	maxValiditySeconds: 120,
	...fields,
});
const text = (...rules: object[]) => configuration([{}], {}, {}, rules);

/** A market that charges as much as it may, and then says how it ended and what it cost. Returns what it took. */
function charged(device: Device, configured: string, ends: "refused" | "delivered" | "unknown", cost?: bigint): bigint {
	let taken = 0n;
	for (let period = 1; period <= 40; period++) {
		const wallet = device.wallet(configured);
		const order = { plan: "plan 0", period, seller: { origin: ORIGIN, path: "/" }, cap: amount(1_500) };
		const charge = wallet.account({ ...order, request: new Uint8Array(32) });
		try {
			charge.begin({ network: NETWORK, asset: USDC, payTo: ESCROW, amount: amount(1_500) }, new Uint8Array(1));
		} catch (error) {
			if ((error as Error).name === "OverLifeCap") return taken;
			throw error;
		}
		charge.advance(new Uint8Array(1));
		taken += 1_500n;
		const outcome = { state: ends, outcome: ends, detail: "", transaction: "" };
		charge.end(outcome, cost === undefined ? undefined : amount(cost));
		device.clock.now! += 3_600_000;
	}
	return taken;
}

for (const [ends, cost] of [
	["refused", undefined],
	["refused", 0n],
	["delivered", 0n],
	["delivered", 1n],
	["unknown", 0n],
] as const) {
	test(`a market that says ${ends}, and a cost of ${cost ?? "nothing"}, takes no more than the rule allows for life`, (t) => {
		const device = new Device();
		t.is(charged(device, text(rule({})), ends, cost), 4_500n);
	});
}

test("a charge's cost counts in the window, and the most that it may have cost counts for life", (t) => {
	const device = new Device();
	const configured = text(rule({ maxForLife: "3000" }));
	charged(device, configured, "delivered", 100n);
	device.clock.now! -= 3_600_000;
	const wallet = device.wallet(configured);
	t.is(integer(wallet.spent()[0]!.spent), 200n);
	const [record] = wallet.purchases();
	t.deepEqual([integer(record!.amount), integer(record!.cost)], [1_500n, 100n]);
});

test("a market that names the greatest amount stops its own rule, and no other purchase", (t) => {
	const device = new Device();
	const rules = [
		rule({ maxForLife: "1000000" }),
		rule({ name: "other", origin: "http://other.test", maxForLife: "1000000" }),
	];
	const configured = text(...rules);
	t.is(charged(device, configured, "delivered", MAX), 1_500n);
	const other = (period: number) => {
		const order = {
			plan: "other plan",
			period,
			seller: { origin: "http://other.test", path: "/" },
			cap: amount(1_500),
		};
		const charge = device.wallet(configured).account({ ...order, request: new Uint8Array(32) });
		charge.begin({ network: NETWORK, asset: USDC, payTo: ESCROW, amount: amount(10) }, new Uint8Array(1));
		charge.advance(new Uint8Array(1));
		charge.end(
			{ state: "delivered", outcome: "paid", detail: "", transaction: "" },
			amount(MAX - 1n + BigInt(period % 2)),
		);
	};
	t.notThrows(() => other(1));
	const sums = device.wallet(configured).spent();
	t.is(integer(sums[0]!.spent), MAX);
});

for (const [what, fields, refusal] of [
	["pays someone else", { payTo: [`0x${"33".repeat(20)}`] }, "PayToNotPinned"],
	["is for another method", { methods: ["eip3009"] }, "MethodNotAllowed"],
	["is for another resource", { resource: "/elsewhere" }, "ResourceNotAllowed"],
	["has another name", { name: "renamed" }, "NoRule"],
	["allows less", { maxPerPayment: "1499" }, "OverPaymentCap"],
] as const) {
	test(`an open charge is not resumed when its rule ${what}`, (t) => {
		const device = new Device();
		const seller = { origin: ORIGIN, path: "/" };
		const order = { plan: "plan 0", period: 1, seller, cap: amount(1_500), request: new Uint8Array(32) };
		const charge = device.wallet(text(rule({}))).account(order);
		charge.begin({ network: NETWORK, asset: USDC, payTo: ESCROW, amount: amount(1_500) }, Uint8Array.of(1, 2));
		charge.advance(Uint8Array.of(3));
		const same = device.wallet(text(rule({})));
		t.deepEqual(same.account(order, same.openPurchases()[0]).progress, Uint8Array.of(3));
		const changed = device.wallet(text(rule(fields)));
		t.throws(() => changed.account(order, changed.openPurchases()[0]).progress, { name: refusal });
	});
}
