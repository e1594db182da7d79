/**
 * A device with AgentPMT's client, in the test's own memory: real sockets, the real wallet, flash in a Map, waits that take
 * no time. Its power can be cut at every write to flash, every connection opened and every send; what is booted afterwards
 * knows only what flash holds. Everything it ever says or keeps can be searched for secrets.
 */
import type { ExecutionContext } from "ava";
import { Power } from "../../../hal/node/power.js";
import { SocketStream } from "../../../hal/node/socket_stream.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import { createPortableSigner } from "../../../modules/signer/portable.js";
import type { Signer } from "../../../modules/signer/signer.js";
import { HttpClient } from "../../../src/http/client.js";
import type { HttpLimits } from "../../../src/http/limits.js";
import type { HttpResponse } from "../../../src/http/response.js";
import type { Stream, StreamOptions } from "../../../src/http/stream.js";
import { AgentPmt, type AgentPmtOptions } from "../../../src/markets/agentpmt/agentpmt.js";
import type { Payers } from "../../../src/markets/market.js";
import { Ledger } from "../../../src/wallet/ledger.js";
import { decodeRecord, isFinal, type PurchaseRecord } from "../../../src/wallet/record.js";
import type { Rule } from "../../../src/wallet/rule.js";
import { Wallet } from "../../../src/wallet/wallet.js";
import type { Outcome } from "../../../src/x402/client.js";
import { keySeed, MemoryFlash, seeded } from "../../agent/device.js";
import { Heard, Keys, secret } from "../../secrets.js";
import { type Chain, usdc } from "../../world/chain.js";
import { type AgentPmt as LocalMarket, startAgentPmt, treasury } from "../agentpmt/market.js";

const PLAN = "plan";
let seeds = 1_000;

/** Cuts the power at the n-th of all things that a device does to the world. */
export interface Cut {
	readonly at: number;
	readonly side: "before" | "after";
}

/** From power on to power off. */
export class Boot {
	readonly market: AgentPmt;
	readonly http: HttpClient;
	readonly payers: Payers;
	/** Of writes to flash, connections opened and sends. */
	operations = 0;
	/** Milliseconds of each wait. */
	readonly waits: number[] = [];
	/** Bodies that were delivered. */
	readonly delivered: string[] = [];
	/** Settles when the power has failed. */
	readonly died: Promise<"cut">;
	readonly #rig: Rig;
	readonly #cut: Cut | undefined;
	#die: () => void = () => {};
	#isDead = false;

	constructor(rig: Rig, { cut, period = 1, cap = 100_000_000 }: RunOptions) {
		this.#rig = rig;
		this.#cut = cut;
		this.died = new Promise((resolve) => {
			this.#die = () => resolve("cut");
		});
		const { keys, random, clock } = rig;
		this.http = new HttpClient({
			connect: (options) => this.#connect(options),
			timer: {
				set: (callback, milliseconds) => setTimeout(callback, milliseconds),
				clear: (handle) => clearTimeout(handle as NodeJS.Timeout),
			},
			limits: rig.limits,
		});
		const timer = {
			set: (callback: () => void, milliseconds: number) => {
				this.waits.push(milliseconds);
				rig.onWait();
				return setTimeout(callback, 5);
			},
			clear: (handle: object | number) => clearTimeout(handle as NodeJS.Timeout),
		};
		const log = (event: object) => rig.spoken.push(JSON.stringify(event));
		this.market = new AgentPmt(
			{ http: this.http, timer, clock, keys, random, log },
			{ slot: 0, host: rig.local.url, chainId: rig.chain.chainId, ...rig.options },
		);
		const { flash } = rig;
		const storage = {
			read: (key: string) => flash.read(key),
			write: (key: string, bytes: Uint8Array) => this.#do(() => flash.write(key, bytes)),
			delete: (key: string) => this.#do(() => flash.delete(key)),
		};
		const wallet = new Wallet({ clock, random, keys, storage, slot: 0, rules: rig.rules(), plans: [PLAN] });
		const record = wallet.openPurchases()[0];
		const order = {
			plan: PLAN,
			period,
			seller: { origin: rig.local.url, path: "/api/external" },
			cap: uint256.fromNumber(cap),
			request: new Uint8Array(32),
		};
		const isAccount = record?.network.startsWith("account:") ?? false;
		this.payers = {
			x402: wallet.purchase(order, isAccount ? undefined : record),
			account: wallet.account(order, isAccount ? record : undefined),
		};
	}

	deliver = async (response: HttpResponse): Promise<void> => {
		this.delivered.push(await response.text(100_000));
	};

	/** As the agent does it. */
	async buy(offer: string, input = ""): Promise<Outcome> {
		const { x402, account } = this.payers;
		const outcome = await this.market.buy({ offer, input }, this.payers, this.deliver);
		if (account.record === undefined) x402.end(outcome);
		this.#rig.spoken.push(JSON.stringify(outcome));
		return outcome;
	}

	off(): void {
		this.#isDead = true;
		this.http.close();
	}

	#connect(options: StreamOptions): Stream {
		const stream = this.#do(() => new SocketStream(options, new Power(undefined), undefined));
		return {
			read: (count) => (this.#isDead ? undefined : stream.read(count)),
			write: (bytes) => this.#do(() => stream.write(bytes)),
			close: () => stream.close(),
		};
	}

	#do<T>(operation: () => T): T {
		if (this.#isDead) throw new Error("no power");
		this.operations++;
		const isLast = this.operations === this.#cut?.at;
		if (isLast && this.#cut?.side === "before") this.#fail();
		const result = operation();
		if (isLast) this.#fail();
		return result;
	}

	#fail(): never {
		this.#isDead = true;
		this.#die();
		throw new Error("no power");
	}
}

export interface RunOptions {
	readonly cut?: Cut;
	readonly period?: number;
	/** The plan's own, in base units of whatever is spent. */
	readonly cap?: number;
}

export class Rig {
	readonly chain: Chain;
	readonly local: LocalMarket;
	readonly flash = new MemoryFlash();
	readonly random: (buffer: Uint8Array) => void;
	readonly keys: Signer;
	/** Logs, outcomes and errors. */
	readonly spoken: string[] = new Heard();
	/** Secrets that the market did not give out. */
	readonly secrets: string[] = [];
	options: Partial<AgentPmtOptions> = {};
	limits: Partial<HttpLimits> = {};
	/** What the owner has set, beside what every rule here has. */
	rule: Partial<Rule> = {};
	/** Milliseconds that wall time is ahead of the machine's. */
	ahead = 0;
	onWait: () => void = () => {};
	readonly clock = { wall: () => Date.now() + this.ahead, monotonic: () => 0 };

	constructor(chain: Chain, local: LocalMarket, hasKey = true) {
		this.chain = chain;
		this.local = local;
		this.random = seeded(seeds);
		this.keys = createPortableSigner({ keys: new Keys(), random: seeded(keySeed(seeds++)) });
		if (hasKey) this.keys.create(0, "secp256k1");
	}

	boot(options: RunOptions = {}): Boot {
		return new Boot(this, options);
	}

	rules(): Rule[] {
		const shared = {
			origin: this.local.url,
			resource: "/",
			maxPerPayment: uint256.fromNumber(100_000_000),
			maxPerWindow: uint256.fromNumber(1_000_000_000),
			maxForLife: uint256.fromNumber(1_000_000_000),
			maxCountPerWindow: 1_000,
			windowSeconds: 86_400,
			maxValiditySeconds: 600,
			payFirst: false,
			...this.rule,
		};
		const { network } = this.chain;
		return [
			{
				...shared,
				name: "usdc",
				asset: { ...usdc, address: usdc.address.toLowerCase(), network, symbol: "USDC", decimals: 6 },
				methods: ["eip3009"],
				payTo: [treasury.toLowerCase()],
			},
			{
				...shared,
				name: "credits",
				asset: {
					network: "account:agentpmt",
					address: "credit",
					name: "",
					version: "",
					symbol: "credits",
					decimals: 0,
				},
				methods: ["account"],
				payTo: [],
			},
		];
	}

	/** The last record of the ledger. */
	record(): PurchaseRecord | undefined {
		const keys = [...this.flash.entries.keys()].filter((key) => /^r[0-9]+$/.test(key));
		const records = keys.map((key) => decodeRecord(this.flash.read(key)!));
		return records.sort((a, b) => a.sequence - b.sequence).at(-1);
	}

	/** Spent and reserved, by asset. */
	spent(): Readonly<Record<string, bigint>> {
		const sums = new Ledger(this.flash, this.keys, this.rules(), [PLAN]).spent();
		return Object.fromEntries(sums.map((sum) => [sum.asset, integer(sum.spent) + integer(sum.reserved)]));
	}

	/** What it throws. */
	async error(promise: Promise<unknown>): Promise<Error> {
		try {
			await promise;
		} catch (error) {
			this.spoken.push(String((error as Error).stack));
			return error as Error;
		}
		throw new Error("expected an error");
	}

	isOpen(): boolean {
		const record = this.record();
		return record !== undefined && !isFinal(record.state);
	}

	/** What the market has taken from this wallet's credits, what it gave back subtracted. */
	charged(wallet: string): number {
		const mine = this.local.credits.entries.filter((entry) => entry.wallet === wallet);
		const taken = mine.filter(({ reason }) => reason === "charge" || reason === "refund");
		return taken.reduce((sum, { credits }) => sum - credits, 0);
	}

	/** What was said and kept holds no secret of the market's, of the device's, or of a test. */
	isSilent(t: ExecutionContext): void {
		const kept = [...this.flash.entries.values()].map((bytes) => Buffer.from(bytes).toString("latin1"));
		const all = [...this.spoken, ...kept].join("\n");
		for (const each of [...this.local.secrets(), ...this.secrets.map(secret)]) t.false(all.includes(each), "a secret");
	}
}

function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}

/** A market and a device of the test's own. When the test has passed, nothing secret was said or kept. */
export async function open(t: ExecutionContext, chain: Chain): Promise<Rig> {
	const local = await startAgentPmt(chain);
	t.teardown(local.stop);
	return new Rig(chain, local);
}
