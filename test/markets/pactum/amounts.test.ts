/**
 * Amounts as a market may write them: each field of Pactum's answers that has one, with values of every kind. A purchase
 * ends by a named error or an outcome, no amount is written that nothing costs, and the next purchase is none the worse.
 */
import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { HttpError } from "../../../src/http/errors.js";
import { MarketError } from "../../../src/markets/kit/errors.js";
import { PolicyError } from "../../../src/wallet/errors.js";
import { integer, seeded } from "../../support/memory.js";
import { credit, type Device, pactumTest } from "./kit.js";

const LARGEST = 10n ** 18n;

/** JSON texts: numbers that JavaScript does not hold too. */
const VALUES: readonly string[] = [
	...["0", "-0", "1", "-1", "0.001234", "1e3", "1e-7", "1e21", "1e308", "-1e308", "9007199254740993", "0.1234567"],
	...["9".repeat(18), "9".repeat(19), "9".repeat(22), "9".repeat(78), "9".repeat(400), `1.${"0".repeat(300)}`],
	...['""', '"0"', '"00"', '"-1"', '"1e3"', '"0x10"', '" 1"', '"1 "', '"1_000"', '"١٢"', '"NaN"', '"Infinity"', '"."'],
	...[`"${"9".repeat(21)}"`, `"${2n ** 256n - 1n}"`, `"${2n ** 256n}"`, `"${"9".repeat(900)}"`, '"0.0000001"', '"1."'],
	...["null", "true", "false", "[]", "[1]", "{}", '{"a":1}', '[["1"]]', '"\\u0000"', '"\\ud800"'],
];

interface Field {
	readonly name: string;
	readonly path: string;
	readonly offer: string;
	readonly input: object | "";
	/** The answer with this value in its field. */
	readonly answer: (value: string) => string;
	readonly status?: number;
}

const escrow = '{"contract":"0x1","usdc_contract":"0x2","order_id_bytes32":"0x3"}';
const FIELDS: readonly Field[] = [
	{
		name: "an item's price",
		path: "/market/discover",
		offer: "item-text",
		input: credit,
		answer: (value) => `{"items":[{"item_id":"item-text","name":"x","price":${value}}]}`,
	},
	{
		name: "amount_units of a 402",
		path: "/market/buy/item-text",
		offer: "item-text",
		input: "",
		status: 402,
		answer: (value) => `{"order_id":"o-1","recipient":"0x1","amount_units":${value},"escrow":${escrow}}`,
	},
	{
		name: "the balance",
		path: "/market/credit/balance",
		offer: "topup:5",
		input: "",
		answer: (value) => `{"balance":${value},"frozen":${value},"available":${value}}`,
	},
];

for (const { name, path, offer, input, answer, status = 200 } of FIELDS) {
	pactumTest(
		`the next plan can buy after ${name}, whatever its value`,
		{ credit: 1_000_000n },
		async ({ t, market, device }) => {
			for (const value of VALUES) {
				market.gateway.script.next(path, { name: "answer", status, body: answer(value) });
				await endsByName(t, device, offer, input, value);
				device.boot();
			}
			t.like((await device.buy("item-text", credit))!.outcome, { state: "delivered" });
		},
	);
}

pactumTest(
	"the next plan can buy after an order, whatever its amount and retries",
	{ credit: 10_000_000n, usdc: 1_000_000n },
	async ({ t, market, device }) => {
		const random = seeded(41);
		const draw = () => {
			const byte = new Uint8Array(1);
			random(byte);
			return VALUES[byte[0]! % VALUES.length]!;
		};
		let id = 0;
		const statuses = ["failed", "paid", "delivered"] as const;
		const cases = [...VALUES, "1000"].flatMap((value) => statuses.map((status) => [value, status] as const));
		for (const [value, status] of cases) {
			device.flash.entries.clear();
			device.period = 0;
			device.boot();
			market.nextOrderIds.push(`order-${++id}`);
			const body = `{"order_id":"order-${id}","status":"${status}","amount":${value},"retries_left":${draw()}}`;
			market.gateway.script.next(`/market/orders/order-${id}`, { name: "answer", status: 200, body });
			await endsByName(t, device, "item-text", credit, value);
		}
		device.boot();
		// What a market says that it took counts against its own rule, and stops no purchase under another.
		t.like((await device.buy("item-text"))!.outcome, { state: "delivered" });
	},
);

async function endsByName(
	t: { true(value: boolean, message: string): void },
	device: Device,
	offer: string,
	input: object | "",
	value: string,
): Promise<void> {
	const where = value.slice(0, 60);
	try {
		await device.buy(offer, input);
	} catch (error) {
		const isNamed = [MarketError, ItemsError, HttpError, PolicyError].some((kind) => error instanceof kind);
		t.true(isNamed, `${where}: ${error}`);
	}
	for (const { amount, cost } of device.records()) {
		t.true(integer(amount) <= LARGEST && integer(cost) <= LARGEST, where);
	}
}
