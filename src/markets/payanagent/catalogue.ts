import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "GET, POST /x402/{offerId}, native and relayed",
			method: "buyOffer",
			from: "a plan",
			test: "an input that inputSchema refuses is neither sent nor paid for",
		},
		{
			request: "… download offers",
			method: "buyOffer",
			from: "a plan",
			test: "a download offer's file is fetched without our headers, and delivered",
		},
		{
			request: "POST /api/v1/offers/{id}/buy",
			method: "buyLegacy",
			from: "not in the image",
			test: "the legacy purchase buys native offers with the API key, and falls back to x402 for others",
		},
		{
			request: "GET /api/v1/discover",
			method: "discover",
			from: "not in the image",
			test: "discover yields offers as they arrive, then agents and open requests",
		},
		{
			request: "GET /api/v1/offers, /offers/{id}",
			method: "offers",
			from: "not in the image",
			test: "offers are listed page by page, in each order and by each filter",
		},
		{
			request: "POST, PATCH, DELETE /api/v1/offers",
			method: "createOffer",
			from: "not in the image",
			test: "an agent's own offer is created, changed and withdrawn",
		},
		{
			request: "GET /api/v1/receipts, /receipts/{id}",
			method: "receipts",
			from: "not in the image",
			test: "receipts are listed, all of them and an agent's own with its sums",
		},
		{
			request: "the check of a receipt",
			method: "checkReceipt",
			from: "not in the image",
			test: "a receipt is compared with the ledger's own record",
		},
		{
			request: "POST, GET, PATCH /api/v1/agents, …/receipts",
			method: "register",
			from: "not in the image",
			test: "an agent registers, is found, and changes itself, and its key is in no output",
		},
		{
			request: "GET, POST /api/v1/requests, without escrow",
			method: "createRequest",
			from: "not in the image",
			test: "a request without escrow is bid for, accepted, fulfilled, and paid directly on approval",
		},
		{
			request: "… with escrow",
			method: "createRequestWithEscrow",
			from: "not in the image",
			test: "a request with escrow is paid when it is made and released on approval",
		},
		{
			request: "POST …/accept, /fulfill, /bid",
			method: "fulfill",
			from: "not in the image",
			test: "accept and fulfil are looked up when their answers are lost",
		},
		{
			request: "POST …/approve",
			method: "approve",
			from: "not in the image",
			test: "an approval that is already being settled is polled, and pays nothing",
		},
		{
			request: "POST …/cancel",
			method: "cancel",
			from: "not in the image",
			test: "a cancelled request is refunded, except within 7 days of delivery, and is found again when the answer was lost",
		},
		{
			request: "GET /.well-known/x402, /openapi.json",
			method: "document",
			from: "not in the image",
			test: "the market's own documents are streamed",
		},
		{
			request: "rate limits: 429, 503",
			method: "ask",
			from: "a plan",
			test: "a rate limit before the payment is waited out, unless it is too long or comes too often",
		},
	],
	demonstration: [
		{ name: "a page as markdown, native", offer: "labs-read", input: { url: "https://example.com" } },
		{ name: "temperature, relayed", offer: "relayed" },
	],
};
