/** What a seller says in an error reaches the owner: its beginning, on one line, and nothing secret. */
import test from "ava";
import { redacted } from "../../src/http/shown.js";
import { wordsIn } from "../../src/x402/sellers_words.js";
import { configuration, entry } from "../agent/fake_seller.js";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, startRawSeller, termsAnswer } from "../world/raw_seller.js";

const words = (text: string, encoding: BufferEncoding = "utf8") => wordsIn(Buffer.from(text, encoding));

test("words are one line of at most 200 characters without control characters and markup", (t) => {
	t.is(words('{"error":"city is missing"}'), '{"error":"city is missing"}');
	t.is(words("a\r\n\tb\u001b[31mred\u0007\u009b\u202egnp"), "a b [31mred gnp");
	t.is(
		words("<html><style>p { x: y }</style><h1>Access denied</h1>error code: 1010</html>"),
		"Access denied error code: 1010",
	);
	t.is(words("x".repeat(30).concat(" ").repeat(100)).length, 200);
	t.is(words("23 °C", "latin1"), "23 °C");
	t.is(words("😀".repeat(300)).length, 400, "200 characters of two halves each");
	t.is(words("a\u0000b"), "", "bytes that are no text");
	t.is(words(""), "");
});

test("words have no query, no payment, no signature, no key", (t) => {
	t.is(words("see https://user:pw@a.test/x?key=1#f"), "see https://a.test/x…");
	t.is(words(`payment ${"eyJ4".repeat(50)} refused`), "payment … refused");
	t.is(words(`{"signature":"0x${"ab".repeat(65)}"}`), '{"signature":"…"}');
	const hash = `0x${"ab".repeat(32)}`;
	t.is(words(`transaction ${hash}`), `transaction ${hash}`);
	t.is(redacted("your key k-12345678 is bad", ["k-12345678"]), "your key … is bad");
	t.is(redacted("your key k-1234", ["k-12345678"]), "your key …", "cut within the secret");
});

const said = '{"error":"query parameter city is missing"}';
const terms = termsAnswer({ x402Version: 2, accepts: [entry()] });
const json = { "Content-Type": "application/json" };
const settled = { "PAYMENT-RESPONSE": Buffer.from('{"success":true,"transaction":""}').toString("base64") };
const failed = { "PAYMENT-RESPONSE": Buffer.from('{"success":false,"errorReason":"x"}').toString("base64") };

const sellers: Readonly<Record<string, { readonly unpaid?: string; readonly paid?: string; readonly ends: string }>> = {
	"400 before payment": { unpaid: httpAnswer("400 No", json, said), ends: "refused http_400" },
	"403 of a firewall": {
		unpaid: httpAnswer("403 No", { "Content-Type": "text/html" }, `<p>${said}</p>${"x".repeat(9_000)}`),
		ends: "refused http_403",
	},
	"402 without terms": { unpaid: httpAnswer("402 No", json, said), ends: "refused TermsMissing" },
	"a page as a 402": {
		unpaid: httpAnswer("402 No", { "Content-Type": "text/html; charset=utf-8" }, `<p>${said}</p>${"x".repeat(40_000)}`),
		ends: "refused TermsMissing",
	},
	"422 after payment": { paid: httpAnswer("422 No", json, said), ends: "refused handler_refused" },
	"400 after payment, settled": {
		paid: httpAnswer("400 No", { ...json, ...settled }, said),
		ends: "unknown charged_undelivered",
	},
	"402 after payment, without terms": { paid: httpAnswer("402 No", json, said), ends: "unknown refused_without_terms" },
	"402 after payment, with a receipt": {
		paid: httpAnswer("402 No", { ...json, ...failed }, said),
		ends: "unknown settlement_failed",
	},
};

for (const [name, { unpaid = terms, paid = "", ends }] of Object.entries(sellers)) {
	test(`the owner sees why: ${name}`, async (t) => {
		const seller = await startRawSeller(({ headers }) => ("payment-signature" in headers ? paid : unpaid));
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		const [ended] = await device.purchases(configuration([{ url: `${seller.url}/data` }], { origin: seller.url }));
		t.regex(`${ended!.state} ${ended!.outcome}`, new RegExp(`^${ends}$`));
		t.true(String(ended!.detail).includes("query parameter city is missing"), String(ended!.detail));
	});
}

test("what a seller repeats of a plan's headers and query is not shown", async (t) => {
	const token = "t0ken-".repeat(6);
	const seller = await startRawSeller(({ headers, path }) =>
		httpAnswer("401 No", {}, `${headers["x-key"]} ${path} ${"x".repeat(120)} ${token}`),
	);
	t.teardown(seller.stop);
	const device = new NetworkDevice();
	const plan = { url: `${seller.url}/data?key=${token}`, headers: { "X-Key": token } };
	const [ended] = await device.purchases(configuration([plan], { origin: seller.url }));
	t.is(ended!.outcome, "http_401");
	t.false(JSON.stringify(ended).includes("t0ken-"), JSON.stringify(ended));
});

test("data that is compressed is kept, and the owner is told", async (t) => {
	for (const paid of [true, false]) {
		const data = httpAnswer("200 OK", { "Content-Encoding": "gzip" }, "bytes");
		const seller = await startRawSeller(({ headers }) => (!paid || "payment-signature" in headers ? data : terms));
		t.teardown(seller.stop);
		const [ended] = await new NetworkDevice().purchases(
			configuration([{ url: `${seller.url}/data` }], { origin: seller.url }),
		);
		t.is(`${ended!.state} ${ended!.outcome}`, paid ? "delivered paid" : "delivered free");
		t.regex(String(ended!.detail), /encoded as gzip/);
	}
});
