/**
 * Random lives of a device: purchases from sellers and at markets that lie, power cuts, refused writes, decayed flash, clocks
 * that jump both ways, owners who change their configuration. A life is plain data that follows from its seed, so that it can
 * be had again, and made smaller when it fails.
 */
import { publicKeyToAddress } from "viem/accounts";
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { KeyRing } from "../../src/console/key_ring.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { findLoss, settleLoss } from "../../src/wallet/ledger_repair.js";
import type { Server } from "../support/answers.js";
import { Drawn } from "../support/drawn.js";
import { KeySlots } from "../support/key_slots.js";
import { lightSigner } from "../support/light_signer.js";
import { MemoryDevice, type Run } from "../support/memory_device.js";
import { DECAY_KINDS, type DecayKind, type PowerCut, PowerLost, PowerSupply } from "../support/power_flash.js";
import {
	type Change,
	changed,
	drawChange,
	entriesOf,
	firstConfiguration,
	isFront,
	MARKETS,
	textOf,
} from "./configuration.js";
import {
	AGENTPMT,
	LyingAgentPmt,
	LyingPact,
	LyingPactum,
	LyingPayanAgent,
	LyingSeller,
	type Mood,
	PACT,
	PACT_INDEXER,
	PACTUM,
	PACTUM_WALLET,
	PAYANAGENT,
	SELLERS,
} from "./sellers.js";
import { type ConfigurationModel, receiversOf, Witness } from "./witness.js";

export type Step =
	| {
			readonly kind: "run";
			readonly seed: number;
			/** Of how many answers one is a lie; 0: none. */
			readonly lies: number;
			/** Purchases after which the run ends. */
			readonly count: number;
			readonly cut?: PowerCut;
			/** Flash refuses one write of so many. */
			readonly refuses?: number;
			/** Operations after which the owner pauses the device. */
			readonly pauseAfter?: number;
	  }
	/** The device's clock jumps. */
	| { readonly kind: "clock"; readonly seconds: number }
	/** The device is off for so long. */
	| { readonly kind: "off"; readonly seconds: number }
	| { readonly kind: "decay"; readonly of: "ledger" | "settings"; readonly decay: DecayKind; readonly seed: number }
	/** `cut`: operations after which the power fails while the owner sets it at the console. */
	| { readonly kind: "change"; readonly change: Change; readonly cut?: PowerCut }
	/** The owner pauses the device, or has it go on. */
	| { readonly kind: "pause"; readonly isPaused: boolean }
	/** The key's slot is empty, and nobody has emptied it. */
	| { readonly kind: "key lost" };

export interface Life {
	readonly seed: number;
	readonly steps: readonly Step[];
}

export interface LifeEnd {
	readonly purchases: number;
	readonly signatures: number;
	readonly asks: number;
	readonly cuts: number;
	readonly repairs: number;
	/** Starts that found settings or a key gone, and bought nothing. */
	readonly stops: number;
	readonly violations: readonly string[];
}

const DAY = 86_400;
/** Waits after which the owner of a device that has nothing to do switches it off. */
const PATIENCE = 500;
const PATIENCE_PAUSED = 40;
/** What stops a device until its owner has looked. */
const STOPPED: readonly string[] = ["SettingsDamaged", "KeysUnreadable"];

export function drawLife(seed: number): Life {
	const drawn = new Drawn(seed);
	const steps: Step[] = [];
	// Once in a life each: ledger and settings notice one loss at a time.
	const mayDecay = new Set(["ledger", "settings"] as const);
	for (const length = 8 + drawn.integer(10); steps.length < length; ) {
		const kind = drawn.integer(24);
		if (kind < 9) steps.push(drawRun(drawn));
		else if (kind < 13) steps.push(drawChanged(drawn));
		else if (kind < 15) steps.push({ kind: "off", seconds: drawn.integer(drawn.pick([60, 3_600, 3 * DAY])) });
		else if (kind === 15) steps.push({ kind: "clock", seconds: drawJump(drawn) });
		else if (kind === 16) steps.push(...wrongClock(drawn));
		else if (kind === 17) steps.push(...interrupted(drawn));
		else if (kind < 20) {
			const of = drawn.pick(["ledger", "settings"] as const);
			if (mayDecay.delete(of)) steps.push({ kind: "decay", of, decay: drawn.pick(DECAY_KINDS), seed: drawn.seed() });
		} else if (kind < 23) steps.push({ kind: "pause", isPaused: drawn.once(3) });
		else steps.push({ kind: "key lost" });
	}
	return { seed, steps };
}

function drawRun(drawn: Drawn): Step {
	return {
		kind: "run",
		seed: drawn.seed(),
		lies: drawn.pick([0, 2, 3, 5, 10]),
		count: 3 + drawn.integer(9),
		...(drawn.once(2) && { cut: drawCut(drawn) }),
		...(drawn.once(10) && { refuses: drawn.pick([2, 4, 10]) }),
		...(drawn.once(12) && { pauseAfter: 1 + drawn.integer(20) }),
	};
}

function drawChanged(drawn: Drawn): Step {
	const cut: PowerCut = { at: 1 + drawn.integer(6), side: drawn.pick(["before", "after"]) };
	return { kind: "change", change: drawChange(drawn), ...(drawn.once(3) && { cut }) };
}

function drawCut(drawn: Drawn): PowerCut {
	return { at: 1 + drawn.integer(drawn.pick([8, 16, 40])), side: drawn.pick(["before", "after"]) };
}

function drawJump(drawn: Drawn): number {
	return drawn.pick([-1, 1]) * (1 + drawn.integer(drawn.pick([600, 2 * 3_600, 10 * DAY])));
}

/** A clock that was years ahead when the power failed, and is right again. */
function wrongClock(drawn: Drawn): Step[] {
	const seconds = drawn.pick([DAY, 400 * DAY, 22_687 * DAY]);
	const cut = { at: 3 + drawn.integer(6), side: "after" } as const;
	return [
		{ kind: "clock", seconds },
		{ kind: "run", seed: drawn.seed(), lies: 0, count: 1, cut },
		{ kind: "clock", seconds: -seconds },
		{ kind: "run", seed: drawn.seed(), lies: 0, count: 2 },
	];
}

/** Power that fails as a payment leaves, and an owner who puts a rule in front, or lowers a cap, before it is back. */
function interrupted(drawn: Drawn): Step[] {
	const cut = { at: 6 + drawn.integer(5), side: "after" } as const;
	const rule = drawn.integer(3);
	const changes: readonly Change[] = [
		{ kind: "front", rule },
		{ kind: "cap", rule, tenths: 2 },
		{ kind: "payment cap", rule, to: "5000" },
	];
	return [
		{ kind: "run", seed: drawn.seed(), lies: 0, count: 2, cut },
		...(drawn.once(4) ? [] : [{ kind: "change", change: drawn.pick(changes) } as const]),
		{ kind: "run", seed: drawn.seed(), lies: 0, count: 1 },
	];
}

/** A payment that left when the power failed, and by what it was allowed. */
interface InFlight {
	readonly nonce: string;
	readonly until: number;
	readonly allowedBy: string;
}

/** What a paused device may go on with: what had begun before. */
interface MayLeave {
	readonly nonces: readonly string[];
	/** A charge to an account has begun in this run, and may be asked for. */
	readonly hasCharge: boolean;
	/** What had left when the pause came. */
	readonly sent: readonly string[];
}

class Living {
	readonly device: MemoryDevice;
	readonly witness: Witness;
	readonly first: ConfigurationModel;
	configuration: ConfigurationModel;
	purchases = 0;
	cuts = 0;
	repairs = 0;
	stops = 0;
	readonly #keys = new KeySlots();
	/** True if the configuration is in flash, as its owner's console puts it there; otherwise it is a file's. */
	readonly #isInFlash: boolean;
	/** By key: the entries of the settings that the owner knows to be in flash, as JSON. */
	readonly #set = new Map<string, string>();
	#isPaused = false;
	#mood: Mood = { drawn: new Drawn(0), lies: 0 };
	#inFlight: InFlight | undefined;
	/** What may leave while the device is paused. */
	#mayLeave: MayLeave | undefined;
	/** What flash has lost may be the order of turns. */
	#hasDecayed = false;
	/** Settings have decayed, or the key is lost: the next start says so. */
	#mayStop = false;
	/** Runs in a row that the power has cut, or may seem to: after two a plan waits for the others. */
	#cutInRow = 0;

	constructor({ seed }: Life) {
		const drawn = new Drawn(seed ^ 0x11fe);
		this.first = firstConfiguration(drawn);
		this.configuration = this.first;
		const buyer = publicKeyToAddress(`0x${Buffer.from(this.#keys.publicKey(0)).toString("hex")}`).toLowerCase();
		this.witness = new Witness(() => this.device.seconds, buyer);
		const mood = () => this.#mood;
		const pact = new LyingPact(this.witness, mood);
		const pactum = new LyingPactum(this.witness, mood);
		const servers = new Map<string, Server>([
			...SELLERS.map((origin) => [origin, new LyingSeller(origin, this.witness, mood)] as const),
			[AGENTPMT, new LyingAgentPmt(this.witness, mood)],
			[PACT, pact],
			[PACT_INDEXER, pact],
			[PACTUM, pactum],
			[PACTUM_WALLET, pactum],
			[PAYANAGENT, new LyingPayanAgent(this.witness, mood)],
		]);
		this.device = new MemoryDevice(servers, this.#keys, drawn.seed());
		this.witness.configure(this.configuration);
		this.#isInFlash = drawn.once(2);
		if (!this.#isInFlash) return;
		this.#configure();
		// The key was made at the console, which lists it.
		new KeyRing(this.#keys, this.device.settings(this.device.flash.storage(new PowerSupply()))).taken(0);
	}

	async take(step: Step): Promise<void> {
		const { device } = this;
		switch (step.kind) {
			case "run":
				return await this.#run(step);
			case "clock":
				device.ahead += step.seconds * 1_000;
				break;
			case "off":
				device.now += step.seconds * 1_000;
				break;
			case "decay":
				this.#decay(step);
				break;
			case "change":
				this.configuration = changed(this.configuration, step.change, this.first);
				this.witness.configure(this.configuration);
				if (this.#isInFlash) this.#configure(step.cut);
				break;
			case "pause":
				if (this.#isInFlash) this.#pause(step.isPaused);
				break;
			case "key lost":
				if (!this.#isInFlash) break;
				this.#keys.erase(0);
				this.#mayStop = true;
		}
	}

	#decay({ of, decay, seed }: Extract<Step, { kind: "decay" }>): void {
		const isSetting = (key: string) => key.startsWith("c.");
		const key = this.device.flash.decay(decay, new Drawn(seed), (each) => isSetting(each) === (of === "settings"));
		if (of === "ledger") this.#hasDecayed = true;
		else if (key !== undefined) this.#mayStop = true;
	}

	async #run(step: Extract<Step, { kind: "run" }>): Promise<void> {
		const { witness } = this;
		this.#settle();
		const expected = this.#expected(step);
		witness.sentInRun = [];
		this.#mayLeave = this.#isPaused ? { ...this.#begun(), hasCharge: false } : undefined;
		witness.switched();
		let run = await this.#start(step);
		if (this.#mayStop && STOPPED.includes(run.error?.name ?? "")) {
			if (witness.sentInRun.length > 0) witness.violations.push("bought, and something that limits it is gone");
			this.stops++;
			this.#mend();
			run = await this.#start(step);
		}
		witness.switched();
		this.purchases += run.events.filter(({ event }) => event === "purchase").length;
		// A mark of a turn that flash did not clear looks like a cut at the next start.
		this.#cutInRow = run.wasCut || step.refuses !== undefined ? this.#cutInRow + 1 : 0;
		if (run.wasCut) this.cuts++;
		// Flash that refuses the index a write may stop a start: the next one helps.
		const isExcused = step.refuses !== undefined && this.#isInFlash && run.error?.message === "flash is worn out";
		if (run.error !== undefined && !isExcused)
			witness.violations.push(`the agent did not start: ${run.error.name}: ${run.error.message}`);
		if (expected !== undefined && !witness.sentInRun.includes(expected)) {
			witness.violations.push(`payment ${expected} had left when the power failed, and was not sent again`);
		}
		this.#checkPause();
		this.#isPaused ||= run.wasPaused;
		this.#inFlight = this.#leftBy(run);
		this.#settle();
	}

	#start({ seed, lies, count, cut, refuses, pauseAfter }: Extract<Step, { kind: "run" }>): Promise<Run> {
		const drawn = new Drawn(seed);
		this.#mood = { drawn, lies };
		return this.device.run({
			configuration: this.#isInFlash ? undefined : textOf(this.configuration),
			count,
			cut,
			refuses: refuses === undefined ? undefined : () => drawn.once(refuses),
			patience: this.#isPaused || pauseAfter !== undefined ? PATIENCE_PAUSED : PATIENCE,
			pauseAfter: this.#isInFlash ? pauseAfter : undefined,
			onPause: () => {
				this.#mayLeave = this.#begun();
			},
		});
	}

	#begun(): MayLeave {
		const { rules, plans } = this.#parsed();
		const storage = this.device.flash.storage(new PowerSupply());
		const open = new Ledger(storage, lightSigner, rules, plans).openPurchases();
		return {
			nonces: open.map(({ nonce }) => integer(nonce).toString(16)),
			hasCharge: open.some(({ kind }) => kind === "charge"),
			sent: [...this.witness.sentInRun],
		};
	}

	/** Nothing has begun since the pause. */
	#checkPause(): void {
		if (this.#mayLeave === undefined) return;
		const { nonces, hasCharge, sent } = this.#mayLeave;
		const { sentInRun, charged, violations } = this.witness;
		const others = sentInRun.slice(sent.length).filter((each) => !nonces.includes(each) && !sent.includes(each));
		const begun = hasCharge && charged.has(others[0] ?? "") ? others.slice(1) : others;
		for (const each of begun) violations.push(`${each} was begun, and the device is paused`);
	}

	/** The configuration as the device reads it. */
	#parsed() {
		const { rules, plans } = parseConfiguration(textOf(this.configuration), lightSigner, Object.keys(MARKETS));
		return { rules, plans: plans.map(({ name }) => name) };
	}

	/** What the owner sets at the console; where the power fails meanwhile, flash has the old or the new of it, and it is set again. */
	#configure(cut?: PowerCut): void {
		try {
			this.#commit(new PowerSupply(cut));
		} catch (error) {
			if (!(error instanceof PowerLost)) throw error;
			if (!this.#mayStop) this.device.settings(this.device.flash.storage(new PowerSupply())).check();
			this.#commit(new PowerSupply());
		}
	}

	#commit(power: PowerSupply): void {
		const settings = this.device.settings(this.device.flash.storage(power));
		const wanted = new Map(Object.entries(MARKETS).map(([name, value]) => [`c.m.${name}`, JSON.stringify(value)]));
		for (const [kind, values] of Object.entries(entriesOf(this.configuration))) {
			for (const [i, value] of values.entries()) wanted.set(`c.${kind.charAt(0)}${i}`, JSON.stringify(value));
		}
		for (const key of new Set([...this.#set.keys(), ...wanted.keys()])) {
			const json = wanted.get(key);
			if (json === this.#set.get(key)) continue;
			// Until it is made nobody knows.
			this.#set.set(key, "");
			settings.commit({ key, value: json && JSON.parse(json) });
			if (json === undefined) this.#set.delete(key);
			else this.#set.set(key, json);
		}
	}

	#pause(isPaused: boolean): void {
		if (this.#mayStop) return;
		this.device.settings(this.device.flash.storage(new PowerSupply())).pause(isPaused);
		this.#isPaused = isPaused;
	}

	/** The owner's remedy for settings and keys that flash has lost: everything is set again, and the key imported. */
	#mend(): void {
		const settings = this.device.settings(this.device.flash.storage(new PowerSupply()));
		const keys = new KeyRing(this.#keys, settings);
		this.#set.clear();
		this.#commit(new PowerSupply());
		if (this.#keys.curve(0) === undefined) {
			this.#keys.importKey(0);
			keys.taken(0);
		}
		this.#mayStop = false;
	}

	/** The owner's remedy for a ledger that has lost something; then what the ledger says is held against what was seen. */
	#settle(): void {
		const { device, witness } = this;
		const storage = device.flash.storage(new PowerSupply());
		const { rules, plans } = this.#parsed();
		const ledger = { storage, hashes: lightSigner, rules, plans };
		const loss = findLoss(ledger);
		if (loss !== undefined) {
			this.repairs++;
			this.#inFlight = undefined;
			const models = this.configuration.rules;
			const atMost = loss.known.map(({ rule, life }) => {
				const model = models.find(({ name }) => name === rule.name)!;
				// Under its name the rule may have paid in another asset before.
				const assets = new Set([model.asset, "usdc", "eurc"]);
				const receivers = [...assets].flatMap((asset) => receiversOf({ ...model, asset }));
				const moved = receivers.reduce((sum, each) => sum + witness.moved(each), 0n);
				return [rule.name, bytesOf(greater(moved, integer(life)))] as const;
			});
			settleLoss(ledger, new Map(atMost), device.seconds);
			witness.repaired();
		}
		const counted = new Ledger(storage, lightSigner, rules, plans);
		for (const [index, rule] of rules.entries()) {
			witness.checkLedger(this.configuration.rules[index]!, integer(counted.spending(rule, device.seconds).life));
		}
	}

	/** The payment that left as the power failed. */
	#leftBy({ wasCut, last, events }: Run): InFlight | undefined {
		const nonce = this.witness.sentInRun.at(-1);
		const buying = events.findLast(({ event }) => event === "buying");
		const plan = this.configuration.plans.find(({ name }) => name === buying?.plan);
		if (!wasCut || last !== "send" || nonce === undefined || plan === undefined) return undefined;
		const payment = this.witness.last;
		if (payment?.nonce !== nonce) return undefined;
		return { nonce, until: payment.validBefore, allowedBy: this.#allowedBy(plan.name, payment.payTo) };
	}

	/** The nonce that this run has to send again. */
	#expected({ lies, cut, refuses }: Extract<Step, { kind: "run" }>): string | undefined {
		const inFlight = this.#inFlight;
		if (
			inFlight === undefined ||
			this.#hasDecayed ||
			this.#cutInRow > 1 ||
			lies > 0 ||
			cut !== undefined ||
			refuses !== undefined
		)
			return undefined;
		const payment = this.witness.last!;
		const plan = this.configuration.plans.find(({ url, offer }) => [url, offer].includes(payment.resource));
		const isAllowed = plan !== undefined && this.#allowedBy(plan.name, payment.payTo) === inFlight.allowedBy;
		const secondsLeft = inFlight.until - this.device.seconds;
		return isAllowed && secondsLeft > 20 && secondsLeft < 86_400 ? inFlight.nonce : undefined;
	}

	/** Plan and rules without the one that was put in front, as text. */
	#allowedBy(plan: string, payTo: string): string {
		const rules = this.configuration.rules.filter((rule) => rule.payTo?.includes(payTo) && !isFront(rule));
		return JSON.stringify([this.configuration.plans.find(({ name }) => name === plan), rules]);
	}
}

export async function live(life: Life): Promise<LifeEnd> {
	const living = new Living(life);
	const { witness } = living;
	for (const [index, step] of life.steps.entries()) {
		try {
			await living.take(step);
		} catch (error) {
			witness.violations.push((error as Error).stack ?? String(error));
		}
		if (witness.violations.length > 0) {
			witness.violations.push(`in step ${index + 1} of ${life.steps.length}: ${JSON.stringify(step)}`);
			break;
		}
	}
	const { purchases, cuts, repairs, stops } = living;
	return {
		purchases,
		cuts,
		repairs,
		stops,
		signatures: witness.signatures,
		asks: witness.asks,
		violations: witness.violations,
	};
}

/** A smaller life that still fails: steps are left out, then liars are made honest, as long as something is wrong. */
export async function shrink(life: Life): Promise<Life> {
	let smallest = life;
	const fails = async (steps: readonly Step[]) => (await live({ ...life, steps })).violations.length > 0;
	for (let size = smallest.steps.length >> 1; size >= 1; size >>= 1) {
		for (let at = 0; at < smallest.steps.length; ) {
			const steps = smallest.steps.toSpliced(at, size);
			if (await fails(steps)) smallest = { ...life, steps };
			else at += size;
		}
	}
	for (const at of smallest.steps.keys()) {
		const step = smallest.steps[at]!;
		if (step.kind !== "run") continue;
		for (const simpler of [
			{ lies: 0 },
			{ count: 1 },
			{ cut: undefined },
			{ refuses: undefined },
			{ pauseAfter: undefined },
		]) {
			const steps = smallest.steps.with(at, { ...smallest.steps[at]!, ...simpler } as Step);
			if (await fails(steps)) smallest = { ...life, steps };
		}
	}
	return smallest;
}

function greater(one: bigint, other: bigint): bigint {
	return one > other ? one : other;
}

function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}

function bytesOf(value: bigint): Uint8Array {
	return new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}
