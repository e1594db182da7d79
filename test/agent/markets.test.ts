/**
 * What the owner may set for each market, under `markets` of the configuration: what a device then asks for first, in which
 * it shows, or else what is said of it.
 */
import test from "ava";
import { addressOfPublicKey } from "../../modules/signer/address.js";
import { Field } from "../../src/configuration/field.js";
import type { HttpClient } from "../../src/http/client.js";
import { HttpError } from "../../src/http/errors.js";
import type { HttpRequest } from "../../src/http/request.js";
import { kind as agentPmtMarket, optionsIn as agentPmtOptions } from "../../src/markets/agentpmt/kind.js";
import { AgentPmtOperations } from "../../src/markets/agentpmt/operations/agentpmt_operations.js";
import type { Market, MarketDeps, MarketKind, MarketPayers } from "../../src/markets/market.js";
import { kind as pactMarket } from "../../src/markets/pact/kind.js";
import { callRecord } from "../../src/markets/pact/operations.js";
import type { Pact } from "../../src/markets/pact/pact.js";
import { agentOf } from "../../src/markets/pact/signature.js";
import { balance } from "../../src/markets/pactum/account.js";
import { kind as pactumMarket } from "../../src/markets/pactum/kind.js";
import * as pactum from "../../src/markets/pactum/operations.js";
import type { Pactum } from "../../src/markets/pactum/pactum.js";
import { kind as payanAgentMarket, optionsIn as payanAgentOptions } from "../../src/markets/payanagent/kind.js";
import { PayanAgentOperations } from "../../src/markets/payanagent/operations/payanagent_operations.js";
import { Keys } from "../../tools/world/secret_log.js";
import { createDeviceSigner } from "../support/device_signer.js";
import { keySeed, seeded } from "../support/memory.js";

const keys = createDeviceSigner({ keys: new Keys(), random: seeded(keySeed(1)) });
keys.create(0, "secp256k1");
keys.create(1, "ed25519");
keys.create(2, "secp256k1");
const wallet = (slot: number) => addressOfPublicKey(keys, keys.publicKey(slot)).toLowerCase();

/** One answer after the other, then none at all. */
type Answers = readonly (readonly [status: number, body: object])[];

function responseOf([status, body]: Answers[number]) {
	let pieces = [new TextEncoder().encode(JSON.stringify(body))];
	const read = async () => pieces.shift();
	const end = () => {
		pieces = [];
	};
	const text = async () => JSON.stringify(body);
	return { status, headers: { get: () => undefined }, read, text, discard: async () => end(), close: end };
}

/** Makes all operations of a market, those too that are not in the image. */
type Make = (field: Field, deps: MarketDeps) => Market;

/** The market of a configuration, and what it asks for. */
function open(kind: MarketKind, part: unknown, answers: Answers = [], make?: Make) {
	const seen: HttpRequest[] = [];
	const left = [...answers];
	const http = {
		request: async (request: HttpRequest) => {
			seen.push(request);
			const answer = left.shift();
			if (answer === undefined) throw new HttpError("ConnectFailed", "nobody is there");
			return responseOf(answer);
		},
	} as unknown as HttpClient;
	const timer = { set: (callback: () => void) => setImmediate(callback), clear: () => {} };
	const clock = { wall: () => 1_795_219_200_000, monotonic: () => 0 };
	const means: MarketDeps = { http, timer, clock, keys, random: seeded(1), log: () => {} };
	const field = new Field(part, `markets.${kind.name}`, true);
	const opened = kind.open(field, means);
	return { ...opened, ...(make !== undefined && { market: make(field, means) }), seen };
}

/** Nothing was begun, and whatever is begun is allowed. */
const payers = {
	x402: { record: undefined, prepay: () => undefined },
	account: {
		record: undefined,
		progress: undefined,
		cap: new Uint8Array(32),
		begin: () => {},
		advance: () => {},
		abandon: () => {},
		end: () => {},
	},
} as unknown as MarketPayers;

const buy =
	(offer: string, input: object | "" = "") =>
	(market: Market) =>
		market.buy({ offer, input: input === "" ? "" : JSON.stringify(input) }, payers, async (response) => {
			await response.discard();
		});

const header = ({ headers = [], credentials = [] }: HttpRequest, name: string) =>
	[...headers, ...credentials].find(([each]) => each.toLowerCase() === name)?.[1];
const body = (request: HttpRequest) =>
	JSON.parse(new TextDecoder().decode(request.body as Uint8Array)) as Record<string, unknown>;

interface Case {
	readonly kind: MarketKind;
	readonly part: Record<string, unknown>;
	readonly answers?: Answers;
	readonly make?: Make;
	readonly act: (market: Market) => unknown;
	/** Of the last request. */
	readonly shows: (request: HttpRequest) => unknown;
	readonly as: unknown;
}

const betaKey = "pact_beta_of_a_test_1";
const credentials = { weather: { google_oauth: { access_token: "ya29.of-a-test-of-markets", scopes: ["mail"] } } };
const shipping = { name: "J", street: "S 1", city: "Kiel", state: "SH", postalCode: "24103", country: "DE" };
const { postalCode, ...rest } = shipping;
const credits = buy("credits:500");
const direct = buy("x402:weather/forecast", { place: "Kiel" });

const cases: readonly Case[] = [
	...[
		[{}, "host", "https://www.agentpmt.com"],
		[{ host: "http://market.test" }, "host", "http://market.test"],
		[{}, "wallet_address", wallet(0)],
		[{ slot: 2 }, "wallet_address", wallet(2)],
		[{}, "chain_id", 8_453],
		[{ chainId: 42_161 }, "chain_id", 42_161],
		[{}, "token", "USDC"],
		[{ token: "EURC" }, "token", "EURC"],
		[{ dialect: "older" }, "chain_id", undefined],
		[{}, "payer_wallet_address", undefined],
		[{ payer: `0x${"aB".repeat(20).toLowerCase()}` }, "payer_wallet_address", `0x${"ab".repeat(20)}`],
	].map(([part, name, as]) => ({
		kind: agentPmtMarket,
		part: part as Record<string, unknown>,
		act: credits,
		shows: (request: HttpRequest) => (name === "host" ? new URL(request.url).origin : body(request)[String(name)]),
		as,
	})),
	{
		kind: agentPmtMarket,
		part: { credentials },
		act: direct,
		shows: body,
		as: { place: "Kiel", _credentials: credentials.weather },
	},
	{ kind: agentPmtMarket, part: { credentials: { other: {} } }, act: direct, shows: body, as: { place: "Kiel" } },
	{
		kind: agentPmtMarket,
		part: { account: "YWNjb3VudDpidWRnZXQ=" },
		make: (field, deps) => new AgentPmtOperations(deps, agentPmtOptions(field, deps)),
		act: (market) => (market as AgentPmtOperations).schedules.due().next(),
		shows: (request) => header(request, "authorization"),
		as: "Bearer YWNjb3VudDpidWRnZXQ=",
	},
	{
		kind: agentPmtMarket,
		part: {},
		act: buy("credits:500", { email: "owner@example.com" }),
		shows: (request) => body(request).email,
		as: "owner@example.com",
	},
	...[
		[{}, "https://api.pactum.cc"],
		[{ gateway: "http://gateway.test" }, "http://gateway.test"],
	].map(([part, as]) => ({
		kind: pactumMarket,
		part: part as Record<string, unknown>,
		act: (market: Market) => pactum.discover((market as Pactum).api).next(),
		shows: ({ url }: HttpRequest) => new URL(url).origin,
		as,
	})),
	...[
		[{}, "https://www.pactum.cc/v1/register"],
		[{ walletService: "http://wallet.test" }, "http://wallet.test/v1/register"],
	].map(([part, as]) => ({
		kind: pactumMarket,
		part: part as Record<string, unknown>,
		act: (market: Market) => pactum.register((market as Pactum).api, "owner@example.com"),
		shows: ({ url }: HttpRequest) => url,
		as,
	})),
	{
		kind: pactumMarket,
		part: { apiKey: "pk_live_of_a_test" },
		act: (market) => balance((market as Pactum).api),
		shows: body,
		as: { api_key: "pk_live_of_a_test" },
	},
	// An order that credit pays begins with its price, one by escrow with the order.
	...[
		[{}, {}, "/market/auth/wallet"],
		[{ paymentMethod: "credit" }, {}, "/market/discover"],
		[{ paymentMethod: "credit" }, { payment_method: "escrow" }, "/market/auth/wallet"],
		[{ paymentMethod: "escrow" }, { payment_method: "credit" }, "/market/discover"],
	].map(([part, input, as]) => ({
		kind: pactumMarket,
		part: { apiKey: "pk_live_of_a_test", ...(part as object) },
		act: buy("item-1", input as object),
		shows: ({ url }: HttpRequest) => new URL(url).pathname,
		as,
	})),
	{
		kind: pactumMarket,
		part: { apiKey: "pk_live_of_a_test", address: shipping },
		answers: [
			[200, { token: "jwt" }],
			[400, { error: "SHIPPING_REQUIRED" }],
		],
		act: buy("item-1"),
		shows: (request) => [request.method, new URL(request.url).pathname, body(request)],
		as: ["PUT", "/market/address", { address: { ...rest, postal_code: postalCode } }],
	},
	...[
		[{}, "authorization", `Bearer ${betaKey}`],
		[{}, "x-pact-agent", undefined],
		[{ slot: 1 }, "x-pact-agent", agentOf(keys, 1)],
		[{ slot: 1 }, "x-pact-project", "micropayer"],
		[{ slot: 1, project: "greenhouse" }, "x-pact-project", "greenhouse"],
		[{}, "x-pact-network", undefined],
		[{ network: "solana-mainnet" }, "x-pact-network", "solana-mainnet"],
	].map(([part, name, as]) => ({
		kind: pactMarket,
		part: { betaKey, ...(part as object) },
		act: buy("dummy/quote"),
		shows: (request: HttpRequest) => header(request, String(name)),
		as,
	})),
	{
		kind: pactMarket,
		part: { betaKey, slot: 1 },
		act: buy("uninsured:PUT dummy/quote", { limit: 1 }),
		shows: (request) => [request.method, new URL(request.url).pathname, header(request, "x-pact-agent")],
		as: ["PUT", "/v1/dummy/quote", undefined],
	},
	...[
		[{}, "https://market.pactnetwork.io", "https://indexer.pactnetwork.io"],
		[{ gateway: "http://a.test", indexer: "http://b.test" }, "http://a.test", "http://b.test"],
	].flatMap(([part, gateway, indexer]) =>
		(["gateway", "indexer"] as const).map((source) => ({
			kind: pactMarket,
			part: { betaKey, ...(part as object) },
			act: (market: Market) => callRecord((market as Pact).client, "call-1", source),
			shows: ({ url }: HttpRequest) => new URL(url).origin,
			as: source === "gateway" ? gateway : indexer,
		})),
	),
	{
		kind: payanAgentMarket,
		part: {},
		act: buy("1"),
		shows: ({ url }) => new URL(url).origin,
		as: "https://payanagent.com",
	},
	{
		kind: payanAgentMarket,
		part: { host: "http://localhost:3000" },
		act: buy("1"),
		shows: ({ url }) => new URL(url).origin,
		as: "http://localhost:3000",
	},
	{
		kind: payanAgentMarket,
		part: { apiKey: "pk_of_a_test", agentId: "agent-1" },
		make: (field, deps) => new PayanAgentOperations(deps, payanAgentOptions(field)),
		act: (market) => (market as PayanAgentOperations).cancel("request-1"),
		shows: (request) => header(request, "authorization"),
		as: "Bearer pk_of_a_test",
	},
];

for (const [index, { kind, part, answers, make, act, shows, as }] of cases.entries()) {
	test(`${index + 1}. ${kind.name} opens with ${Object.keys(part).join(", ") || "no fields"} in its configuration`, async (t) => {
		const { market, seen } = open(kind, part, answers, make);
		await Promise.resolve(act(market)).catch(() => {});
		t.deepEqual(shows(seen.at(-1)!), as);
	});
}

test("the origin that rules name is the host that is requested", (t) => {
	for (const [kind, part, origin] of [
		[agentPmtMarket, {}, "https://www.agentpmt.com"],
		[pactumMarket, { gateway: "https://GATEWAY.test:443" }, "https://gateway.test"],
		[pactMarket, { betaKey }, "https://market.pactnetwork.io"],
		[payanAgentMarket, { host: "http://localhost:3000/" }, "http://localhost:3000"],
	] as const) {
		t.is(open(kind, part).origin, origin);
	}
});

const refused: readonly [kind: MarketKind, part: unknown, message: string][] = [
	[agentPmtMarket, "key", ": expected an object, found something else"],
	[
		agentPmtMarket,
		{ key: 1 },
		'.key: expected one of slot, host, dialect, chainId, token, payer, account, credentials, found "key"',
	],
	[agentPmtMarket, { slot: -1 }, ".slot: expected an integer from 0 to 255, found something else"],
	[
		agentPmtMarket,
		{ host: "market.test" },
		".host: expected an origin without a path, such as https://api.example.com, found something else",
	],
	[agentPmtMarket, { dialect: "latest" }, '.dialect: expected one of "newer", "older", found something else'],
	[agentPmtMarket, { chainId: "8453" }, ".chainId: expected an integer from 1 to 4294967296, found something else"],
	[agentPmtMarket, { token: "DAI" }, '.token: expected one of "USDC", "EURC", found something else'],
	[agentPmtMarket, { payer: "0x12" }, ".payer: expected an address"],
	[
		agentPmtMarket,
		{ account: "two words" },
		".account: expected a secret of 1 to 1024 printable characters, found something else",
	],
	[agentPmtMarket, { credentials: "ya29" }, ".credentials: expected an object, found something else"],
	[
		agentPmtMarket,
		{ credentials: { weather: "ya29" } },
		".credentials.weather: expected an object, found something else",
	],
	[
		agentPmtMarket,
		{ credentials: { weather: { a: 2 ** 53 } } },
		".credentials.weather: expected credentials of texts and numbers below 2^53, 8 levels deep at most, found something else",
	],
	[
		agentPmtMarket,
		{ credentials: { weather: { a: "x".repeat(2_048) } } },
		".credentials.weather: expected JSON of at most 2048 characters, found something else",
	],
	[pactumMarket, { apiKey: "" }, ".apiKey: expected a secret of 1 to 256 printable characters, found something else"],
	[pactumMarket, { walletService: "https://www.pactum.cc/v1" }, ".walletService: expected an origin without a path"],
	[pactumMarket, { network: 8_453 }, ".network: expected a text of 1 to 40 characters, found something else"],
	[pactumMarket, { paymentMethod: "card" }, '.paymentMethod: expected one of "credit", "escrow", found something else'],
	[
		pactumMarket,
		{ address: { ...shipping, city: undefined } },
		".address.city: expected a text of 1 to 64 characters, found nothing",
	],
	[
		pactumMarket,
		{ address: { ...shipping, country: "Germany" } },
		".address.country: expected a text of 1 to 2 characters, found something else",
	],
	[pactMarket, {}, ".betaKey: expected a secret of 1 to 256 printable characters, found nothing"],
	[pactMarket, { betaKey, slot: "1" }, ".slot: expected an integer from 0 to 255, found something else"],
	[pactMarket, { betaKey, project: "" }, ".project: expected a text of 1 to 64 characters, found something else"],
	[
		payanAgentMarket,
		{ apiKey: 1 },
		".apiKey: expected a secret of 1 to 256 printable characters, found something else",
	],
	[payanAgentMarket, { agentId: [] }, ".agentId: expected a text of 1 to 64 characters, found something else"],
];

for (const [index, [kind, part, message]] of refused.entries()) {
	test(`${index + 1}. a configuration is refused: ${kind.name}${message.slice(0, 60)}`, (t) => {
		const error = t.throws(() => open(kind, part), { name: "ConfigurationInvalid" });
		t.true(error.message.startsWith(`markets.${kind.name}${message}`), error.message);
	});
}
