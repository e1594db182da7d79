/**
 * "What really happens on retry", seen from the device: each row is made to happen to an official seller with the official
 * facilitator, the device's outcome has a name, and the chain, asked by viem, has moved the money once at most and never
 * more than the ledger says.
 */
import test from "ava";
import type { Fault, FaultOptions } from "../../tools/world/faults.js";
import { offer, payTo } from "../../tools/world/resources.js";
import { startWorld, type World } from "../../tools/world/world.js";
import { NetworkDevice } from "../support/network_device.js";
import { configure } from "../world/configuration.js";

let world: World;
test.before(async () => {
	console.warn = () => {}; // the official server tells of each header that it cannot decode
	world = await startWorld({
		resources: { "/bare": { description: "terms of a token", offers: [offer] } },
	});
});
test.after.always(() => world?.stop());

let seed = 1_000;
async function newDevice({ balance = 1_000_000n, isApproved = true } = {}): Promise<NetworkDevice> {
	const device = new NetworkDevice(seed++);
	device.followsWall = true;
	if (balance > 0n) await world.chain.mint(device.address, balance);
	if (isApproved) await world.chain.approvePermit2(device.address);
	return device;
}

interface Row {
	readonly seller?: "seller" | "v1";
	/** `/data` if nothing is said. */
	readonly resource?: string;
	readonly fault?: Fault;
	readonly options?: FaultOptions;
	readonly device?: { readonly balance?: bigint; readonly isApproved?: boolean };
	/** State and outcome. */
	readonly ends: string;
	/** How many transfers the chain made. */
	readonly moved: 0 | 1;
	/** How often the payment was sent. */
	readonly sent: number;
}

const lost = "unknown nonce_already_used";
const failed = "unknown settlement_failed";
const unverified = "refused verification_failed";
const paid = { ends: "delivered paid", moved: 1 } as const;

const table: Readonly<Record<string, Row>> = {
	"nothing goes wrong": { ...paid, sent: 1 },
	"handler answers 404": {
		fault: { name: "handler-status", status: 404 },
		ends: "refused handler_refused",
		moved: 0,
		sent: 1,
	},
	"handler answers 503 once": { fault: { name: "handler-status", status: 503 }, ...paid, sent: 2 },
	"handler answers 503 always": {
		fault: { name: "handler-status", status: 503 },
		options: { times: 9 },
		ends: "refused handler_failed",
		moved: 0,
		sent: 4,
	},
	"handler redirects, and the payment is settled": {
		fault: { name: "handler-status", status: 302 },
		ends: "unknown charged_undelivered",
		moved: 1,
		sent: 1,
	},
	"handler answers 503 after an upfront payment": {
		resource: "/upfront",
		fault: { name: "handler-status", status: 503 },
		ends: "unknown charged_undelivered",
		moved: 1,
		sent: 1,
	},
	"paid upfront": { resource: "/upfront", ...paid, sent: 1 },
	"paid by Permit2": { resource: "/permit2", ...paid, sent: 1 },
	"paid by whichever comes first": { resource: "/either", ...paid, sent: 1 },
	"a large body": { resource: "/big", ...paid, sent: 1 },
	"a chunked body": { resource: "/chunked", ...paid, sent: 1 },
	"request lost": { fault: { name: "wire", at: "request", does: "reset" }, ...paid, sent: 2 },
	"request lost, never answered": {
		fault: { name: "wire", at: "request", does: "silence" },
		ends: "unknown answer_lost",
		moved: 0,
		sent: 1,
	},
	"answer lost": { fault: { name: "wire", at: "answer", does: "reset" }, ends: lost, moved: 1, sent: 2 },
	"answer lost by a close": { fault: { name: "wire", at: "answer", does: "close" }, ends: lost, moved: 1, sent: 2 },
	"answer never comes": {
		fault: { name: "wire", at: "answer", does: "silence" },
		ends: "unknown answer_lost",
		moved: 1,
		sent: 1,
	},
	"answer lost (Permit2)": {
		resource: "/permit2",
		fault: { name: "wire", at: "answer", does: "reset" },
		ends: "unknown verification_failed",
		moved: 1,
		sent: 2,
	},
	"answer lost after its headers": {
		fault: { name: "wire", at: "headers", does: "close" },
		ends: lost,
		moved: 1,
		sent: 2,
	},
	"answer cut short": { fault: { name: "wire", at: "body", does: "close" }, ends: lost, moved: 1, sent: 2 },
	"settle broadcasts, then the node errors": {
		fault: { name: "broadcast-then-error" },
		ends: failed,
		moved: 1,
		sent: 1,
	},
	"settle broadcasts, then the node errors (Permit2)": {
		resource: "/permit2",
		fault: { name: "broadcast-then-error" },
		ends: failed,
		moved: 1,
		sent: 1,
	},
	"settle's answer lost": { fault: { name: "settle-lost", message: "fetch failed" }, ends: failed, moved: 1, sent: 1 },
	"settle's answer malformed": { fault: { name: "settle-malformed" }, ends: lost, moved: 1, sent: 2 },
	"settle's answer malformed (Permit2)": {
		resource: "/permit2",
		fault: { name: "settle-malformed" },
		ends: "unknown verification_failed",
		moved: 1,
		sent: 2,
	},
	"settlement_pending, then seen": { fault: { name: "receipt-late", waits: 1 }, ...paid, sent: 1 },
	settlement_pending: {
		fault: { name: "receipt-late", waits: 2 },
		ends: "unknown settlement_pending",
		moved: 1,
		sent: 1,
	},
	"settlement_pending (Permit2)": {
		resource: "/permit2",
		fault: { name: "receipt-late", waits: 2 },
		ends: "unknown settlement_pending",
		moved: 1,
		sent: 1,
	},
	"facilitator will not settle": {
		fault: { name: "settle-refuses", reason: "insufficient_funds" },
		ends: "refused WalletEmpty",
		// When it is switched on again, with the same nonce.
		moved: 1,
		sent: 1,
	},
	"facilitator cannot be asked to settle": {
		fault: { name: "settle-fails", message: "connect ECONNREFUSED" },
		ends: failed,
		moved: 0,
		sent: 1,
	},
	"node refuses the transaction": { fault: { name: "broadcast-refused" }, ends: failed, moved: 0, sent: 1 },
	"transaction reverted": { fault: { name: "reverted" }, ends: failed, moved: 0, sent: 1 },
	"transaction reverted (Permit2)": {
		resource: "/permit2",
		fault: { name: "reverted" },
		ends: failed,
		moved: 0,
		sent: 1,
	},
	"authorization used by another transaction": { fault: { name: "front-run" }, ends: failed, moved: 1, sent: 1 },
	"verify refuses": {
		fault: { name: "verify-refuses", reason: "invalid_exact_evm_signature" },
		ends: unverified,
		moved: 0,
		sent: 1,
	},
	"verify says that the nonce is used": {
		fault: { name: "verify-refuses", reason: "invalid_exact_evm_nonce_already_used" },
		ends: lost,
		moved: 0,
		sent: 1,
	},
	"facilitator cannot be asked to verify": {
		fault: { name: "verify-fails", message: "connect ECONNREFUSED" },
		...paid,
		sent: 2,
	},
	"facilitator can never be asked to verify": {
		fault: { name: "verify-fails", message: "connect ECONNREFUSED" },
		options: { times: 9 },
		ends: unverified,
		moved: 0,
		sent: 4,
	},
	"no money": { device: { balance: 0n }, ends: "refused WalletEmpty", moved: 0, sent: 1 },
	"Permit2 not approved: 412": {
		resource: "/permit2",
		device: { isApproved: false },
		ends: unverified,
		moved: 0,
		sent: 1,
	},
	"payment-identifier required": { resource: "/identified", ...paid, sent: 1 },
	"refused without terms": {
		fault: { name: "header", header: "PAYMENT-REQUIRED", value: undefined },
		device: { balance: 0n },
		ends: "unknown refused_without_terms",
		moved: 0,
		sent: 1,
	},
	"delivered without a receipt": {
		fault: { name: "header", header: "PAYMENT-RESPONSE", value: undefined },
		...paid,
		sent: 1,
	},
	"refused with a receipt that cannot be read": {
		fault: { name: "header", header: "PAYMENT-RESPONSE", value: "bm90IEpTT04=" },
		device: { balance: 0n },
		ends: failed,
		moved: 0,
		sent: 1,
	},
	"terms with a wrong name": { resource: "/misnamed", ends: "refused DomainMismatch", moved: 0, sent: 0 },
	"terms without a name": { resource: "/nameless", ends: "refused verification_failed", moved: 0, sent: 1 },
	"over the rule": { resource: "/expensive", ends: "refused OverPlanCap", moved: 0, sent: 0 },
	"a token without a rule": { resource: "/eurc", ends: "refused NoRule", moved: 0, sent: 0 },
	"for nothing": { resource: "/free", ends: "delivered free", moved: 0, sent: 0 },

	"v1: nothing goes wrong": { seller: "v1", ...paid, sent: 1 },
	"v1: handler answers 404": {
		seller: "v1",
		fault: { name: "handler-status", status: 404 },
		ends: "refused handler_refused",
		moved: 0,
		sent: 1,
	},
	"v1: handler answers 503 once": {
		seller: "v1",
		fault: { name: "handler-status", status: 503 },
		...paid,
		sent: 2,
	},
	"v1: request lost": { seller: "v1", fault: { name: "wire", at: "request", does: "reset" }, ...paid, sent: 2 },
	"v1: answer lost": {
		seller: "v1",
		fault: { name: "wire", at: "answer", does: "reset" },
		ends: lost,
		moved: 1,
		sent: 2,
	},
	"v1: answer cut short": {
		seller: "v1",
		fault: { name: "wire", at: "body", does: "close" },
		ends: lost,
		moved: 1,
		sent: 2,
	},
	"v1: settle broadcasts, then the node errors": {
		seller: "v1",
		fault: { name: "broadcast-then-error" },
		ends: failed,
		moved: 1,
		sent: 1,
	},
	"v1: settle's answer lost": {
		seller: "v1",
		fault: { name: "settle-lost", message: "fetch failed" },
		ends: lost,
		moved: 1,
		sent: 2,
	},
	"v1: settlement_pending": {
		seller: "v1",
		fault: { name: "receipt-late", waits: 2 },
		ends: failed,
		moved: 1,
		sent: 1,
	},
	"v1: facilitator cannot be asked to settle": {
		seller: "v1",
		fault: { name: "settle-fails", message: "connect ECONNREFUSED" },
		...paid,
		sent: 2,
	},
	"v1: transaction reverted": { seller: "v1", fault: { name: "reverted" }, ends: failed, moved: 0, sent: 1 },
	"v1: authorization used by another transaction": {
		seller: "v1",
		fault: { name: "front-run" },
		ends: failed,
		moved: 1,
		sent: 1,
	},
	"v1: verify refuses": {
		seller: "v1",
		fault: { name: "verify-refuses", reason: "invalid_exact_evm_signature" },
		ends: unverified,
		moved: 0,
		sent: 1,
	},
	"v1: no money": { seller: "v1", device: { balance: 0n }, ends: "refused WalletEmpty", moved: 0, sent: 1 },
	"v1: over the rule": { seller: "v1", resource: "/expensive", ends: "refused OverPlanCap", moved: 0, sent: 0 },
	"v1: for nothing": { seller: "v1", resource: "/free", ends: "delivered free", moved: 0, sent: 0 },
};

for (const [name, row] of Object.entries(table)) {
	const isSilent = JSON.stringify(row.fault)?.includes("silence");
	// Alone, where a seller that is merely busy would seem silent too.
	const run = isSilent ? test.serial : test;
	run(name, async (t) => {
		const { seller: which = "seller", resource = "/data", fault, options, ends, moved, sent } = row;
		const seller = world[which];
		const path = `${resource}/${encodeURIComponent(name)}`;
		const device = await newDevice(row.device);
		if (fault !== undefined) seller.faults.add(path, fault, options);
		const text = configure(world, [{ name: "plan", url: seller.url + path, ...(isSilent && { waits: { paid: 1 } }) }]);

		const [ended, ...more] = await device.purchases(text);
		t.is(`${ended!.state} ${ended!.outcome}`, ends);
		t.deepEqual(more, []);
		const paidRequests = seller.requests.filter((each) => each.path === path && each.payment !== undefined);
		t.is(paidRequests.length, sent);
		t.is(new Set(paidRequests.map(({ payment }) => payment)).size, Math.min(sent, 1), "the same bytes each time");

		await t.notThrowsAsync(device.run(text), "switched on again");
		const transfers = await world.chain.transfers(device.address);
		t.is(transfers.length, moved);
		for (const transfer of transfers) {
			t.is(transfer.to, payTo);
			t.is(transfer.value, BigInt(offer.amount));
			t.is(transfer.nonce, `0x${Buffer.from(device.records()[0]!.nonce).toString("hex")}`);
		}
		const counted = device.spent().reduce((sum, { total }) => sum + total, 0n);
		t.true(counted >= transfers.reduce((sum, { value }) => sum + value, 0n));
		t.is(counted, sent > 0 ? BigInt(offer.amount) : 0n);
		const isUnfunded = ends === "refused WalletEmpty" && moved === 0;
		t.is(device.wallet(text).openPurchases().length, isUnfunded ? 1 : 0);
		const transaction = transfers[0]?.transactionHash;
		if (ends === "delivered paid" && !name.includes("without a receipt")) t.is(ended!.transaction, transaction);
	});
}

test("a payment-identifier is the payment's nonce, beside the info as the seller gave it", async (t) => {
	const device = await newDevice();
	const url = `${world.seller.url}/identified/id`;
	await device.run(configure(world, [{ name: "plan", url }]));
	const { payment } = world.seller.requests.find(({ path, payment }) => path === "/identified/id" && payment)!;
	const { extensions } = JSON.parse(Buffer.from(payment!, "base64").toString());
	const nonce = Buffer.from(device.records()[0]!.nonce).toString("hex");
	t.deepEqual(extensions["payment-identifier"].info, { required: true, id: nonce });
	t.regex(nonce, /^[a-zA-Z0-9_-]{16,128}$/);
});

test("the 402 and the paid retry share one connection, and so do plans of one seller", async (t) => {
	const device = await newDevice();
	for (const which of ["seller", "v1"] as const) {
		const plans = ["a", "b"].map((name) => ({ name, url: `${world[which].url}/data/kept-${name}` }));
		await device.run(configure(world, plans));
		const requests = world[which].requests.filter(({ path }) => path.startsWith("/data/kept-"));
		t.is(requests.length, 4);
		t.is(new Set(requests.map(({ connection }) => connection)).size, 1);
		device.flash.entries.clear();
	}
});

test("the body of a POST is sent again with the payment", async (t) => {
	const device = await newDevice();
	const url = `${world.seller.url}/echo/posted`;
	const plan = { name: "plan", url, method: "POST", body: "a question", headers: { "X-Question": "1" } };
	const [ended] = await device.purchases(configure(world, [plan]));
	t.true(String(ended!.data).includes('"bytes":10'));
	const requests = world.seller.requests.filter(({ path }) => path === "/echo/posted");
	t.deepEqual(
		requests.map(({ method, body, headers }) => [method, body.toString(), headers["x-question"]]),
		[
			["POST", "a question", "1"],
			["POST", "a question", "1"],
		],
	);
});

/** A device that has bought `path` once and is about to buy it again, by a rule that pays on the first request. */
async function repeat(path: string, rule: object = {}) {
	const device = await newDevice();
	const url = world.seller.url + path;
	const seen = () => world.seller.requests.filter((each) => each.path === path);
	const run = async (name = "plan") => {
		const before = seen().length;
		// A year's periods: another plan's name stands for the next period, since the chain's clock is not ours.
		const text = configure(world, [{ name, url, everySeconds: 1 }], { prepay: true, ...rule });
		const [ended] = await device.purchases(JSON.stringify({ ...JSON.parse(text), count: 1 }));
		return { ended: ended!, requests: seen().slice(before) };
	};
	const first = await run();
	return { device, first, run };
}

const settled = async (device: NetworkDevice): Promise<bigint[]> =>
	(await world.chain.transfers(device.address)).map(({ value }) => value);

test.serial("a repeat purchase pays on its first request", async (t) => {
	const { device, first, run } = await repeat("/data/repeated");
	t.is(first.requests.length, 2);
	const second = await run();
	t.is(second.ended.state, "delivered");
	t.deepEqual(
		second.requests.map(({ payment, status }) => [payment !== undefined, status]),
		[[true, 200]],
	);
	t.deepEqual(await settled(device), [10_000n, 10_000n]);
});

test.serial(
	"after terms that changed within the rule, a prepayment is replaced by one with the same nonce",
	async (t) => {
		const path = "/bare/changed";
		const { device, run } = await repeat(path);
		const before = world.seller.resources["/bare"]!;
		world.seller.resources["/bare"] = { ...before, offers: [{ ...offer, amount: "15000" }] };
		const { ended, requests } = await run();
		world.seller.resources["/bare"] = before;
		t.is(ended.state, "delivered");
		const nonces = requests.map(({ payment }) => JSON.parse(atob(payment!)).payload.authorization.nonce);
		t.is(nonces.length, 2);
		t.is(nonces[0], nonces[1]);
		t.deepEqual(await settled(device), [10_000n, 15_000n]);
		t.is(device.spent()[0]!.total, 25_000n);
	},
);

test.serial("after terms that changed beyond the rule, nothing more is signed", async (t) => {
	const changes = [
		{ offer: { ...offer, amount: "20001" }, outcome: "OverPlanCap" },
		{ offer: { ...offer, payTo: "0x90F79bf6EB2c4f870365E785982E1f101E93b906" as const }, outcome: "PayToNotPinned" },
		{ offer: { ...offer, extra: { assetTransferMethod: "permit2" } }, outcome: "TermsChanged" },
	];
	for (const { offer: changed, outcome } of changes) {
		const { device, run } = await repeat(`/bare/beyond-${outcome}`);
		const before = world.seller.resources["/bare"]!;
		world.seller.resources["/bare"] = { ...before, offers: [changed] };
		const { ended } = await run();
		world.seller.resources["/bare"] = before;
		t.is(`${ended.state} ${ended.outcome}`, `refused ${outcome}`);
		t.deepEqual(await settled(device), [10_000n]);
	}
});

test.serial("a prepayment whose answer is lost is sent again, byte for byte", async (t) => {
	const path = "/data/ahead-lost";
	const { device, run } = await repeat(path);
	world.seller.faults.add(path, { name: "wire", at: "answer", does: "reset" });
	const { ended, requests } = await run();
	t.is(`${ended.state} ${ended.outcome}`, "unknown nonce_already_used");
	t.is(new Set(requests.map(({ payment }) => payment)).size, 1);
	t.deepEqual(await settled(device), [10_000n, 10_000n]);
});
