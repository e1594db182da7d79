import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "a wallet, made without POST /agentaddress",
			method: "createWallet",
			from: "not in the image",
			test: "a wallet is made on the device, and its key by nobody else",
		},
		{
			request: "POST /auth/session",
			method: "openSession",
			from: "a plan",
			test: "a session serves many requests, and is renewed before its time is over",
		},
		{
			request: "POST /credits/purchase",
			method: "purchase",
			from: "a plan",
			test: "one pack, one payment in one header",
		},
		{
			request: "… with a transaction_hash",
			method: "claim",
			from: "not in the image",
			test: "credits: a transaction that somebody has sent is claimed, once it has its confirmations",
		},
		{
			request: "POST /credits/balance",
			method: "balance",
			from: "a plan",
			test: "409 replay of what costs nothing: a fresh request id, once",
		},
		{
			request: "GET /tools",
			method: "list",
			from: "a plan",
			test: "tools: page by page",
		},
		{
			request: "POST /tools/{slug}/actions/{slug}/invoke, by credits",
			method: "invoke",
			from: "a plan",
			test: "a call out of the balance: signed over its path, charged once, and counted at what it cost",
		},
		{
			request: "… by x402",
			method: "invokeDirectly",
			from: "a plan",
			test: "a call paid on the spot: the parameters bare, the same bytes twice, the payment in X-PAYMENT",
		},
		{
			request: "POST /tools/{productId}/invoke",
			method: "invoke",
			from: "a plan",
			test: "in the older dialect: by the product's id, over action and product",
		},
		{
			request: "_credentials, _workflow_session_id",
			method: "invoke",
			from: "a plan",
			test: "_credentials of one tool go to it alone; a workflow session is hashed with the call",
		},
		{
			request: "GET /workflows, POST …/fetch, /start, /end, /workflows/active",
			method: "fetch",
			from: "not in the image",
			test: "workflows: listed, fetched, read, started, found and ended",
		},
		{
			request: "GET /api/skill-chains/{id}/latest",
			method: "markdown",
			from: "not in the image",
			test: "workflows: listed, fetched, read, started, found and ended",
		},
		{
			request: "POST /jobs/list, /{id}/reserve, /status, /complete",
			method: "reserve",
			from: "not in the image",
			test: "jobs: listed, reserved, proven and paid",
		},
		{
			request: "/jobs/{id}/workflow/create, /{workflowId}, /publish",
			method: "publish",
			from: "not in the image",
			test: "jobs: a workflow is drafted, changed and published with the job's token, which goes nowhere else",
		},
		{
			request: "GET /workflow-schedules/due, POST /{id}/advance",
			method: "advance",
			from: "not in the image",
			test: "schedules: due ones are listed and advanced with the account's token, the same twice does nothing more",
		},
	],
	demonstration: [
		{ name: "500 credits", offer: "credits:500", maxAmount: "5000000" },
		{ name: "a forecast, by credits", offer: "weather/forecast", input: { place: "Kiel" } },
		{ name: "a forecast, paid directly", offer: "x402:weather/forecast", input: { place: "Oslo" } },
	],
};
