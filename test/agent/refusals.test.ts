/**
 * A refusal that proves that nothing was taken is no "unknown", wherever the seller's words stand; and what a server says never
 * widens what may be spent for life.
 */
import test from "ava";
import { answer, TimedDevice, terms } from "../support/timed_device.js";
import { configuration, entry } from "./fake_seller.js";

const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
const failed = (errorReason: string, transaction = "") => ({
	"PAYMENT-RESPONSE": base64({ success: false, errorReason, transaction }),
});

/** What answers the payment, and how the purchase ends. */
const table: readonly (readonly [what: string, paid: string, ends: string])[] = [
	[
		"a JSON body with error",
		answer("402 Payment Required", {}, '{"error":"Payment verification failed: invalid_exact_evm_signature"}'),
		"refused verification_failed",
	],
	[
		"a JSON body with message",
		answer("402 Payment Required", {}, '{"code":7,"message":"verify: permit2_deadline_expired"}'),
		"refused verification_failed",
	],
	[
		"plain text",
		answer("402 Payment Required", { "Content-Type": "text/plain" }, "asset_not_deployed_contract"),
		"refused verification_failed",
	],
	[
		"a body with a long code",
		answer("402 No", {}, '{"error":"invalid_exact_evm_payload_authorization_valid_before"}'),
		"refused verification_failed",
	],
	["the receipt", answer("402 No", failed("invalid_exact_evm_token_name_mismatch")), "refused verification_failed"],
	[
		"the terms, within a sentence",
		terms([entry()], { error: "verification failed (invalid_exact_evm_recipient_mismatch)" }),
		"refused verification_failed",
	],
	[
		"a receipt with a transaction",
		answer("402 No", failed("invalid_exact_evm_signature", `0x${"ab".repeat(32)}`)),
		"unknown settlement_failed",
	],
	[
		"a receipt of a failed transaction",
		answer("402 No", failed("invalid_exact_evm_transaction_failed")),
		"unknown settlement_failed",
	],
	[
		"a body that says it was used",
		answer("402 No", {}, '{"error":"nonce_already_used"}'),
		"unknown nonce_already_used",
	],
	[
		"a body that says that a settlement was tried",
		answer("402 No", {}, '{"error":"settle_failed"}'),
		"unknown refused_without_terms",
	],
	["words that prove nothing", answer("402 No", {}, "go away"), "unknown refused_without_terms"],
	["nothing at all", answer("402 No"), "unknown refused_without_terms"],
];

for (const [what, paid, ends] of table) {
	test(`a refusal in ${what}: ${ends}`, async (t) => {
		const device = new TimedDevice(({ payment, stream }) =>
			stream.receive(payment === undefined ? terms([entry()]) : paid),
		);
		const events = await device.runFor(100, configuration([{}]));
		const purchase = events.find(({ event }) => event === "purchase")!;
		t.is(`${purchase.state} ${purchase.outcome}`, ends, String(purchase.detail));
		t.is(device.paid.length, 1);
		t.is(device.spent()[0]!.total, 10_000n, "for life it counts all the same");
	});
}

test("the words of a seller that names no terms are shown", async (t) => {
	const device = new TimedDevice(({ payment, stream }) =>
		stream.receive(payment === undefined ? terms([entry()]) : answer("402 No", {}, "come back\r\n\u0007 tomorrow")),
	);
	const events = await device.runFor(100, configuration([{}]));
	t.is(
		events.find(({ event }) => event === "purchase")!.detail,
		"the seller answered 402 without terms: come back tomorrow",
	);
});
