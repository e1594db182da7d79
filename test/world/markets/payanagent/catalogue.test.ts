/** The local PayanAgent lists agents, offers, receipts and its own documents. */
import test from "ava";
import { newSender } from "../../../../tools/world/chain.js";
import { operations } from "../../../../tools/world/markets/payanagent/discovery.js";
import { faultsOf, type InputSchema } from "../../../../tools/world/markets/payanagent/input_schema.js";
import { newPayer } from "../../../../tools/world/markets/payanagent/shop/payer.js";
import { type Answer, send } from "../send.js";
import { base, buy, chain, type Listed, open, people, said, wanted } from "./by_hand.js";

test("an agent registers, is shown without its secrets, and is changed by itself alone", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const { address: walletAddress } = payer.account;
	const profile = { name: "Buoy", description: "Swims", walletAddress, chain: "base", ownerEmail: "a@example.com" };
	const made = await send(market, "POST", "/api/v1/agents", { ...profile, tags: ["sea"], providerType: "api" });
	t.is(made.status, 201);
	const { agentId, apiKey, apiKeyPrefix } = made.body as Record<string, string>;
	t.true(apiKey!.startsWith(apiKeyPrefix!) && market.secrets().includes(apiKey!));
	const shown = await send(market, "GET", `/api/v1/agents/${agentId}`);
	t.like(shown.body, { _id: agentId, name: "Buoy", walletAddress: payer.account.address });
	t.false(/example.com|pa_/.test(JSON.stringify(shown.body)));
	t.is((await send(market, "GET", "/api/v1/agents/no")).status, 404);

	const key = { Authorization: `Bearer ${apiKey}` };
	const patch = (id: string, body: object, headers = {}) =>
		send(market, "PATCH", `/api/v1/agents/${id}`, body, headers);
	t.deepEqual((await patch(agentId!, { description: "Floats" }, key)).body, { message: "Agent updated" });
	t.is((await send(market, "GET", `/api/v1/agents/${agentId}`)).body.description, "Floats");
	t.is((await patch(agentId!, { name: "Buoy 2" })).status, 401);
	t.is((await patch(market.nativeSeller.id, { name: "Mine" }, key)).status, 403);
	const wrong: readonly (readonly [object, readonly string[]])[] = [
		[{ name: "x" }, ["description", "walletAddress"]],
		[{ ...profile, walletAddress: "0x12" }, ["walletAddress"]],
		[{ ...profile, providerType: "bot" }, ["providerType"]],
		[{ ...profile, extra: 1 }, ["extra"]],
		[[], [""]],
	];
	market.limits.registrations = 100;
	for (const [body, names] of wrong) {
		const refused = await send(market, "POST", "/api/v1/agents", body);
		t.is(said(refused), "400 Validation failed");
		t.deepEqual(
			(refused.body.details as string[]).map((each) => each.split(":")[0]!),
			names,
		);
	}
	t.is(said(await send(market, "POST", "/api/v1/agents", "{")), "400 Invalid JSON body");

	await buy(market, payer, "GET", "/x402/sub-cent");
	await buy(market, payer, "POST", "/x402/temperature", { place: "Kiel" });
	const receipts = async (id: string, query = "") =>
		(await send(market, "GET", `/api/v1/agents/${id}/receipts${query}`)).body;
	const mine = await receipts(agentId!);
	t.deepEqual(
		(mine.receipts as { offerId: string }[]).map(({ offerId }) => offerId),
		["temperature", "sub-cent"],
	);
	t.deepEqual(mine.stats, { receiptsBought: 2, receiptsSold: 0, totalSpentCents: 1.1, totalEarnedCents: 0 });
	t.deepEqual((await receipts(agentId!, "?side=seller")).receipts, []);
	const theirs = await receipts(market.nativeSeller.id, "?side=seller&limit=1");
	t.is((theirs.receipts as unknown[]).length, 1);
	t.like(theirs.stats, { receiptsSold: 2, totalEarnedCents: 1.1 });
	t.is(((await receipts(agentId!, "?side=left")).receipts as unknown[]).length, 2, "another side is both");
});

test("receipts are signed and listed newest first, and one may come bare or wrapped", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	for (const path of ["/x402/sub-cent", "/x402/relayed", "/x402/sub-cent?n=2"]) await buy(market, payer, "GET", path);
	const { receipts } = (await send(market, "GET", "/api/v1/receipts?limit=2")).body as { receipts: Receipt[] };
	t.deepEqual(
		receipts.map(({ offerId }) => offerId),
		["sub-cent", "relayed"],
	);
	t.true(receipts.every(({ _id: id, signature }) => market.isGenuine({ id, signature })));
	const path = `/api/v1/receipts/${receipts[0]!._id}`;
	t.deepEqual((await send(market, "GET", path)).body as unknown, { receipt: receipts[0] });
	market.variants.single = "flat";
	t.deepEqual((await send(market, "GET", path)).body as unknown, receipts[0]);
	t.is((await send(market, "GET", "/api/v1/receipts/no")).status, 404);
	for (const limit of ["0", "x", "1000"])
		t.is((await send(market, "GET", `/api/v1/receipts?limit=${limit}`)).status, 200, limit);
});

interface Receipt {
	readonly _id: string;
	readonly offerId: string;
	readonly signature: string;
}

// ——— offers ———

test("cursors lead through every offer once, in each order", async (t) => {
	const market = await open(t);
	for (const sort of ["top", "price", "new"]) {
		const offers: Listed[] = [];
		let cursor = "";
		do {
			const { body } = await send(market, "GET", `/api/v1/offers?sort=${sort}&limit=25${cursor}`);
			offers.push(...(body.offers as Listed[]));
			cursor = body.nextCursor === null ? "" : `&cursor=${body.nextCursor}`;
		} while (cursor !== "");
		t.is(new Set(offers.map(({ _id }) => _id)).size, market.offers.all.length);
		t.is(offers.length, market.offers.all.length);
		t.true(offers.every(({ _id, buyUrl }) => buyUrl === `/x402/${_id}`));
		if (sort === "price") t.true(offers.every(({ priceUsd }, index) => priceUsd >= (offers[index - 1]?.priceUsd ?? 0)));
		if (sort === "new") t.is(offers[0]!._id, "gauge-49");
	}
	const payer = await newPayer(chain);
	await buy(market, payer, "GET", "/x402/gauge-3");
	const [top] = (await send(market, "GET", "/api/v1/offers")).body.offers as Listed[];
	t.like(top, { _id: "gauge-3", priceUsd: 0.0016, priceCents: 0 });

	const ids = async (query: string) =>
		((await send(market, "GET", `/api/v1/offers?${query}`)).body.offers as Listed[]).map(({ _id }) => _id);
	t.deepEqual(await ids("q=SUB-cent"), ["sub-cent"]);
	t.deepEqual(await ids("q=dataset&offerType=download"), ["dataset"]);
	t.is((await ids("offerType=download")).length, 50, "a walk is through offers of every type");
	t.deepEqual(await ids("category=tools"), ["broken"]);
	t.is((await ids("category=gauges&limit=100")).length, 50);
	t.is((await send(market, "GET", "/api/v1/offers?category=gauges")).body.nextCursor, undefined);
	for (const query of ["sort=best", "limit=x"])
		t.is((await send(market, "GET", `/api/v1/offers?${query}`)).status, 200, query);
	const { nextCursor } = (await send(market, "GET", "/api/v1/offers?sort=new")).body;
	t.is(said(await send(market, "GET", `/api/v1/offers?sort=price&cursor=${nextCursor}`)), "400 Invalid cursor");
});

test("one offer has its schema and its seller's reputation, and no secret of its endpoint", async (t) => {
	const market = await open(t);
	const one = async (id: string) =>
		(await send(market, "GET", `/api/v1/offers/${id}`)).body.offer as Readonly<Record<string, unknown>>;
	const offer = await one("temperature");
	t.like(offer, { priceUsd: 0.01, priceCents: 1, httpMethod: "POST", offerType: "api" });
	t.is(offer.sellerId, market.nativeSeller.id);
	t.like(JSON.parse(offer.inputSchema as string), { required: ["place"] });
	t.is(offer.endpoint, `${market.upstream.url}/temperature?api_key=REDACTED&unit=C`);
	t.like(await one("relayed"), { amountRaw: "10000", sellerName: new URL(market.sellers.v2.url).host });
	t.false("endpoint" in (await one("relayed")));
	t.false("fileUrl" in (await one("dataset")));
	t.is((await send(market, "GET", "/api/v1/offers/no")).status, 404);
});

test("an offer is changed and deleted by its seller alone", async (t) => {
	const market = await open(t);
	const payer = await newPayer(chain);
	const wallet = newSender();
	const key = { Authorization: `Bearer ${market.newAgent(wallet).apiKey}` };
	const other = { Authorization: `Bearer ${market.newAgent(payer.account.address).apiKey}` };
	const offer = {
		title: "Tide",
		description: "The tide",
		category: "data",
		tags: ["sea"],
		priceCents: 50,
		offerType: "api",
		endpoint: `${market.upstream.url}/temperature`,
		httpMethod: "GET",
	};
	const create = (body: object, headers: Record<string, string> = key) =>
		send(market, "POST", "/api/v1/offers", body, headers);
	t.is((await create(offer, {})).status, 401);
	t.is((await create({ ...offer, priceCents: 0.5 })).status, 400);
	t.is((await create({ ...offer, inputSchema: { type: "object" } })).status, 400, "a schema is sent as text");
	t.is(((await create({ title: "x" })).body.details as string[]).length, 4);
	t.is((await create({ ...offer, offerType: "download" })).status, 400);
	t.is((await create({ ...offer, endpoint: "nowhere" })).status, 400);
	const made = await create(offer);
	t.is(made.status, 201);
	const path = `/api/v1/offers/${made.body.offerId}`;
	t.is((await buy(market, payer, "GET", `/x402/${made.body.offerId}`)).status, 200);
	t.is(await chain.balanceOf(wallet), 500_000n);

	t.is((await send(market, "PATCH", path, { priceCents: 60 }, other)).status, 403);
	t.is((await send(market, "PATCH", path, { priceCents: 60 })).status, 401);
	t.is((await send(market, "PATCH", path, { offerType: "download" }, key)).status, 400);
	t.deepEqual((await send(market, "PATCH", path, { priceCents: 60 }, key)).body, { ok: true });
	t.like((await send(market, "GET", path)).body.offer, { priceUsd: 0.6, isActive: true });
	t.is((await send(market, "DELETE", path, undefined, other)).status, 403);
	t.is((await send(market, "DELETE", path, undefined, key)).status, 200);
	t.like((await send(market, "GET", path)).body.offer, { isActive: false }, "it is still to be seen");
	t.is((await send(market, "GET", `/x402/${made.body.offerId}`)).status, 404);
});

test("discover finds agents, offers and open requests at once, by each filter", async (t) => {
	const market = await open(t);
	const { buyer } = await people(market);
	await send(market, "POST", base, { ...wanted, title: "Sensor survey" }, buyer);
	const discover = async (query: string) => (await send(market, "GET", `/api/v1/discover?${query}`)).body;
	const found = await discover("q=sensor");
	t.like(found, {
		agents: [{ name: "Sensor Works" }],
		offers: [{ _id: "temperature", buyUrl: "/x402/temperature", priceUsd: 0.01 }],
		openRequests: [{ title: "Sensor survey" }],
	});
	const ids = ({ offers }: Answer["body"]) => (offers as Listed[]).map(({ _id }) => _id);
	t.deepEqual(ids(await discover("q=sensor&maxPriceCents=1")), ["temperature", "thermometer", "sub-cent"]);
	t.deepEqual(ids(await discover("q=the&category=tools")), ["broken"]);
	t.deepEqual(ids(await discover("q=the&offerType=download")), ["dataset"]);
	t.is(ids(await discover("q=e&limit=3")).length, 3);
	t.is((await send(market, "GET", "/api/v1/discover")).status, 400);
});

test("/.well-known/x402 lists every offer and /openapi.json every operation, and each answers", async (t) => {
	const market = await open(t);
	const { resources } = (await send(market, "GET", "/.well-known/x402")).body as { resources: string[] };
	t.is(resources.length, market.offers.all.length);
	t.is((await fetch(resources[0]!)).status, 402);
	const { openapi, paths } = (await send(market, "GET", "/openapi.json")).body as { openapi: string; paths: object };
	t.is(openapi, "3.1.0");
	const listed = Object.entries(paths).flatMap(([path, methods]) =>
		Object.keys(methods as object).map((method) => `${method} ${path}`),
	);
	t.deepEqual(listed.sort(), [...operations].sort());
	for (const operation of operations) {
		const [method, path] = operation.split(" ") as [string, string];
		const answered = await send(market, method.toUpperCase(), path.replace(/\{\w+\}/, "no"));
		t.not(said(answered), "404 Not found", operation);
	}
});

const schemas: readonly (readonly [InputSchema, unknown, string[]])[] = [
	[{}, null, []],
	[{ type: "object", required: ["a"] }, {}, ["input: a is missing"]],
	[{ type: "object" }, [], ["input: expected object, got array"]],
	[{ properties: { a: { type: "integer" } } }, { a: 1.5 }, ["input.a: expected integer, got number"]],
	[{ properties: { a: { minimum: 1, maximum: 3 } } }, { a: 4 }, ["input.a: out of bounds"]],
	[{ additionalProperties: false, properties: { a: {} } }, { a: 1, b: 2 }, ["input: b is not known"]],
	[{ type: "array", items: { enum: ["x"] } }, ["x", "y"], ["input.1: expected one of x"]],
	[{ type: "string", minLength: 2, maxLength: 2 }, "😀😀", []],
	[{ type: "string", maxLength: 1 }, "ab", ["input: length out of bounds"]],
	[{ type: "number" }, "1", ["input: expected number, got string"]],
];
for (const [schema, value, faults] of schemas) {
	test(`the schema ${JSON.stringify(schema)} finds ${faults.length} faults in ${JSON.stringify(value)}`, (t) => {
		t.deepEqual(faultsOf(schema, value), faults);
	});
}
