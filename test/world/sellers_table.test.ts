/**
 * What sellers do, and what the device and the reference client `@x402/fetch` make of it, on the same seller in the same run.
 * docs/sellers.md has the table, which this test holds to what happens.
 */
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { registerExactEvmScheme } from "@x402/evm/exact/client";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import test from "ava";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { secret } from "../../tools/world/secret_log.js";
import { configuration, entry } from "../agent/fake_seller.js";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, type RawAnswer, startRawSeller } from "./raw_seller.js";

const base64 = (value: unknown, form: BufferEncoding = "utf8") =>
	Buffer.from(typeof value === "string" ? value : JSON.stringify(value), form).toString("base64");
const v2 = (fields: object = {}, more: object = {}) => ({
	x402Version: 2,
	error: "Payment required",
	resource: { url: "http://127.0.0.1/", description: "d", mimeType: "" },
	accepts: [entry(fields)],
	...more,
});
const v1 = (fields: object = {}, more: object = {}) => {
	const { amount, ...rest } = entry({ network: "base-sepolia" });
	const described = { resource: "http://127.0.0.1/", description: "", mimeType: "" };
	return {
		x402Version: 1,
		error: "Pay",
		accepts: [{ ...rest, ...described, maxAmountRequired: amount, ...fields }],
		...more,
	};
};
const ask = (headers: Record<string, string>, body = "{}") => httpAnswer("402 Payment Required", headers, body);
const inHeader = (terms: unknown) => ask({ "PAYMENT-REQUIRED": base64(terms) });
const inBody = (terms: unknown) => ask({ "Content-Type": "application/json" }, JSON.stringify(terms));
const raw = (status: string, headers: string, bytes: Buffer) =>
	Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${headers}Content-Length: ${bytes.length}\r\n\r\n`), bytes]);
const data = httpAnswer("200 OK", {}, "data");
const others = Array.from({ length: 40 }, (_, i) => entry({ network: `eip155:${i + 1}` }));
const deep = (levels: number): unknown => JSON.parse(`${"[".repeat(levels)}${"]".repeat(levels)}`);

interface Row {
	readonly unpaid?: RawAnswer;
	/** By how often it was paid. */
	readonly paid?: (count: number) => RawAnswer;
}

const rows: Readonly<Record<string, Row>> = {
	"asks by version 2": {},
	"asks by version 1": { unpaid: inBody(v1()) },
	"sends the terms of version 2 in the body alone": { unpaid: inBody(v2()) },
	"sends them in `X-PAYMENT-REQUIRED`": { unpaid: ask({ "X-PAYMENT-REQUIRED": base64(v2()) }) },
	"sends them in `WWW-Authenticate`": { unpaid: ask({ "WWW-Authenticate": `x402 challenge="${base64(v2())}"` }) },
	"sends an empty `PAYMENT-REQUIRED` beside a body of version 1": {
		unpaid: ask({ "PAYMENT-REQUIRED": "" }, JSON.stringify(v1())),
	},
	"sends base64url": {
		unpaid: ask({ "PAYMENT-REQUIRED": Buffer.from(JSON.stringify(v2({}, { note: "???>>>" }))).toString("base64url") }),
	},
	"sends a byte order mark": { unpaid: ask({}, `\ufeff${JSON.stringify(v1())}`) },
	"writes a description in Latin-1, in the header": {
		unpaid: ask({
			"PAYMENT-REQUIRED": base64(JSON.stringify(v2({}, { resource: { url: "x", description: "°" } })), "latin1"),
		}),
	},
	"writes a description in Latin-1, in the body": {
		unpaid: raw("402 Pay", "", Buffer.from(JSON.stringify(v1({ description: "°" })), "latin1")),
	},
	"writes the amount as a number": { unpaid: inHeader(v2({ amount: 10_000 })) },
	"writes `maxTimeoutSeconds` as a text": { unpaid: inHeader(v2({ maxTimeoutSeconds: "60" })) },
	"allows a week": { unpaid: inHeader(v2({ maxTimeoutSeconds: 604_800 })) },
	"writes `x402Version` as a text": { unpaid: inHeader(v2({}, { x402Version: "2" })) },
	"names a chain by version 1's name in version 2": { unpaid: inHeader(v2({ network: "base-sepolia" })) },
	"names a chain by its CAIP-2 identifier in version 1": { unpaid: inBody(v1({ network: "eip155:84532" })) },
	"leaves out the token's name and version": { unpaid: inHeader(v2({ extra: {} })) },
	"has a schema of 40 levels": { unpaid: inHeader(v2({}, { extensions: { bazaar: { schema: deep(40) } } })) },
	"sends 15 kB of header": { unpaid: inHeader(v2({}, { extensions: { bazaar: { info: "x".repeat(11_000) } } })) },
	"sends 12 kB of body": { unpaid: inBody(v1({ outputSchema: { info: "x".repeat(11_500) } })) },
	"offers forty chains, the device's the last": { unpaid: inHeader(v2({}, { accepts: [...others, entry()] })) },
	"compresses the terms": { unpaid: raw("402 Pay", "Content-Encoding: gzip\r\n", gzipSync(JSON.stringify(v1()))) },
	"compresses the data": { paid: () => raw("200 OK", "Content-Encoding: gzip\r\n", gzipSync("data")) },
	"answers 400 before payment, and says why": { unpaid: httpAnswer("400 No", {}, "city is missing") },
	"answers 422 to the payment, and says why": { paid: () => httpAnswer("422 No", {}, "city is missing") },
	"sends a page as a 402": { unpaid: ask({ "Content-Type": "text/html" }, "<p>Pay!</p>") },
	"redirects the payment to a file": { paid: () => httpAnswer("302 There", { Location: "/file" }) },
	"takes the payment for a job": { paid: () => httpAnswer("202 Soon", { Location: "/file" }, "soon") },
	"answers 503 to the first payment": { paid: (count) => (count === 1 ? httpAnswer("503 No", {}) : data) },
	"loses the first answer": { paid: (count) => (count === 1 ? { bytes: "", close: true } : data) },
};

/** Rows of the document, by what the seller does. */
const documented = new Map(
	readFileSync("docs/sellers.md", "utf8")
		.split("\n")
		.filter((line) => /^\| [^|]* \| [^|]* \| [^|]* \|$/.test(line))
		.map((line) => line.slice(2, -2).split(" | "))
		.map(([what, device, reference]) => [what!, { device, reference }]),
);

function sellerOf({ unpaid = inHeader(v2()), paid = () => data }: Row) {
	let count = 0;
	return startRawSeller(({ path, headers }) => {
		if (path === "/file") return data;
		return "payment-signature" in headers || "x-payment" in headers ? paid(++count) : unpaid;
	});
}

async function byDevice(row: Row): Promise<string> {
	const seller = await sellerOf(row);
	const device = new NetworkDevice();
	const [ended] = await device.purchases(configuration([{ url: `${seller.url}/data` }], { origin: seller.url }));
	await seller.stop();
	const { state, outcome, detail, data: got } = ended!;
	if (state === "delivered") return got === "data" ? "buys" : "buys, and says that it is compressed";
	return `${state} \`${outcome}\`${String(detail).includes("city is missing") ? ", and shows why" : ""}`;
}

async function byReference(row: Row): Promise<string> {
	const seller = await sellerOf(row);
	const client = new x402Client();
	registerExactEvmScheme(client, { signer: privateKeyToAccount(secret(generatePrivateKey())) });
	client.setSpendControls(false);
	try {
		const response = await wrapFetchWithPayment(fetch, client)(`${seller.url}/data`);
		const text = await response.text();
		if (response.status === 200 && text === "data") return "buys";
		return `returns ${response.status}`;
	} catch {
		return "fails";
	} finally {
		await seller.stop();
	}
}

for (const [what, row] of Object.entries(rows)) {
	test(`a seller that ${what}: as docs/sellers.md has it`, async (t) => {
		t.deepEqual({ device: await byDevice(row), reference: await byReference(row) }, documented.get(what) as never);
	});
}

test("docs/sellers.md has no other rows", (t) => {
	const known = new Set(Object.keys(rows));
	t.deepEqual(
		[...documented.keys()].filter((what) => !known.has(what) && what !== "a seller"),
		[],
	);
});
