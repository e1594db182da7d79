import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "any /v1/{endpoint}/{path}, insured",
			method: "call",
			from: "a plan",
			test: "an insured call is signed, delivered and its premium counted",
		},
		{
			request: "… uninsured",
			method: "call",
			from: "a plan",
			test: "an uninsured call is unsigned, and free if the answer names no premium",
		},
		{
			request: "x-pact-agent signatures, v2 and v1",
			method: "signatureHeaders",
			from: "a plan",
			test: "signatures are those of the vectors, to the byte",
		},
		{
			request: "refund of a failed call, GET indexer /api/calls/{id}",
			method: "refund",
			from: "not in the image",
			test: "a failed POST is not repeated, and its refund is polled until it is posted",
		},
		{
			request: "GET /v1/calls/{id}",
			method: "callRecord",
			from: "not in the image",
			test: "a call has no record until it is settled, then the same at indexer and gateway",
		},
		{
			request: "GET /v1/agents/{key}",
			method: "agent",
			from: "not in the image",
			test: "an agent is eligible when it can be charged",
		},
		{
			request: "GET /.well-known/endpoints",
			method: "endpoints",
			from: "not in the image",
			test: "endpoints are listed, found and quoted",
		},
		{
			request: "premiums, GET indexer /api/endpoints/{slug}",
			method: "endpointTerms",
			from: "not in the image",
			test: "an endpoint's premium, cover and insured latency come from the indexer",
		},
	],
	demonstration: [
		{ name: "a quote, insured", offer: "dummy/quote/AAPL" },
		{ name: "a call that fails, refunded", offer: "dummy/quote/AAPL?fail=1", ends: "unknown" },
	],
};
