/** A day at the four markets on one engine: what the device says, what the markets' books say, and that no secret got out. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { ExecutionContext } from "ava";
import type { Address } from "viem";
import { type Engine, type FirmwareEvent, type FirmwareResult, runFirmware } from "../../hal/host/firmware.js";
import { endedAsExpected } from "../../hal/host/summary.js";
import { plans, startDay } from "./day.js";

export async function spendDay(t: ExecutionContext, engine: Engine): Promise<FirmwareResult> {
	const day = await startDay();
	const flash = mkdtempSync(path.join(tmpdir(), "micropayer-day-"));
	const settler = setInterval(() => day.pact.settle(), 500);
	t.teardown(async () => {
		clearInterval(settler);
		rmSync(flash, { recursive: true });
		await day.stop();
	});
	const all: FirmwareEvent[] = [];
	const run = async (configuration: string) => {
		const events: FirmwareEvent[] = [];
		const onEvent = (event: FirmwareEvent) => {
			events.push(event);
			all.push(event);
		};
		const result = await runFirmware({ engine, flash, configuration, onEvent, timeout: 120_000 });
		return { events, result };
	};
	const boot = await run(day.configuration());
	const wallet = String(boot.events.find(({ event }) => event === "start")?.address) as Address;
	const agent = String(boot.events.find(({ event }) => event === "account")?.agent);
	await day.fund(wallet, agent);
	const { events, result } = await run(day.configuration(plans));
	t.true(
		endedAsExpected(events, result),
		`${result.reason} ${JSON.stringify(events.filter(({ event }) => event !== "buying"))}`,
	);
	const purchases = events.filter(({ event }) => event === "purchase");
	t.deepEqual(
		purchases.map(({ plan, rule, outcome }) => [plan, rule, outcome]),
		[
			["funding rates, free", undefined, "free"],
			["whale trades, by credit", "pactum credit", "paid"],
			["a comment, by escrow", "pactum escrow", "paid"],
			["a quote, insured", "pact", "paid"],
			["a call that fails, refunded", "pact", "refunded"],
			["500 credits", "agentpmt", "paid"],
			["a forecast, by credits", "agentpmt credits", "paid"],
			["a forecast, paid directly", "agentpmt", "paid"],
			["temperature, native", "payanagent", "paid"],
			["temperature, relayed", "payanagent", "paid"],
		],
	);

	const paid = purchases
		.filter(({ method }) => method === "eip3009")
		.map(({ amount, nonce }) => [BigInt(String(amount)), nonce]);
	const transfers = await day.chain.transfers(wallet);
	t.deepEqual(
		transfers.map(({ value, nonce }) => [value, nonce]),
		paid as typeof paid & [bigint, `0x${string}`][],
	);
	t.is(day.agentPmt.credits.balance(wallet), 500 - 5);
	t.true(day.pact.calls().every(({ settledAt }) => settledAt !== undefined));

	const flashBytes = readdirSync(flash)
		.filter((name) => !name.startsWith("key."))
		.map((name) => readFileSync(path.join(flash, name)));
	const said = Buffer.concat([Buffer.from(JSON.stringify(all)), ...flashBytes]);
	const secrets = day.secrets();
	t.true(secrets.length >= 3, `${secrets.length} secrets`);
	t.deepEqual(
		secrets.filter((secret) => said.includes(secret)),
		[],
	);
	t.deepEqual(day.pactum.leaks, []);
	return result;
}
