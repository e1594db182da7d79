/** What a person is told of what a device does: an event, and its lines. */
import test from "ava";
import type { FirmwareEvent } from "../../tools/firmware.js";
import { EventPrinter } from "../../tools/start/event_printer.js";

function told(...events: FirmwareEvent[]): string[] {
	const lines: string[] = [];
	const printer = new EventPrinter((line) => lines.push(line), {});
	for (const event of events) printer.print(event);
	return lines;
}

const bought = { event: "purchase", plan: "a plan", state: "delivered", detail: "" } as const;
const dollars = { symbol: "USD", decimals: 6 } as const;

const cases: readonly (readonly [what: string, events: readonly FirmwareEvent[], lines: readonly string[]])[] = [
	[
		"a purchase at an address",
		[{ ...bought, url: "https://a.example/b", outcome: "free", bytes: 2, data: "{}" }],
		["", " 1. a plan", "  seller        https://a.example/b", "  delivered     free", "  bought        2 bytes: {}"],
	],
	[
		"a purchase at a market",
		[
			{
				...bought,
				url: "agentpmt: a: b",
				outcome: "paid",
				amount: "5",
				method: "account",
				symbol: "credits",
				decimals: 0,
			},
		],
		[
			"",
			" 1. a plan",
			"  market        AgentPMT",
			"  offer         a: b",
			"  asks          5 credits (account)",
			"  delivered     paid",
		],
	],
	[
		"a call that was refunded, and one that was not",
		[
			{ event: "refund", market: "pact", amount: "11000", posted: true },
			{ event: "refund", market: "pact", amount: "0", posted: false },
			{
				...bought,
				...dollars,
				url: "pact: a/b",
				state: "unknown",
				outcome: "refunded",
				detail: "it answered 503; call 1",
			},
			{ ...bought, url: "pact: a/b", outcome: "free" },
		],
		[
			...["", " 1. a plan", "  market        Pact Network Market", "  offer         a/b"],
			"  refunded      0.011 USD came back, for 1 call: it answered 503",
			"  expected      delivered",
			...["", " 2. a plan", "  market        Pact Network Market", "  offer         a/b", "  delivered     free"],
		],
	],
	[
		"what is long is shown from its beginning, and a terminal obeys none of it",
		[{ ...bought, url: "x: \u001b[2J", outcome: "free", bytes: 1_000, data: "y".repeat(200) }],
		[
			...["", " 1. a plan", "  market        x", "  offer         \\u001b[2J", "  delivered     free"],
			`  bought        1,000 bytes: ${"y".repeat(128)}…`,
		],
	],
	[
		"a purchase that is tried again",
		[
			{
				event: "purchase",
				plan: "a plan",
				url: "x",
				state: "refused",
				outcome: "http_503",
				detail: "",
				retryInSeconds: 5,
			},
		],
		[
			"",
			" 1. a plan",
			"  seller        x",
			"  refused       http_503",
			"                tried again in 5 s",
			"  expected      delivered",
		],
	],
	[
		"a plan that pays for nothing",
		[
			{
				event: "paused",
				plan: "forecast",
				payments: 3,
				outcome: "charged_undelivered",
				until: "2026-11-29T12:00:00.000Z",
			},
		],
		['  paused        "forecast" after 3 payments that brought nothing: charged_undelivered'],
	],
	["a wait", [{ event: "waiting", for: "wall time" }], ["  waiting       for wall time"]],
	[
		"a long wait for an answer",
		[{ event: "waiting", for: "an answer", plan: "forecast", seconds: 30, atMostSeconds: 900 }],
		['  waiting       for an answer to "forecast": 30 s so far, 900 s at most'],
	],
	[
		"a wait that a market wants",
		[{ event: "waiting", for: "agentpmt", reason: "RateLimited", milliseconds: 1_000 }],
		["  waiting       for AgentPMT: RateLimited"],
	],
	[
		"an order that is not ready",
		[{ event: "waiting", market: "pactum", order: "17", status: "processing" }],
		["  waiting       for order 17 at Pactum: processing"],
	],
	[
		"a clock that servers doubt",
		[{ event: "clock", secondsAhead: -300, of: "https://api.example.com" }],
		["  clock         300 s behind by the answers of https://api.example.com"],
	],
	[
		"where a person is to pay, until it is paid",
		[
			{ event: "checkout", market: "pactum", amount: "20", provider: "stripe", url: "https://pay.example/1" },
			{ event: "checkout", market: "pactum", url: "" },
		],
		["  pay at        https://pay.example/1 (20 USD, by stripe)"],
	],
	["what a device says of itself alone", [{ event: "account", market: "pact", agent: "x" }], []],
];
for (const [what, events, lines] of cases) {
	test(what, (t) => {
		t.deepEqual(told(...events), [...lines]);
	});
}

test("a demonstration's purchase that ends otherwise than expected is pointed out", (t) => {
	const lines: string[] = [];
	const printer = new EventPrinter((line) => lines.push(line), { "a plan": "refused" });
	printer.print({ ...bought, url: "https://a.example/b", outcome: "free" });
	t.is(lines.at(-1), "  expected      refused");
});
