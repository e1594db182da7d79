/** Whose turn it is: a plan that ends the machine, one that is always due, one whose seller never comes to an end. */
import test from "ava";
import * as cbor from "../../modules/encoding/cbor.js";
import { hashes } from "../../modules/signer/portable.js";
import { RunMark } from "../../src/agent/run_mark.js";
import { Schedule } from "../../src/agent/schedule.js";
import { Turn } from "../../src/agent/turn.js";
import type { Plan } from "../../src/configuration/plan.js";
import { HttpClient } from "../../src/http/client.js";
import type { HttpRequest } from "../../src/http/request.js";
import { appendChecksum } from "../../src/wallet/checksum.js";
import type { PurchaseRecord } from "../../src/wallet/record.js";
import { Device } from "../support/device.js";
import { MemoryFlash } from "../support/memory.js";
import { configuration, FakeSeller, ORIGIN } from "./fake_seller.js";

/** What a request to `${ORIGIN}/poison` does in place of an answer: the machine ends, before a payment or at it. */
class Poison {
	readonly device = new Device();
	readonly seller = new FakeSeller(this.device);
	/** The plan of each turn that was begun, in this life. */
	turns: string[] = [];
	#died = () => {};

	constructor(atPayment: boolean) {
		const { request } = this.device.http!;
		const ask = (asked: HttpRequest) => {
			const isPayment = (asked.credentials ?? []).length > 0;
			if (!asked.url.endsWith("/poison") || isPayment !== atPayment) return request.call(this.device.http, asked);
			this.#died();
			return new Promise<never>(() => {});
		};
		this.device.http = { request: ask, counters: this.device.http!.counters } as unknown as HttpClient;
	}

	/** From power on until the machine ends, or all plans have. Returns whether the machine ended. */
	async live(plans: readonly object[]): Promise<boolean> {
		const died = new Promise<boolean>((resolve) => (this.#died = () => resolve(true)));
		this.turns = [];
		this.device.log = (event) => {
			if (event.event === "buying") this.turns.push(String(event.plan));
		};
		this.device.monotonic = 0;
		return await Promise.race([died, this.device.run(configuration(plans)).then(() => false)]);
	}
}

const poison = { name: "poison", url: `${ORIGIN}/poison` };

test("a plan that ends the machine has its turn after the others from its third time on, and waits longer each time", async (t) => {
	const world = new Poison(false);
	const plans = [poison, { name: "a" }, { name: "b" }];
	const waited: number[] = [];
	for (let start = 1; start <= 8; start++) {
		t.true(await world.live(plans), `start ${start}`);
		waited.push(Math.floor(world.device.monotonic / 1_000));
		if (start < 3) t.deepEqual(world.turns, ["poison"], `start ${start}`);
		if (start === 3) t.deepEqual(world.turns, ["a", "b", "poison"]);
		if (start > 3) t.deepEqual(world.turns, ["poison"]);
	}
	t.is(world.seller.settled.size, 2);
	t.deepEqual(waited, [0, 0, 0, 30, 60, 120, 240, 480]);
});

test("a payment during which the machine ends is resumed within its life once the others had their turn, and is never made twice", async (t) => {
	const world = new Poison(true);
	const plans = [poison, { name: "a" }];
	t.true(await world.live(plans));
	t.deepEqual(world.turns, ["poison"]);
	t.true(await world.live(plans));
	t.deepEqual(world.turns, ["poison"], "a power cut looks the same, so the first time it is resumed at once");
	t.true(await world.live(plans));
	t.deepEqual(world.turns, ["a", "poison"]);
	const [first] = world.device.records();
	t.true(world.device.clock.now! / 1_000 < first!.validBefore);
	for (let start = 4; start <= 8; start++) await world.live(plans);
	t.deepEqual(
		world.device.records().map(({ plan, state, outcome }) => [plan, state, outcome]),
		[
			["poison", "unknown", "answer_lost"],
			["a", "delivered", "paid"],
		],
	);
});

test("a turn that ends in an orderly way clears what was held against its plan", async (t) => {
	const flash = new MemoryFlash();
	const boot = () => new RunMark(flash, hashes, { wall: () => 0, monotonic: () => 0 });
	for (let i = 0; i < 3; i++) boot().begin("a");
	t.is(boot().suspension("a"), 30);
	t.is(boot().suspension("b"), undefined);
	boot().end("a");
	t.is(boot().suspension("a"), undefined);
	flash.entries.set("a.turn", Uint8Array.of(1, 2, 3));
	t.is(boot().endedBy, undefined, "a mark that has decayed counts as none");
});

test("of the plans that are due the one that has been due longest goes first, whatever their order", (t) => {
	const plans = [
		{ name: "each second", everySeconds: 1 },
		{ name: "daily", everySeconds: 86_400 },
		{ name: "hourly", everySeconds: 3_600 },
	] as Plan[];
	const schedule = new Schedule(plans, {
		lastPeriod: () => undefined,
		suspension: () => undefined,
		paused: () => 0,
		uptime: () => 0,
	});
	const turns: string[] = [];
	// Each turn takes two seconds, in which the first plan is due again.
	for (let now = 100_000; turns.length < 5; now += 2) {
		const plan = schedule.next(now)!;
		turns.push(plan.name);
		schedule.begin(plan, Math.floor(now / plan.everySeconds) * plan.everySeconds);
	}
	t.deepEqual(turns, ["daily", "hourly", "each second", "each second", "each second"]);
});

test("when a plan's turn is over its next request is refused, unless its signature may still be used", async (t) => {
	let now = 1_795_219_200_000;
	const clock = { wall: () => now, monotonic: () => now };
	const turn = new Turn(clock);
	const http = new HttpClient({
		connect: () => t.fail() as never,
		timer: { set: () => 0, clear: () => {} },
		onRequest: () => turn.check(),
	});
	let record: Partial<PurchaseRecord> | undefined;
	turn.begin(() => record as PurchaseRecord);
	now += 900_001;
	await t.throwsAsync(http.request({ method: "GET", url: ORIGIN }), { name: "TurnOver" });
	record = { state: "authorized", validBefore: now / 1_000 + 60 };
	t.notThrows(() => turn.check());
	record = { state: "unknown", validBefore: now / 1_000 + 60 };
	t.throws(() => turn.check(), { name: "TurnOver" });
	record = { state: "authorized", validBefore: now / 1_000 - 60 };
	t.throws(() => turn.check(), { name: "TurnOver" });
	turn.end();
	t.notThrows(() => turn.check());
});

test("a mark of something else than plans and numbers makes no plan wait", (t) => {
	const clock = { wall: () => 0, monotonic: () => 0 };
	for (const mark of [
		[1, 7, ["a", 9]],
		[1, "", ["a", "9", 9, 9, "a"]],
		[1, "", ["a", [9]]],
	]) {
		const flash = new MemoryFlash();
		flash.write("a.turn", appendChecksum(hashes, cbor.encode([...(mark as cbor.CborValue[]), new Uint8Array(4)])));
		t.is(new RunMark(flash, hashes, clock).suspension("a"), undefined);
	}
});
