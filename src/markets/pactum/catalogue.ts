import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "wallet POST /v1/register, /v1/verify, /v1/recover",
			method: "register",
			from: "not in the image",
			test: "an account is registered, verified and recovered with the code that a person reads",
		},
		{
			request: "POST /market/auth/wallet, and a 401",
			method: "#newToken",
			from: "a plan",
			test: "a token is asked for once, and once more on a 401",
		},
		{
			request: "POST /market/discover",
			method: "discover",
			from: "not in the image",
			test: "discover sends each parameter, and lists page after page",
		},
		{
			request: "GET /market/agents",
			method: "agents",
			from: "not in the image",
			test: "agents are listed without all that they sell",
		},
		{
			request: "POST /market/buy/{id}, free",
			method: "buy",
			from: "a plan",
			test: "a free item is ordered, and its result delivered",
		},
		{
			request: "… by credit",
			method: "buy",
			from: "a plan",
			test: "a purchase by credit looks up the price, takes the budget and polls the order",
		},
		{
			request: "… by escrow: 402, wallet POST /v1/escrow-deposit, proof",
			method: "prove",
			from: "a plan",
			test: "an escrow purchase deposits, proves, and delivers the result",
		},
		{
			request: "GET /market/credit/balance",
			method: "balance",
			from: "a plan",
			test: "a top-up raises the balance once a person has paid",
		},
		{
			request: "POST /market/credit/topup",
			method: "topup",
			from: "a plan",
			test: "a top-up raises the balance once a person has paid",
		},
		{
			request: "GET /market/orders, /market/orders/{id}",
			method: "orders",
			from: "a plan",
			test: "orders are listed and read one by one, whatever the size of their results",
		},
		{
			request: "… kept by a plan, `topup:10`",
			method: "keep",
			from: "a plan",
			test: "a plan keeps credit: it shows where to pay, waits for a person, and asks for nothing while there is enough",
		},
		{
			request: "… on a 400 that wants an address",
			method: "setAddress",
			from: "a plan",
			test: "when the market asks for an address the configured one is set once, and the order repeated",
		},
		{
			request: "POST …/confirm",
			method: "confirm",
			from: "not in the image",
			test: "orders are listed and read one by one, whatever the size of their results",
		},
		{
			request: "GET …/file",
			method: "file",
			from: "a plan",
			test: "a file comes from another host, which gets no token",
		},
		{
			request: "POST …/retry",
			method: "retry",
			from: "a plan",
			test: "an order that fails is retried three times, then disputed",
		},
		{
			request: "POST …/dispute",
			method: "dispute",
			from: "a plan",
			test: "an order without retries is disputed at once, and a retry whose answer is lost is not another one",
		},
		{
			request: "POST and GET …/messages",
			method: "messages",
			from: "not in the image",
			test: "messages go both ways",
		},
		{
			request: "PUT /market/address",
			method: "setAddress",
			from: "a plan",
			test: "an address is set before a physical item is ordered",
		},
	],
	demonstration: [
		{ name: "funding rates, free", offer: "item-free" },
		{ name: "whale trades, by credit", offer: "item-paid", input: { query: "BTC", payment_method: "credit" } },
		{ name: "a comment, by escrow", offer: "item-text", input: { payment_method: "escrow" } },
	],
};
