/**
 * Whole answers of 1 to 20 kB, with the bulk in each place that a server can put it, before and after payment, in a machine
 * that is as full as it gets: the machine never ends, every plan has its turn, and what was paid for is delivered, if not at the
 * first answer then by sending the same payment again.
 *
 * TLS is not in these figures: on a board it is JavaScript in the same memory (docs/supported.md), at an assumed 20 kB.
 */

import type { XsBuild } from "../../tools/xs/build.js";
import { entry } from "../agent/fake_seller.js";
import { httpAnswer, type RawAnswer, startRawSeller } from "../world/raw_seller.js";
import { LIGHT_PLANS, PLANS, runFull } from "./full_machine.js";

const base64 = (value: unknown): string =>
	Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");
const terms = (more: object = {}, fields: object = {}) => ({
	x402Version: 2,
	error: "Payment required",
	accepts: [entry(fields)],
	...more,
});
const receipt = (more: object = {}) => ({
	success: true,
	transaction: `0x${"ab".repeat(32)}`,
	network: "eip155:84532",
	payer: "0x",
	...more,
});
const latin1 = (size: number): string => "\u00e9".repeat(size);
const bytes = (text: string): Uint8Array => Buffer.from(text, "latin1");
const chunked = (status: string, rest: string): string =>
	`HTTP/1.1 ${status}\r\nTransfer-Encoding: chunked\r\n\r\n${rest}`;
const v1 = (more: object, fields: object = {}) => {
	const { amount, ...rest } = entry({ network: "base-sepolia", ...fields });
	return { x402Version: 1, error: "Pay", accepts: [{ ...rest, maxAmountRequired: amount }], ...more };
};
const body402 = (value: unknown): string =>
	httpAnswer("402 Payment Required", { "Content-Type": "application/json" }, JSON.stringify(value));
const header402 = (value: unknown): string =>
	httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": base64(value) }, "{}");

/** Where in any answer the bulk can be: `status` and `headers` are those of the answer without it. */
const anywhere: Readonly<Record<string, (status: string, headers: Record<string, string>, size: number) => string>> = {
	"the reason phrase": (status, headers, size) => httpAnswer(`${status}${"x".repeat(size)}`, headers, "data"),
	"one header": (status, headers, size) => httpAnswer(status, { ...headers, "X-Big": "x".repeat(size) }, "data"),
	"one header, Latin-1": (status, headers, size) => httpAnswer(status, { ...headers, "X-Big": latin1(size) }, "data"),
	"60 headers": (status, headers, size) => {
		const many = Array.from({ length: 60 }, (_, i) => [`X-${i}`, "y".repeat(size / 60)]);
		return httpAnswer(status, { ...headers, ...Object.fromEntries(many) }, "data");
	},
	"commas in Connection": (status, headers, size) =>
		httpAnswer(status, { ...headers, Connection: ",".repeat(size) }, "data"),
	"options in Connection": (status, headers, size) =>
		httpAnswer(status, { ...headers, Connection: "a, ".repeat(size / 3) }, "data"),
	Location: (status, headers, size) => httpAnswer(status, { ...headers, Location: `/${"l".repeat(size)}` }, "data"),
	"Location, Latin-1": (status, headers, size) => httpAnswer(status, { ...headers, Location: latin1(size) }, "data"),
	"Retry-After": (status, headers, size) => httpAnswer(status, { ...headers, "Retry-After": "9".repeat(size) }, "data"),
	Date: (status, headers, size) => httpAnswer(status, { ...headers, Date: `Sun, ${"0".repeat(size)}` }, "data"),
	"the receipt: junk": (status, headers, size) =>
		httpAnswer(status, { ...headers, "PAYMENT-RESPONSE": "A".repeat(size) }, "data"),
	"the receipt: an error text": (status, headers, size) =>
		httpAnswer(status, { ...headers, "PAYMENT-RESPONSE": base64(receipt({ errorReason: "e".repeat(size) })) }, "data"),
	"the receipt: Latin-1": (status, headers, size) =>
		httpAnswer(status, { ...headers, "X-PAYMENT-RESPONSE": latin1(size) }, "data"),
	"the body": (status, headers, size) => httpAnswer(status, headers, "b".repeat(size)),
	"a chunk's extension": (status, _headers, size) => chunked(status, `4;${"e".repeat(size)}\r\ndata\r\n0\r\n\r\n`),
	"a chunk's extension, Latin-1": (status, _headers, size) => chunked(status, `4;${latin1(size)}\r\ndata\r\n0\r\n\r\n`),
	"a trailer": (status, _headers, size) => chunked(status, `4\r\ndata\r\n0\r\nX-T: ${"t".repeat(size)}\r\n\r\n`),
	"many trailers": (status, _headers, size) => chunked(status, `4\r\ndata\r\n0\r\n${"T: t\r\n".repeat(size / 6)}\r\n`),
	"one-byte chunks": (status, _headers, size) => chunked(status, `${"1\r\nx\r\n".repeat(size / 6)}0\r\n\r\n`),
};

/** Where in the terms. */
const inTerms: Readonly<Record<string, (size: number) => string>> = {
	"the header: junk": (size) => httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": "A".repeat(size) }, "{}"),
	"the header: Latin-1": (size) => httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": latin1(size) }, "{}"),
	"the header: a description": (size) => header402(terms({ resource: { url: "/", description: "d".repeat(size) } })),
	"the header: a description, not ASCII": (size) =>
		header402(terms({ resource: { url: "/", description: "é".repeat(size / 2) } })),
	"the header: escapes": (size) =>
		header402(JSON.stringify(terms({ resource: "*" })).replace("*", "\\u00e9".repeat(size / 6))),
	"the header: extensions": (size) => header402(terms({ extensions: { a: { info: { text: "x".repeat(size) } } } })),
	"the header: extra": (size) =>
		header402(terms({}, { extra: { name: "USDC", version: "2", more: "x".repeat(size) } })),
	"the header: the error": (size) => header402(terms({ error: "e".repeat(size) })),
	"the header: the name of a member": (size) => header402(terms({ ["n".repeat(size)]: 1 })),
	"the header: the scheme": (size) => header402(terms({ accepts: [entry({ scheme: "s".repeat(size) }), entry()] })),
	"the header: the amount": (size) => header402(terms({ accepts: [entry({ amount: "1".repeat(size) }), entry()] })),
	"the header: many entries": (size) => header402(terms({ accepts: Array(Math.ceil(size / 250)).fill(entry()) })),
	"the header: many entries of another chain": (size) =>
		header402(terms({ accepts: [...Array(Math.ceil(size / 250)).fill(entry({ network: "solana:x" })), entry()] })),
	"the header: many small values": (size) => header402(terms({ list: Array(Math.ceil(size / 2)).fill(1) })),
	"the header, as JSON": (size) =>
		httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": JSON.stringify(terms({ more: "m".repeat(size) })) }, "{}"),
	"the body, v2": (size) => body402(terms({ resource: { url: "/", description: "d".repeat(size) } })),
	"the body, v1: a description": (size) => body402(v1({}, { description: "d".repeat(size) })),
	"the body, v1: an output schema": (size) => body402(v1({}, { outputSchema: { text: "x".repeat(size) } })),
	"the body, v1: the error": (size) => body402(v1({ error: "e".repeat(size) })),
	"the body: a page": (size) => httpAnswer("402 Payment Required", {}, `<html>${"x".repeat(size)}`),
	"the body: a page, of no declared length": (size) =>
		chunked("402 x", `${(size + 6).toString(16)}\r\n<html>${"x".repeat(size)}\r\n0\r\n\r\n`),
	"the body beside the header": (size) =>
		httpAnswer("402 Payment Required", { "PAYMENT-REQUIRED": base64(terms()) }, "x".repeat(size)),
};

export interface LargeCase {
	readonly name: string;
	readonly unpaid: RawAnswer;
	/** For the first payment; a second one is answered well. */
	readonly paid: RawAnswer;
	/** How it may end. */
	readonly ends: RegExp;
}

/** No payment is taken for made that was not. */
const ANY = /^(delivered paid|refused |unknown )/;
const good = header402(terms());
const data = httpAnswer("200 OK", { "PAYMENT-RESPONSE": base64(receipt()) }, "data");

/** Bytes of a head that a device reads, of x402's answers. */
const HEAD_LIMIT = 16_384;

/** Every place of every answer, at these sizes in bytes. */
export function largeCases(sizes: readonly number[]): LargeCase[] {
	const all: LargeCase[] = [];
	for (const size of sizes) {
		for (const [place, answer] of Object.entries(inTerms)) {
			const unpaid = bytes(answer(size));
			all.push({ name: `terms, ${place}: ${size}`, unpaid, paid: data, ends: /^(delivered paid|refused [A-Z])/ });
			all.push({ name: `402 after payment, ${place}: ${size}`, unpaid: good, paid: unpaid, ends: ANY });
		}
		for (const [place, answer] of Object.entries(anywhere)) {
			const make = (status: string, headers: Record<string, string> = {}) => bytes(answer(status, headers, size));
			// A head that is longer than the device reads is asked for once.
			const ends = size > HEAD_LIMIT ? /^(delivered paid|unknown HeadTooLarge)$/ : /^delivered paid$/;
			all.push({ name: `paid, ${place}: ${size}`, unpaid: good, paid: make("200 OK"), ends });
			all.push({
				name: `free, ${place}: ${size}`,
				unpaid: make("200 OK"),
				paid: data,
				ends: /^(delivered free|refused )/,
			});
			all.push({ name: `refused, ${place}: ${size}`, unpaid: make("403 No"), paid: data, ends: /^refused / });
			all.push({
				name: `paid and failed, ${place}: ${size}`,
				unpaid: good,
				paid: make("403 No"),
				ends: ANY,
			});
			const withTerms = make("402 Payment Required", { "PAYMENT-REQUIRED": base64(terms()) });
			all.push({
				name: `terms beside ${place}: ${size}`,
				unpaid: withTerms,
				paid: data,
				ends: /^(delivered paid|refused )/,
			});
		}
	}
	return all;
}

export interface LargeResult {
	/** Why the machine ended, or what ended otherwise than it may. */
	readonly failures: readonly string[];
	/** Bytes of the arena, at the highest, and how many there are. */
	readonly peak: number;
}

/**
 * Has a full machine buy from a seller that answers as `cases` say, one plan for each: at most `PLANS` of them. With
 * `LIGHT_PLANS` of them the machine has no more than those.
 */
export async function buyLarge(
	build: XsBuild,
	flash: string,
	cases: readonly LargeCase[],
	arena?: number,
): Promise<LargeResult> {
	const sent = new Set<string>();
	const seller = await startRawSeller(({ path, headers }) => {
		const { unpaid, paid } = cases[Number(path.slice(1)) % cases.length]!;
		if (!("payment-signature" in headers || "x-payment" in headers)) return unpaid;
		const isFirst = !sent.has(path);
		sent.add(path);
		return isFirst ? paid : data;
	});
	const plans = Array.from({ length: cases.length === LIGHT_PLANS ? LIGHT_PLANS : PLANS }, (_, i) => ({
		name: `plan ${i}`,
		url: `${seller.url}/${i}`,
	}));
	const { result, purchases, peak } = await runFull(build, seller.url, plans, flash, arena);
	await seller.stop();
	const failures: string[] = [];
	if (peak === 0) failures.push(`${result.reason ?? "it ended"}, at "${cases[purchases.length % cases.length]?.name}"`);
	if (purchases.length !== plans.length) failures.push(`${purchases.length} of ${plans.length} plans had their turn`);
	for (const [i, { state, outcome, detail }] of purchases.entries()) {
		const { name, ends } = cases[i % cases.length]!;
		if (!ends.test(`${state} ${outcome}`)) failures.push(`${name}: ${state} ${outcome}: ${detail}`);
	}
	return { failures, peak };
}
