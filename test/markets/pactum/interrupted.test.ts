import type { PactumMarket } from "../../../tools/world/markets/pactum/market.js";
import { type Bought, chain, credit, pactumTest } from "./kit.js";

for (const [name, offer, input, price] of [
	["free", "item-free", {}, 0n],
	["credit", "item-paid", { query: "x", ...credit }, 10_000n],
	["escrow", "item-paid", { query: "x" }, 10_000n],
	["escrow, a node of the chain known", "item-paid", { query: "x" }, 10_000n],
] as const) {
	for (const side of ["before", "after"] as const) {
		pactumTest(
			`${name}: the power cut ${side} every single thing that the device does; paid once`,
			{ usdc: 100_000_000n, credit: 100_000_000n },
			async ({ t, market, device }) => {
				// What the market's books and the chain say was paid.
				const paid = async (orders: readonly { id: string }[]): Promise<bigint> => {
					let sum = 0n;
					for (const { id } of orders) {
						const order = await market.order(id);
						if (order.method === "credit") sum += order.item.price;
						else sum += (await market.escrow.order(id))?.amount ?? 0n;
					}
					return sum;
				};
				if (name.includes("node")) device.rpc = { rpc: chain.rpcUrl };
				const all = () => market.orders();
				const ends: Record<string, number> = {};
				const requests = (): number =>
					[market.gateway, market.wallet].reduce((sum, part) => sum + part.requests.length, 0);
				for (let at = 1; ; at++) {
					device.boot();
					const known = all().length;
					device.boot();
					device.flash.entries.clear();
					device.period = 0;
					device.boot({}, { at, side });
					const before = requests();
					const first = await device.buy(offer, input);
					if (first !== undefined) {
						t.is(first.outcome.state, "delivered");
						t.true(at > 10, `${at} operations`);
						break;
					}
					t.true(requests() >= before);
					// The power fails once more in the next life, or does not.
					let last: Bought | undefined;
					for (const next of [1 + ((at * 7) % 13), 0]) {
						// Whatever the market was still busy with is done when the device is back.
						await settled(market);
						device.boot({}, { at: next, side });
						const isEnded =
							device.wallet.openPurchases().length === 0 && device.wallet.lastPeriod("plan") !== undefined;
						if (!isEnded) last = await device.buy(offer, input);
						if (isEnded || last !== undefined) break;
					}
					const end = last?.outcome.outcome ?? device.records().at(-1)!.outcome;
					const sum = await paid(all().slice(0, -known || undefined));
					const where = `cut ${side} operation ${at}: ${end}`;
					t.true(sum <= price, `${where}: paid ${sum}`);
					t.true(device.spent() >= sum, `${where}: the ledger counts less than was paid`);
					t.is(device.wallet.openPurchases().length, 0, where);
					if (end === "paid") t.is(sum, price, where);
					// What the chain has, it is asked for.
					if (end === "deposit_unknown" && device.rpc.rpc !== undefined) t.is(sum, 0n, where);
					ends[end] = (ends[end] ?? 0) + 1;
				}
				const good = (ends.paid ?? 0) + (ends.free ?? 0);
				const lost = (ends.order_unknown ?? 0) + (ends.deposit_unknown ?? 0);
				t.is(
					good + lost,
					Object.values(ends).reduce((sum, count) => sum + count),
					JSON.stringify(ends),
				);
				t.true(good > lost, JSON.stringify(ends));
				t.log(JSON.stringify(ends));
			},
		);
	}
}

/** Until nothing that was asked is still being worked on. */
async function settled(market: PactumMarket): Promise<void> {
	const busy = () => [...market.gateway.requests, ...market.wallet.requests].some(({ status }) => status === undefined);
	for (let looks = 0; looks < 20 && busy(); looks++) await new Promise((resolve) => setTimeout(resolve, 5));
	await new Promise((resolve) => setTimeout(resolve, 25));
}
