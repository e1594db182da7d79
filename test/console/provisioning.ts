/**
 * A device's first day, by console commands alone: from an empty flash to the first paid purchase in the local world. On
 * either engine, over the console that `npm run console` has.
 */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { ExecutionContext } from "ava";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { openLocal } from "../../tools/console/channel.js";
import { type Answer, Conversation } from "../../tools/console/conversation.js";
import type { Engine, FirmwareEvent, FirmwareResult } from "../../tools/firmware.js";
import { usdc } from "../../tools/world/chain.js";
import { payTo } from "../../tools/world/resources.js";
import { heard, kept, secret } from "../../tools/world/secret_log.js";
import type { World } from "../../tools/world/world.js";
import type { XsBuild } from "../../tools/xs/build.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";

/** A device that runs here, and all that came out of it. */
export class Bench {
	readonly flash = temporaryFolder();
	readonly events: FirmwareEvent[] = [];
	output = "";
	readonly #conversation: Conversation;
	#onEvent: () => void = () => {};

	constructor(t: ExecutionContext) {
		t.teardown(async () => {
			await this.#conversation.close();
			kept(this.flash);
			await removeFolder(this.flash);
		});
		this.#conversation = new Conversation({
			onEvent: (event) => {
				this.events.push(event);
				this.#tell(event);
				this.#onEvent();
			},
		});
	}

	async open(engine: Engine, build: XsBuild | undefined): Promise<this> {
		const device = { engine, build, flash: this.flash, clock: "unset", timeout: 120_000 } as const;
		await this.#conversation.open((listener) => openLocal(device, listener));
		return this;
	}

	async say(line: string): Promise<Answer> {
		const answer = await this.#conversation.ask(line);
		this.#tell(answer);
		return answer;
	}

	#tell(line: object): void {
		heard(JSON.stringify(line));
		this.output += `${JSON.stringify(line)}\n`;
	}

	async confirmed(line: string): Promise<Answer> {
		return await this.say(`confirm ${(await this.say(line)).confirm}`);
	}

	/** The next event of that kind, or one that has been. */
	async event(kind: string): Promise<FirmwareEvent> {
		for (;;) {
			const event = this.events.find((each) => each.event === kind);
			if (event !== undefined) return event;
			await new Promise<void>((resolve) => (this.#onEvent = resolve));
		}
	}

	/** Switches it off. */
	async close(): Promise<FirmwareResult> {
		return (await this.#conversation.close())!;
	}
}

export async function firstDay(
	t: ExecutionContext,
	world: World,
	engine: Engine,
	build?: XsBuild,
): Promise<FirmwareResult> {
	const { chain, seller } = world;
	const bench = await new Bench(t).open(engine, build);
	const privateKey = secret(generatePrivateKey());
	const { address } = privateKeyToAccount(privateKey);

	t.like(await bench.say("status"), { address: "", time: null, doing: "stopped", error: { name: "KeyMissing" } });
	t.like(await bench.say("wifi home password"), { error: "NoWifi" });
	t.like(await bench.say("key import 0 secp256k1"), { ok: true });
	t.like(await bench.say(privateKey.slice(2).toUpperCase()), { key: { address }, restarting: true });
	t.like(await bench.say("key import 0 secp256k1"), { error: "SlotTaken" });

	const network = { id: chain.network, name: "a local chain", rpc: chain.rpcUrl };
	const asset = { id: "usdc", network: chain.network, ...usdc, symbol: "USDC", decimals: 6 };
	const rule = {
		name: "sensors",
		origin: seller.url,
		asset: "usdc",
		payTo: [payTo],
		maxPerPayment: "20000",
		maxPerWindow: "100000",
		maxCountPerWindow: 20,
		windowSeconds: 3_600,
		maxForLife: "1000000",
		maxValiditySeconds: 120,
	};
	t.like(await bench.confirmed(`network set ${JSON.stringify(network)}`), { ok: true, restarting: true });
	t.like(await bench.confirmed(`asset set ${JSON.stringify(asset)}`), { ok: true, restarting: true });
	t.like(await bench.say(`rule set ${JSON.stringify({ ...rule, maxPerPayment: 20_000 })}`), {
		error: "ConfigurationInvalid",
		message:
			'rules[sensors].maxPerPayment: expected an amount in base units, a decimal string such as "10000", found 20000',
	});
	t.like(await bench.confirmed(`rule set ${JSON.stringify(rule)}`), { ok: true, restarting: true });
	await chain.mint(address, 1_000_000n);
	t.like(await bench.say("balance"), { balances: [{ asset: "usdc", amount: "1000000", inWords: "1 USDC" }] });

	const plan = { name: "temperature", url: `${seller.url}/data`, maxAmount: "10000" };
	t.like(await bench.say(`plan set ${JSON.stringify(plan)}`), { ok: true, restarting: true });
	t.like(await bench.say("status"), { doing: "waiting for wall time" });
	t.like(await bench.say("ledger"), { purchases: [] });
	t.like(await bench.confirmed(`time ${Date.now()}`), { ok: true });

	const purchase = await bench.event("purchase");
	t.like(purchase, { plan: "temperature", state: "delivered", amount: "10000", rule: "sensors" });
	const paid = await chain.transfers(address);
	t.like(paid, { 0: { to: payTo, value: 10_000n, transactionHash: purchase.transaction }, length: 1 });
	t.like(await bench.say("balance"), { balances: [{ amount: String(await chain.balanceOf(address)) }] });
	t.like(await bench.say("ledger"), {
		purchases: [{ number: 1, plan: "temperature", state: "delivered", amount: "10000" }],
	});
	t.like(await bench.say("ledger 1"), { purchase: { nonce: paid[0]!.nonce, transaction: purchase.transaction } });
	t.like(await bench.say("limits"), { limits: [{ rule: "sensors", life: { used: "0.01 USDC", allowed: "1 USDC" } }] });
	t.like(await bench.say("status"), { doing: "done", last: { plan: "temperature", price: "0.01 USDC" } });
	const { facts } = (await bench.say("export")) as unknown as { facts: object[] };
	t.is(facts.length, 7);
	t.like(await bench.say("help"), { ok: true });

	t.like(await bench.confirmed("erase"), { erased: "all", restarting: true });
	t.deepEqual(await bench.say("key"), { ok: true, keys: [] });
	const result = await bench.close();
	t.deepEqual(
		readdirSync(bench.flash).filter((name) => name !== ".tmp" && name !== ".lock"),
		[],
	);
	for (const secret of [privateKey.slice(2), privateKey.slice(2).toUpperCase()]) {
		t.false(bench.output.includes(secret));
		for (const file of readdirSync(bench.flash)) t.false(readFileSync(path.join(bench.flash, file)).includes(secret));
	}
	return result;
}
