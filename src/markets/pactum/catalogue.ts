import type { MarketCatalogue } from "../catalogue.js";

export const catalogue: MarketCatalogue = {
	operations: [
		{
			request: "wallet POST /v1/register, /v1/verify, /v1/recover",
			method: "register",
			from: "not in the image",
			test: "register, verify, recover: a person reads the code",
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
			test: "discover: all parameters, page after page",
		},
		{
			request: "GET /market/agents",
			method: "agents",
			from: "not in the image",
			test: "agents: each is read, not all that it sells",
		},
		{
			request: "POST /market/buy/{id}, free",
			method: "buy",
			from: "a plan",
			test: "free: the order, and its result",
		},
		{
			request: "… by credit",
			method: "buy",
			from: "a plan",
			test: "credit: the price is looked up, the budget taken, the order followed",
		},
		{
			request: "… by escrow: 402, wallet POST /v1/escrow-deposit, proof",
			method: "prove",
			from: "a plan",
			test: "escrow: 402, deposit, proof, result",
		},
		{
			request: "GET /market/credit/balance",
			method: "balance",
			from: "a plan",
			test: "topup: a person pays, the balance grows",
		},
		{
			request: "POST /market/credit/topup",
			method: "topup",
			from: "a plan",
			test: "topup: a person pays, the balance grows",
		},
		{
			request: "GET /market/orders, /market/orders/{id}",
			method: "orders",
			from: "a plan",
			test: "orders: listed and one by one, whatever size their results have",
		},
		{
			request: "… kept by a plan, `topup:10`",
			method: "keep",
			from: "a plan",
			test: "a plan keeps credit: it shows where to pay, waits for a person, and asks nobody while there is enough",
		},
		{
			request: "… on a 400 that wants an address",
			method: "setAddress",
			from: "a plan",
			test: "the configured address is set when the market asks for one, once, and the order repeated",
		},
		{
			request: "POST …/confirm",
			method: "confirm",
			from: "not in the image",
			test: "orders: listed and one by one, whatever size their results have",
		},
		{
			request: "GET …/file",
			method: "file",
			from: "a plan",
			test: "file: from another host, which gets no token",
		},
		{
			request: "POST …/retry",
			method: "retry",
			from: "a plan",
			test: "an order that fails is tried again three times, then disputed",
		},
		{
			request: "POST …/dispute",
			method: "dispute",
			from: "a plan",
			test: "no retries left: disputed at once; a lost retry is no new one",
		},
		{
			request: "POST and GET …/messages",
			method: "messages",
			from: "not in the image",
			test: "messages, both ways",
		},
		{
			request: "PUT /market/address",
			method: "setAddress",
			from: "a plan",
			test: "address, before a physical item is ordered",
		},
	],
	demonstration: [
		{ name: "funding rates, free", offer: "item-free" },
		{ name: "whale trades, by credit", offer: "item-paid", input: { query: "BTC", payment_method: "credit" } },
		{ name: "a comment, by escrow", offer: "item-text", input: { payment_method: "escrow" } },
	],
};
