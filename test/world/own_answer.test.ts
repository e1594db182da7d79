/**
 * An answer belongs to its request: a server, or something between it and the device, repeats the unpaid 402 on the kept
 * connection before, with and after the payment. The payment is answered once, and that answer is what counts.
 */
import test, { type ExecutionContext } from "ava";
import { type Engine, type FirmwareEvent, runFirmware } from "../../tools/firmware.js";
import { buildXs } from "../../tools/xs/build.js";
import { configuration, entry } from "../agent/fake_seller.js";
import { makeFolder } from "../support/folder.js";
import { xsTest } from "../xs/device.js";
import { httpAnswer, type RawAnswer, type RawPart, startRawSeller, termsAnswer } from "./raw_seller.js";

const terms = { x402Version: 2, error: "Payment required", accepts: [entry()] };
const v2 = termsAnswer(terms);
const { amount, ...rest } = entry({ network: "base-sepolia" });
const v1 = httpAnswer(
	"402 Payment Required",
	{ "Content-Type": "application/json" },
	JSON.stringify({ x402Version: 1, error: "Pay, please", accepts: [{ ...rest, maxAmountRequired: amount }] }),
);
const data = httpAnswer("200 OK", {}, "data");
const used = termsAnswer({ ...terms, error: "invalid_exact_evm_nonce_already_used" });

/** What is sent for the unpaid request, and for the payment on the same connection: the seller settles it once. */
interface Row {
	readonly unpaid: RawAnswer;
	readonly paid: RawAnswer;
	/** For each further payment. */
	readonly again?: RawAnswer;
	readonly ends: string;
	/** Payments that reach the seller. */
	readonly sent: number;
}

const soon = (bytes: string, after = 60): RawPart => ({ bytes, after });

const table: Readonly<Record<string, Row>> = {
	"the duplicate comes with the 402": { unpaid: v2 + v2, paid: data, ends: "delivered paid", sent: 1 },
	"half of the duplicate comes with the 402": {
		unpaid: v2 + v2.slice(0, 50),
		paid: data,
		ends: "delivered paid",
		sent: 1,
	},
	"the duplicate comes with the payment, the answer after it": {
		unpaid: v2,
		paid: [{ bytes: v2 }, soon(data)],
		again: used,
		ends: "delivered paid",
		sent: 1,
	},
	"two duplicates, and the answer in one piece with them": {
		unpaid: v2,
		paid: v2 + v2 + data,
		again: used,
		ends: "delivered paid",
		sent: 1,
	},
	"v1: the duplicate comes with the payment": {
		unpaid: v1,
		paid: [{ bytes: v1 }, soon(data)],
		again: used,
		ends: "delivered paid",
		sent: 1,
	},
	"the duplicate, and then the end of the connection": {
		unpaid: v2,
		paid: { bytes: v2, close: true },
		again: data,
		ends: "delivered paid",
		sent: 2,
	},
	"the duplicate in place of the answer": { unpaid: v2, paid: v2, again: data, ends: "delivered paid", sent: 2 },
	"the seller refuses the payment after the duplicate": {
		unpaid: v2,
		paid: [{ bytes: v2 }, soon(termsAnswer({ ...terms, error: "invalid_exact_evm_signature" }))],
		again: data,
		ends: "refused verification_failed",
		sent: 1,
	},
	"the seller takes no payment": { unpaid: v2, paid: v2, again: v2, ends: "refused verification_failed", sent: 2 },
	"the duplicate comes after the answer": {
		unpaid: v2,
		paid: [{ bytes: data }, soon(v2)],
		ends: "delivered paid",
		sent: 1,
	},
};

async function buys(engine: Engine, row: Row, flash: string) {
	let payments = 0;
	const seller = await startRawSeller(({ headers }) => {
		if (!("payment-signature" in headers || "x-payment" in headers)) return row.unpaid;
		return payments++ === 0 ? row.paid : (row.again ?? row.paid);
	});
	const events: FirmwareEvent[] = [];
	const plans = [{ url: `${seller.url}/a` }];
	const text = configuration(plans, { origin: seller.url });
	const build = engine === "xs" ? await buildXs() : undefined;
	const result = await runFirmware({
		engine,
		build,
		configuration: text,
		flash,
		timeout: 60_000,
		onEvent: (event) => events.push(event),
	});
	await seller.stop();
	const sent = seller.payments().map(({ headers }) => headers["payment-signature"] ?? headers["x-payment"]);
	const purchases = events.filter(({ event }) => event === "purchase");
	return { result, sent, ends: purchases.map(({ state, outcome }) => `${state} ${outcome}`) };
}

for (const engine of ["node", "xs"] as const) {
	for (const [name, row] of Object.entries(table)) {
		const run = engine === "xs" ? xsTest : test.serial;
		run(`on ${engine}: ${name}`, async (t: ExecutionContext) => {
			const { result, sent, ends } = await buys(engine, row, makeFolder(t));
			t.is(result.exitCode, 0, result.reason);
			t.deepEqual(ends, [row.ends]);
			t.is(sent.length, row.sent);
			t.is(new Set(sent).size, 1, "the same payment, byte for byte");
		});
	}
}
