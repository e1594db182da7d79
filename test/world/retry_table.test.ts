/**
 * "What really happens on retry", row by row, against the official server and facilitator: a payment is sent while
 * something goes wrong, and then the very same payment is sent again. What the seller answers each time, and whether the
 * money moved, is what a buyer has to cope with.
 */
import { setTimeout } from "node:timers/promises";
import test from "ava";
import type { Fault } from "../../tools/world/faults.js";
import { startWorld, type World } from "../../tools/world/world.js";
import { inWords, newBuyer } from "./buyer.js";

let world: World;
test.before(async () => {
	console.warn = () => {}; // the official server tells of each header that it cannot decode
	world = await startWorld();
});
test.after.always(() => world?.stop());

const used = "402 terms invalid_exact_evm_nonce_already_used";
const permit2Used = "402 terms permit2_simulation_failed";

interface Row {
	readonly fault: Fault | undefined;
	/** `/data` if nothing is said. */
	readonly resource?: string;
	readonly first: string;
	/** How many transfers the first payment made. */
	readonly moved: 0 | 1;
	readonly again: string;
}

const table: Readonly<Record<string, Row>> = {
	"handler answers 404": {
		fault: { name: "handler-status", status: 404 },
		first: "404 bare",
		moved: 0,
		again: "200 settled",
	},
	"handler answers 503": {
		fault: { name: "handler-status", status: 503 },
		first: "503 bare",
		moved: 0,
		again: "200 settled",
	},
	"handler answers 503 after an upfront payment": {
		fault: { name: "handler-status", status: 503 },
		resource: "/upfront",
		first: "503 settled",
		moved: 1,
		again: "402 failed invalid_exact_evm_nonce_already_used without hash",
	},
	"same payment again after success": { fault: undefined, first: "200 settled", moved: 1, again: used },
	"same Permit2 payment again after success": {
		fault: undefined,
		resource: "/permit2",
		first: "200 settled",
		moved: 1,
		again: permit2Used,
	},
	"request lost": {
		fault: { name: "wire", at: "request", does: "reset" },
		first: "lost",
		moved: 0,
		again: "200 settled",
	},
	"answer lost": { fault: { name: "wire", at: "answer", does: "reset" }, first: "lost", moved: 1, again: used },
	"answer lost after its headers": {
		fault: { name: "wire", at: "headers", does: "close" },
		first: "lost",
		moved: 1,
		again: used,
	},
	"answer cut short": { fault: { name: "wire", at: "body", does: "close" }, first: "lost", moved: 1, again: used },
	"settle broadcasts, then the node errors": {
		fault: { name: "broadcast-then-error" },
		first: "402 failed invalid_exact_evm_transaction_failed without hash",
		moved: 1,
		again: used,
	},
	"settle broadcasts, then the node errors (Permit2)": {
		fault: { name: "broadcast-then-error" },
		resource: "/permit2",
		first: "402 failed invalid_exact_evm_transaction_failed: the node's answer was lost without hash",
		moved: 1,
		again: permit2Used,
	},
	"settle's answer lost": {
		fault: { name: "settle-lost", message: "fetch failed" },
		first: "402 failed fetch failed without hash",
		moved: 1,
		again: used,
	},
	"settle's answer malformed": { fault: { name: "settle-malformed" }, first: "502 bare", moved: 1, again: used },
	"settlement_pending, then seen": {
		fault: { name: "receipt-late", waits: 1 },
		first: "200 settled",
		moved: 1,
		again: used,
	},
	settlement_pending: {
		fault: { name: "receipt-late", waits: 2 },
		first: "402 failed settlement_pending with hash",
		moved: 1,
		again: used,
	},
	"settlement_pending (Permit2)": {
		fault: { name: "receipt-late", waits: 2 },
		resource: "/permit2",
		first: "402 failed settlement_pending with hash",
		moved: 1,
		again: permit2Used,
	},
	"facilitator will not settle": {
		fault: { name: "settle-refuses", reason: "insufficient_funds" },
		first: "402 failed insufficient_funds without hash",
		moved: 0,
		again: "200 settled",
	},
	"facilitator cannot be asked to settle": {
		fault: { name: "settle-fails", message: "connect ECONNREFUSED" },
		first: "402 failed connect ECONNREFUSED without hash",
		moved: 0,
		again: "200 settled",
	},
	"node refuses the transaction": {
		fault: { name: "broadcast-refused" },
		first: "402 failed invalid_exact_evm_transaction_failed without hash",
		moved: 0,
		again: "200 settled",
	},
	"transaction reverted": {
		fault: { name: "reverted" },
		first: "402 failed invalid_exact_evm_transaction_failed with hash",
		moved: 0,
		again: "200 settled",
	},
	"transaction reverted (Permit2)": {
		fault: { name: "reverted" },
		resource: "/permit2",
		first: "402 failed invalid_exact_evm_transaction_failed with hash",
		moved: 0,
		again: "200 settled",
	},
	"authorization used by another transaction": {
		fault: { name: "front-run" },
		first: "402 failed invalid_exact_evm_transaction_failed with hash",
		moved: 1,
		again: used,
	},
	"verify refuses": {
		fault: { name: "verify-refuses", reason: "invalid_exact_evm_signature" },
		first: "402 terms invalid_exact_evm_signature",
		moved: 0,
		again: "200 settled",
	},
	"facilitator cannot be asked to verify": {
		fault: { name: "verify-fails", message: "connect ECONNREFUSED" },
		first: "402 terms connect ECONNREFUSED",
		moved: 0,
		again: "200 settled",
	},
	"extensions not echoed, identifier required": {
		fault: undefined,
		resource: "/identified",
		first: "200 settled",
		moved: 1,
		again: used,
	},
};

for (const [name, { fault, resource = "/data", first, moved, again }] of Object.entries(table)) {
	test(name, async (t) => {
		const buyer = await newBuyer(world.chain);
		const path = `${resource}/${encodeURIComponent(name)}`;
		const url = world.seller.url + path;
		const payment = await buyer.sign(url);
		if (name.startsWith("extensions not echoed")) delete payment.extensions;
		if (fault) world.seller.faults.add(path, fault);

		t.is(inWords(await buyer.send(url, payment)), first);
		t.is((await world.chain.transfers(buyer.account.address)).length, moved);
		t.is(inWords(await buyer.send(url, payment)), again);
		t.is((await world.chain.transfers(buyer.account.address)).length, again === "200 settled" ? 1 : moved);
	});
}

test("the server settles even if the client drops the connection mid-response", async (t) => {
	const buyer = await newBuyer(world.chain);
	const url = `${world.seller.url}/data/client-drops`;
	const payment = await buyer.sign(url);
	world.seller.faults.add("/data/client-drops", { name: "handler-waits", milliseconds: 300 });
	const dropped = AbortSignal.timeout(100);
	t.is(inWords(await buyer.send(url, payment, { signal: dropped })), "lost");
	while ((await world.chain.transfers(buyer.account.address)).length === 0) await setTimeout(20);
	t.is(inWords(await buyer.send(url, payment)), used);
});

test("an undecodable payment header is answered as if unpaid", async (t) => {
	for (const header of ["", "{}", "bm90IEpTT04=", "not_base64url"]) {
		const { headers, status } = await fetch(`${world.seller.url}/data`, { headers: { "PAYMENT-SIGNATURE": header } });
		t.is(status, 402, header);
		const terms = JSON.parse(Buffer.from(headers.get("payment-required")!, "base64").toString());
		t.is(terms.error, "Payment required", header);
	}
});

test("an altered extension info is answered extension_echo_mismatch", async (t) => {
	const buyer = await newBuyer(world.chain);
	const url = `${world.seller.url}/identified`;
	const payment = await buyer.sign(url);
	const altered = { ...payment, extensions: { "payment-identifier": { info: { required: false } } } };
	t.is(inWords(await buyer.send(url, altered)), "402 terms extension_echo_mismatch");
	t.is(inWords(await buyer.send(url, payment)), "200 settled");
});

test("the same payment with the same payment-identifier is answered nonce_already_used", async (t) => {
	const buyer = await newBuyer(world.chain);
	const url = `${world.seller.url}/identified`;
	const payment = await buyer.sign(url);
	const info = { required: true, id: "pay_0123456789abcdef" };
	const identified = { ...payment, extensions: { "payment-identifier": { info } } };
	t.is(inWords(await buyer.send(url, identified)), "200 settled");
	t.is(inWords(await buyer.send(url, identified)), used);
});

test("a payment sent again while its transaction is pending is served once it is mined", async (t) => {
	// A chain of its own, since it stops mining.
	const slow = await startWorld();
	try {
		const buyer = await newBuyer(slow.chain);
		const url = `${slow.seller.url}/data`;
		const payment = await buyer.sign(url);
		slow.seller.faults.add("/data", { name: "receipt-late", waits: 2 });
		await slow.chain.client.setAutomine(false);
		t.is(inWords(await buyer.send(url, payment)), "402 failed settlement_pending with hash");
		const again = buyer.send(url, payment);
		// Verified again, since the authorization is not used yet; only then may the transaction be mined.
		while (slow.seller.requests.filter(({ handled }) => handled).length < 2) await setTimeout(10);
		await slow.chain.client.mine({ blocks: 1 });
		t.is(inWords(await again), "200 settled");
		t.is((await slow.chain.transfers(buyer.account.address)).length, 1);
	} finally {
		await slow.stop();
	}
});
