/** The v2 seller, bought from with the official client; what was paid is read from the chain. */
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { encodePaymentSignatureHeader } from "@x402/core/http";
import { ExactEvmScheme } from "@x402/evm";
import { wrapFetchWithPayment, x402Client } from "@x402/fetch";
import test from "ava";
import { type Hex, numberToHex } from "viem";
import { eurc, usdc } from "../../tools/world/chain.js";
import { bigBody, offer, payTo } from "../../tools/world/resources.js";
import { startWorld, type World } from "../../tools/world/world.js";
import { inWords, newBuyer } from "./buyer.js";

let world: World;
test.before(async () => {
	world = await startWorld();
});
test.after.always(() => world?.stop());

const authorization = (payload: unknown): { nonce: Hex } =>
	(payload as { authorization: { nonce: Hex } }).authorization;
const permit2Nonce = (payload: unknown): Hex =>
	numberToHex(BigInt((payload as { permit2Authorization: { nonce: string } }).permit2Authorization.nonce), {
		size: 32,
	});

for (const path of ["/data", "/upfront", "/identified", "/echo", "/big", "/chunked"]) {
	test(`EIP-3009: ${path}`, async (t) => {
		const buyer = await newBuyer(world.chain);
		const payment = await buyer.sign(world.seller.url + path);
		const answer = await buyer.send(world.seller.url + path, payment);
		t.is(inWords(answer), "200 settled");
		t.deepEqual(await world.chain.transfers(buyer.account.address), [
			{
				token: usdc.address,
				from: buyer.account.address,
				to: payTo,
				value: 10_000n,
				nonce: authorization(payment.payload).nonce,
				transactionHash: answer.receipt!.transaction as Hex,
			},
		]);
	});
}

for (const path of ["/permit2", "/either"]) {
	test(`Permit2: ${path}`, async (t) => {
		const buyer = await newBuyer(world.chain);
		const payment = await buyer.sign(world.seller.url + path);
		t.is(inWords(await buyer.send(world.seller.url + path, payment)), "200 settled");
		const [transfer, ...more] = await world.chain.transfers(buyer.account.address);
		t.deepEqual(more, []);
		t.like(transfer, { token: usdc.address, to: payTo, value: 10_000n, nonce: permit2Nonce(payment.payload) });
	});
}

test("the seller takes a second token", async (t) => {
	const buyer = await newBuyer(world.chain);
	await world.chain.mint(buyer.account.address, 10_000n, eurc);
	const url = `${world.seller.url}/eurc`;
	t.is(inWords(await buyer.send(url, await buyer.sign(url))), "200 settled");
	t.is(await world.chain.balanceOf(buyer.account.address, eurc), 0n);
	t.is(await world.chain.balanceOf(buyer.account.address, usdc), 1_000_000n);
});

test("the seller serves a free resource without a payment", async (t) => {
	const response = await fetch(`${world.seller.url}/free`);
	t.is(response.status, 200);
	t.deepEqual(await response.json(), { resource: "/free", temperature: 21.5, unit: "C" });
});

test("a payment without balance, without Permit2 approval or with a wrong name is refused", async (t) => {
	const poor = await newBuyer(world.chain, 9_999n);
	const { url } = world.seller;
	t.is(
		inWords(await poor.send(`${url}/data`, await poor.sign(`${url}/data`))),
		"402 terms invalid_exact_evm_insufficient_balance",
	);
	const buyer = await newBuyer(world.chain);
	await world.chain.approvePermit2(buyer.account.address, usdc, 0n);
	t.is(
		inWords(await buyer.send(`${url}/permit2`, await buyer.sign(`${url}/permit2`))),
		"412 terms permit2_allowance_required",
	);
	t.is(
		inWords(await buyer.send(`${url}/misnamed`, await buyer.sign(`${url}/misnamed`))),
		"402 terms invalid_exact_evm_token_name_mismatch",
	);
	await t.throwsAsync(buyer.sign(`${url}/nameless`), { message: /EIP-712 domain parameters/ });
});

test("a posted body survives the payment, and large and chunked bodies arrive whole", async (t) => {
	const buyer = await newBuyer(world.chain);
	const { url } = world.seller;
	const body = "temperature of yesterday, please";
	const echoed = await buyer.send(`${url}/echo`, await buyer.sign(`${url}/echo`), { method: "POST", body });
	t.deepEqual(JSON.parse(echoed.body), { bytes: 32, sha256: createHash("sha256").update(body).digest("hex") });
	t.is((await buyer.send(`${url}/big`, await buyer.sign(`${url}/big`))).body, bigBody.toString());
	t.is((await buyer.send(`${url}/chunked`, await buyer.sign(`${url}/chunked`))).body, "21.1\n21.2\n21.3\n21.4\n");
});

test("terms may change between two requests, and the old ones are then refused", async (t) => {
	const buyer = await newBuyer(world.chain);
	const seller = await startWorld({ resources: { "/tide": { description: "the tide", offers: [offer] } } });
	t.teardown(seller.stop);
	const url = `${seller.seller.url}/tide`;
	const payment = await buyer.sign(url);
	seller.seller.resources["/tide"] = { description: "the tide", offers: [{ ...offer, amount: "20000" }] };
	const answer = await buyer.send(url, payment);
	t.is(inWords(answer), "402 terms No matching payment requirements");
	t.is(answer.terms?.accepts[0]?.amount, "20000");
});

test("a fault applies to one path, in order, as often and to such requests as asked", async (t) => {
	const path = "/data/faults";
	const status = async (headers: Record<string, string> = {}): Promise<number> =>
		(await fetch(world.seller.url + path, { headers })).status;
	const { faults } = world.seller;
	faults.add(path, { name: "verify-refuses", reason: "first" });
	faults.add(path, { name: "header", header: "PAYMENT-REQUIRED", value: "%%%" }, { on: "unpaid", times: 2 });
	faults.add("/data/other", { name: "wire", at: "request", does: "reset" }, { on: "any" });
	const header = async (): Promise<string | null> =>
		(await fetch(world.seller.url + path)).headers.get("payment-required");
	t.is(await header(), "%%%");
	t.is(await header(), "%%%");
	t.not(await header(), "%%%");
	const buyer = await newBuyer(world.chain);
	const payment = await buyer.sign(world.seller.url + path);
	t.is(inWords(await buyer.send(world.seller.url + path, payment)), "402 terms first");
	await t.throwsAsync(fetch(`${world.seller.url}/data/other`));
	faults.add(path, { name: "handler-status", status: 500 });
	faults.clear(path);
	t.is(await status({ "PAYMENT-SIGNATURE": encodePaymentSignatureHeader(payment) }), 200);
});

test("a slow answer arrives whole, and a silent one never does", async (t) => {
	const buyer = await newBuyer(world.chain);
	for (const at of ["request", "answer", "headers", "body"] as const) {
		const path = `/big/slow-${at}`;
		const url = world.seller.url + path;
		world.seller.faults.add(path, { name: "wire", at, does: { milliseconds: 50 } });
		world.seller.faults.add(path, { name: "wire", at, does: "silence" });
		const answer = await buyer.send(url, await buyer.sign(url));
		t.is(inWords(answer), "200 settled", at);
		t.is(answer.body, bigBody.toString(), at);
		const silent = await buyer.send(url, await buyer.sign(url), { signal: AbortSignal.timeout(300) });
		t.is(inWords(silent), "lost", at);
	}
});

test("requests are recorded with their connection, reused or not", async (t) => {
	const buyer = await newBuyer(world.chain);
	const url = `${world.seller.url}/data/connections`;
	const header = encodePaymentSignatureHeader(await buyer.sign(url));
	const before = world.seller.requests.length;
	const agent = new Agent({ keepAlive: true, maxSockets: 1 });
	const get = (headers: Record<string, string>, over: Agent | false): Promise<void> =>
		new Promise((resolve) => {
			request(url, { headers, agent: over }, (response) => response.resume().once("end", resolve)).end();
		});
	await get({}, agent);
	await get({ "PAYMENT-SIGNATURE": header }, agent);
	await get({}, false);
	agent.destroy();
	const [unpaid, paid, other] = world.seller.requests.slice(before).filter(({ path }) => path === "/data/connections");
	t.like(unpaid, { status: 402, payment: undefined, handled: false });
	t.like(paid, { status: 200, payment: header, handled: true, connection: unpaid!.connection });
	t.not(other!.connection, unpaid!.connection);
});

test("a hundred concurrent purchases are each settled once", async (t) => {
	const buyer = await newBuyer(world.chain);
	const pay = wrapFetchWithPayment(
		fetch,
		new x402Client().register(world.chain.network, new ExactEvmScheme(buyer.account)),
	);
	const answers = await Promise.all(Array.from({ length: 100 }, () => pay(`${world.seller.url}/data/at-once`)));
	t.true(answers.every(({ status }) => status === 200));
	const transfers = await world.chain.transfers(buyer.account.address);
	t.is(transfers.length, 100);
	t.is(new Set(transfers.map(({ nonce }) => nonce)).size, 100);
	t.is(await world.chain.balanceOf(buyer.account.address), 0n);
});
