/**
 * Secrets in addresses stay out of events, errors and records: in the owner's configuration, in what a seller or a market
 * answers, in the offers of plans; in user information, query or fragment, and out of their place in a malformed address.
 */
import { randomBytes } from "node:crypto";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { readMarkets } from "../../hal/node/markets.js";
import { parseUrl } from "../../src/http/url.js";
import type { MarketDeps } from "../../src/markets/market.js";
import { NetworkDevice } from "../support/network_device.js";
import { entry, PAY_TO, USDC } from "./fake_seller.js";

const secrets: string[] = [];

function newSecret(): string {
	const secret = `s3cr${randomBytes(8).toString("hex")}`;
	secrets.push(secret);
	return secret;
}

let state = 20_261_128;
function below(count: number): number {
	state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
	return Math.floor((state / 2 ** 32) * count);
}
const oneOf = <T>(choices: readonly T[]): T => choices[below(choices.length)]!;

/** Addresses that hold a secret where addresses hold secrets; most of them are malformed. */
const ADDRESSES: readonly ((secret: string) => string)[] = [
	(secret) => `https://api.example/data?key=${secret}`,
	(secret) => `https://api.example?${secret}`,
	(secret) => `https://api.example/data#${secret}`,
	(secret) => `https://user:${secret}@api.example/data`,
	(secret) => `https://${secret}@api.example/data?key=${secret}#${secret}`,
	(secret) => `https://user:${secret}`,
	(secret) => `http://api.example:${secret}/`,
	(secret) => `http://[${secret}]/`,
	(secret) => `ftp://user:${secret}@api.example/?${secret}`,
	(secret) => `https:/api.example?key=${secret}`,
	(secret) => `//user:${secret}@api.example/?key=${secret}`,
	(secret) => `/data?key=${secret}`,
	(secret) => `?key=${secret}`,
	(secret) => `https://api.example/%zz?key=${secret}`,
	(secret) => `https://api.example/data?key=${secret}%`,
	(secret) => `https://api.example/a b?key=${secret}`,
	(secret) => `https://api.example/..%2f?key=${secret}`,
	(secret) => `https://api.example/${"x".repeat(1_100)}?key=${secret}`,
	(secret) => `https://api.example/?key=${secret}&more=${"x".repeat(5_000)}`,
];
const newAddress = (): string => oneOf(ADDRESSES)(newSecret());

function isSilent(t: ExecutionContext, said: string): void {
	const found = secrets.find((secret) => said.includes(secret));
	t.is(found, undefined, found === undefined ? "" : said.slice(Math.max(0, said.indexOf(found) - 300)).slice(0, 500));
}

test("no message about a malformed address quotes it", (t) => {
	for (const address of ADDRESSES) {
		for (const base of [undefined, parseUrl("https://api.example/a")]) {
			try {
				parseUrl(address(newSecret()), base);
			} catch (error) {
				isSilent(t, String((error as Error).message));
			}
		}
	}
});

const RULE = {
	maxPerPayment: "1000000",
	maxPerWindow: "1000000000",
	maxForLife: "1000000000",
	maxCountPerWindow: 10_000,
	windowSeconds: 86_400,
	maxValiditySeconds: 120,
};

test("no refusal of a configuration quotes an address or an offer", async (t) => {
	const device = new NetworkDevice();
	device.kinds = await readMarkets();
	const plan = { name: "plan", maxAmount: "1" };
	const asset = {
		id: "usdc",
		network: "eip155:84532",
		address: USDC,
		name: "USDC",
		version: "2",
		symbol: "USDC",
		decimals: 6,
	};
	for (const address of ADDRESSES) {
		const at = () => address(newSecret());
		for (const part of [
			{ plans: [{ ...plan, url: at() }] },
			{ plans: [{ ...plan, url: "https://api.example/", headers: { "X-Key": at() } }] },
			{ plans: [{ ...plan, market: "pact", offer: at() }], markets: { pact: { betaKey: "key" } } },
			{ plans: [{ ...plan, market: "pact", offer: at().padEnd(300, "x") }], markets: { pact: { betaKey: "key" } } },
			{ assets: [asset], rules: [{ ...RULE, name: "rule", asset: "usdc", origin: at() }] },
			{ markets: { agentpmt: { host: at() } } },
			{ markets: { payanagent: { host: at() } } },
			{ markets: { pactum: { gateway: at(), walletService: at(), rpc: at() } } },
			{ markets: { pact: { betaKey: "key", gateway: at(), indexer: at() } } },
			{ networks: [{ id: "eip155:1", name: "n", rpc: at() }] },
		]) {
			const networks = [{ id: "eip155:84532", name: "Base Sepolia" }];
			const text = JSON.stringify({ networks, assets: [], rules: [], plans: [], ...part });
			try {
				const { markets } = device.configuration(text);
				for (const kind of device.kinds) {
					const field = markets.get(kind.name);
					if (field !== undefined) kind.open(field, { keys: device.keys } as unknown as MarketDeps);
				}
			} catch (error) {
				isSilent(t, String((error as Error).message));
			}
		}
	}
});

/** Answers anything in some way that an honest seller or market might, with addresses where an answer can have one. */
function answer(response: ServerResponse, url: string): void {
	const words = () =>
		oneOf([newAddress(), `failed: ${newAddress()}, try again`, `cannot read ${url} (${newAddress()})`]);
	const headers: [string, string][] = [["Location", newAddress()]];
	if (below(3) === 0)
		headers.push(["X-Receipt-Id", newAddress()], ["X-Tx-Hash", newAddress()], ["X-Pact-Call-Id", newAddress()]);
	if (below(4) === 0)
		headers.push([
			"Payment-Response",
			Buffer.from(JSON.stringify({ success: false, errorReason: words(), transaction: words() })).toString("base64"),
		]);
	const body = {
		...{
			error: words(),
			message: words(),
			code: words(),
			detail: oneOf<unknown>([words(), [{ loc: ["body"], msg: words() }]]),
		},
		...{ expected_message: words(), fileUrl: newAddress(), reason: words(), status: oneOf(["failed", words()]) },
		...{ session_nonce: "nonce", balance: 1_000, token: "jwt", order_id: "order-1", x402Version: 2 },
		...{ resource: { url: newAddress(), description: words() } },
		tools: [{ slug: "weather", actions: [{ slug: "forecast", credits: 5 }] }],
		items: [{ id: "item-1", item_id: "item-1", price: "0.01", title: words() }],
		accepts: [entry(below(2) === 0 ? {} : { payTo: words(), network: words() })],
	};
	const status = oneOf([200, 201, 301, 307, 400, 401, 402, 402, 402, 403, 404, 409, 422, 429, 500, 502, 503]);
	for (const [name, value] of headers) response.setHeader(name, value.replace(/[^!-~]/g, ""));
	response.writeHead(status, { "Content-Type": "application/json", Connection: "close" });
	response.end(JSON.stringify(body));
}

test("no event of a purchase has a secret of an address, at plain sellers and at all markets", async (t) => {
	const server = createServer((request, response) => {
		request.resume().on("end", () => answer(response, request.url ?? ""));
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	t.teardown(() => server.close());
	const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
	const device = new NetworkDevice();
	device.kinds = await readMarkets();
	device.keys.create(1, "ed25519");
	const token = {
		id: "usdc",
		network: "eip155:84532",
		address: USDC,
		name: "USDC",
		version: "2",
		symbol: "USDC",
		decimals: 6,
	};
	const units = [
		["account:agentpmt", "credit"],
		["account:pact", "usdc"],
		["account:pactum", "usd"],
	] as const;
	const assets = [
		token,
		...units.map(([network, address]) => ({ id: network, network, address, symbol: "U", decimals: 0 })),
	];
	const rules = assets.map(({ id }) => ({
		...{ ...RULE, name: id, origin, asset: id, ...(id === "usdc" ? { payTo: [PAY_TO] } : { methods: ["account"] }) },
	}));
	const markets = {
		agentpmt: { host: origin },
		payanagent: { host: origin },
		pact: { betaKey: "key", slot: 1, gateway: origin, indexer: origin },
		pactum: { apiKey: "key", gateway: origin, walletService: origin },
	};
	const outcomes = new Set<string>();
	for (let run = 0; run < 12; run++) {
		const plan = (name: string, fields: object) => ({ name: `${name} ${run}`, maxAmount: "20000", ...fields });
		const text = JSON.stringify({
			...{ networks: [{ id: "eip155:84532", name: "Base Sepolia" }], assets, rules, markets },
			plans: [
				plan("get", { url: `${origin}/data?key=${newSecret()}#${newSecret()}` }),
				plan("post", {
					url: `${origin}/data?${newSecret()}`,
					method: "POST",
					headers: { "X-Key": newSecret() },
					body: "{}",
				}),
				plan("credits", { market: "agentpmt", offer: "credits:500" }),
				plan("call", { market: "agentpmt", offer: "weather/forecast" }),
				plan("direct", { market: "agentpmt", offer: "x402:weather/forecast" }),
				plan("offer", { market: "payanagent", offer: "data" }),
				plan("pact", { market: "pact", offer: `dummy/quote?key=${newSecret()}` }),
				plan("uninsured", { market: "pact", offer: `uninsured:dummy/quote?key=${newSecret()}` }),
				plan("credit", { market: "pactum", offer: "item-1", input: { payment_method: "credit" } }),
				plan("escrow", { market: "pactum", offer: "item-1", input: { payment_method: "escrow" } }),
			],
		});
		const events = await device.run(text);
		for (const event of events) {
			// What was bought is the owner's, and shown as it is.
			isSilent(t, JSON.stringify({ ...event, data: undefined }));
			if (event.event === "purchase") outcomes.add(String(event.outcome));
		}
		const kept = [...device.flash.entries.values()].map((bytes) => Buffer.from(bytes).toString("latin1"));
		isSilent(t, kept.join("\n"));
	}
	t.log([...outcomes].sort().join(" "));
	t.true(outcomes.size > 15, `${outcomes.size} different outcomes`);
});
