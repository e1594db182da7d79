/**
 * The local PayanAgent's catalogue: native offers of every kind, and an ecosystem of several pages.
 *
 * The five offers whose ids begin with `labs-` are the market's own, with their titles, prices and schemas (derNif/payanagent
 * 31ce5fa, scripts/seed-labs.mjs and scripts/update-labs-schemas.mjs); the ids are ours. The others are invented: each
 * shows one way in which offers differ.
 */
import type { Address } from "viem";
import { offer, type Resource } from "../../resources.js";
import type { Agent } from "./agents.js";
import type { Context } from "./context.js";
import type { InputSchema } from "./input_schema.js";
import type { OfferFields } from "./offers.js";

/** The address at which the native seller is paid. */
export const sellerWallet: Address = "0x15d34AAf54267DB7D7c367839AAf71A00a2C6A65";

const place: InputSchema = {
	type: "object",
	properties: { place: { type: "string", minLength: 1, maxLength: 64 } },
	required: ["place"],
	additionalProperties: false,
};
const page: InputSchema = {
	type: "object",
	properties: {
		url: { type: "string", minLength: 8 },
		format: { type: "string", enum: ["markdown", "text"] },
		depth: { type: "integer", minimum: 1, maximum: 3 },
	},
	required: ["url"],
	additionalProperties: false,
};

const string = { type: "string" };
/** The market's own offers. */
const labs = [
	{
		...{ id: "labs-search", title: "Web search", category: "Web", tags: ["search", "web", "research"], price: 20_000n },
		input: {
			properties: {
				query: { ...string, description: "Search query" },
				search_type: { ...string, description: "general | news | shopping | videos | images | scholar" },
				recency: { ...string, description: "hour | day | week | month | year" },
			},
			required: ["query"],
		},
		outputSchema:
			'{"type":"object","properties":{"results":{"type":"array","items":{"type":"object"}}},"required":["results"]}',
	},
	{
		...{
			id: "labs-answer",
			title: "Cited answer (web-grounded)",
			category: "Web",
			tags: ["answer", "rag"],
			price: 50_000n,
		},
		input: { properties: { query: string, search_type: string, date_filter: string }, required: ["query"] },
	},
	{
		...{ id: "labs-read", title: "Read a page as markdown", category: "Web", tags: ["read", "scrape"], price: 10_000n },
		input: {
			properties: { url: { ...string, description: "Page URL" }, main_content_only: { type: "boolean" } },
			required: ["url"],
		},
		outputSchema:
			'{"type":"object","properties":{"url":{"type":"string"},"title":{"type":"string"},"markdown":{"type":"string"}},"required":["markdown"]}',
	},
	{
		...{ id: "labs-map", title: "Map a website's URLs", category: "Web", tags: ["map", "sitemap"], price: 20_000n },
		input: { properties: { url: string, search: string, limit: { type: "integer" } }, required: ["url"] },
	},
	{
		...{ id: "labs-pdf", title: "Extract text from a PDF", category: "Data", tags: ["pdf", "extract"], price: 20_000n },
		input: { properties: { url: { ...string, description: "Direct PDF URL" } }, required: ["url"] },
	},
];

/** Prices of the ecosystem's gauges, in base units: most are below a cent. */
const gauges = Array.from({ length: 50 }, (_, index) => ({ id: `gauge-${index}`, price: 1_000 + index * 200 }));

/** The ecosystem's v2 seller's resources besides its usual ones. */
export const gaugeResources: Readonly<Record<string, Resource>> = Object.fromEntries(
	gauges.map(({ id, price }) => [`/${id}`, { description: id, offers: [{ ...offer, amount: String(price) }] }]),
);

/** Fills the catalogue. Returns the agent that sells the native offers. */
export function stock({ agents, offers, upstream, sellers: { v2, v1 } }: Context): Agent {
	const { agent: seller } = agents.register({
		name: "Sensor Works",
		description: "Readings and files",
		walletAddress: sellerWallet,
		chain: "base",
		providerType: "api",
		ownerEmail: "owner@example.com",
	});
	const native = (id: string, price: bigint, fields: Partial<OfferFields>): void => {
		const about = { title: id, description: `The ${id}`, category: "data", tags: ["sensor"] };
		offers.add({ ...about, seller, offerType: "api", price, ...fields }, id);
	};
	// The query of the endpoint has a secret in it, which the market does not show.
	const temperature = `${upstream.url}/temperature?api_key=upstream-secret&unit=C`;
	native("temperature", 10_000n, { endpoint: temperature, httpMethod: "POST", inputSchema: place });
	native("thermometer", 10_000n, { endpoint: temperature, httpMethod: "GET", inputSchema: place });
	native("sub-cent", 1_000n, { endpoint: temperature, httpMethod: "GET" });
	native("scrape", 50_000n, { endpoint: `${upstream.url}/scrape`, httpMethod: "POST", inputSchema: page });
	for (const { id, input, ...offer } of labs) {
		const inputSchema = JSON.stringify({ type: "object", ...input });
		native(id, offer.price, { ...offer, endpoint: `${upstream.url}/${id}`, httpMethod: "POST", inputSchema });
	}
	native("broken", 20_000n, { endpoint: `${upstream.url}/broken`, httpMethod: "POST", category: "tools" });
	native("dataset", 250_000n, { offerType: "download", fileUrl: `${upstream.url}/files/dataset.csv` });

	const relayed = (id: string, endpoint: string, fields: Partial<OfferFields> = {}): void => {
		const about = { title: id, description: `Relayed: ${id}`, category: "ecosystem", tags: ["relayed"] };
		const kind = { seller: new URL(endpoint).origin, offerType: "api", price: 10_000n, endpoint } as const;
		offers.add({ ...about, ...kind, httpMethod: "GET", ...fields }, id);
	};
	relayed("relayed", `${v2.url}/data/relayed`);
	relayed("relayed-in-both", `${v2.url}/data/relayed-in-both`, { terms: "both" });
	relayed("relayed-in-body", `${v2.url}/data/relayed-in-body`, { terms: "body" });
	relayed("relayed-in-x-header", `${v2.url}/data/relayed-in-x-header`, { terms: "x-payment-required" });
	relayed("relayed-in-challenge", `${v2.url}/data/relayed-in-challenge`, { terms: "www-authenticate" });
	relayed("relayed-v1", `${v1.url}/data/relayed-v1`);
	// The market copies a seller's example output, whatever its size.
	const outputSchema = JSON.stringify({ type: "json", example: { bytes: 0, notes: "x".repeat(20_000) } });
	relayed("relayed-echo", `${v2.url}/echo/relayed`, { httpMethod: "POST", inputSchema: page, outputSchema });
	relayed("relayed-free", `${v2.url}/free/relayed`, { price: 0n });
	relayed("relayed-dear", `${v2.url}/expensive/relayed`, { price: 5_000_000n });
	for (const { id, price } of gauges) relayed(id, `${v2.url}/${id}`, { category: "gauges", price: BigInt(price) });
	return seller;
}
