import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "GET, POST /x402/{offerId}, native and relayed",
			method: "buyOffer",
			from: "a plan",
			test: "what costs nothing is delivered as free",
		},
		{
			request: "… download offers",
			method: "buyOffer",
			from: "a plan",
			test: "a download offer's file is fetched with nothing that is ours, and delivered",
		},
		{
			request: "POST /api/v1/offers/{id}/buy",
			method: "buyLegacy",
			from: "not in the image",
			test: "the older way buys native offers with the key, and goes to the newer one for others",
		},
		{
			request: "GET /api/v1/discover",
			method: "discover",
			from: "not in the image",
			test: "discover: offers as they arrive, agents and open requests at the end",
		},
		{
			request: "GET /api/v1/offers, /offers/{id}",
			method: "offers",
			from: "not in the image",
			test: "offers are walked page by page, by each order and filter",
		},
		{
			request: "POST, PATCH, DELETE /api/v1/offers",
			method: "createOffer",
			from: "not in the image",
			test: "offers of one's own: made, changed, taken back",
		},
		{
			request: "GET /api/v1/receipts, /receipts/{id}",
			method: "receipts",
			from: "not in the image",
			test: "receipts: the feed, and an agent's own with its sums",
		},
		{
			request: "the check of a receipt",
			method: "checkReceipt",
			from: "not in the image",
			test: "a receipt is held against the ledger's own record",
		},
		{
			request: "POST, GET, PATCH /api/v1/agents, …/receipts",
			method: "register",
			from: "not in the image",
			test: "an agent registers, is seen, and changes itself; its key is said nowhere",
		},
		{
			request: "GET, POST /api/v1/requests, without escrow",
			method: "createRequest",
			from: "not in the image",
			test: "a request without escrow: bid, accepted, fulfilled, and paid directly when approved",
		},
		{
			request: "… with escrow",
			method: "createRequestWithEscrow",
			from: "not in the image",
			test: "a request with escrow: paid when it is made, released when it is approved",
		},
		{
			request: "POST …/accept, /fulfill, /bid",
			method: "fulfill",
			from: "not in the image",
			test: "accepting and fulfilling are looked up when their answers are lost",
		},
		{
			request: "POST …/approve",
			method: "approve",
			from: "not in the image",
			test: "an approval that is being settled: waited for, and nothing is paid",
		},
		{
			request: "POST …/cancel",
			method: "cancel",
			from: "not in the image",
			test: "cancelling: refunded, not within 7 days of delivery, and found again when the answer was lost",
		},
		{
			request: "GET /.well-known/x402, /openapi.json",
			method: "document",
			from: "not in the image",
			test: "what the market publishes of itself is streamed",
		},
		{
			request: "rate limits: 429, 503",
			method: "ask",
			from: "a plan",
			test: "rate limits before a payment are waited for; too long ones and too many are not",
		},
	],
	demonstration: [
		{ name: "temperature, native", offer: "temperature", input: { place: "Kiel" } },
		{ name: "temperature, relayed", offer: "relayed" },
	],
};
