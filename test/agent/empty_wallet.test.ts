/**
 * An empty wallet is everybody's first run: it has a name, says what to send where, and once there is money the plan goes on by
 * itself, with the nonce of its first signature, so that no seller can be paid twice.
 */
import test from "ava";
import { applyEvent, type DeviceState } from "../../src/console/device_state.js";
import { Device } from "../support/device.js";
import { configuration, FakeSeller, type Fate, refusal } from "./fake_seller.js";

const empty = refusal("invalid_exact_evm_insufficient_balance");
const inBody: Fate = {
	status: 402,
	headers: {
		"payment-response": Buffer.from('{"success":false,"errorReason":"insufficient_funds","transaction":""}').toString(
			"base64",
		),
	},
};

/** A device whose wallet is empty for so many payments, as the seller says by `fate`. */
function poor(payments: number, fate: Fate = empty) {
	const device = new Device();
	device.isPatient = true;
	const seller = new FakeSeller(device);
	seller.fates = Array.from({ length: payments }, (): Fate[] => ["answered", fate]).flat();
	return { device, seller };
}

for (const [where, fate] of [
	["terms", empty],
	["a receipt", inBody],
	["terms of another facilitator", refusal("insufficient_funds")],
] as const) {
	test(`an empty wallet, known by ${where}, is reported; once it is funded, the plan goes on with the same nonce`, async (t) => {
		const { device, seller } = poor(3, fate);
		const purchases = await device.purchases(configuration([{}]));
		t.deepEqual(
			purchases.map(({ state, outcome }) => `${state} ${outcome}`),
			["refused WalletEmpty", "refused WalletEmpty", "refused WalletEmpty", "delivered paid"],
		);
		const { detail, retryInSeconds } = purchases[0]!;
		t.true(
			String(detail).startsWith(`send USDC on Base Sepolia to ${device.address}, at least 0.01: `),
			String(detail),
		);
		t.true(Number(retryInSeconds) >= 45 && Number(retryInSeconds) <= 75);
		t.is(seller.distinct, 1, "one nonce");
		t.is(seller.settled.size, 1);
		t.is(device.spent()[0]!.total, 10_000n);
		t.deepEqual(device.wallet(configuration([{}])).openPurchases(), []);
		t.deepEqual(await device.purchases(configuration([{}])), []);
	});
}

test("it goes on after a restart as well, and after a power cut at each write", async (t) => {
	const ends: string[] = [];
	for (let cut = 0; cut < 12; cut++) {
		const { device, seller } = poor(2);
		if (cut > 0) device.flash.cut = { at: cut, side: cut % 2 === 0 ? "before" : "after" };
		for (let life = 0; life < 4; life++) {
			device.isPatient = life > 1;
			await device.run(configuration([{}])).catch(() => {});
			device.flash.boot();
		}
		t.true(seller.distinct <= 1, `cut at ${cut}: one nonce`);
		const counted = device.spent().reduce((sum, { total }) => sum + total, 0n);
		t.true(counted >= seller.moved, `cut at ${cut}`);
		// A payment that a restart sends again may have been settled before: then a refusal is no proof.
		const { state } = device.records().at(-1)!;
		t.true(state === "delivered" ? seller.settled.size === 1 : state === "unknown", `cut at ${cut}: ${state}`);
		ends.push(state);
	}
	t.is(ends[0], "delivered");
	t.true(ends.filter((state) => state === "delivered").length >= 8, ends.join());
});

test("an hourly plan without money for a day counts one payment, and then buys in each hour", async (t) => {
	const { device, seller } = poor(14);
	const text = configuration([{ everySeconds: 3_600 }], { maxCountPerWindow: 100 }, { count: 17 });
	const purchases = await device.purchases(text);
	t.deepEqual(
		purchases.slice(-3).map(({ outcome }) => outcome),
		["paid", "paid", "paid"],
	);
	t.is(seller.settled.size, 3);
	t.is(seller.distinct, 3);
	t.is(device.spent()[0]!.total, 30_000n, "for life, three payments");
	t.is(device.records()[0]!.count, 15, "each signature counts in the window");
});

test("a seller that lies about the balance is paid once at most", async (t) => {
	const { device, seller } = poor(0);
	let isLying = true;
	const { request } = device.http!;
	const http = device.http as unknown as { request: typeof request };
	http.request = async (asked) => {
		const isPaid = (asked.credentials ?? []).length > 0;
		const response = await request.call(device.http, asked);
		if (!isPaid || !isLying) return response;
		isLying = false;
		// It was settled.
		seller.fates = [empty];
		return request.call(device.http, asked);
	};
	const purchases = await device.purchases(configuration([{}]));
	t.deepEqual(
		purchases.map(({ state, outcome }) => `${state} ${outcome}`),
		["refused WalletEmpty", "unknown nonce_already_used"],
	);
	t.is(seller.settled.size, 1);
	t.is(device.spent()[0]!.total, 10_000n);
});

test("nothing is signed for it while the owner pauses the agent, or by a rule that is gone", async (t) => {
	const { device, seller } = poor(1);
	device.isPatient = false;
	await device.run(configuration([{}]));
	t.is(seller.payments.length, 1);
	device.clock.now! += 600_000;
	const other = JSON.parse(configuration([{}])) as { rules: { name: string }[] };
	other.rules[0]!.name = "another";
	const [refused] = await device.purchases(JSON.stringify(other));
	t.is(refused!.state, "refused");
	t.is(seller.payments.length, 1);
	device.isPaused = true;
	device.onWait = () => {
		t.is(seller.payments.length, 1);
		device.isPaused = device.waits.length < 5;
	};
	device.isPatient = true;
	const [bought] = await device.purchases(configuration([{}]));
	t.is(bought!.state, "delivered");
	t.is(seller.distinct, 1);
});

test("a seller that is away meanwhile leaves it as it is", async (t) => {
	const { device, seller } = poor(1);
	seller.fates.push("unreachable", "unreachable", { status: 503 });
	const purchases = await device.purchases(configuration([{}]));
	t.is(purchases.at(-1)!.outcome, "paid");
	t.is(seller.distinct, 1);
});

test("status names it", (t) => {
	const device = { error: undefined } as unknown as DeviceState;
	applyEvent(device, { event: "purchase", state: "refused", outcome: "WalletEmpty", detail: "send USDC" });
	t.deepEqual(device.error, { name: "WalletEmpty", message: "send USDC" });
	applyEvent(device, { event: "purchase", state: "delivered", outcome: "paid" });
	t.is(device.error, undefined);
});
