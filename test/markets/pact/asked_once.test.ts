/**
 * A call of Pact Network Market is asked once. The market has made it and taken its premium, whatever it answers: the call
 * is not made again, and the sum for life counts no less than the market took.
 */
import test, { type ExecutionContext } from "ava";
import { lies } from "../asked_once.js";
import { integer, lifeOf } from "../market_device.js";
import { open } from "./kit.js";

const BODIES = [
	"",
	"<html>",
	...["RATE_LIMIT", "AUTH_FAILED", "PAYMENT_REQUIRED", "ENDPOINT_NOT_FOUND", "BALANCE_CHECK_FAILED"].map((code) => ({
		error: { code },
	})),
	...["pact_auth_stale", "pact_auth_bad_sig", "pact_auth_replay", "upstream_timeout", "endpoint_paused"].map(
		(error) => ({
			error,
			callId: "call-1",
		}),
	),
];

/** A market, and a device whose agent does not run out of money. */
async function openRich(t: ExecutionContext) {
	const { market, rig, agent } = await open(t, { refundPolls: 1 });
	market.fund(agent, { balance: 1_000_000_000n, allowance: 1_000_000_000n });
	return { market, rig };
}

for (const method of ["GET", "POST"]) {
	test(`a ${method} is sent once, whatever the market answers`, async (t) => {
		const { market, rig } = await openRich(t);
		let period = 0;
		for (const lie of lies(BODIES)) {
			const before = market.calls().length;
			market.gateway.script.next("/v1/dummy/quote/A", lie);
			const boot = rig.boot({ period: ++period, cap: 5_000 });
			await boot.buy(`${method} dummy/quote/A`).catch(() => {});
			boot.off();
			t.is(market.calls().length, before + 1, JSON.stringify(lie));
		}
		const taken = market.calls().reduce((sum, { premium }) => sum + premium, 0n);
		t.true(lifeOf(rig) >= taken);
		t.is(lifeOf(rig), 5_000n * BigInt(period), "what was reserved is counted for life");
	});
}

test("an absurd premium never lowers the sum for life and never stops another plan", async (t) => {
	const { market, rig } = await openRich(t);
	market.variant.headers = "gateway";
	let period = 0;
	for (const value of [
		"0",
		"00",
		"-1",
		"1e3",
		"",
		"0x10",
		`${2n ** 64n}`,
		`${2n ** 256n - 1n}`,
		`${2n ** 256n}`,
		"9".repeat(2_000),
	]) {
		market.gateway.script.next("/v1/dummy/quote/A", { name: "header", header: "X-Pact-Premium", value });
		const boot = rig.boot({ period: ++period, cap: 5_000 });
		const { state, outcome } = await boot.buy("dummy/quote/A");
		t.is(state, "delivered", `${value.slice(0, 80)}: ${outcome}`);
		boot.off();
		t.is(lifeOf(rig), 5_000n * BigInt(period), value.slice(0, 80));
		t.true(integer(rig.record()!.amount) === 5_000n);
	}
	t.is((await rig.boot({ period: ++period, cap: 5_000 }).buy("dummy/quote/A")).state, "delivered");
});

test("a call of which no byte has left is repeated, and counts nothing", async (t) => {
	const { market, rig } = await openRich(t);
	await market.stop();
	const boot = rig.boot({ cap: 5_000 });
	const { state, outcome } = await boot.buy("dummy/quote/A");
	t.deepEqual([state, outcome], ["refused", "ConnectFailed"]);
	t.deepEqual(boot.waits, [500, 1_000]);
	t.is(lifeOf(rig), 0n);
	t.is(rig.record()?.state, "expired");
});
