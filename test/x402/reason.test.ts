/** Reason codes: each of the reference facilitator's, as its published code has them, and the sentences around them. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import test from "ava";
import { type Reason, reasonIn } from "../../src/x402/reason.js";

const main = createRequire(import.meta.url).resolve("@x402/evm/exact/facilitator");
const source = readFileSync(path.join(path.dirname(main), "index.js"), "utf8");
const codes = [...source.matchAll(/\bErr\w+ = "([a-z0-9_]+)"/g)].map(([, code]) => code!);

const special: Readonly<Record<string, Reason>> = {
	erc20_approval_broadcast_failed: "tried",
	erc20_approval_tx_failed: "tried",
	invalid_exact_evm_insufficient_balance: "funds",
	invalid_exact_evm_nonce_already_used: "used",
	invalid_exact_evm_transaction_failed: "tried",
	invalid_exact_evm_transfer_event_mismatch: "tried",
	invalid_transaction_state: "tried",
	permit2_insufficient_balance: "funds",
	permit2_invalid_nonce: "used",
	settlement_pending: "tried",
	smart_wallet_deployment_failed: "tried",
};

test("every reason code of the reference facilitator is read, alone and in a sentence", (t) => {
	t.true(codes.length >= 50, `${codes.length} codes`);
	for (const code of codes) {
		const reason = special[code] ?? "fault";
		for (const words of [code, `Payment verification failed: ${code}`, `{"error":{"message":"no: ${code}."}}`]) {
			t.is(reasonIn(words), reason, words);
		}
	}
});

test("sentences of servers, old codes, and what says nothing", (t) => {
	for (const [words, reason] of [
		["insufficient_funds", "funds"],
		["Insufficient balance for this payment", "funds"],
		["No matching payment requirements", "fault"],
		["Unable to find matching payment requirements", "fault"],
		["Invalid or malformed payment header", "fault"],
		["unexpected_verify_error", "tried"],
		["unexpected_settle_error", "tried"],
		["Failed to settle payment", "tried"],
		["Failed to settle payment: invalid_exact_evm_transaction_failed, insufficient_funds", "tried"],
		["insufficient_funds, nonce_already_used", "used"],
		["Payment required", "required"],
		["X-PAYMENT header is required", "required"],
		["connect ECONNREFUSED", undefined],
		["", undefined],
	] as const) {
		t.is(reasonIn(words), reason, words);
	}
});
