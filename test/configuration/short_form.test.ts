/** What a person says in one line, and what the device is given for it. */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import type { ShortFormError } from "../../tools/configuration/errors.js";
import { writeOut, writeOutPlan, writeOutRule, writeOutShort } from "../../tools/configuration/short_form.js";

const short = {
	buy: "https://api.example.com/weather?place=Oslo",
	every: "1h",
	max: "0.02 USDC",
	perDay: "0.50 USDC",
	forLife: "50 USDC",
	asset: "usdc@base",
};

test("one object is a whole configuration, which the device takes", (t) => {
	const written = writeOut(short);
	t.deepEqual(written, {
		networks: [{ id: "eip155:8453", name: "base" }],
		assets: [
			{
				id: "usdc@base",
				network: "eip155:8453",
				address: "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913",
				name: "USD Coin",
				version: "2",
				symbol: "USDC",
				decimals: 6,
			},
		],
		rules: [
			{
				name: "weather at api.example.com",
				origin: "https://api.example.com",
				asset: "usdc@base",
				resource: "/weather",
				maxPerPayment: "20000",
				maxPerWindow: "500000",
				maxCountPerWindow: 50,
				windowSeconds: 86_400,
				maxForLife: "50000000",
				maxValiditySeconds: 300,
			},
		],
		plans: [
			{
				name: "weather at api.example.com",
				url: "https://api.example.com/weather?place=Oslo",
				maxAmount: "20000",
				everySeconds: 3_600,
			},
		],
	});
	t.is(parseConfiguration(JSON.stringify(written), hashes, []).plans.length, 1);
});

test("without every it is bought once", (t) => {
	const { every: _, ...once } = short;
	const { plans, rules } = writeOutShort(once, "");
	t.false("everySeconds" in plans[0]!);
	t.is(rules[0]!.maxCountPerWindow, 4);
});

test("fields of a plan and a rule may stand beside it", (t) => {
	const sink = { kind: "storage", key: "weather", limit: 100 };
	const { plans, rules } = writeOutShort(
		{ ...short, name: "w", payTo: ["0x1"], prepay: true, method: "POST", sink },
		"",
	);
	t.like(plans[0], { name: "w", method: "POST", sink });
	t.like(rules[0], { name: "w", payTo: ["0x1"], prepay: true });
	t.false("prepay" in plans[0]!);
});

test("two plans of one name are numbered, two of one token share it", (t) => {
	const { assets, rules } = writeOut({
		plans: [short, short, { ...short, asset: "eurc@base", max: "0.02 EURC" }].slice(0, 2),
	});
	t.is((assets as unknown[]).length, 1);
	t.deepEqual(
		(rules as { name: string }[]).map(({ name }) => name),
		["weather at api.example.com", "weather at api.example.com 2"],
	);
});

test("the long form may have words in it", (t) => {
	const rule = {
		asset: "usdc@base-sepolia",
		maxPerPayment: "0.01 USDC",
		maxPerWindow: "1 usdc",
		maxForLife: "10000000",
	};
	const times = { windowSeconds: "1d", maxValiditySeconds: "2m" };
	const written = writeOut({ rules: [{ ...rule, ...times }], plans: [{ maxAmount: "0.01 USDC", everySeconds: "1w" }] });
	t.like((written.rules as object[])[0], { maxPerPayment: "10000", maxPerWindow: "1000000", maxForLife: "10000000" });
	t.like((written.rules as object[])[0], { windowSeconds: 86_400, maxValiditySeconds: 120 });
	t.deepEqual(written.plans, [{ maxAmount: "10000", everySeconds: 604_800 }]);
	t.deepEqual(written.networks, [{ id: "eip155:84532", name: "base-sepolia" }]);
});

test("what is long already stays as it is, and what is wrong with it is for the device to say", (t) => {
	const long = {
		networks: [{ id: "eip155:1" }],
		assets: [{ id: "usdc", symbol: "USDC", decimals: 6 }],
		rules: [{ asset: "usdc", maxPerPayment: "10000", windowSeconds: 5 }, { asset: "dai" }, null],
		plans: [{ maxAmount: "10000", everySeconds: 60 }, "x"],
		count: 3,
	};
	t.deepEqual(writeOut(long), long);
	t.deepEqual(writeOut({ plans: "x", rules: {} }), { plans: "x", rules: {} });
});

const wrong: readonly (readonly [change: object, message: string])[] = [
	[{ max: "0.02" }, 'max: write "0.02 USDC" or its base units, "20000"'],
	[{ max: "0.02 EURC" }, 'max: expected an amount in USDC, found "0.02 EURC"'],
	[
		{ max: "0.0000001 USDC" },
		'max: expected an amount such as "0.01 USDC", with at most 6 decimals, found "0.0000001 USDC"',
	],
	[{ max: "1.2.3 USDC" }, "max: expected an amount such as "],
	[{ perDay: undefined }, 'perDay: expected the most that a day may cost, such as "0.50 USDC"'],
	[{ forLife: undefined }, "forLife: expected the most that may ever be spent"],
	[{ every: "hourly" }, 'every: expected a time such as "30m", "1h" or "1d", found "hourly"'],
	[{ asset: "usdc" }, "asset: expected one of usdc@base, "],
	[{ buy: "api.example.com" }, "buy: expected the address to buy from, such as https://"],
	[{ buy: "ftp://api.example.com" }, "buy: expected the address to buy from, such as https://"],
	[{ perWeek: "1 USDC" }, "perWeek: expected one of buy, asset, max, "],
];

for (const [change, message] of wrong) {
	test(`${JSON.stringify(change)} is refused: ${message}`, (t) => {
		const error = t.throws<ShortFormError>(() => writeOut({ ...short, ...change }));
		t.true(error!.message.startsWith(message), error!.message);
		const within = t.throws<ShortFormError>(() => writeOut({ plans: [{ ...short, ...change }] }));
		t.true(within!.message.startsWith(`plans[0].${message}`), within!.message);
	});
}

test("at the console a rule and a plan are written out beside the device's own assets", (t) => {
	const assets = [{ id: "usdc", network: "eip155:8453", symbol: "USDC", decimals: 6 }];
	t.deepEqual(writeOutRule({ asset: "usdc", maxForLife: "5 USDC" }, assets), {
		networks: [],
		assets: [],
		rules: [{ asset: "usdc", maxForLife: "5000000" }],
		plans: [],
	});
	t.deepEqual(writeOutPlan({ maxAmount: "0.5 USDC" }, assets), { maxAmount: "500000" });
	const { asset: _, ...unnamed } = short;
	t.is(writeOutShort({ ...unnamed, asset: "usdc" }, "", assets).rules[0]!.asset, "usdc");
});

test("an amount is never guessed where two tokens of one symbol differ", (t) => {
	const assets = [
		{ id: "a", symbol: "USDC", decimals: 6 },
		{ id: "b", symbol: "USDC", decimals: 18 },
	];
	t.deepEqual(writeOutPlan({ maxAmount: "0.5 USDC" }, assets), { maxAmount: "0.5 USDC" });
});
