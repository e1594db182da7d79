/**
 * The demonstration on one engine: what the device says, what the chain and the markets' books say, and that no secret of
 * the markets got out.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ExecutionContext } from "ava";
import type { Address, Hex } from "viem";
import { type Demonstration, startDemonstration } from "../../tools/demonstration/demonstration.js";
import { expectedEnds } from "../../tools/demonstration/expected_ends.js";
import { type Engine, type FirmwareEvent, type FirmwareResult, runFirmware } from "../../tools/firmware.js";
import { endedAsExpected, summarize } from "../../tools/start/summary.js";
import { treasury } from "../../tools/world/markets/agentpmt/market.js";
import { payTo } from "../../tools/world/resources.js";
import { Heard } from "../../tools/world/secret_log.js";

/** How each purchase ends, and by which rule. */
const ENDS = [
	["temperature, x402 v2", "sensors", "paid"],
	["temperature, x402 v1", "old sensors", "paid"],
	["temperature, by Permit2", "sensors", "paid"],
	["temperature, free", undefined, "free"],
	["in euro, which no rule allows", undefined, "NoRule"],
	["a photograph, over budget", undefined, "OverWindowCap"],
	["funding rates, free", undefined, "free"],
	["whale trades, by credit", "pactum credit", "paid"],
	["a comment, by escrow", "pactum escrow", "paid"],
	["a quote, insured", "pact", "paid"],
	["a call that fails, refunded", "pact", "refunded"],
	["500 credits", "agentpmt", "paid"],
	["the air, by credits", "agentpmt credits", "paid"],
	["access to water, paid directly", "agentpmt", "paid"],
	["a page as markdown, native", "payanagent", "paid"],
	["temperature, relayed", "payanagent", "paid"],
] as const;

/** What is spent, in base units of each network. */
const SPENT = {
	// Three times 0.01, an escrow of 0.001234, credits for 5, a call for 0.05, and twice 0.01.
	"eip155:84532": 30_000 + 1_234 + 5_000_000 + 50_000 + 20_000,
	"account:pactum": 10_000,
	// One premium for the call that succeeds, one for the one that fails, which is not made again.
	"account:pact": 2_000,
	"account:agentpmt": 5,
};

interface Run {
	readonly events: readonly FirmwareEvent[];
	readonly purchases: readonly FirmwareEvent[];
	readonly result: FirmwareResult;
}

/** Runs it twice with one flash: the second run has nothing to do but what was refused before. */
export async function demonstrate(t: ExecutionContext, engine: Engine): Promise<FirmwareResult> {
	const demonstration = await startDemonstration();
	t.teardown(() => demonstration.stop());
	const { configuration, world } = demonstration;
	const { wallet, boot } = await firstBoot(engine, demonstration);
	const first = await run(engine, demonstration, configuration);
	const { events, purchases, result } = first;
	t.true(endedAsExpected(events, result, expectedEnds), `${result.reason} ${JSON.stringify(purchases)}`);
	t.deepEqual(
		purchases.map(({ plan, rule, outcome }) => [plan, rule, outcome]),
		ENDS.map((end) => [...end]),
	);
	const { spent, ...counts } = summarize(events, result);
	t.like(counts, { event: "summary", engine, purchases: 16, delivered: 13, refused: 2, unknown: 1 });
	const amounts = Object.fromEntries(spent.map(({ network, amount }) => [network, Number(amount)]));
	t.deepEqual(amounts, { ...SPENT });
	await agreesWithChain(t, demonstration, wallet, purchases);
	agreesWithBooks(t, demonstration, wallet);

	const again = await run(engine, demonstration, configuration);
	t.is(again.events.find(({ event }) => event === "start")?.address, wallet);
	t.deepEqual(
		again.purchases.map(({ outcome }) => outcome),
		["NoRule", "OverWindowCap"],
	);
	t.deepEqual(summarize(again.events, again.result).spent, spent);
	t.is((await world.chain.transfers(wallet)).length, 7);
	isSilent(t, demonstration, [boot, first, again]);
	return result;
}

/** The six purchases from sellers, with a configuration that names no market. */
export async function demonstrateSellers(t: ExecutionContext, engine: Engine): Promise<FirmwareResult> {
	const demonstration = await startDemonstration();
	t.teardown(() => demonstration.stop());
	await firstBoot(engine, demonstration);
	const { events, purchases, result } = await run(engine, demonstration, demonstration.sellersOnly);
	t.true(endedAsExpected(events, result, expectedEnds), JSON.stringify(events));
	t.deepEqual(
		purchases.map(({ outcome }) => outcome),
		ENDS.slice(0, 6).map(([, , outcome]) => outcome),
	);
	return result;
}

async function firstBoot(engine: Engine, demonstration: Demonstration): Promise<{ wallet: Address; boot: Run }> {
	const boot = await run(engine, demonstration, demonstration.empty);
	const wallet = boot.events.find(({ event }) => event === "start")?.address as Address;
	await demonstration.fund(wallet, String(boot.events.find(({ event }) => event === "account")?.agent));
	return { wallet, boot };
}

async function run(engine: Engine, { flash }: Demonstration, configuration: string): Promise<Run> {
	const events: FirmwareEvent[] = new Heard();
	const onEvent = (event: FirmwareEvent) => events.push(event);
	const result = await runFirmware({ engine, flash, configuration, onEvent, timeout: 120_000 });
	return { events, result, purchases: events.filter(({ event }) => event === "purchase") };
}

/** What the device says it signed for is what left its wallet. What the escrow holds came from the account's. */
async function agreesWithChain(
	t: ExecutionContext,
	{ world, markets }: Demonstration,
	wallet: Address,
	purchases: readonly FirmwareEvent[],
): Promise<void> {
	const receivers: Readonly<Record<string, Address>> = {
		agentpmt: treasury,
		"a page as markdown, native": markets.payanAgent.nativeSeller.profile.walletAddress,
	};
	const signed = purchases.filter(({ nonce, state }) => nonce !== undefined && state === "delivered");
	t.deepEqual(
		(await world.chain.transfers(wallet)).map(({ from, to, value, nonce }) => ({ from, to, value, nonce })),
		signed.map(({ amount, nonce, plan, rule }) => ({
			from: wallet,
			to: receivers[String(plan)] ?? receivers[String(rule)] ?? payTo,
			value: BigInt(amount as string),
			nonce: nonce as Hex,
		})),
	);
	for (const { transaction } of signed) {
		t.is((await world.chain.client.getTransactionReceipt({ hash: transaction as Hex })).status, "success");
	}
}

function agreesWithBooks(t: ExecutionContext, { markets }: Demonstration, wallet: Address): void {
	t.is(markets.agentPmt.credits.balance(wallet), 500 - 5);
	t.true(markets.pact.calls().every(({ settledAt }) => settledAt !== undefined));
	t.deepEqual(markets.pactum.leaks, []);
}

function isSilent(t: ExecutionContext, { markets, flash }: Demonstration, runs: readonly Run[]): void {
	const kept = readdirSync(flash)
		.filter((name) => !name.startsWith("key."))
		.map((name) => readFileSync(path.join(flash, name)));
	const said = Buffer.concat([Buffer.from(JSON.stringify(runs)), ...kept]);
	const secrets = markets.secrets();
	t.true(secrets.length >= 3, `${secrets.length} secrets`);
	t.deepEqual(
		secrets.filter((secret) => said.includes(secret)),
		[],
	);
}
