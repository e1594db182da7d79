/**
 * Flash of format 1, as the devices in the field have it, written by that version on both engines: a day of purchases from
 * sellers and markets (delivered, refused, unknown, free, charged to accounts, half of them folded into sums), and one more
 * that the power was cut in, before and after its signature. The present code opens it, counts it to the unit, sends the
 * open payment byte for byte as that version would, and goes on in format 2.
 */
import { readFileSync } from "node:fs";
import test from "ava";
import { encode } from "../../modules/encoding/cbor.js";
import { hashes } from "../../modules/signer/portable.js";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { appendChecksum } from "../../src/wallet/checksum.js";
import { LedgerError } from "../../src/wallet/errors.js";
import type { Ledger } from "../../src/wallet/ledger.js";
import { decodeRecord } from "../../src/wallet/record.js";
import { Wallet } from "../../src/wallet/wallet.js";
import { paymentRequiredFromJson } from "../../src/x402/payment_required.js";
import { Keys } from "../../tools/world/secret_log.js";
import { createDeviceSigner } from "../support/device_signer.js";
import { integer, MemoryFlash } from "../support/memory.js";

/** A flash, as format1/*.json have it; amounts are decimal. */
interface Fixture {
	readonly rules: readonly object[];
	readonly assets: readonly object[];
	readonly networks: readonly object[];
	readonly seller: string;
	/** Base64, by key. */
	readonly entries: Readonly<Record<string, string>>;
	/** What the version that wrote it says of it. */
	readonly expected: {
		readonly now: number;
		readonly spent: readonly { network: string; asset: string; spent: string; reserved: string }[];
		readonly rules: readonly { name: string; life: string; window: string; windowCount: number }[];
		readonly plans: readonly { plan: string; lastPeriod: number | null }[];
		readonly purchases: readonly { sequence: number; plan: string; state: string; rule: string; amount: string }[];
	};
	readonly intended: Open;
	readonly authorized: Open;
}

interface Open {
	/** Those that differ. */
	readonly entries: Readonly<Record<string, string>>;
	/** The payment's header, as that version sends it. */
	readonly header: string;
	readonly time: number;
	readonly request: string;
}

const MARKETS = ["pactum", "pact", "agentpmt", "payanagent"];
const PLANS = ["cut", "next"];

function load(engine: string): Fixture {
	return JSON.parse(readFileSync(new URL(`format1/${engine}.json`, import.meta.url), "utf8"));
}

function device(fixture: Fixture, entries: Readonly<Record<string, string>>, now: number) {
	const flash = new MemoryFlash();
	for (const [key, value] of Object.entries({ ...fixture.entries, ...entries })) {
		flash.entries.set(key, Uint8Array.from(Buffer.from(value, "base64")));
	}
	const keys = createDeviceSigner({ keys: new Keys(), random: (buffer) => buffer.fill(7) });
	keys.importKey(0, "secp256k1", new Uint8Array(32).fill(0x46));
	const { networks, assets, rules } = fixture;
	const markets = Object.fromEntries(MARKETS.map((name) => [name, {}]));
	const text = JSON.stringify({ networks, assets, rules, markets, plans: [] });
	const configuration = parseConfiguration(text, keys, MARKETS);
	const clock = { now };
	const open = () =>
		new Wallet({
			clock: { wall: () => clock.now * 1_000, monotonic: () => 0 },
			random: (buffer) => buffer.fill(9),
			keys,
			storage: flash,
			slot: 0,
			rules: configuration.rules,
			plans: PLANS,
		});
	return { flash, open, clock, rules: configuration.rules };
}

/** As the fixture says it. */
function accounts(wallet: Wallet, { rules }: Pick<ReturnType<typeof device>, "rules">, fixture: Fixture) {
	return {
		spent: wallet.spent().map(({ network, asset, spent, reserved }) => {
			return { network, asset, spent: String(integer(spent)), reserved: String(integer(reserved)) };
		}),
		rules: rules.map((rule) => {
			const { life, window, windowCount } = wallet.spending(rule);
			return { name: rule.name, life: String(integer(life)), window: String(integer(window)), windowCount };
		}),
		plans: fixture.expected.plans.map(({ plan }) => ({ plan, lastPeriod: wallet.lastPeriod(plan) ?? null })),
		purchases: wallet.purchases().map(({ sequence, plan, state, rule, amount }) => {
			return { sequence, plan, state, rule, amount: String(integer(amount)) };
		}),
	};
}

for (const engine of ["node", "xs"]) {
	test(`flash that format 1 wrote on ${engine} counts to the unit`, (t) => {
		const fixture = load(engine);
		const { now, ...expected } = fixture.expected;
		const old = device(fixture, {}, now);
		t.deepEqual(accounts(old.open(), old, fixture), expected);
		t.is(old.flash.writes, 0);
		const kinds = new Map(
			[...old.flash.entries]
				.filter(([key]) => key.startsWith("r"))
				.map(([, bytes]) => {
					const { plan, kind } = decodeRecord(bytes);
					return [plan, kind];
				}),
		);
		t.is(kinds.get("again 0"), "payment");
		t.is(kinds.get("a forecast, by credits"), "charge");
		t.is(kinds.get("free again"), "free");
	});

	for (const state of ["intended", "authorized"] as const) {
		test(`a purchase that format 1 left ${state} on ${engine} is resumed byte for byte, and later purchases add to its sums`, (t) => {
			const fixture = load(engine);
			const { entries, header, time, request } = fixture[state];
			const old = device(fixture, entries, time);
			const wallet = old.open();
			const [record] = wallet.openPurchases();
			t.like(record, { plan: "cut", state, kind: "payment", revision: 0 });
			const seller = { origin: fixture.seller, path: "/data" };
			const order = { seller, cap: record!.amount, request: Uint8Array.from(Buffer.from(request, "base64")) };
			const purchase = wallet.purchase({ ...order, plan: "cut", period: record!.period }, record);
			t.is(purchase.prepay()?.headerValue, header);
			purchase.end({ state: "delivered", outcome: "paid", detail: "", transaction: "" });

			// Twelve more, which fold those of format 1 and write its sums in format 2.
			const sensors = old.rules.find(({ name }) => name === "sensors")!;
			const before = integer(wallet.spending(sensors).life);
			t.is(before, BigInt(fixture.expected.rules[0]!.life) + 10_000n);
			const json = `{"x402Version":2,"accepts":[${record!.intent!.accepted}]}`;
			// Read anew for each: a purchase gives back the memory of the terms that it has put into its record.
			const terms = () => paymentRequiredFromJson(new TextEncoder().encode(json));
			for (let period = 1; period <= 12; period++) {
				old.clock.now += 1;
				const next = old.open();
				const again = next.purchase({ ...order, plan: "next", period });
				again.pay(terms());
				again.end({ state: "delivered", outcome: "paid", detail: "", transaction: "" });
			}
			const after = old.open();
			t.is(integer(after.spending(sensors).life), before + 120_000n);
			t.is(after.spending(sensors).windowCount, fixture.expected.rules[0]!.windowCount + 13);
			for (const { plan, lastPeriod } of fixture.expected.plans) t.is(after.lastPeriod(plan) ?? null, lastPeriod, plan);
			t.is(after.lastPeriod("cut"), record!.period);
			const spent = (sums: ReturnType<Ledger["spent"]>) =>
				sums.reduce((sum, { spent, reserved }) => sum + integer(spent) + integer(reserved), 0n);
			const told = fixture.expected.spent.reduce(
				(sum, { spent, reserved }) => sum + BigInt(spent) + BigInt(reserved),
				0n,
			);
			t.is(spent(after.spent()), told + 130_000n);
		});
	}
}

test("an entry of a later format is a named error, and is left as it is", (t) => {
	const fixture = load("node");
	for (const key of ["r0", "totals", "head"]) {
		const { flash, open } = device(fixture, {}, fixture.expected.now);
		const later = appendChecksum(
			hashes,
			encode(
				new Map<number, number | Uint8Array>([
					[0, 3],
					[23, new Uint8Array(4)],
				]),
			),
		);
		flash.entries.set(key, later);
		t.throws(open, { instanceOf: LedgerError, name: "LedgerTooNew", message: /has format 3.* reads up to 2/ }, key);
		t.is(flash.writes, 0);
	}
});
