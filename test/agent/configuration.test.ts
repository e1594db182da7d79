/**
 * The owner's configuration: what a whole one reads as, and each of its fields wrong once. The message names the path of
 * the field, what was expected and what was found.
 */
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { ConfigurationError } from "../../src/configuration/errors.js";

const USDC = "0x036CbD53842c5426634e7929541eC2318f3dCF7e";
const PAY_TO = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

const whole = () => ({
	slot: 1,
	count: 3,
	networks: [{ id: "eip155:84532", name: "Base Sepolia" }],
	assets: [
		{ id: "usdc", network: "eip155:84532", address: USDC, name: "USDC", version: "2", symbol: "USDC", decimals: 6 },
	],
	rules: [
		{
			name: "rule",
			origin: "https://seller.test",
			asset: "usdc",
			methods: ["eip3009", "permit2"],
			payTo: [PAY_TO],
			resource: "/data/",
			maxPerPayment: "1",
			maxPerWindow: "2",
			maxForLife: "3",
			maxCountPerWindow: 4,
			windowSeconds: 5,
			maxValiditySeconds: 60,
			prepay: true,
		},
	],
	plans: [
		{
			name: "plan",
			url: "https://seller.test/data/a?b=c",
			method: "POST",
			headers: { Accept: "text/plain" },
			body: "question",
			maxAmount: "1",
			everySeconds: 60,
			sink: { kind: "storage", key: "a-1", limit: 100 },
		},
	],
});

const parse = (value: unknown) =>
	parseConfiguration(typeof value === "string" ? value : JSON.stringify(value), hashes, []);

test("a complete configuration is parsed field by field", (t) => {
	const { slot, count, assets, rules, plans } = parse(whole());
	t.is(slot, 1);
	t.is(count, 3);
	const asset = { network: "eip155:84532", address: USDC.toLowerCase(), name: "USDC", version: "2" };
	t.deepEqual(assets, [{ id: "usdc", ...asset, symbol: "USDC", decimals: 6 }] as unknown as typeof assets);
	t.is(rules[0]!.asset, assets[0]!);
	t.deepEqual(rules[0]!.payTo, [PAY_TO.toLowerCase()]);
	const amounts = [rules[0]!.maxPerPayment, rules[0]!.maxPerWindow, rules[0]!.maxForLife, plans[0]!.maxAmount];
	t.deepEqual(amounts, ["1", "2", "3", "1"]);
	t.like(rules[0], { origin: "https://seller.test", resource: "/data/", maxCountPerWindow: 4, prepay: true });
	t.like(rules[0], { windowSeconds: 5, maxValiditySeconds: 60, methods: ["eip3009", "permit2"] });
	const { buys } = plans[0]!;
	t.is("url" in buys ? buys.url : "", "https://seller.test/data/a?b=c");
	t.like(buys, { method: "POST", body: "question", headers: [["Accept", "text/plain"]] });
	t.like(plans[0], { everySeconds: 60 });
	t.deepEqual(plans[0]!.sink, { kind: "storage", key: "d.a-1", limit: 100 });
});

test("optional fields have their defaults", (t) => {
	const { slot: _slot, count: _count, ...rest } = whole();
	const { methods: _m, payTo: _p, resource: _r, prepay: _f, ...rule } = rest.rules[0]!;
	const { name, url, maxAmount } = rest.plans[0]!;
	const { slot, count, rules, plans } = parse({ ...rest, rules: [rule], plans: [{ name, url, maxAmount }] });
	t.is(slot, 0);
	t.is(count, 0);
	t.like(rules[0], { methods: ["eip3009"], payTo: [], resource: "/", prepay: false });
	t.like(plans[0], { everySeconds: 0 });
	t.like(plans[0]!.buys, { method: "GET", headers: [], body: undefined });
	t.deepEqual(plans[0]!.sink, { kind: "log", key: "", limit: 256 });
});

test("a rule that calls prepay by its former name, payFirst, reads as it did", (t) => {
	const { prepay, ...rule } = whole().rules[0]!;
	t.true(parse({ ...whole(), rules: [{ ...rule, payFirst: prepay }] }).rules[0]!.prepay);
	t.false(parse({ ...whole(), rules: [{ ...rule, payFirst: false }] }).rules[0]!.prepay);
	const both = t.throws(() => parse({ ...whole(), rules: [{ ...rule, prepay, payFirst: prepay }] }));
	t.is(both?.message, 'rules[0].payFirst: expected "prepay" alone, its current name, found true');
});

/** Where in the configuration, what is put there (`undefined` leaves it out), and the message. */
type Wrong = readonly [path: string, value: unknown, message: string];

const text = (limit: number) => `expected a text of 1 to ${limit} characters`;
const decimal = 'expected an amount in base units, a decimal string such as "10000"';
const long = "x".repeat(33);

const wrongs: readonly Wrong[] = [
	["slot", -1, "expected an integer from 0 to 3, found -1"],
	["slot", 4, "expected an integer from 0 to 3, found 4"],
	["slot", "0", 'expected an integer from 0 to 3, found "0"'],
	["count", 0, "expected an integer from 1 to 1000000, found 0"],
	["count", 1.5, "expected an integer from 1 to 1000000, found 1.5"],
	["networks", undefined, "expected an array, found nothing"],
	["networks", {}, "expected an array, found {}"],
	["networks", Array(9).fill(0), "expected at most 8 elements, found 9"],
	["networks[0]", "eip155:1", 'expected an object, found "eip155:1"'],
	["networks[0]", null, "expected an object, found null"],
	["networks[0].id", undefined, `${text(40)}, found nothing`],
	["networks[0].id", "base", 'expected a chain in CAIP-2 form (eip155:…), such as eip155:8453, found "base"'],
	["networks[0].name", "", `${text(32)}, found ""`],
	["networks[0].nmae", "x", 'expected one of id, name, rpc, found "nmae"'],
	["networks[0].rpc", "ftp://rpc.test/secret", "expected an http or https address of at most 256 characters"],
	["networks[0].rpc", "", "expected an http or https address of at most 256 characters, found something else"],
	["assets", null, "expected an array, found null"],
	["assets[0].id", 1, `${text(32)}, found 1`],
	["assets[0].network", "eip155:1", 'expected one of "eip155:84532", found "eip155:1"'],
	["assets[0].address", undefined, `${text(64)}, found nothing`],
	["assets[0].address", "0x12", "expected an address (expected 0x and 40 hexadecimal digits"],
	["assets[0].address", USDC.replace("036C", "036c"), "expected an address (expected a valid EIP-55 checksum"],
	["assets[0].name", "x".repeat(65), `${text(64)}, found "xxx`],
	["assets[0].version", 2, `${text(64)}, found 2`],
	["assets[0].symbol", "much too long a symbol", `${text(12)}, found "much`],
	["assets[0].decimals", 37, "expected an integer from 0 to 36, found 37"],
	["assets[0].decimals", "6", 'expected an integer from 0 to 36, found "6"'],
	["assets[0].issuer", "x", "expected one of id, network, address, name, version, symbol, decimals"],
	["rules", "all", 'expected an array, found "all"'],
	["rules", Array(9).fill(0), "expected at most 8 elements, found 9"],
	["rules[0].name", long, `${text(32)}, found "xxx`],
	["rules[0].name", "\ud800", "expected a text without lone surrogates"],
	["rules[0].origin", undefined, `${text(1_024)}, found nothing`],
	["rules[0].origin", "seller.test", "expected an http or https address (an address starts with http"],
	["rules[0].origin", "ftp://seller.test", "expected an http or https address (expected http or https as the scheme)"],
	["rules[0].origin", "https://me@seller.test", "expected an http or https address (an address may not contain a user"],
	["rules[0].origin", "https://seller.test/a", "expected an origin without a path, such as https://api.example.com"],
	["rules[0].origin", "https://seller.test/?a", "expected an origin without a path, such as https://api.example.com"],
	["rules[0].asset", "eurc", 'expected one of "usdc", found "eurc"'],
	["rules[0].asset", undefined, 'expected one of "usdc", found nothing'],
	["rules[0].methods", "eip3009", 'expected an array, found "eip3009"'],
	["rules[0].methods[1]", "erc7710", 'expected one of "eip3009", "permit2", "account", found "erc7710"'],
	["rules[0].payTo", PAY_TO, `expected an array, found "${PAY_TO}"`],
	["rules[0].payTo", Array(9).fill(PAY_TO), "expected at most 8 elements, found 9"],
	["rules[0].payTo[0]", "seller.eth", "expected an address (expected 0x and 40 hexadecimal digits"],
	["rules[0].resource", "data", 'expected a path that begins with / and has no query, found "data"'],
	["rules[0].resource", "/data?a", 'expected a path that begins with / and has no query, found "/data?a"'],
	...["maxPerPayment", "maxPerWindow", "maxForLife"].flatMap((cap): Wrong[] => [
		[`rules[0].${cap}`, undefined, `${decimal}, found nothing`],
		[`rules[0].${cap}`, 10_000, `${decimal}, found 10000`],
		[`rules[0].${cap}`, "0.01", `${decimal}, found "0.01"`],
		[`rules[0].${cap}`, "1e3", `${decimal}, found "1e3"`],
		[`rules[0].${cap}`, "-1", `${decimal}, found "-1"`],
		[`rules[0].${cap}`, String(2n ** 256n), `${decimal}, found "11579`],
	]),
	["rules[0].maxCountPerWindow", undefined, "expected an integer from 1 to 1000000, found nothing"],
	["rules[0].maxCountPerWindow", 0, "expected an integer from 1 to 1000000, found 0"],
	["rules[0].windowSeconds", 0, "expected an integer from 1 to 31622400, found 0"],
	["rules[0].windowSeconds", undefined, "expected an integer from 1 to 31622400, found nothing"],
	["rules[0].maxValiditySeconds", 9, "expected an integer from 10 to 86400, found 9"],
	["rules[0].maxValiditySeconds", 86_401, "expected an integer from 10 to 86400, found 86401"],
	["rules[0].prepay", "yes", 'expected true or false, found "yes"'],
	["rules[0].maxPerDay", "1", "expected one of name, origin, asset, methods, payTo"],
	["plans", undefined, "expected an array, found nothing"],
	["plans", Array(17).fill(0), "expected at most 16 elements, found 17"],
	["plans[0].name", undefined, `${text(32)}, found nothing`],
	["plans[0].url", "/data", "expected an http or https address"],
	["plans[0].url", `https://seller.test/${"x".repeat(1_024)}`, text(1_024)],
	...["/a/..%2fb", "/a/%2e%2E/b", "/a/%252e%252e%252fb", "/a/..;/b", "/a/..%5cb", "/a/.%252e/", "/%2e"].map(
		(path): Wrong => [
			"plans[0].url",
			`https://seller.test${path}?q`,
			"expected an address without hidden dot segments",
		],
	),
	["plans[0].method", "DELETE", 'expected one of "GET", "POST", "PUT", found "DELETE"'],
	["plans[0].headers", ["Authorization: secret"], "expected an object, found something else"],
	["plans[0].headers.Accept", 1, `${text(4_096)}, found something else`],
	["plans[0].headers.Authorization", ["secret"], `${text(4_096)}, found something else`],
	["plans[0].headers", { "a b": "c" }, "expected headers of a request (expected a header's name"],
	[
		"plans[0].headers",
		{ Host: "x" },
		'expected headers of a request ("Host" is a header that only the client itself sends: remove it), found',
	],
	["plans[0].headers", { Accept: "a\r\nX: y" }, 'expected headers of a request (the value of "Accept"'],
	["plans[0].body", "", `${text(4_096)}, found something else`],
	["plans[0].body", { key: "secret" }, `${text(4_096)}, found something else`],
	["plans[0].body", "\udc00", "expected a text without lone surrogates"],
	["plans[0].maxAmount", undefined, `${decimal}, found nothing`],
	["plans[0].maxAmount", 1, `${decimal}, found 1`],
	["plans[0].everySeconds", 0, "expected an integer from 1 to 31622400, found 0"],
	["plans[0].sink", "log", 'expected an object, found "log"'],
	["plans[0].sink.kind", "file", 'expected one of "log", "storage", found "file"'],
	["plans[0].sink.key", "A", 'expected 1 to 13 characters of a-z, 0-9, _ and -, found "A"'],
	["plans[0].sink.key", undefined, `${text(13)}, found nothing`],
	["plans[0].sink.limit", 4_001, "expected an integer from 1 to 4000, found 4001"],
	["plans[0].sink", { kind: "log", limit: 1_025 }, "expected an integer from 0 to 1024, found 1025"],
	["plans[0].sink", { kind: "log" }, "expected an integer from 0 to 1024, found nothing"],
	["plans[0].every", 60, "expected one of name, maxAmount, everySeconds"],
	["rule", [], "expected one of slot, networks, assets, rules, plans, markets, count"],
];

/** The configuration with one value put in, or left out. */
function put(path: string, value: unknown): object {
	const configuration: Record<string, unknown> = whole();
	const names = path.split(/[.[\]]+/).filter((name) => name !== "");
	let at = configuration;
	for (const name of names.slice(0, -1)) at = at[name] as Record<string, unknown>;
	if (value === undefined) delete at[names.at(-1)!];
	else at[names.at(-1)!] = value;
	return configuration;
}

for (const [path, value, message] of wrongs) {
	const shown = JSON.stringify(value)?.slice(0, 40) ?? "left out";
	test(`${path} is refused: ${shown}`, (t) => {
		const error = t.throws(() => parse(put(path, value)), {
			instanceOf: ConfigurationError,
			name: "ConfigurationInvalid",
		});
		const isBelow = error!.message.startsWith(`${path}: `) || error!.message.startsWith(`${path}.`);
		t.true(isBelow, error!.message);
		t.true(error!.message.includes(message), error!.message);
		t.regex(error!.message, /: expected .*, found /s);
		t.false(error!.message.includes("secret"), error!.message);
	});
}

test("expect, which older firmware had in a plan, is refused by name", (t) => {
	const { plans, ...rest } = whole();
	const old = { ...rest, plans: [{ ...plans[0]!, expect: "delivered" }] };
	t.throws(() => parse(old), { instanceOf: ConfigurationError, message: "plans[0].expect: no longer used: remove it" });
});

test("text that is no JSON object is refused", (t) => {
	for (const [value, message] of [
		["{", "the configuration: expected JSON, found "],
		["", "the configuration: expected JSON, found "],
		["[]", ": expected an object, found []"],
		["null", ": expected an object, found null"],
	] as const) {
		const error = t.throws(() => parse(value), { instanceOf: ConfigurationError });
		t.true(error!.message.startsWith(message), error!.message);
	}
});

test("two parts of one name are refused", (t) => {
	for (const [list, key, name] of [
		["assets", "id", "usdc"],
		["rules", "name", "rule"],
		["plans", "name", "plan"],
	] as const) {
		const configuration = whole();
		const entries: unknown[] = configuration[list];
		entries.push(entries[0]);
		const message = `${list}[1]: expected a ${key} of its own, found "${name}" again`;
		t.throws(() => parse(configuration), { instanceOf: ConfigurationError, message });
	}
});

test("a rule whose asset is not configured is refused", (t) => {
	const error = t.throws(() => parse({ ...whole(), assets: [] }), { instanceOf: ConfigurationError });
	t.regex(
		error!.message,
		/^rules\[0\]\.asset: expected the name of an existing element, and there is none yet, found "usdc"$/,
	);
});

test("a rule for an origin without TLS must name its payees", (t) => {
	for (const payTo of [undefined, []]) {
		const configuration = whole();
		Object.assign(configuration.rules[0]!, { origin: "http://seller.test", payTo });
		const error = t.throws(() => parse(configuration), { instanceOf: ConfigurationError });
		t.true(error!.message.startsWith("rules[0].payTo: expected the payees, because without TLS"), error!.message);
	}
});

test("an error in a market's configuration does not quote the value", (t) => {
	for (const pact of ["secret", { betaKey: ["secret"] }, { betaKey: "a secret" }]) {
		const configuration = JSON.stringify({ ...whole(), markets: { pact } });
		const parsed = parseConfiguration(configuration, hashes, ["pact"]);
		const error = t.throws(() => parsed.markets.get("pact")!.members("betaKey").betaKey.secret(8));
		t.regex(error!.message, /^markets\.pact[^:]*: expected .*, found something else$/);
	}
});

test("a network's rpc is accepted, and refused if it is no address", (t) => {
	const configuration = whole();
	t.deepEqual(parse(configuration).networks, [{ id: "eip155:84532", name: "Base Sepolia", rpc: undefined }]);
	Object.assign(configuration.networks[0]!, { rpc: "https://rpc.test/key" });
	t.deepEqual(parse(configuration).networks, [
		{ id: "eip155:84532", name: "Base Sepolia", rpc: "https://rpc.test/key" },
	]);
});

test("a configured market has its unit as an asset, and plans buy there", (t) => {
	const { assets, rules, plans, ...rest } = whole();
	const unit = { id: "premium", network: "account:pact", address: "usdc", symbol: "USDC", decimals: 6 };
	const rule = {
		...rules[0]!,
		name: "pact",
		origin: "http://market.test",
		asset: "premium",
		methods: ["account"],
		payTo: [],
	};
	const plan = { name: "quote", market: "pact", offer: "dummy/quote/AAPL", input: { limit: 10 }, maxAmount: "5" };
	const text = JSON.stringify({
		...rest,
		assets: [...assets, unit],
		rules: [rule],
		plans: [plan],
		markets: { pact: { betaKey: "pact_beta_x" } },
	});
	const parsed = parseConfiguration(text, hashes, ["pact", "agentpmt"]);
	t.deepEqual([...parsed.markets.keys()], ["pact"]);
	t.like(parsed.rules[0]!.asset, { network: "account:pact", address: "usdc", name: "", version: "" });
	t.deepEqual(parsed.plans[0]!.buys, { market: "pact", offer: "dummy/quote/AAPL", input: '{"limit":10}' });
	t.throws(() => parseConfiguration(text, hashes, ["agentpmt"]), {
		message: /^markets\.pact: expected one of agentpmt/,
	});
});

test(`a rule for an account's unit must have the method "account"`, (t) => {
	const { assets, rules, ...rest } = whole();
	const unit = { id: "premium", network: "account:pact", address: "usdc", symbol: "USDC", decimals: 6 };
	const { methods: _, ...rule } = { ...rules[0]!, asset: "premium" };
	const text = JSON.stringify({ ...rest, assets: [...assets, unit], rules: [rule], markets: { pact: {} } });
	t.throws(() => parseConfiguration(text, hashes, ["pact"]), {
		message: 'rules[0].methods: expected ["account"], because the asset is the unit of an account, found nothing',
	});
});

test("a plan is for a seller or for a market, never for both", (t) => {
	const { plans, ...rest } = whole();
	const { name, maxAmount, url } = plans[0]!;
	const inMarket = { name, maxAmount, market: "pact", offer: "quote" };
	for (const [field, value] of Object.entries({ url, method: "GET", headers: {}, body: "x" })) {
		const text = JSON.stringify({ ...rest, plans: [{ ...inMarket, [field]: value }], markets: { pact: {} } });
		t.throws(() => parseConfiguration(text, hashes, ["pact"]), {
			message: `plans[0].${field}: it is for a plan with "url", and this one has "market": remove it`,
		});
	}
	for (const [field, value] of Object.entries({ offer: "quote", input: {} })) {
		t.throws(() => parse({ ...rest, plans: [{ name, maxAmount, url, [field]: value }] }), {
			message: `plans[0].${field}: it is for a plan with "market": remove it`,
		});
	}
});

test("an error about malformed JSON does not quote it", (t) => {
	for (const account of ["secret", '"secret"secret', '"secret']) {
		const error = t.throws(() => parse(`{"markets":{"pactum":{"apiKey":${account}}}}`), {
			name: "ConfigurationInvalid",
		});
		t.regex(error!.message, /^the configuration: expected JSON, found ./);
		t.false(error!.message.includes("secret"), error!.message);
	}
});
