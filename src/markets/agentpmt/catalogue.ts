import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "a wallet, made without POST /agentaddress",
			method: "createWallet",
			from: "not in the image",
			test: "a wallet's key is made on the device, and agentaddress is never asked",
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
			test: "a pack of credits is bought by one payment in one header",
		},
		{
			request: "… with a transaction_hash",
			method: "claim",
			from: "not in the image",
			test: "a transaction of the buyer's own is claimed once it has its confirmations",
		},
		{
			request: "POST /credits/balance",
			method: "balance",
			from: "a plan",
			test: "a 409 replay of a free request is repeated once, with a fresh request id",
		},
		{
			request: "GET /tools",
			method: "list",
			from: "a plan",
			test: "tools are listed page by page and by filter",
		},
		{
			request: "POST /tools/{slug}/actions/{slug}/invoke, by credits",
			method: "invoke",
			from: "a plan",
			test: "a call by credits is signed over its path, charged once, and counted at what it cost",
		},
		{
			request: "… by x402",
			method: "invokeDirectly",
			from: "a plan",
			test: "a direct payment sends the same bytes of bare parameters twice, with X-PAYMENT",
		},
		{
			request: "POST /tools/{productId}/invoke",
			method: "invoke",
			from: "a plan",
			test: "in the older dialect a call goes to the product's id, and is signed over action and product",
		},
		{
			request: "_credentials, _workflow_session_id",
			method: "invoke",
			from: "a plan",
			test: "a tool's credentials go to it alone, and a workflow session is hashed with the call",
		},
		{
			request: "GET /workflows, POST …/fetch, /start, /end, /workflows/active",
			method: "fetch",
			from: "not in the image",
			test: "workflows are listed, fetched, read, started, found and ended",
		},
		{
			request: "GET /api/skill-chains/{id}/latest",
			method: "markdown",
			from: "not in the image",
			test: "workflows are listed, fetched, read, started, found and ended",
		},
		{
			request: "POST /jobs/list, /{id}/reserve, /status, /complete",
			method: "reserve",
			from: "not in the image",
			test: "jobs are listed, reserved, proven and paid",
		},
		{
			request: "/jobs/{id}/workflow/create, /{workflowId}, /publish",
			method: "publish",
			from: "not in the image",
			test: "a job's workflow is drafted, changed and published with the job's token, which goes nowhere else",
		},
		{
			request: "GET /workflow-schedules/due, POST /{id}/advance",
			method: "advance",
			from: "not in the image",
			test: "due schedules are listed and advanced with the account's token, once each",
		},
	],
	demonstration: [
		{ name: "500 credits", offer: "credits:500", maxAmount: "5000000" },
		{
			name: "the air, by credits",
			offer: "air-quality-pollen-information/get-current-conditions",
			input: { locations: [{ latitude: 54.32, longitude: 10.13 }] },
		},
		{
			name: "access to water, paid directly",
			offer: "x402:infrastructure-urban-development/query-infrastructure-data",
			input: { country_or_region: "Kenya", infrastructure_type: "water" },
		},
	],
};
