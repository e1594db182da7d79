/**
 * Amounts in AgentPMT's answers, of every kind that JSON has: no purchase ends in an error without a name, nothing is counted
 * that no call can cost, and the next plan buys.
 */

import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { MarketError } from "../../../src/markets/kit/errors.js";
import { PolicyError } from "../../../src/wallet/errors.js";
import { lifeOf } from "../market_device.js";
import { API, BALANCE, DO_IT, PURCHASE, withRig } from "./kit.js";
import type { AgentPmtRig as Rig } from "./rig.js";

/** JSON texts. */
const AMOUNTS = [
	...["0", "-0", "-1", "0.5", "10.000001", "1e3", "1e15", "9007199254740991", "9007199254740992", "1e21", "1e308"],
	...["1e999", "-1e999", "9".repeat(300), "9".repeat(3_000), `0.${"0".repeat(400)}1`],
	...['"10"', '"1e3"', '"0x10"', '""', "null", "true", "[]", "[10]", "{}", '{"amount":10}'],
];
const CAP = 12;

/** Buys once; a refusal has a name of this project's. */
async function attempt(rig: Rig, offer: string, period: number): Promise<string> {
	const boot = rig.boot({ period, cap: offer.startsWith("credits") ? 10_000_000 : CAP });
	try {
		const { state } = await boot.buy(offer);
		return state;
	} catch (error) {
		const isNamed = [MarketError, PolicyError, ItemsError].some((kind) => error instanceof kind);
		if (!isNamed) throw error;
		return (error as Error).name;
	} finally {
		boot.off();
	}
}

withRig("any balance, before and after a call, leaves the next plan able to buy", async (t, rig) => {
	const wallet = rig.boot().market.wallet as `0x${string}`;
	rig.local.credits.add(wallet, 1_000_000);
	let period = 0;
	for (const amount of AMOUNTS) {
		for (const isAfter of [false, true]) {
			const before = rig.local.executions.length;
			const body = `{"success":true,"balance":${amount}}`;
			const when = () => !isAfter || rig.local.executions.length > before;
			rig.local.script.next(BALANCE, { name: "answer", status: 200, body }, { when });
			await attempt(rig, "demo-tool/do-it", ++period);
			rig.local.script.clear();
			t.is(await attempt(rig, "demo-tool/do-it", ++period), "delivered", `${amount.slice(0, 40)}, ${isAfter}`);
		}
	}
	t.true(lifeOf(rig, 1) >= BigInt(rig.charged(wallet)));
});

withRig("any price in the list of tools leaves the next plan able to buy", async (t, rig) => {
	const wallet = rig.boot().market.wallet as `0x${string}`;
	rig.local.credits.add(wallet, 1_000_000);
	let period = 0;
	for (const amount of AMOUNTS) {
		const body = `{"tools":[{"slug":"demo-tool","actions":[{"slug":"do-it","credits":${amount}}]}],"pagination":{"next_page":${amount}}}`;
		rig.local.script.next(`${API}/tools`, { name: "answer", status: 200, body }, { times: 2 });
		const seen = rig.local.seen(DO_IT).length;
		await attempt(rig, "demo-tool/do-it", ++period);
		t.true(rig.local.seen(DO_IT).length <= seen + 1);
		rig.local.script.clear();
		t.is(await attempt(rig, "demo-tool/do-it", ++period), "delivered", amount.slice(0, 40));
	}
	t.true(lifeOf(rig, 1) >= BigInt(rig.charged(wallet)));
	t.true(lifeOf(rig, 1) <= BigInt(CAP * period));
});

withRig("any suggested pack is refused by name or within the plan's cap", async (t, rig) => {
	for (const [index, amount] of [...AMOUNTS, "1000", "9007199254740500", "999999500", "1000000000000"].entries()) {
		const body = `{"success":false,"error":"no","code":"PACK","suggested_credits":${amount}}`;
		rig.local.script.next(PURCHASE, { name: "answer", status: 400, body });
		const end = await attempt(rig, "credits:700", index + 1);
		t.true(
			["CreditPackInvalid", "RequestInvalid", "OverPlanCap", "unknown", "refused"].includes(end),
			`${amount.slice(0, 40)}: ${end}`,
		);
		rig.local.script.clear();
	}
	t.deepEqual(
		rig.local.credits.entries.filter(({ reason }) => reason === "purchase"),
		[],
	);
});

withRig("a list of tools without an end is left after 100 pages, before anything that costs", async (t, rig) => {
	const wallet = rig.boot().market.wallet as `0x${string}`;
	rig.local.credits.add(wallet, 1_000);
	const gauge = rig.local.tools.at(-1)!;
	for (let i = 0; i < 10_100; i++) (rig.local.tools as (typeof gauge)[]).push(gauge);
	t.is(await attempt(rig, "nowhere/at", 1), "PagesEndless");
	t.true(rig.local.seen(`${API}/tools`).length <= 101);
	t.is(await attempt(rig, "demo-tool/do-it", 2), "delivered");
});
