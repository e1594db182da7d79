/**
 * A call out of the balance is asked once. The market has executed and charged it, whatever it answers and whatever balance
 * it then names: the call is not made again, and the sum for life counts no less than the market took.
 */
import { lies } from "../asked_once.js";
import { lifeOf } from "../market_device.js";
import { BALANCE, DO_IT, lost, withRig } from "./kit.js";
import type { AgentPmtRig as Rig } from "./rig.js";

const code = (name: string) => ({ success: false, error: "no", code: name });
const BODIES = [
	"",
	"<html>",
	"1".repeat(3_000),
	code("EXTERNAL_SIGNATURE_SESSION_NONCE_EXPIRED"),
	code("EXTERNAL_SIGNATURE_SESSION_NONCE_INVALID"),
	code("EXTERNAL_SIGNATURE_REQUEST_REPLAY"),
	code("EXTERNAL_SIGNATURE_WALLET_MISMATCH"),
	code("INSUFFICIENT_CREDITS"),
	code("X402_PAYMENT_IN_PROGRESS"),
	{ x402Version: 2, accepts: [] },
	{ detail: [{ loc: ["body"], msg: "no", type: "missing" }] },
];

/** What the market says of the balance once the call has been made. */
const BALANCES: Readonly<Record<string, object | undefined>> = {
	"the balance is true": undefined,
	"the balance lags": { success: true, balance: 1_000_000 },
	"the balance has grown": { success: true, balance: 2_000_000 },
	"the balance is gone": { success: true, balance: 0 },
	"the balance is no number": { success: true, balance: "1e3" },
	"the balance cannot be asked": { success: false },
};

/** The plan's cap: the call costs 10. */
const CAP = 12;

function answerBalance(rig: Rig, body: object | undefined): void {
	if (body === undefined) return;
	const before = rig.local.executions.length;
	const status = "balance" in body ? 200 : 500;
	const when = () => rig.local.executions.length > before;
	rig.local.script.next(BALANCE, { name: "answer", status, body }, { times: 10, when });
}

for (const [title, balance] of Object.entries(BALANCES)) {
	withRig(`a call is made once, whatever the market answers, when ${title}`, async (t, rig) => {
		const wallet = rig.boot().market.wallet as `0x${string}`;
		let period = 0;
		const steps = lies(BODIES).filter((_, index) => index % (balance === undefined ? 3 : 23) === 0);
		for (const step of [...steps, lost("answer"), lost("headers"), lost("body")]) {
			rig.local.credits.add(wallet, 1_000_000 - rig.local.credits.balance(wallet));
			const before = rig.local.executions.length;
			answerBalance(rig, balance);
			rig.local.script.next(DO_IT, step);
			const boot = rig.boot({ period: ++period, cap: CAP });
			await boot.buy("demo-tool/do-it").catch(() => {});
			boot.off();
			rig.local.script.clear();
			t.is(rig.local.executions.length, before + 1, JSON.stringify(step));
			t.is(rig.isOpen(), false);
		}
		const life = lifeOf(rig, 1);
		t.true(life >= BigInt(CAP * period), "all that the plan allows is counted for life");
		t.true(life >= BigInt(rig.charged(wallet)));
	});
}
