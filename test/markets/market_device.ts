/**
 * A device with one market's client, in the test's own memory: real sockets, the real wallet, flash in a Map, waits that
 * take no time. Its power can be cut at every write to flash, every connection opened, every send and every receipt; what is booted
 * afterwards knows only what flash holds. Everything it says or keeps can be searched for secrets.
 */
import type { ExecutionContext } from "ava";
import * as uint256 from "../../modules/encoding/uint256.js";
import type { Signer } from "../../modules/signer/signer.js";
import { HttpClient } from "../../src/http/client.js";
import type { HttpLimits } from "../../src/http/limits.js";
import type { HttpResponse } from "../../src/http/response.js";
import type { Market, MarketDeps, MarketPayers } from "../../src/markets/market.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { decodeRecord, isFinal, type PurchaseRecord } from "../../src/wallet/record.js";
import type { Rule } from "../../src/wallet/rule.js";
import { Wallet } from "../../src/wallet/wallet.js";
import type { Outcome } from "../../src/x402/client.js";
import { Heard, Keys } from "../../tools/world/secret_log.js";
import { createDeviceSigner } from "../support/device_signer.js";
import { keySeed, MemoryFlash, seeded } from "../support/memory.js";
import { type PowerCut, PowerSupply } from "../support/power_flash.js";
import { connectOn } from "../support/sockets.js";

const PLAN = "plan";
/** What a server still does with a request whose client has lost its power. */
const AFTERMATH_MS = 60;
/** A device that has not come to an end by then never will. */
const MOST_BOOTS = 4;

export interface BootOptions {
	readonly cut?: PowerCut | undefined;
	readonly period?: number;
	/** The plan's own cap, base units. */
	readonly cap?: number;
}

export interface RigOptions<M> {
	/** Of the seller, as the plan names it. */
	readonly origin: string;
	readonly rules: readonly Pick<Rule, "asset" | "methods" | "payTo">[];
	readonly aftermathMs?: number;
	make(means: MarketDeps): M;
}

/** From power on to power off. */
export class Boot<M extends Market> {
	readonly market: M;
	readonly payers: MarketPayers;
	readonly wallet: Wallet;
	/** All that it does to the world goes through it. */
	readonly power: PowerSupply;
	/** Milliseconds of each wait. */
	readonly waits: number[] = [];
	/** Bodies that were delivered. */
	readonly delivered: string[] = [];
	readonly #rig: Rig<M>;
	readonly #http: HttpClient;

	constructor(rig: Rig<M>, { cut, period = 1, cap = 100_000 }: BootOptions) {
		this.#rig = rig;
		const power = new PowerSupply(cut);
		this.power = power;
		this.#http = new HttpClient({
			connect: connectOn(power),
			timer: {
				// `unref`: a device without power leaves nothing that this process would wait for.
				set: (callback, milliseconds) => setTimeout(() => power.isDown || callback(), milliseconds).unref(),
				clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
			},
			limits: rig.limits,
		});
		const { keys, random, clock } = rig;
		this.market = rig.make({
			http: this.#http,
			timer: { set: (callback, milliseconds) => this.#wait(callback, milliseconds), clear: () => {} },
			clock,
			keys,
			random,
			log: (event) => rig.said.push(JSON.stringify(event)),
		});
		const storage = {
			read: (key: string) => rig.flash.read(key),
			write: (key: string, bytes: Uint8Array) => power.run("flash", () => rig.flash.write(key, bytes)),
			delete: (key: string) => power.run("flash", () => rig.flash.delete(key)),
		};
		this.wallet = new Wallet({ clock, random, keys, storage, slot: 0, rules: rig.rules(), plans: [PLAN] });
		const record = this.wallet.openPurchases()[0];
		const order = {
			plan: PLAN,
			period,
			seller: { origin: rig.origin, path: "/" },
			cap: uint256.fromNumber(cap),
			request: new Uint8Array(32),
		};
		const isAccount = record?.network.startsWith("account:") === true;
		this.payers = {
			x402: this.wallet.purchase(order, isAccount ? undefined : record),
			account: this.wallet.account(order, isAccount ? record : undefined),
		};
	}

	deliver = async (response: HttpResponse): Promise<void> => {
		this.delivered.push(await response.text(1_000_000));
	};

	/** As the agent does it. */
	async buy(offer: string, input = ""): Promise<Outcome> {
		return this.end(await this.market.buy({ offer, input }, this.payers, this.deliver));
	}

	/** Takes down how a purchase by x402 ended. */
	end<Ended extends Outcome>(outcome: Ended): Ended {
		if (this.payers.account.record === undefined) this.payers.x402.end(outcome);
		this.#rig.said.push(JSON.stringify(outcome));
		return outcome;
	}

	/** Does `act` until it has ended or the power has failed. */
	async run(act: (boot: Boot<M>) => Promise<unknown>): Promise<void> {
		const acting = act(this).catch((error: Error) => {
			if (!this.power.isDown) throw error;
		});
		await Promise.race([acting, this.power.gone]);
		this.off();
	}

	off(): void {
		this.power.off();
		this.#http.close();
	}

	#wait(callback: () => void, milliseconds: number): NodeJS.Immediate {
		this.waits.push(milliseconds);
		this.#rig.onWait();
		return setImmediate(() => {
			if (!this.power.isDown) callback();
		});
	}
}

let seeds = 5_000;

export class Rig<M extends Market> {
	readonly flash = new MemoryFlash();
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	readonly origin: string;
	readonly make: (means: MarketDeps) => M;
	/** Logs, outcomes and errors. */
	readonly said: string[] = new Heard();
	limits: Partial<HttpLimits> = {};
	/** Of every rule. */
	rule: Partial<Rule> = {};
	/** Milliseconds that wall time is ahead of the machine's; `undefined` while it is not set. */
	ahead: number | undefined = 0;
	onWait: () => void = () => {};
	readonly clock = { wall: () => (this.ahead === undefined ? undefined : Date.now() + this.ahead), monotonic: () => 0 };
	readonly #rules: RigOptions<M>["rules"];
	readonly #aftermathMs: number;

	constructor({ origin, rules, make, aftermathMs = AFTERMATH_MS }: RigOptions<M>) {
		this.origin = origin;
		this.make = make;
		this.#rules = rules;
		this.#aftermathMs = aftermathMs;
		this.random = seeded(seeds);
		this.keys = createDeviceSigner({ keys: new Keys(), random: seeded(keySeed(seeds++)) });
		this.keys.create(0, "secp256k1");
		this.keys.create(1, "ed25519");
	}

	get address(): `0x${string}` {
		return this.boot().wallet.address as `0x${string}`;
	}

	boot(options: BootOptions = {}): Boot<M> {
		return new Boot(this, options);
	}

	/** One life: the power fails once if `cut` says so, then it is switched on again until it has come to an end. */
	async live(
		act: (boot: Boot<M>) => Promise<unknown>,
		cut?: PowerCut,
		options: BootOptions = {},
	): Promise<{ operations: number; wasCut: boolean }> {
		const first = this.boot({ ...options, cut });
		await this.#run(first, act);
		const { operations } = first.power;
		const wasCut = cut !== undefined && operations === cut.at;
		for (let boots = 1; wasCut && boots < MOST_BOOTS && !this.hasEnded(); boots++) {
			await this.#run(this.boot(options), act);
		}
		return { operations, wasCut };
	}

	async #run(boot: Boot<M>, act: (boot: Boot<M>) => Promise<unknown>): Promise<void> {
		await boot.run(act);
		await new Promise((resolve) => setTimeout(resolve, this.#aftermathMs));
	}

	/** Whether the plan has bought in its period, and nothing is open. */
	hasEnded(): boolean {
		const record = this.record();
		return record !== undefined && isFinal(record.state) && record.state !== "expired";
	}

	rules(): Rule[] {
		return this.#rules.map((rule, index) => ({
			name: `rule ${index}`,
			origin: this.origin,
			resource: "/",
			maxPerPayment: "100000000",
			maxPerWindow: "1000000000",
			maxForLife: "1000000000",
			maxCountPerWindow: 1_000,
			windowSeconds: 86_400,
			maxValiditySeconds: 600,
			prepay: false,
			...rule,
			...this.rule,
		}));
	}

	/** The last record of the ledger. */
	record(): PurchaseRecord | undefined {
		const keys = [...this.flash.entries.keys()].filter((key) => /^r[0-9]+$/.test(key));
		const records = keys.map((key) => decodeRecord(this.flash.read(key)!));
		return records.sort((a, b) => a.sequence - b.sequence).at(-1);
	}

	/** All that is spent and reserved, of whatever asset. */
	spent(): bigint {
		return Object.values(this.spentBy()).reduce((sum, each) => sum + each, 0n);
	}

	/** The like, by the asset's address. */
	spentBy(): Readonly<Record<string, bigint>> {
		const sums = new Ledger(this.flash, this.keys, this.rules(), [PLAN]).spent();
		return Object.fromEntries(sums.map((sum) => [sum.asset, integer(sum.spent) + integer(sum.reserved)]));
	}

	/** What it throws. */
	async error(promise: Promise<unknown>): Promise<Error> {
		try {
			await promise;
		} catch (error) {
			this.said.push(String((error as Error).stack));
			return error as Error;
		}
		throw new Error("expected an error");
	}

	/** Nothing that was said or kept holds any of `secrets`. */
	isSilent(t: ExecutionContext, secrets: readonly string[]): void {
		const kept = [...this.flash.entries.values()].map((bytes) => Buffer.from(bytes).toString("latin1"));
		const all = [...this.said, ...kept].join("\n");
		for (const secret of secrets) t.false(all.includes(secret), "a secret was said or kept");
	}
}

/** All that a rule has let go in its life, as the ledger counts it. */
export function lifeOf<M extends Market>(rig: Rig<M>, rule = 0): bigint {
	const rules = rig.rules();
	const ledger = new Ledger(rig.flash, rig.keys, rules, [PLAN]);
	return integer(ledger.spending(rules[rule]!, Math.floor(Date.now() / 1_000)).life);
}

export async function collect<T>(list: AsyncGenerator<T, unknown>): Promise<T[]> {
	const all: T[] = [];
	for await (const each of list) all.push(each);
	return all;
}

export function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}
