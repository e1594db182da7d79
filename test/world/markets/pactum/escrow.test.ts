/** The local Pactum sells by escrow: it takes a deposit that is on the chain, and no other. */
import test from "ava";
import { getAddress, type Hex, keccak256, toBytes } from "viem";
import { newSender, tokenAbi, usdc } from "../../../../tools/world/chain.js";
import { catalogue } from "../../../../tools/world/markets/pactum/catalogue.js";
import { deployEscrow, escrowAbi, orderIdOnChain } from "../../../../tools/world/markets/pactum/escrow.js";
import { type Body, chain, inWords, newBuyer, newMarket } from "./by_hand.js";

test("escrow: 402, deposit on the chain, proof, confirmation", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	const { wallet } = buyer.account;
	market.nextOrderIds.push("123e4567-e89b-12d3-a456-426614174000");
	const asked = await buyer.gateway("POST", "/buy/item-paid", { query: "BTC", payment_method: "escrow" });
	const item = catalogue.find(({ item_id }) => item_id === "item-paid")!;
	t.is(asked.status, 402);
	t.like(asked.body, {
		order_id: "123e4567-e89b-12d3-a456-426614174000",
		recipient: item.seller,
		amount_units: 10_000,
		escrow: {
			contract: market.escrow.address,
			usdc_contract: usdc.address,
			order_id_bytes32: "0xb77d58f5e08a1d2c2d5d335ce973aa4c48c1c3b91dc2e11da40e81ba50b47179",
		},
	});
	const { order_id } = asked.body;
	t.is((await buyer.gateway("GET", `/orders/${order_id}`)).body.status, "created");

	const { deposit_tx } = (await buyer.deposit(asked.body)).body;
	t.is(await chain.balanceOf(wallet), 990_000n);
	t.like(await market.escrow.order(order_id), { amount: 10_000n, status: "pending" });
	t.is((await buyer.gateway("GET", `/orders/${order_id}`)).body.status, "created", "the gateway waits for the proof");
	const proved = await buyer.prove("item-paid", order_id, deposit_tx);
	t.like(proved.body, { order_id, status: "delivered", result: item.result });
	t.is(inWords(await buyer.prove("item-paid", order_id, deposit_tx)), "400 INVALID_REQUEST", "the same proof again");
	market.variant.repeatedProof = "accepted";
	t.like((await buyer.prove("item-paid", order_id, deposit_tx)).body, { status: "delivered", result: item.result });
	t.deepEqual(await chain.transfers(market.escrow.address), []);
	t.is(inWords(await buyer.gateway("POST", `/orders/${order_id}/confirm`)), "200 completed");
	const [released, ...more] = await chain.transfers(market.escrow.address);
	t.deepEqual(more, []);
	t.like(released, { value: 10_000n, to: getAddress(item.seller) });
	t.like(await market.escrow.order(order_id), { status: "released" });

	t.is((await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).status, 402, "escrow is the default");
});

test("escrow: what the deposit refuses", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 15_000n });
	const terms = (await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	for (const [wrong, status] of [
		[{ amount: 0.0000001 }, 500],
		[{ amount: 0 }, 422],
		[{ amount: -1 }, 422],
		[{ amount: 0.02 }, 400],
		[{ seller: "0x12" }, 422],
		[{ order_id_bytes32: "0x12" }, 422],
		[{ escrow_contract: undefined }, 422],
		[{ usdc_contract: newSender() }, 500],
		[{ memo: "hello" }, 422],
	] as const)
		t.is((await buyer.deposit(terms, wrong)).status, status, JSON.stringify(wrong));
	const poor = await buyer.deposit(terms, { amount: 0.02 });
	t.is(inWords(poor), "400 Insufficient balance: 0.015 USDC (need 0.02)");
	t.is(await chain.balanceOf(buyer.account.wallet), 15_000n);
	t.is((await buyer.deposit(terms, { amount: "0.0001" })).status, 200, "a decimal string will do");
	const again = await buyer.deposit(terms, { amount: 0.0001 });
	t.like(again, { status: 500, body: "Internal Server Error" }, "the contract takes one deposit per order");
	t.is(await chain.balanceOf(buyer.account.wallet), 14_900n);
});

test("escrow: amounts are doubles to both hosts, and some lose a unit", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 10_000_000n });
	const item = { ...catalogue.find(({ item_id }) => item_id === "item-text")!, price: 4_180_000n };
	market.items.push({ ...item, item_id: "item-4.18" });
	const terms = (await buyer.gateway("POST", "/buy/item-4.18", {})).body;
	t.is(terms.amount_units, Math.trunc(4.18 * 1_000_000));
	const deposit = await buyer.deposit(terms);
	const { amount } = (await market.escrow.order(terms.order_id))!;
	t.is(amount, BigInt(Math.trunc((terms.amount_units / 1_000_000) * 1_000_000)));
	const isWhole = amount === BigInt(terms.amount_units);
	const proved = await buyer.prove("item-4.18", terms.order_id, deposit.body.deposit_tx);
	t.is(proved.status, isWhole ? 200 : 400);
});

test("escrow: a wallet told to pay elsewhere pays elsewhere", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 10_000n });
	const impostor = await deployEscrow(chain);
	market.variant.escrow = { contract: impostor.address };
	const terms = (await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	const { deposit_tx } = (await buyer.deposit(terms)).body;
	t.like(await impostor.order(terms.order_id), { amount: 10_000n });
	t.is(inWords(await buyer.prove("item-paid", terms.order_id, deposit_tx)), "400 INVALID_REQUEST");
});

test("escrow: proofs that prove nothing", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	const other = await newBuyer(market, { usdc: 1_000_000n });
	const order = async (who = buyer) => (await who.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	const pay = async (terms: Body, over = {}, who = buyer): Promise<Hex> =>
		(await who.deposit(terms, over)).body.deposit_tx;
	const refused = async (why: string, terms: Body, proof: string): Promise<void> => {
		t.is(inWords(await buyer.prove("item-paid", terms.order_id, proof)), "400 INVALID_REQUEST", why);
		t.is((await buyer.gateway("GET", `/orders/${terms.order_id}`)).body.status, "created", why);
	};
	const first = await order();
	await refused("no hash", first, "0x12");
	await refused("no such transaction", first, `0x${"12".repeat(32)}`);
	await refused("another order's", first, await pay(await order()));
	await refused("a plain transfer", first, await transfer(buyer.account.wallet));
	const failed = {
		account: buyer.account.wallet,
		address: market.escrow.address,
		abi: escrowAbi,
		gasPrice: 0n,
	} as const;
	const args = [orderIdOnChain(first.order_id), first.recipient, 10_000n] as const;
	const hash = await chain.client.writeContract({ ...failed, functionName: "deposit", args, gas: 100_000n });
	t.is((await chain.client.waitForTransactionReceipt({ hash })).status, "reverted");
	await refused("reverted", first, hash);
	await refused("too small", first, await pay(first, { amount: 0.009999 }));
	const second = await order();
	await refused("too large", second, await pay(second, { amount: 0.010001 }));
	const third = await order();
	await refused("another seller", third, await pay(third, { seller: newSender() }));
	const fourth = await order();
	await refused("another buyer's wallet", fourth, await pay(fourth, {}, other));

	const fifth = await order();
	const proof = await pay(fifth);
	const { order_id } = fifth;
	t.is(inWords(await other.prove("item-paid", order_id, proof)), "403 FORBIDDEN", "another buyer's order");
	t.is(inWords(await buyer.prove("item-paid", "no-such-order", proof)), "404 NOT_FOUND");
	const paid = catalogue.find(({ item_id }) => item_id === "item-paid")!;
	market.items.push({ ...paid, item_id: "item-twin" });
	t.is(inWords(await buyer.prove("item-twin", order_id, proof)), "400 INVALID_REQUEST", "another item");
	const bare = (headers: Record<string, string>) => buyer.gateway("POST", "/buy/item-paid", {}, headers);
	t.is(inWords(await bare({ "X-Payment-Proof": proof })), "400 MISSING_FIELDS");
	t.is(inWords(await bare({ "X-Order-Id": order_id })), "400 MISSING_FIELDS", "without a proof it is an order");
	t.is(inWords(await buyer.prove("item-paid", order_id, proof.toUpperCase().replace("0X", "0x"))), "200 delivered");
});

async function transfer(from: Hex): Promise<Hex> {
	const to = newSender();
	const approve = { address: usdc.address, abi: tokenAbi, functionName: "approve", args: [to, 10_000n] } as const;
	const hash = await chain.client.writeContract({ ...approve, account: from, gasPrice: 0n });
	await chain.client.waitForTransactionReceipt({ hash });
	return hash;
}

test("escrow: the document's other spellings", async (t) => {
	const market = await newMarket(t);
	const buyer = await newBuyer(market, { usdc: 1_000_000n });
	market.variant.bytes32Prefix = false;
	market.variant.depositField = "tx_hash";
	const terms = (await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body;
	t.is(`0x${terms.escrow.order_id_bytes32}`, keccak256(toBytes(terms.order_id)));
	const { tx_hash, deposit_tx } = (await buyer.deposit(terms)).body;
	t.falsy(deposit_tx);
	t.is(inWords(await buyer.prove("item-paid", terms.order_id, tx_hash)), "200 delivered");
	market.variant.terms = { amount_units: 20_000 };
	t.is((await buyer.gateway("POST", "/buy/item-paid", { query: "BTC" })).body.amount_units, 20_000);
});
