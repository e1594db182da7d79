/** Pactum's client against the local Pactum: every operation, every refusal, and the power cut at every moment. */
import test, { type ExecutionContext } from "ava";
import { Power } from "../../hal/node/power.js";
import { SocketStream } from "../../hal/node/socket_stream.js";
import { createPortableSigner } from "../../modules/signer/portable.js";
import { HttpClient } from "../../src/http/client.js";
import type { HttpResponse } from "../../src/http/response.js";
import type { Connect, Stream } from "../../src/http/stream.js";
import type { Timer } from "../../src/http/timer.js";
import type { MarketMeans } from "../../src/markets/market.js";
import type { PactumOptions } from "../../src/markets/pactum/options.js";
import { Pactum } from "../../src/markets/pactum/pactum.js";
import { termsOf } from "../../src/markets/pactum/shapes.js";
import { decodeRecord, type PurchaseRecord } from "../../src/wallet/record.js";
import type { Rule } from "../../src/wallet/rule.js";
import { Wallet } from "../../src/wallet/wallet.js";
import type { Outcome } from "../../src/x402/client.js";
import { integer, keySeed, MemoryFlash, seeded } from "../agent/device.js";
import { Heard, Keys } from "../secrets.js";
import { type Chain, startChain, usdc } from "../world/chain.js";
import { catalogue, fileContents } from "./pactum/catalogue.js";
import { orderIdOnChain } from "./pactum/escrow.js";
import { type PactumMarket, startPactum } from "./pactum/market.js";

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

const amount = (units: bigint): Uint8Array => Buffer.from(units.toString(16).padStart(64, "0"), "hex");

/** What fails when: each connect, send, receive of bytes and write to flash is one operation. */
class Supply {
	operations = 0;
	isDown = false;
	cut: { readonly at: number; readonly side: "before" | "after" } | undefined;
	readonly failed: Promise<"power cut">;
	#fail: (word: "power cut") => void = () => {};

	constructor() {
		this.failed = new Promise((resolve) => {
			this.#fail = resolve;
		});
	}

	run<T>(operation: () => T, nothing: () => T): T {
		if (this.isDown) return nothing();
		this.operations++;
		const isLast = this.operations === this.cut?.at;
		if (isLast && this.cut?.side === "before") return this.#down(nothing);
		const result = operation();
		return isLast ? this.#down(() => result) : result;
	}

	#down<T>(result: () => T): T {
		this.isDown = true;
		this.#fail("power cut");
		return result();
	}
}

interface Bought {
	readonly outcome: Outcome;
	readonly text: string;
	readonly record: PurchaseRecord | undefined;
}

/** A device whose flash is a Map. What it holds beside is gone at each `boot`. */
class Device {
	readonly market: PactumMarket;
	readonly flash = new MemoryFlash();
	readonly keys = createPortableSigner({ keys: new Keys(), random: seeded(keySeed(1)) });
	readonly options: PactumOptions;
	readonly events: object[] = new Heard();
	/** Of errors and outcomes: all that is said. */
	readonly said: string[] = new Heard();
	readonly waits: number[] = [];
	onWait: (milliseconds: number) => unknown = () => {};
	supply = new Supply();
	period = 0;
	cap = 1_000_000n;
	rpc: Pick<PactumOptions, "rpc"> = {};
	changeRule: (rule: Rule) => Rule = (rule) => rule;
	http!: HttpClient;
	pactum!: Pactum;
	wallet!: Wallet;

	constructor(market: PactumMarket, apiKey: string) {
		this.market = market;
		this.options = {
			apiKey,
			gateway: market.gateway.url,
			walletService: market.wallet.url,
			network: chain.network,
			patience: 120_000,
		};
		this.keys.create(0, "secp256k1");
		this.boot();
	}

	boot(options: PactumOptions = {}): void {
		this.http?.close();
		this.supply.isDown = true;
		const supply = new Supply();
		this.supply = supply;
		// `unref`: a device without power leaves nothing that this process would wait for.
		const timer: Timer = {
			set: (callback, milliseconds) => setTimeout(() => supply.isDown || callback(), milliseconds).unref(),
			clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
		};
		const waiting: Timer = {
			set: (callback, milliseconds) => {
				this.waits.push(milliseconds);
				const wait = async () => {
					await this.onWait(milliseconds);
					if (!supply.isDown) callback();
				};
				return setImmediate(wait);
			},
			clear: () => {},
		};
		const http = new HttpClient({ connect: connectOf(supply), timer, limits: { headerTimeout: 2_000 } });
		const clock = { wall: () => Date.now(), monotonic: () => 0 };
		const { keys } = this;
		const storage = {
			read: (key: string) => this.flash.read(key),
			write: (key: string, bytes: Uint8Array) => supply.run(() => this.flash.write(key, bytes), noPower),
			delete: (key: string) => supply.run(() => this.flash.delete(key), noPower),
		};
		const log = (event: object) => this.events.push(event);
		this.http = http;
		this.pactum = new Pactum(
			{ http, timer: waiting, clock, keys, random: seeded(2), log },
			{ ...this.options, ...this.rpc, ...options },
		);
		const rules = this.rules().map(this.changeRule);
		this.wallet = new Wallet({ clock, random: seeded(3), keys, storage, slot: 0, rules, plans: ["plan"] });
	}

	rules(): Rule[] {
		const common = {
			origin: this.market.gateway.url,
			methods: ["account" as const],
			resource: "/market/buy/",
			maxPerPayment: amount(2_000_000n),
			maxPerWindow: amount(10_000_000n),
			maxForLife: amount(10_000_000n),
			maxCountPerWindow: 100,
			windowSeconds: 3_600,
			maxValiditySeconds: 60,
			payFirst: false,
		};
		const none = { name: "", version: "", decimals: 6 };
		const token = usdc.address.toLowerCase();
		return [
			{
				...common,
				name: "credit",
				asset: { ...none, network: "account:pactum", address: "usd", symbol: "USD" },
				payTo: [],
			},
			{
				...common,
				name: "escrow",
				asset: { ...none, network: chain.network, address: token, symbol: "USDC" },
				payTo: [this.market.escrow.address.toLowerCase()],
			},
		];
	}

	/** As the agent does: goes on with what is open, or buys in the next period. `undefined` when the power was cut. */
	async buy(
		offer: string,
		input: object | "" = "",
		onText: (text: string) => void = () => {},
	): Promise<Bought | undefined> {
		const open = this.wallet.openPurchases()[0];
		const order = {
			plan: "plan",
			period: open?.period ?? ++this.period,
			seller: { origin: this.market.gateway.url, path: `/market/buy/${offer}` },
			cap: amount(this.cap),
			request: new Uint8Array(32),
		};
		const account = this.wallet.account(order, open);
		const payers = { account, x402: this.wallet.purchase(order) };
		let text = "";
		const deliver = async (response: HttpResponse) => {
			text = Buffer.from(await response.bytes(1_000_000)).toString();
			onText(text);
		};
		const wanted = { offer, input: input === "" ? "" : JSON.stringify(input) };
		const buying = this.pactum.buy(wanted, payers, deliver);
		buying.catch(() => {});
		const outcome = await Promise.race([buying, this.supply.failed]).catch((error: Error) => {
			this.said.push(`${error.name} ${error.message} ${error.stack}`);
			if (this.supply.isDown) return "power cut" as const;
			// As the agent does with what was stopped.
			account.abandon(error.name);
			throw error;
		});
		if (outcome === "power cut" || this.supply.isDown) return undefined;
		this.said.push(JSON.stringify(outcome));
		return { outcome, text, record: account.record };
	}

	/** What the ledger's records say, by their sequence. */
	records(): PurchaseRecord[] {
		const keys = [...this.flash.entries.keys()].filter((key) => /^r[0-9]+$/.test(key));
		return keys.map((key) => decodeRecord(this.flash.read(key)!)).sort((a, b) => a.sequence - b.sequence);
	}

	/** Base units that the ledger counts, of all assets. */
	spent(): bigint {
		return this.wallet.spent().reduce((sum, { spent, reserved }) => sum + integer(spent) + integer(reserved), 0n);
	}
}

const noPower = (): never => {
	throw new Error("no power");
};

/** A connection that dies with the power, and says nothing about it. */
function connectOf(supply: Supply): Connect {
	return (options) => {
		const dead: Stream = { read: () => undefined, write: () => {}, close: () => {} };
		const ifAlive =
			<A extends unknown[]>(call: (...all: A) => void) =>
			(...all: A) => {
				if (!supply.isDown) call(...all);
			};
		return supply.run<Stream>(
			() => {
				const stream = new SocketStream(
					{
						...options,
						onReadable: ifAlive((count: number) => options.onReadable(count)),
						onWritable: ifAlive((count: number) => options.onWritable(count)),
						onError: ifAlive((reason?: string) => options.onError(reason)),
					},
					new Power(undefined),
					undefined,
				);
				supply.failed.then(() => setTimeout(() => stream.close(), 20));
				return {
					read: (count) =>
						supply.run(
							() => stream.read(count),
							() => undefined,
						),
					write: (bytes) =>
						supply.run(
							() => stream.write(bytes),
							() => {},
						),
					close: () => stream.close(),
				};
			},
			() => dead,
		);
	};
}

interface Context {
	readonly t: ExecutionContext;
	readonly market: PactumMarket;
	readonly device: Device;
	/** The error that `action` ends with. */
	refusal(action: () => Promise<unknown>): Promise<{ name: string; message: string }>;
}

/** A test with a market and an account of its own, at whose end no secret has got anywhere. */
function pactumTest(
	title: string,
	money: { usdc?: bigint; credit?: bigint },
	body: (context: Context) => Promise<void>,
): void {
	test(title, async (t) => {
		const market = await startPactum(chain);
		t.teardown(market.stop);
		const account = await market.newAccount(money);
		const device = new Device(market, account.apiKey);
		t.teardown(() => device.http.close());
		const refusal = async (action: () => Promise<unknown>) => {
			const error = await t.throwsAsync(action);
			device.said.push(`${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)}`);
			return error;
		};
		await body({ t, market, device, refusal });
		t.deepEqual(market.leaks, []);
		for (const part of [market.gateway, market.wallet, market.files]) t.deepEqual(part.script.left(), []);
		const flash = [...device.flash.entries.values()].map((bytes) => Buffer.from(bytes).toString("latin1"));
		const all = [JSON.stringify(device.events), ...device.said, ...flash].join("\n");
		for (const secret of market.secrets()) t.false(all.includes(secret), "a secret was said or stored");
	});
}

const paths = (market: PactumMarket): string[] =>
	[...market.gateway.requests, ...market.wallet.requests].map(({ method, path }) => `${method} ${path}`);
const ofPath = (market: PactumMarket, path: string) =>
	[...market.gateway.requests, ...market.wallet.requests].filter((request) => request.path === path);
const json = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString());

async function collect<T>(list: AsyncIterable<T>, most = 1_000): Promise<T[]> {
	const all: T[] = [];
	for await (const one of list) {
		all.push(one);
		if (all.length === most) break;
	}
	return all;
}

// Provisioning

pactumTest("register, verify, recover: a person reads the code", {}, async ({ t, market, device, refusal }) => {
	const email = "device@example.com";
	device.boot({ apiKey: "" });
	await device.pactum.register(email);
	const wrong = market.mailedCode(email) === "111111" ? "222222" : "111111";
	t.is((await refusal(() => device.pactum.verify(email, wrong))).name, "CodeRefused");
	const { apiKey, wallet } = await device.pactum.verify(email, market.mailedCode(email)!);
	t.regex(apiKey, /^pk_live_/);
	t.regex(wallet, /^0x[0-9a-f]{40}$/);
	t.is((await refusal(() => device.pactum.balance())).name, "ApiKeyMissing");

	device.boot({ apiKey });
	t.deepEqual(await device.pactum.balance(), { balance: "0.00", frozen: "0.00", available: "0.00" });
	await device.pactum.register(email);
	const recovered = await device.pactum.recover(email, market.mailedCode(email)!);
	t.is(recovered.wallet, wallet);
	t.not(recovered.apiKey, apiKey);
	device.boot({ apiKey });
	const dead = await refusal(() => device.pactum.balance());
	t.is(dead.name, "ApiKeyRefused");
	t.regex(dead.message, /401.*recover/);

	await device.pactum.register(email);
	market.clock.advance(5 * 60);
	const late = await refusal(() => device.pactum.recover(email, market.mailedCode(email)!));
	t.is(late.name, "CodeRefused");
	t.regex(late.message, /expired.*5 minutes/);
	t.is((await refusal(() => device.pactum.register("nobody"))).name, "RequestRefused");
	market.wallet.script.next("/v1/register", { name: "answer", status: 503 });
	t.is((await refusal(() => device.pactum.register(email))).name, "AnswerUnexpected");
});

pactumTest(
	"a refusal that repeats the code does not get it into the error",
	{},
	async ({ t, market, device, refusal }) => {
		const email = "device@example.com";
		await device.pactum.register(email);
		const code = market.mailedCode(email)!;
		const body = {
			error: "INVALID_REQUEST",
			message: `The code ${code} of ${device.options.apiKey} has\u001b[2J expired`,
		};
		market.wallet.script.next("/v1/verify", { name: "answer", status: 400, body });
		const error = await refusal(() => device.pactum.verify(email, code));
		t.regex(error.message, /The code … of … has \[2J expired/);
	},
);

// Browsing

pactumTest("discover: all parameters, page after page", {}, async ({ t, market, device }) => {
	const { pactum } = device;
	const search = { q: "sensor", tags: ["sensor"], type: "digital", max_price: 0.05, sort: "price_desc" } as const;
	const seller = catalogue[9]!.seller;
	const found = await collect(pactum.discover({ ...search, seller, limit: 7, offset: 3 }));
	t.deepEqual(
		found.map(({ id }) => id),
		Array.from({ length: 48 }, (_, i) => `item-sensor-${String(47 - i).padStart(3, "0")}`),
	);
	const pages = ofPath(market, "/market/discover").map(({ body }) => json(body));
	t.deepEqual(pages[1], { ...search, seller, limit: 7, offset: 10 });
	t.is(pages.length, 7, "48 items in pages of 7");
	t.true(market.gateway.requests.every(({ headers }) => headers.authorization === undefined));
	t.is((await collect(pactum.discover({}))).length, catalogue.length);
	t.deepEqual(await collect(pactum.discover({ q: "nothing has this" })), []);
	const [item] = await collect(pactum.discover({ q: "whale trades" }));
	t.deepEqual(item, {
		id: "item-paid",
		name: "Whale trades",
		price: "0.01",
		needsQuery: true,
		needsShipping: false,
		queryFormat: "<symbol> <what> by exchange",
		exampleQueries: ["BTC open interest by exchange"],
		features: ["open interest", "whale trading"],
	});
});

pactumTest("find and quote; a price is text whichever way it comes", {}, async ({ t, market, device, refusal }) => {
	const { pactum } = device;
	const before = market.gateway.requests.length;
	t.deepEqual(
		(await collect(pactum.find("sensor"), 2)).map(({ id }) => id),
		["item-sensor-000", "item-sensor-001"],
	);
	t.is(market.gateway.requests.length, before + 1, "one page is enough for two");
	t.like(await pactum.quote("item-postcard"), { id: "item-postcard", price: "1.5", needsShipping: true });
	t.like(await pactum.quote("item-sensor-129"), { price: "0.129" }, "on the second page");
	market.variant.price = "string";
	t.like(await pactum.quote("item-text"), { price: "0.001234" });
	t.like(await pactum.quote("item-free"), { price: "0.00" });
	t.is((await refusal(() => pactum.quote("item-none"))).name, "NotFound");
	for (const price of [1e-7, "1e3", "-1", null, "0x1", ""]) {
		const body = { items: [{ item_id: "item-odd", name: "Odd", price }] };
		market.gateway.script.next("/market/discover", { name: "answer", status: 200, body });
		t.is((await refusal(() => pactum.quote("item-odd"))).name, "PriceMalformed");
	}
	market.gateway.script.next("/market/discover", {
		name: "answer",
		status: 200,
		body: { items: [{ item_id: "../x", price: 1 }] },
	});
	t.is((await refusal(() => pactum.quote("../x"))).name, "IdMalformed");
});

pactumTest("agents: each is read, not all that it sells", {}, async ({ t, device }) => {
	t.deepEqual(await collect(device.pactum.agents()), [
		{ wallet: "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", name: "Funding Rates Ltd", rating: 4.8 },
		{ wallet: "0x90f79bf6eb2c4f870365e785982e1f101e93b906", name: "Orbit Pictures", rating: 4.1 },
		{ wallet: "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65", name: "", rating: undefined },
	]);
});

// Tokens, waits, answers

pactumTest("a token is asked for once, and once more on a 401", {}, async ({ t, market, device, refusal }) => {
	const { pactum } = device;
	const tokens = () => ofPath(market, "/market/auth/wallet").length;
	await pactum.balance();
	await pactum.balance();
	t.is(tokens(), 1);
	market.expireTokens();
	await pactum.balance();
	t.is(tokens(), 2);
	market.clock.advance(8 * 86_400);
	await collect(pactum.orders());
	t.is(tokens(), 3);
	const refused = { name: "answer", status: 401, body: { error: "AUTH_FAILED" } } as const;
	market.gateway.script.next("/market/credit/balance", refused, { times: 2 });
	t.is((await refusal(() => pactum.balance())).name, "TokenRefused");
	t.is(tokens(), 4);
	await pactum.balance();
	t.is(tokens(), 4, "the last one was good after all");
	for (const token of ["two words", "", 5, null, "\u00e9"]) {
		market.expireTokens();
		market.gateway.script.next("/market/auth/wallet", { name: "answer", status: 200, body: { token } });
		t.is((await refusal(() => pactum.balance())).name, "AnswerMalformed", String(token));
	}
	device.boot({ apiKey: "pk_live_of_nobody" });
	t.is((await refusal(() => device.pactum.balance())).name, "ApiKeyRefused");
});

pactumTest(
	"429 is waited for, 5xx and silence asked again where that costs nothing",
	{},
	async ({ t, market, device, refusal }) => {
		const { pactum, waits } = device;
		const { script } = market.gateway;
		const path = "/market/credit/balance";
		script.next(path, { name: "answer", status: 429, headers: { "retry-after": "7" } });
		script.next(path, { name: "answer", status: 502, body: "bad gateway" });
		script.next(path, { name: "wire", at: "body", does: "close" });
		await pactum.balance();
		t.deepEqual(waits.splice(0), [7_000, 1_000, 2_000]);
		script.next(path, { name: "answer", status: 503 }, { times: 4 });
		t.is((await refusal(() => pactum.balance())).name, "AnswerUnexpected");
		t.deepEqual(waits.splice(0), [500, 1_000, 2_000]);
		script.next(path, { name: "answer", status: 429, headers: { "retry-after": "3600" } });
		t.is((await refusal(() => pactum.balance())).name, "RateLimited");
		t.deepEqual(waits.splice(0), [], "an hour is not waited for");
		script.next(path, { name: "answer", status: 200, body: "<html>" });
		t.is((await refusal(() => pactum.balance())).name, "ListMissing");
		script.next("/market/credit/topup", { name: "answer", status: 500 });
		t.is((await refusal(() => pactum.topup("5", "stripe"))).name, "AnswerUnexpected");
		script.next("/market/credit/topup", { name: "answer", status: 429 });
		t.regex(await pactum.topup("5", "stripe"), /^http/);
	},
);

// Free

pactumTest("free: the order, and its result", {}, async ({ t, market, device, refusal }) => {
	const bought = await device.buy("item-free");
	t.deepEqual(bought!.outcome, { state: "delivered", outcome: "free", detail: "", transaction: "" });
	t.like(JSON.parse(bought!.text), { status: "completed", result: catalogue[0]!.result });
	t.is(bought!.record, undefined);
	t.deepEqual(paths(market), [
		"POST /market/auth/wallet",
		"POST /market/buy/item-free",
		"GET /market/orders/00000000-0000-4000-8000-000000000001",
		"GET /market/orders/00000000-0000-4000-8000-000000000001",
	]);
	t.is((await refusal(() => device.buy("item-free-query"))).name, "FieldMissing");
	const asked = await device.buy("item-free-query", { query: "BTC π 🐋" });
	t.is((await market.order(json(Buffer.from(asked!.text)).order_id as string)).query, "BTC π 🐋");
	t.is((await device.buy("item-free", { payment_method: "credit" }))!.outcome.outcome, "free", "whatever is to pay");
	t.is(device.spent(), 0n);
	t.is((await refusal(() => device.buy("item-none"))).name, "NotFound");
	t.is((await refusal(() => device.buy("../x"))).name, "IdMalformed");
	for (const input of [[], { query: 5 }, { payment_method: "card" }, { file: "yes" }]) {
		t.is((await refusal(() => device.buy("item-free", input))).name, "InputMalformed");
	}
	market.gateway.script.next("/market/buy/item-free", {
		name: "answer",
		status: 400,
		body: { error: "QUOTA_EXCEEDED" },
	});
	t.is((await refusal(() => device.buy("item-free"))).name, "QuotaExceeded");
});

pactumTest("free, and failing: tried three times again, then given up", {}, async ({ t, market, device }) => {
	const free = { ...catalogue.find(({ item_id }) => item_id === "item-broken")!, price: 0n };
	market.items.push(
		{ ...free, item_id: "item-broken-free" },
		{ ...free, item_id: "item-flaky-free", fulfilment: { failures: 3 } },
	);
	t.like((await device.buy("item-broken-free"))!.outcome, { state: "refused", outcome: "failed" });
	t.like((await device.buy("item-flaky-free"))!.outcome, { state: "delivered", outcome: "free" });
});

// Credit

const credit = { payment_method: "credit" } as const;

pactumTest(
	"credit: the price is looked up, the budget taken, the order followed",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		const bought = await device.buy("item-paid", { query: "BTC", ...credit });
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.like(bought!.record, {
			state: "delivered",
			rule: "credit",
			network: "account:pactum",
			asset: "usd",
			outcome: "paid",
		});
		t.is(integer(bought!.record!.amount), 10_000n);
		t.is(bought!.record!.progress.length, 0);
		t.is(device.spent(), 10_000n);
		t.like(await device.pactum.balance(), { balance: "1.00", frozen: "0.01" });
		const order = JSON.parse(bought!.text).order_id;
		await device.pactum.confirm(order);
		t.like(await device.pactum.balance(), { balance: "0.99", frozen: "0.00" });
		t.is((await device.pactum.order(order)).status, "completed");
		t.deepEqual(
			ofPath(market, "/market/buy/item-paid").map(({ body }) => json(body)),
			[{ query: "BTC", payment_method: "credit" }],
		);
		market.variant.price = "string";
		t.like((await device.buy("item-text", credit))!.outcome, { state: "delivered" });
		t.is(device.spent(), 11_234n);
	},
);

pactumTest(
	"credit: what is refused before and by the market",
	{ credit: 1_000n },
	async ({ t, market, device, refusal }) => {
		t.is((await refusal(() => device.buy("item-paid", credit))).name, "FieldMissing");
		device.cap = 9_999n;
		t.is((await refusal(() => device.buy("item-paid", { query: "x", ...credit }))).name, "OverPlanCap");
		device.cap = 2_000_000n;
		t.deepEqual(ofPath(market, "/market/buy/item-paid"), [], "none of these was asked for");
		const poor = await device.buy("item-paid", { query: "x", ...credit });
		t.like(poor!.outcome, { state: "refused", outcome: "FundsTooLow" });
		t.regex(poor!.outcome.detail, /top up/);
		t.like((await device.buy("item-postcard", credit))!.outcome, {
			state: "refused",
			outcome: "ShippingAddressMissing",
		});
		const { script } = market.gateway;
		const path = "/market/buy/item-paid";
		const buy = async () => (await device.buy("item-paid", { query: "x", ...credit }))!.outcome.outcome;
		script.next(path, { name: "answer", status: 400, body: { error: "QUOTA_EXCEEDED" } });
		t.is(await buy(), "QuotaExceeded");
		script.next(path, { name: "answer", status: 402, body: {} });
		t.is(await buy(), "order_unknown", "terms that cannot be read are no refusal");
		script.next(path, { name: "answer", status: 403 });
		t.is(await buy(), "RequestRefused");
		script.next(path, { name: "answer", status: 404, body: { error: "NOT_FOUND" } });
		t.is(await buy(), "NotFound");
		script.next(path, { name: "answer", status: 401 }, { times: 2 });
		t.is(await buy(), "TokenRefused");
		script.next(path, { name: "answer", status: 429, headers: { "retry-after": "1" } }, { times: 4 });
		t.is(await buy(), "RateLimited");
		t.deepEqual(await collect(device.pactum.orders()), []);
		device.changeRule = (rule) => ({ ...rule, origin: "https://elsewhere.example" });
		device.boot();
		t.is((await refusal(() => device.buy("item-text", credit))).name, "NoRule");
	},
);

pactumTest(
	"credit: an answer that is lost is looked for in the list, never asked for again",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		const { script } = market.gateway;
		const path = "/market/buy/item-text";
		await device.buy("item-text", credit);
		await device.buy("item-free");
		for (const step of [
			{ name: "wire", at: "answer", does: "reset" },
			{ name: "wire", at: "headers", does: "close" },
			{ name: "wire", at: "body", does: "reset" },
			{ name: "answer", status: 502, at: "answer" },
			{ name: "answer", status: 200, body: "OK", at: "answer" },
			{ name: "answer", status: 200, body: { order_id: "../.." }, at: "answer" },
			{ name: "wire", at: "answer", does: "silence" },
		] as const) {
			const before = ofPath(market, path).length;
			script.next(path, step);
			const bought = await device.buy("item-text", credit);
			t.like(bought!.outcome, { state: "delivered", outcome: "paid" }, JSON.stringify(step));
			t.is(ofPath(market, path).length, before + 1);
		}
		t.is(device.spent(), 8n * 1_234n);
		t.like(await device.pactum.balance(), { frozen: "0.009872" });

		device.waits.length = 0;
		script.next(path, { name: "wire", at: "request", does: "reset" });
		const unknown = await device.buy("item-text", credit);
		t.like(unknown!.outcome, { state: "unknown", outcome: "order_unknown" });
		t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
		t.is(device.spent(), 9n * 1_234n, "the budget stays taken");
		t.like(await device.pactum.balance(), { frozen: "0.009872" });

		// Somebody else buys the same with the same account in between: nobody can tell whose is whose.
		script.next(path, { name: "answer", status: 500, at: "answer" });
		const token = ofPath(market, path).at(-1)!.headers.authorization!;
		const other = {
			method: "POST",
			headers: { authorization: token, "content-type": "application/json" },
			body: JSON.stringify(credit),
		};
		script.next("/market/orders", { name: "answer", status: 500 }, { when: () => ofPath(market, path).length === 10 });
		device.onWait = async () => {
			device.onWait = () => {};
			await fetch(market.gateway.url + path, other);
		};
		t.like((await device.buy("item-text", credit))!.outcome, { state: "unknown", outcome: "order_unknown" });
	},
);

pactumTest(
	"credit: a price that rises after the look at it counts as it is",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const index = market.items.findIndex(({ item_id }) => item_id === "item-text");
		const item = market.items[index]!;
		const discover = market.gateway.script;
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: 0.001 }] },
		});
		t.is((await device.buy("item-text", credit))!.outcome.outcome, "paid");
		t.is(device.spent(), 1_234n);
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: "0.5" }] },
		});
		t.is((await device.buy("item-text", credit))!.outcome.outcome, "paid");
		t.is(device.spent(), 501_234n, "less than was taken gives nothing back");
		market.items[index] = { ...item, price: 0n };
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: 0 }] },
		});
		market.items[index] = item;
		t.is((await refusal(() => device.buy("item-text", credit))).name, "PriceChanged");
		discover.next("/market/discover", {
			name: "answer",
			status: 200,
			body: { items: [{ item_id: "item-text", price: 0.0000012 }] },
		});
		t.is((await refusal(() => device.buy("item-text", credit))).name, "PriceMalformed");
		t.is(device.spent(), 501_234n);
	},
);

// Escrow

pactumTest("escrow: 402, deposit, proof, result", { usdc: 1_000_000n }, async ({ t, market, device }) => {
	const bought = await device.buy("item-paid", { query: "BTC whale trades" });
	t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
	const { order_id, tx_hash } = JSON.parse(bought!.text);
	t.is(bought!.outcome.transaction, tx_hash);
	t.like(bought!.record, { state: "delivered", rule: "escrow", network: chain.network, transaction: tx_hash });
	t.like(await market.escrow.order(order_id), { amount: 10_000n, status: "pending" });
	t.deepEqual(paths(market), [
		"POST /market/auth/wallet",
		"POST /market/buy/item-paid",
		"POST /market/buy/item-paid",
		`GET /market/orders/${order_id}`,
		`GET /market/orders/${order_id}`,
		"POST /v1/escrow-deposit",
	]);
	const [deposit] = ofPath(market, "/v1/escrow-deposit");
	t.is(deposit!.headers.authorization, `Bearer ${device.options.apiKey}`);
	t.deepEqual(json(deposit!.body), {
		escrow_contract: market.escrow.address.toLowerCase(),
		usdc_contract: usdc.address.toLowerCase(),
		order_id_bytes32: orderIdOnChain(order_id),
		seller: catalogue[0]!.seller,
		amount: 0.01,
	});
	await device.pactum.confirm(order_id);
	t.like(await market.escrow.order(order_id), { status: "released" });
	t.is(device.spent(), 10_000n);
});

pactumTest(
	"escrow: the vector of an order's name on the chain",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const order_id = "123e4567-e89b-12d3-a456-426614174000";
		const hash = "0xb77d58f5e08a1d2c2d5d335ce973aa4c48c1c3b91dc2e11da40e81ba50b47179";
		market.nextOrderIds.push(order_id);
		market.variant.bytes32Prefix = false;
		market.variant.depositField = "tx_hash";
		t.is((await device.buy("item-text"))!.outcome.outcome, "paid");
		t.is(json(ofPath(market, "/v1/escrow-deposit")[0]!.body).order_id_bytes32, hash);
		t.is(ofPath(market, "/v1/escrow-deposit")[0]!.body.includes('"amount":0.001234}'), true);
		const escrow = {
			contract: `0x${"c".repeat(40)}`,
			usdc_contract: `0x${"D".repeat(40)}`,
			order_id_bytes32: hash.toUpperCase().replace("X", "x"),
		};
		const recipient = `0x${"a".repeat(40)}`;
		const terms = termsOf({ order_id, recipient, amount_units: "1", escrow }, device.keys);
		t.is(terms.orderHash, hash);
		t.is(terms.token, `0x${"d".repeat(40)}`);
		for (const [wrong, name] of [
			[{ amount_units: 0 }, "AnswerMalformed"],
			[{ amount_units: 1.5 }, "AnswerMalformed"],
			[{ amount_units: -1 }, "AnswerMalformed"],
			[{ recipient: "0x1" }, "AnswerMalformed"],
			[{ escrow: null }, "OrderHashMismatch"],
			[{ escrow: { ...escrow, contract: "" } }, "AnswerMalformed"],
			[{ escrow: { ...escrow, usdc_contract: 5 } }, "AnswerMalformed"],
			[{ order_id: `${order_id}0` }, "OrderHashMismatch"],
			[{ order_id: "" }, "IdMalformed"],
		] as const)
			t.throws(() => termsOf({ order_id, recipient, amount_units: 1, escrow, ...wrong }, device.keys), { name });
	},
);

pactumTest(
	"escrow: terms that the rules do not name are not paid",
	{ usdc: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const buy = async () => (await refusal(() => device.buy("item-text"))).name;
		market.variant.escrow = { order_id_bytes32: orderIdOnChain("another order") };
		t.is(await buy(), "OrderHashMismatch");
		market.variant.escrow = { contract: `0x${"1".repeat(40)}` };
		t.is(await buy(), "PayToNotPinned");
		market.variant.escrow = { usdc_contract: `0x${"2".repeat(40)}` };
		t.is(await buy(), "NoRule");
		market.variant.escrow = {};
		market.variant.terms = { amount_units: 2_000_001 };
		device.cap = 10_000_000n;
		t.is(await buy(), "OverPaymentCap");
		device.cap = 1_000n;
		market.variant.terms = {};
		t.is(await buy(), "OverPlanCap");
		device.cap = 1_000_000n;
		device.changeRule = (rule) => ({ ...rule, payTo: [] });
		device.boot();
		const unpinned = await refusal(() => device.buy("item-text"));
		t.is(unpinned.name, "PayToNotPinned");
		t.regex(unpinned.message, /payTo/);
		device.changeRule = (rule) => rule;
		device.boot({ network: "eip155:1" });
		t.is(await buy(), "NoRule");
		t.deepEqual(ofPath(market, "/v1/escrow-deposit"), []);
		t.is(device.spent(), 0n);
	},
);

pactumTest("escrow: what the hosted wallet refuses costs nothing", { usdc: 1_000n }, async ({ t, market, device }) => {
	const path = "/v1/escrow-deposit";
	const poor = await device.buy("item-text");
	t.like(poor!.outcome, { state: "refused", outcome: "FundsTooLow" });
	t.regex(poor!.outcome.detail, /Insufficient balance: 0\.001 USDC/);
	market.wallet.script.next(path, { name: "answer", status: 401 });
	t.like((await device.buy("item-text"))!.outcome, { state: "refused", outcome: "ApiKeyRefused" });
	market.wallet.script.next(path, { name: "answer", status: 429 });
	t.like((await device.buy("item-text"))!.outcome, { state: "refused", outcome: "FundsTooLow" }, "after a wait");
	t.is(ofPath(market, path).length, 4);
});

pactumTest(
	"escrow: a deposit whose answer is lost is not made again",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const path = "/v1/escrow-deposit";
		let deposits = 0;
		for (const [step, isMade] of [
			[{ name: "wire", at: "answer", does: "reset" }, true],
			[{ name: "wire", at: "request", does: "reset" }, false],
			[{ name: "answer", status: 504, at: "answer" }, true],
			[{ name: "answer", status: 200, body: { status: "completed" }, at: "answer" }, true],
			[{ name: "answer", status: 200, body: { deposit_tx: "0x12" }, at: "answer" }, true],
			[{ name: "answer", status: 500 }, false],
		] as const) {
			device.waits.length = 0;
			market.wallet.script.next(path, step);
			const lost = await device.buy("item-text");
			t.like(lost!.outcome, { state: "unknown", outcome: "deposit_unknown" });
			t.is(ofPath(market, path).length, ++deposits);
			t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000]);
			const order = (await collect(device.pactum.orders()))[0]!;
			t.true(lost!.outcome.detail.includes(order.id), "a person can look for it");
			t.is((await market.escrow.order(order.id)) !== undefined, isMade);
		}
		t.is(device.spent(), 6n * 1_234n);
		// Where the owner has named a node of the chain, the transaction is found and proven.
		device.boot({ rpc: chain.rpcUrl });
		market.wallet.script.next(path, { name: "answer", status: 504, at: "answer" });
		t.like((await device.buy("item-text"))!.outcome, { state: "delivered", outcome: "paid" });
		market.wallet.script.next(path, { name: "wire", at: "request", does: "reset" });
		t.like((await device.buy("item-text"))!.outcome, { state: "unknown", outcome: "deposit_unknown" });
		device.boot();
		// A market that watches its escrow says so itself.
		market.wallet.script.next(path, { name: "answer", status: 504, at: "answer" });
		device.onWait = async () => {
			const [order] = await collect(device.pactum.orders());
			await market.deliver(order!.id, "seen");
		};
		const seen = await device.buy("item-text");
		t.like(seen!.outcome, { state: "delivered" });
		t.like(JSON.parse(seen!.text), { result: "seen" });
	},
);

pactumTest(
	"escrow: the proof is sent until it is taken, with the same hash",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const path = "/market/buy/item-text";
		const { script } = market.gateway;
		const when = (request: { headers: object }) => "x-payment-proof" in request.headers;
		for (const repeatedProof of ["accepted", "refused"] as const) {
			market.variant.repeatedProof = repeatedProof;
			for (const steps of [
				[{ name: "wire", at: "answer", does: "reset" }],
				[{ name: "wire", at: "request", does: "reset" }],
				[{ name: "answer", status: 400, body: { error: "INVALID_REQUEST", message: "not found yet" } }],
				[
					{ name: "answer", status: 400 },
					{ name: "answer", status: 400 },
					{ name: "answer", status: 404 },
				],
				[{ name: "answer", status: 401 }],
				[
					{ name: "answer", status: 401 },
					{ name: "answer", status: 401 },
				],
				[
					{ name: "answer", status: 500 },
					{ name: "answer", status: 502, at: "answer" },
				],
				[{ name: "wire", at: "answer", does: "silence" }],
			] as const) {
				const seen = ofPath(market, path).length;
				const deposits = ofPath(market, "/v1/escrow-deposit").length;
				for (const step of steps) script.next(path, step, { when });
				const bought = await device.buy("item-text");
				t.like(bought!.outcome, { state: "delivered", outcome: "paid" }, JSON.stringify(steps));
				const proofs = ofPath(market, path)
					.slice(seen)
					.flatMap(({ payment }) => payment ?? []);
				t.true(proofs.length >= 2);
				t.deepEqual([...new Set(proofs)], [bought!.outcome.transaction]);
				t.is(ofPath(market, "/v1/escrow-deposit").length, deposits + 1);
			}
		}
		const [order] = await collect(device.pactum.orders());
		market.variant.repeatedProof = "accepted";
		t.is(await device.pactum.prove("item-text", order!.id, (await market.order(order!.id)).proof!), "delivered");
	},
);

// Following

pactumTest(
	"an order is looked at less and less often, until it is delivered",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		let waited = 0;
		device.onWait = async (milliseconds) => {
			waited += milliseconds;
			const [order] = await collect(device.pactum.orders());
			if (waited === 3_000) await market.process(order!.id);
			if (waited === 61_000) await market.deliver(order!.id, { content: "the report" });
		};
		device.waits.length = 0;
		const bought = await device.buy("item-report", credit);
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.like(JSON.parse(bought!.text), { result: { content: "the report" } });
		t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000]);
		const waiting = device.events.filter((event) => (event as { event: string }).event === "waiting");
		t.deepEqual(
			waiting.map((event) => (event as { status: string }).status),
			["paid", "processing"],
		);
	},
);

pactumTest(
	"an order that fails is tried again three times, then disputed",
	{ usdc: 1_000_000n, credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const retries = () => paths(market).filter((path) => path.endsWith("/retry")).length;
		const flaky = await device.buy("item-flaky");
		t.like(flaky!.outcome, { state: "delivered", outcome: "paid" });
		t.is(retries(), 2);
		for (const input of ["", credit] as const) {
			const before = retries();
			const broken = await device.buy("item-broken", input);
			t.like(broken!.outcome, { state: "unknown", outcome: "disputed" });
			t.is(retries(), before + 3);
		}
		const [order] = await collect(device.pactum.orders());
		t.like(order, { status: "disputed", item: "item-broken", amount: "0.03" });
		t.is((await refusal(() => device.pactum.retry(order!.id))).name, "RequestRefused");
		t.is(device.spent(), 80_000n, "what the market may give back was spent all the same");

		// The request is at fault: to try again is no use.
		device.onWait = async () => {
			const [{ id }] = (await collect(device.pactum.orders())) as unknown as [{ id: string }];
			await market.fail(id);
			(await market.order(id)).result = { error: "Invalid request: no such symbol" };
		};
		const before = retries();
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
		t.is(retries(), before);
	},
);

pactumTest(
	"no retries left: disputed at once; a lost retry is no new one",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		let id = "";
		device.onWait = async () => {
			if (id !== "") return;
			id = (await collect(device.pactum.orders()))[0]!.id;
			await market.fail(id);
			(await market.order(id)).retriesLeft = 0;
			t.is((await refusal(() => device.pactum.retry(id))).name, "NoRetriesLeft");
			// As if the market did not say how many are left.
			const { status } = await market.order(id);
			market.gateway.script.next(`/market/orders/${id}`, {
				name: "answer",
				status: 200,
				body: { order_id: id, status },
			});
		};
		t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
		// It says that there are none left; it does not stop at three by itself.
		for (const [left, expected] of [
			[0, 0],
			[100, 3],
		] as const) {
			id = "";
			device.onWait = async () => {
				if (id !== "") return;
				id = (await collect(device.pactum.orders()))[0]!.id;
				const order = await market.order(id);
				await market.fail(id);
				Object.assign(order, { retriesLeft: left, failuresLeft: 100 });
			};
			t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
			t.is(ofPath(market, `/market/orders/${id}/retry`).length, expected);
		}
		let isLost = false;
		device.onWait = async () => {
			const [order] = await collect(device.pactum.orders());
			if (order!.status === "failed" && !isLost) {
				isLost = true;
				market.gateway.script.next(`/market/orders/${order!.id}/retry`, { name: "wire", at: "answer", does: "reset" });
			}
		};
		t.like((await device.buy("item-flaky", credit))!.outcome, { state: "delivered" });
		t.true(isLost);
	},
);

pactumTest("refunded, disputed, gone, or not there in time", { credit: 1_000_000n }, async ({ t, market, device }) => {
	const after = (change: (id: string) => Promise<unknown>) => {
		device.onWait = async () => {
			device.onWait = () => {};
			await change((await collect(device.pactum.orders()))[0]!.id);
		};
	};
	after((id) => market.resolve(id, "buyer"));
	t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "refunded" });
	after((id) => device.pactum.dispute(id, "wrong data"));
	t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "disputed" });
	after(async (id) => market.gateway.script.next(`/market/orders/${id}`, { name: "answer", status: 404, body: {} }));
	t.like((await device.buy("item-report", credit))!.outcome, { state: "unknown", outcome: "NotFound" });
	device.onWait = () => {};
	device.waits.length = 0;
	const late = await device.buy("item-report", credit);
	t.like(late!.outcome, { state: "unknown", outcome: "not_delivered_yet" });
	t.deepEqual(device.waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
	t.is(device.spent(), 1_000_000n);
});

pactumTest(
	"what is delivered: cut short it is fetched again, refused by the sink it is not",
	{ credit: 1_000_000n },
	async ({ t, market, device }) => {
		let cuts = 0;
		device.onWait = () => {};
		market.nextOrderIds.push("cut-me");
		const cut = { name: "wire", at: "body", does: "reset" } as const;
		const when = () => ++cuts >= 2;
		market.gateway.script.next("/market/orders/cut-me", cut, { times: 2, when });
		t.like((await device.buy("item-text", credit))!.outcome, { state: "delivered", outcome: "paid" });
		const full = await device.buy("item-text", credit, () => {
			throw Object.assign(new Error("the sink is full"), { name: "SinkFull" });
		});
		t.like(full!.outcome, { state: "unknown", outcome: "SinkFull" });
		t.is(device.spent(), 2n * 1_234n);
	},
);

pactumTest(
	"file: from another host, which gets no token",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		const bought = await device.buy("item-file", { ...credit, file: true });
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.is(bought!.text, fileContents.toString());
		t.deepEqual(Object.keys(market.files.requests[0]!.headers).sort(), ["accept-encoding", "host"]);
		const [order] = await collect(device.pactum.orders());
		const path = `/market/orders/${order!.id}/file`;
		const { script } = market.gateway;
		const file = async () => (await device.pactum.file(order!.id)).bytes(100_000);
		t.deepEqual(Buffer.from(await file()), fileContents);
		script.next(path, {
			name: "answer",
			status: 302,
			headers: { location: `${market.files.url}/deliveries/x/y?signature=0` },
		});
		t.is((await refusal(file)).name, "AnswerUnexpected");
		for (const location of ["", "not an address", "ftp://x/y", "/relative"]) {
			script.next(path, { name: "answer", status: 302, headers: { location } });
			t.is((await refusal(file)).name, "AnswerMalformed", location);
		}
		script.next(path, { name: "answer", status: 200, body: "the file itself?" });
		t.is((await refusal(file)).name, "AnswerUnexpected");
		const none = await device.buy("item-free", { file: true });
		t.like(none!.outcome, { state: "unknown", outcome: "NotFound" });
		// The host has a bad moment: its address is asked for again.
		const stale = {
			name: "answer",
			status: 302,
			headers: { location: `${market.files.url}/deliveries/x/y?signature=0` },
		} as const;
		market.nextOrderIds.push("stale");
		script.next("/market/orders/stale/file", stale);
		t.is((await device.buy("item-file", { ...credit, file: true }))!.text, fileContents.toString());
	},
);

test("file: not from an address without TLS, when the market has it", async (t) => {
	const redirect = (location: string) => ({
		status: 302,
		headers: { get: () => location },
		url: { scheme: "https" },
		discard: async () => {},
	});
	const token = () => new Response('{"token":"t"}').body!.getReader();
	const http = {
		request: async ({ url }: { url: string }) => {
			if (url.endsWith("/file")) return redirect("http://files.example/a?signature=s");
			const reader = token();
			return {
				status: 200,
				headers: { get: () => undefined },
				close: () => {},
				read: async () => (await reader.read()).value,
			};
		},
	};
	const means = { http, timer: undefined, clock: undefined, keys: undefined, random: () => {}, log: () => {} };
	const pactum = new Pactum(means as unknown as MarketMeans, { apiKey: "k" });
	const error = await t.throwsAsync(() => pactum.file("a"), { name: "FileAddressUnsafe" });
	t.false(error.message.includes("signature"));
});

// What is said between buyer and market

pactumTest(
	"orders: listed and one by one, whatever size their results have",
	{ credit: 1_000_000n },
	async ({ t, market, device, refusal }) => {
		t.deepEqual(await collect(device.pactum.orders()), []);
		await device.buy("item-report", credit).catch(() => {});
		const [{ id }] = (await collect(device.pactum.orders())) as unknown as [{ id: string }];
		await market.deliver(id, { long: "x".repeat(50_000) });
		await device.buy("item-free");
		t.deepEqual(
			(await collect(device.pactum.orders())).map(({ item, status, amount }) => ({ item, status, amount })),
			[
				{ item: "item-free", status: "completed", amount: "0" },
				{ item: "item-report", status: "delivered", amount: "0.25" },
			],
		);
		t.deepEqual(await device.pactum.order(id), {
			id,
			status: "delivered",
			item: "item-report",
			amount: "0.25",
			retriesLeft: undefined,
		});
		t.is((await (await device.pactum.result(id)).bytes(100_000)).length > 50_000, true);
		t.is((await refusal(() => device.pactum.order("nothing"))).name, "NotFound");
		t.is((await refusal(() => device.pactum.confirm("a/b"))).name, "IdMalformed");
		await device.pactum.confirm(id);
		t.is((await refusal(() => device.pactum.confirm(id))).name, "RequestRefused");
	},
);

pactumTest("messages, both ways", {}, async ({ t, market, device }) => {
	await device.buy("item-free");
	const [{ id }] = (await collect(device.pactum.orders())) as unknown as [{ id: string }];
	t.deepEqual(await collect(device.pactum.messages(id)), []);
	await device.pactum.send(id, 'Can you also include "ETH" data? π');
	await market.say(id, "Yes.");
	t.deepEqual(
		(await collect(device.pactum.messages(id))).map(({ content, direction }) => [direction, content]),
		[
			["buyer_to_seller", 'Can you also include "ETH" data? π'],
			["seller_to_buyer", "Yes."],
		],
	);
	t.regex((await collect(device.pactum.messages(id)))[0]!.time, /^20\d\d-/);
});

pactumTest("address, before a physical item is ordered", { credit: 2_000_000n }, async ({ t, market, device }) => {
	device.cap = 2_000_000n;
	const address = {
		name: "John Doe",
		street: "123 Main St",
		city: "New York",
		state: "NY",
		postal_code: "10001",
		country: "US",
	};
	await device.pactum.address(address);
	t.deepEqual(json(ofPath(market, "/market/address")[0]!.body), { address });
	device.onWait = async () => {
		await market.deliver((await collect(device.pactum.orders()))[0]!.id);
	};
	t.like((await device.buy("item-postcard", credit))!.outcome, { state: "delivered" });
});

pactumTest(
	"the configured address is set when the market asks for one, once, and the order repeated",
	{ usdc: 2_000_000n, credit: 2_000_000n },
	async ({ t, market, device, refusal }) => {
		device.cap = 2_000_000n;
		const missing = { state: "refused", outcome: "ShippingAddressMissing" } as const;
		t.like((await device.buy("item-postcard", credit))!.outcome, missing);
		const place = { name: "John Doe", street: "123 Main St", city: "New York", state: "NY" };
		const address = { ...place, postal_code: "10001", country: "US" };
		device.onWait = async () => {
			for await (const { id, status } of device.pactum.orders()) if (status === "paid") await market.deliver(id);
		};
		device.boot({ address });
		market.gateway.script.next("/market/address", { name: "answer", status: 400, body: { error: "INVALID_REQUEST" } });
		t.is((await refusal(() => device.buy("item-postcard"))).name, "ShippingAddressMissing");
		for (const input of [credit, ""] as const) {
			t.like((await device.buy("item-postcard", input))!.outcome, { state: "delivered" });
		}
		const set = ofPath(market, "/market/address");
		t.deepEqual(
			set.map(({ status, body }) => [status, json(body).address]),
			[
				[400, address],
				[200, address],
			],
		);
	},
);

pactumTest("topup: a person pays, the balance grows", {}, async ({ t, market, device, refusal }) => {
	for (const [amount, provider, sent] of [
		["10", "stripe", 10],
		["1.00", "alipay", 1],
		["12.34", "wechat", 12.34],
	] as const) {
		const url = await device.pactum.topup(amount, provider);
		t.deepEqual(json(ofPath(market, "/market/credit/topup").at(-1)!.body), { amount: sent, provider });
		t.deepEqual(device.events.at(-1), { event: "checkout", market: "pactum", amount, provider, url });
		market.pay(url);
	}
	t.like(await device.pactum.balance(), { available: "23.34" });
	for (const amount of ["0.99", "500.01", "1.001", "x", "-5", "", "1e2"]) {
		t.is((await refusal(() => device.pactum.topup(amount, "stripe"))).name, "TopUpOutOfRange", amount);
	}
	await device.pactum.topup("500", "stripe");
	market.gateway.script.next("/market/credit/topup", {
		name: "answer",
		status: 200,
		body: { checkout_url: "javascript:1" },
	});
	t.is((await refusal(() => device.pactum.topup("5", "stripe"))).name, "AnswerMalformed");
});

pactumTest(
	"a plan keeps credit: it shows where to pay, waits for a person, and asks nobody while there is enough",
	{},
	async ({ t, market, device, refusal }) => {
		const checkouts = () => device.events.filter((event) => (event as { event?: string }).event === "checkout");
		device.onWait = () => {
			if (device.waits.length === 3) market.pay((checkouts()[0] as { url: string }).url);
		};
		const { outcome, text, record } = (await device.buy("topup:12.50", { provider: "alipay" }))!;
		t.like(outcome, { state: "delivered", outcome: "free" });
		t.is(record, undefined);
		t.like(JSON.parse(text), { available: "12.50" });
		t.deepEqual(device.waits, [2_000, 4_000, 8_000]);
		t.like(checkouts(), [{ amount: "12.50", provider: "alipay" }, { url: "" }]);

		t.like((await device.buy("topup:12.5"))!.outcome, { state: "delivered", outcome: "free" });
		t.is(ofPath(market, "/market/credit/topup").length, 1);

		device.onWait = () => {};
		t.is((await refusal(() => device.buy("topup:20"))).name, "NotPaid");
		t.like(checkouts().slice(2), [{ amount: "20", provider: "stripe" }, { url: "" }]);
		t.is((await refusal(() => device.buy("topup:0.5"))).name, "TopUpOutOfRange");
		for (const input of [{ provider: "cash" }, { provider: 1 }, { provider: [] }]) {
			t.is((await refusal(() => device.buy("topup:20", input))).name, "InputMalformed");
		}
	},
);

pactumTest(
	"flash that does not take where a purchase is, does not lose it in this run",
	{ usdc: 1_000_000n },
	async ({ t, market, device }) => {
		device.flash.refuses = (_key, write) => write === 3;
		const bought = await device.buy("item-text");
		t.like(bought!.outcome, { state: "delivered", outcome: "paid" });
		t.like(device.events[0], { event: "error", name: "LedgerWriteFailed" });
		t.is(ofPath(market, "/v1/escrow-deposit").length, 1);
		device.flash.writes = 0;
		device.flash.refuses = (_key, write) => write === 2;
		await t.throwsAsync(() => device.buy("item-text"), { name: "LedgerWriteFailed" });
		t.is(ofPath(market, "/v1/escrow-deposit").length, 1, "without a record nothing is asked for");
		t.is(device.spent(), 1_234n);
	},
);

// Power

for (const [name, offer, input, price] of [
	["free", "item-free", {}, 0n],
	["credit", "item-paid", { query: "x", ...credit }, 10_000n],
	["escrow", "item-paid", { query: "x" }, 10_000n],
	["escrow, a node of the chain known", "item-paid", { query: "x" }, 10_000n],
] as const) {
	for (const side of ["before", "after"] as const) {
		pactumTest(
			`${name}: the power cut ${side} every single thing that the device does; paid once`,
			{ usdc: 100_000_000n, credit: 100_000_000n },
			async ({ t, market, device }) => {
				// What the market's books and the chain say was paid.
				const paid = async (orders: { id: string }[]): Promise<bigint> => {
					let sum = 0n;
					for (const { id } of orders) {
						const order = await market.order(id);
						if (order.method === "credit") sum += order.item.price;
						else sum += (await market.escrow.order(id))?.amount ?? 0n;
					}
					return sum;
				};
				if (name.includes("node")) device.rpc = { rpc: chain.rpcUrl };
				const all = () => collect(device.pactum.orders());
				const ends: Record<string, number> = {};
				const requests = (): number =>
					[market.gateway, market.wallet].reduce((sum, part) => sum + part.requests.length, 0);
				for (let at = 1; ; at++) {
					device.boot();
					const known = (await all()).length;
					device.boot();
					device.flash.entries.clear();
					device.period = 0;
					device.boot();
					device.supply.cut = { at, side };
					const before = requests();
					const first = await device.buy(offer, input);
					if (first !== undefined) {
						t.is(first.outcome.state, "delivered");
						t.true(at > 10, `${at} operations`);
						break;
					}
					t.true(requests() >= before);
					// The power fails once more in the next life, or does not.
					let last: Bought | undefined;
					for (const next of [1 + ((at * 7) % 13), 0]) {
						// Whatever the market was still busy with is done when the device is back.
						await settled(market);
						device.boot();
						device.supply.cut = { at: next, side };
						const isEnded =
							device.wallet.openPurchases().length === 0 && device.wallet.lastPeriod("plan") !== undefined;
						if (!isEnded) last = await device.buy(offer, input);
						if (isEnded || last !== undefined) break;
					}
					device.supply.cut = undefined;
					const end = last?.outcome.outcome ?? device.records().at(-1)!.outcome;
					const sum = await paid((await all()).slice(0, -known || undefined));
					const where = `cut ${side} operation ${at}: ${end}`;
					t.true(sum <= price, `${where}: paid ${sum}`);
					t.true(device.spent() >= sum, `${where}: the ledger counts less than was paid`);
					t.is(device.wallet.openPurchases().length, 0, where);
					if (end === "paid") t.is(sum, price, where);
					// What the chain has, it is asked for.
					if (end === "deposit_unknown" && device.rpc.rpc !== undefined) t.is(sum, 0n, where);
					ends[end] = (ends[end] ?? 0) + 1;
				}
				const good = (ends.paid ?? 0) + (ends.free ?? 0);
				const lost = (ends.order_unknown ?? 0) + (ends.deposit_unknown ?? 0);
				t.is(
					good + lost,
					Object.values(ends).reduce((sum, count) => sum + count),
					JSON.stringify(ends),
				);
				t.true(good > lost, JSON.stringify(ends));
				t.log(JSON.stringify(ends));
			},
		);
	}
}

/** Until nothing that was asked is still being worked on. */
async function settled(market: PactumMarket): Promise<void> {
	const busy = () => [...market.gateway.requests, ...market.wallet.requests].some(({ status }) => status === undefined);
	for (let looks = 0; looks < 20 && busy(); looks++) await new Promise((resolve) => setTimeout(resolve, 5));
	await new Promise((resolve) => setTimeout(resolve, 25));
}
