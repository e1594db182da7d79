/**
 * Thirty servers that misbehave, one a row: what the server does, how the device's purchase ends, how many payments differ that
 * left it, and what it counts as spent. Whatever the server does there is one payment at most, all of it counts, and the next
 * plan has its turn.
 */
import test from "ava";
import { configuration, entry } from "../agent/fake_seller.js";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, type RawAnswer, type RawRequest, startRawSeller, termsAnswer } from "./raw_seller.js";

const terms = { x402Version: 2, error: "Payment required", accepts: [entry()] };
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const ask = termsAnswer(terms);
const data = httpAnswer("200 OK", {}, "data");
const refusing = (error: string) => termsAnswer({ ...terms, error });
const receipt = (more: object) => ({ "PAYMENT-RESPONSE": base64({ success: true, transaction: "0x", ...more }) });
const silence = { bytes: "", after: 3_000 };

interface Row {
	readonly unpaid?: RawAnswer | ((request: RawRequest) => RawAnswer);
	readonly paid?: RawAnswer | ((count: number) => RawAnswer);
	readonly ends: string;
	/** Payments that differ. */
	readonly payments: 0 | 1;
}

let asked = 0;

const rows: Readonly<Record<string, Row>> = {
	"never answers": { unpaid: silence, ends: "refused HeaderTimeout", payments: 0 },
	"closes at once": { unpaid: { bytes: "", close: true }, ends: "refused NoResponse", payments: 0 },
	"answers with another protocol": {
		unpaid: { bytes: "SSH-2.0-OpenSSH\r\n", close: true },
		ends: "refused StatusLineMalformed",
		payments: 0,
	},
	"sends two lengths": {
		unpaid: "HTTP/1.1 402 \r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
		ends: "refused ContentLengthRepeated",
		payments: 0,
	},
	"sends a length and chunks": {
		unpaid: "HTTP/1.1 402 \r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		ends: "refused FramingAmbiguous",
		payments: 0,
	},
	"folds a header": { unpaid: "HTTP/1.1 402 \r\nA: b\r\n c\r\n\r\n", ends: "refused HeaderFolded", payments: 0 },
	"sends interim answers without end": {
		unpaid: "HTTP/1.1 103 \r\n\r\n".repeat(2_000),
		ends: "refused HeadTooLarge",
		payments: 0,
	},
	"upgrades the connection": { unpaid: "HTTP/1.1 101 Go\r\n\r\n", ends: "refused UpgradeUnexpected", payments: 0 },
	"asks for more than the rule allows": {
		unpaid: termsAnswer({ ...terms, accepts: [entry({ amount: "50001" })] }),
		ends: "refused OverPlanCap",
		payments: 0,
	},
	"asks for payment to another": {
		unpaid: termsAnswer({ ...terms, accepts: [entry({ payTo: `0x${"11".repeat(20)}` })] }),
		ends: "refused PayToNotPinned",
		payments: 0,
	},
	"asks for another token under the same name": {
		unpaid: termsAnswer({ ...terms, accepts: [entry({ asset: `0x${"22".repeat(20)}` })] }),
		ends: "refused NoRule",
		payments: 0,
	},
	"asks for 2^256 − 1": {
		unpaid: termsAnswer({ ...terms, accepts: [entry({ amount: String(2n ** 256n - 1n) })] }),
		ends: "refused OverPlanCap",
		payments: 0,
	},
	"redirects to itself": {
		unpaid: httpAnswer("302 Found", { Location: "/bad" }),
		ends: "refused http_302",
		payments: 0,
	},
	"names a price that grows with each request": {
		unpaid: () => termsAnswer({ ...terms, accepts: [entry({ amount: String(10_000 + asked++) })] }),
		paid: refusing("No matching payment requirements"),
		ends: "refused verification_failed",
		payments: 1,
	},
	"takes the payment and closes, always": {
		paid: { bytes: "", close: true },
		ends: "unknown answer_lost",
		payments: 1,
	},
	"takes the payment and is silent, always": { paid: silence, ends: "unknown answer_lost", payments: 1 },
	"loses the first answer": {
		paid: (count) => (count === 1 ? { bytes: "", close: true } : data),
		ends: "delivered paid",
		payments: 1,
	},
	"cuts the first body": {
		paid: (count) => (count === 1 ? { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha", close: true } : data),
		ends: "delivered paid",
		payments: 1,
	},
	"cuts every body": {
		paid: { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nha", close: true },
		ends: "unknown answer_lost",
		payments: 1,
	},
	"asks again and again": { paid: ask, ends: "refused verification_failed", payments: 1 },
	"refuses with other terms": {
		paid: termsAnswer({ ...terms, error: "invalid_payload", accepts: [entry({ amount: "20000" })] }),
		ends: "refused verification_failed",
		payments: 1,
	},
	"says that the nonce is used": {
		paid: refusing("invalid_exact_evm_nonce_already_used"),
		ends: "unknown nonce_already_used",
		payments: 1,
	},
	"says 402 without a word": { paid: httpAnswer("402 No", {}), ends: "unknown refused_without_terms", payments: 1 },
	"fails after it has settled": {
		paid: httpAnswer("500 No", receipt({})),
		ends: "unknown charged_undelivered",
		payments: 1,
	},
	"has a receipt of a failure that it serves by": {
		paid: httpAnswer("200 OK", receipt({ success: false, errorReason: "no" }), "data"),
		ends: "delivered paid",
		payments: 1,
	},
	"has a receipt that nobody can read, and refuses": {
		paid: httpAnswer("402 No", { "PAYMENT-RESPONSE": "\u00ff" }),
		ends: "unknown settlement_failed",
		payments: 1,
	},
	"says that it is still being settled": {
		paid: httpAnswer("402 No", receipt({ success: false, errorReason: "settlement_pending" })),
		ends: "unknown settlement_pending",
		payments: 1,
	},
	"redirects the payment to another origin": {
		paid: httpAnswer("307 There", { Location: "http://elsewhere.test/" }),
		ends: "unknown redirected",
		payments: 1,
	},
	"answers 503 with a Retry-After of ages, always": {
		paid: httpAnswer("503 Later", { "Retry-After": "99999999999" }),
		ends: "refused handler_failed",
		payments: 1,
	},
	"answers 404 to the payment": { paid: httpAnswer("404 No", {}), ends: "refused handler_refused", payments: 1 },
	"answers 502 to the payment, always": { paid: httpAnswer("502 No", {}), ends: "unknown handler_failed", payments: 1 },
	"sends a second answer behind the data": { paid: data + ask, ends: "delivered paid", payments: 1 },
};

for (const [name, { unpaid = ask, paid = data, ends, payments }] of Object.entries(rows)) {
	test(`a server that ${name}: ${ends}`, async (t) => {
		let count = 0;
		const seller = await startRawSeller((request) => {
			if (request.path === "/good") return httpAnswer("200 OK", {}, "free");
			if (!("payment-signature" in request.headers)) return typeof unpaid === "function" ? unpaid(request) : unpaid;
			count++;
			return typeof paid === "function" ? paid(count) : paid;
		});
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		device.limits = { headerTimeout: 2_000, idleTimeout: 700 };
		const plans = ["bad", "good"].map((plan) => ({ name: plan, url: `${seller.url}/${plan}`, waits: { paid: 2 } }));
		const [first, second] = await device.purchases(configuration(plans, { origin: seller.url }));
		t.is(`${first!.state} ${first!.outcome}`, ends, String(first!.detail));
		t.is(`${second!.state} ${second!.outcome}`, "delivered free", "the next plan has its turn");
		const sent = new Set(seller.payments().map(({ headers }) => headers["payment-signature"]));
		t.is(sent.size, payments, "payments that differ");
		const counted = device.spent().reduce((sum, { total }) => sum + total, 0n);
		t.true(payments === 0 ? counted === 0n : counted >= 10_000n && counted < 10_100n, `${counted} are counted`);
	});
}

test("there are thirty of them", (t) => {
	t.true(Object.keys(rows).length >= 30);
});
