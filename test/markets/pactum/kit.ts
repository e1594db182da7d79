/** What the tests of Pactum's client share: a market and a device for each, at whose end no secret has got anywhere. */
import test, { type ExecutionContext } from "ava";
import type { Timer } from "../../../src/device/timer.js";
import { HttpClient } from "../../../src/http/client.js";
import type { HttpResponse } from "../../../src/http/response.js";
import * as account from "../../../src/markets/pactum/account.js";
import * as items from "../../../src/markets/pactum/items.js";
import * as operations from "../../../src/markets/pactum/operations.js";
import type { PactumOptions } from "../../../src/markets/pactum/options.js";
import * as orders from "../../../src/markets/pactum/orders.js";
import { Pactum } from "../../../src/markets/pactum/pactum.js";
import { decodeRecord, type PurchaseRecord } from "../../../src/wallet/record.js";
import type { Rule } from "../../../src/wallet/rule.js";
import { Wallet } from "../../../src/wallet/wallet.js";
import type { Outcome } from "../../../src/x402/client.js";
import { type Chain, startChain, usdc } from "../../../tools/world/chain.js";
import { type PactumMarket, startPactum } from "../../../tools/world/markets/pactum/market.js";
import { Heard, Keys } from "../../../tools/world/secret_log.js";
import { createDeviceSigner } from "../../support/device_signer.js";
import { integer, keySeed, MemoryFlash, seeded } from "../../support/memory.js";
import { type PowerCut, PowerSupply } from "../../support/power_flash.js";
import { connectOn } from "../../support/sockets.js";

/** All operations, by their names: functions over a client. */
export const op = { ...operations, ...orders, ...account, ...items };

export let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** Long enough for a deposit on a chain of a busy machine, short enough for a test to wait out a server that says nothing. */
const HEADER_MS = 8_000;

export const amount = (units: bigint): Uint8Array => Buffer.from(units.toString(16).padStart(64, "0"), "hex");

export interface Bought {
	readonly outcome: Outcome;
	readonly text: string;
	readonly record: PurchaseRecord | undefined;
}

/** A device whose flash is a Map. What it holds beside is gone at each `boot`. */
export class Device {
	readonly market: PactumMarket;
	readonly flash = new MemoryFlash();
	readonly keys = createDeviceSigner({ keys: new Keys(), random: seeded(keySeed(1)) });
	readonly options: PactumOptions;
	readonly events: object[] = new Heard();
	/** Of errors and outcomes: all that is said. */
	readonly said: string[] = new Heard();
	readonly waits: number[] = [];
	onWait: (milliseconds: number) => unknown = () => {};
	power = new PowerSupply();
	period = 0;
	cap = 1_000_000n;
	rpc: Pick<PactumOptions, "rpc"> = {};
	changeRule: (rule: Rule) => Rule = (rule) => rule;
	http!: HttpClient;
	pactum!: Pactum;
	wallet!: Wallet;

	constructor(market: PactumMarket, apiKey: string) {
		this.market = market;
		this.options = {
			apiKey,
			gateway: market.gateway.url,
			walletService: market.wallet.url,
			network: chain.network,
			patience: 120_000,
		};
		this.keys.create(0, "secp256k1");
		this.boot();
	}

	/** Switches it off and on again; `cut` is when the power fails next. */
	boot(options: PactumOptions = {}, cut?: PowerCut): void {
		this.http?.close();
		this.power.off();
		const power = new PowerSupply(cut);
		this.power = power;
		// `unref`: a device without power leaves nothing that this process would wait for.
		const timer: Timer = {
			set: (callback, milliseconds) => setTimeout(() => power.isDown || callback(), milliseconds).unref(),
			clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
		};
		const waiting: Timer = {
			set: (callback, milliseconds) => {
				this.waits.push(milliseconds);
				const wait = async () => {
					await this.onWait(milliseconds);
					if (!power.isDown) callback();
				};
				return setImmediate(wait);
			},
			clear: () => {},
		};
		const http = new HttpClient({ connect: connectOn(power), timer, limits: { headerTimeout: HEADER_MS } });
		const clock = { wall: () => Date.now(), monotonic: () => 0 };
		const { keys } = this;
		const storage = {
			read: (key: string) => this.flash.read(key),
			write: (key: string, bytes: Uint8Array) => power.run("flash", () => this.flash.write(key, bytes)),
			delete: (key: string) => power.run("flash", () => this.flash.delete(key)),
		};
		const log = (event: object) => this.events.push(event);
		this.http = http;
		this.pactum = new Pactum(
			{ http, timer: waiting, clock, keys, random: seeded(2), log },
			{ ...this.options, ...this.rpc, ...options },
		);
		const rules = this.rules().map(this.changeRule);
		this.wallet = new Wallet({ clock, random: seeded(3), keys, storage, slot: 0, rules, plans: ["plan"] });
	}

	rules(): Rule[] {
		const common = {
			origin: this.market.gateway.url,
			methods: ["account" as const],
			resource: "/market/buy/",
			maxPerPayment: "2000000",
			maxPerWindow: "10000000",
			maxForLife: "10000000",
			maxCountPerWindow: 100,
			windowSeconds: 3_600,
			maxValiditySeconds: 60,
			prepay: false,
		};
		const none = { name: "", version: "", decimals: 6 };
		const token = usdc.address.toLowerCase();
		return [
			{
				...common,
				name: "credit",
				asset: { ...none, network: "account:pactum", address: "usd", symbol: "USD" },
				payTo: [],
			},
			{
				...common,
				name: "escrow",
				asset: { ...none, network: chain.network, address: token, symbol: "USDC" },
				payTo: [this.market.escrow.address.toLowerCase()],
			},
		];
	}

	/** As the agent does: goes on with what is open, or buys in the next period. `undefined` when the power was cut. */
	async buy(
		offer: string,
		input: object | "" = "",
		onText: (text: string) => void = () => {},
	): Promise<Bought | undefined> {
		const open = this.wallet.openPurchases()[0];
		const order = {
			plan: "plan",
			period: open?.period ?? ++this.period,
			seller: { origin: this.market.gateway.url, path: `/market/buy/${offer}` },
			cap: amount(this.cap),
			request: new Uint8Array(32),
		};
		const account = this.wallet.account(order, open);
		const payers = { account, x402: this.wallet.purchase(order) };
		let text = "";
		const deliver = async (response: HttpResponse) => {
			text = Buffer.from(await response.bytes(1_000_000)).toString();
			onText(text);
		};
		const wanted = { offer, input: input === "" ? "" : JSON.stringify(input) };
		const buying = this.pactum.buy(wanted, payers, deliver);
		buying.catch(() => {});
		const { power } = this;
		const off = power.gone.then(() => "power cut" as const);
		const outcome = await Promise.race([buying, off]).catch((error: Error) => {
			this.said.push(`${error.name} ${error.message} ${error.stack}`);
			if (power.isDown) return "power cut" as const;
			// As the agent does with what was stopped.
			account.abandon(error.name);
			throw error;
		});
		if (outcome === "power cut" || power.isDown) return undefined;
		this.said.push(JSON.stringify(outcome));
		return { outcome, text, record: account.record };
	}

	/** What the ledger's records say, by their sequence. */
	records(): PurchaseRecord[] {
		const keys = [...this.flash.entries.keys()].filter((key) => /^r[0-9]+$/.test(key));
		return keys.map((key) => decodeRecord(this.flash.read(key)!)).sort((a, b) => a.sequence - b.sequence);
	}

	/** Base units that the ledger counts, of all assets. */
	spent(): bigint {
		return this.wallet.spent().reduce((sum, { spent, reserved }) => sum + integer(spent) + integer(reserved), 0n);
	}
}

export interface Context {
	readonly t: ExecutionContext;
	readonly market: PactumMarket;
	readonly device: Device;
	/** The error that `action` ends with. */
	refusal(action: () => Promise<unknown>): Promise<{ name: string; message: string }>;
}

/** A test with a market and an account of its own, at whose end no secret has got anywhere. */
export function pactumTest(
	title: string,
	money: { usdc?: bigint; credit?: bigint },
	body: (context: Context) => Promise<void>,
): void {
	test(title, async (t) => {
		const market = await startPactum(chain);
		t.teardown(market.stop);
		const account = await market.newAccount(money);
		const device = new Device(market, account.apiKey);
		t.teardown(() => device.http.close());
		const refusal = async (action: () => Promise<unknown>) => {
			const error = await t.throwsAsync(action);
			device.said.push(`${error.name} ${error.message} ${error.stack} ${JSON.stringify(error)}`);
			return error;
		};
		await body({ t, market, device, refusal });
		t.deepEqual(market.leaks, []);
		for (const part of [market.gateway, market.wallet, market.files]) t.deepEqual(part.script.left(), []);
		const flash = [...device.flash.entries.values()].map((bytes) => Buffer.from(bytes).toString("latin1"));
		const all = [JSON.stringify(device.events), ...device.said, ...flash].join("\n");
		for (const secret of market.secrets()) t.false(all.includes(secret), "a secret was said or stored");
	});
}

export const paths = (market: PactumMarket): string[] =>
	[...market.gateway.requests, ...market.wallet.requests].map(({ method, path }) => `${method} ${path}`);
export const ofPath = (market: PactumMarket, path: string) =>
	[...market.gateway.requests, ...market.wallet.requests].filter((request) => request.path === path);
export const json = (body: Buffer): Record<string, unknown> => JSON.parse(body.toString());

export async function collect<T>(list: AsyncIterable<T>, most = 1_000): Promise<T[]> {
	const all: T[] = [];
	for await (const one of list) {
		all.push(one);
		if (all.length === most) break;
	}
	return all;
}

export const credit = { payment_method: "credit" } as const;
