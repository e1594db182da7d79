/**
 * Random lives of a device: purchases from sellers and at markets that lie, power cuts, refused writes, decayed flash, clocks
 * that jump both ways, owners who change their configuration. A life is plain data that follows from its seed, so that it can
 * be had again, and made smaller when it fails.
 */
import { parseConfiguration } from "../../src/configuration/configuration.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { findLoss, settleLoss } from "../../src/wallet/ledger_repair.js";
import type { Server } from "../support/answers.js";
import { Drawn } from "../support/drawn.js";
import { lightSigner } from "../support/light_signer.js";
import { MemoryDevice, type Run } from "../support/memory_device.js";
import { DECAY_KINDS, type DecayKind, type PowerCut, PowerSupply } from "../support/power_flash.js";
import { type Change, changed, drawChange, firstConfiguration, isFront, textOf } from "./configuration.js";
import {
	AGENTPMT,
	LyingAgentPmt,
	LyingPact,
	LyingPactum,
	LyingSeller,
	type Mood,
	PACT,
	PACT_INDEXER,
	PACTUM,
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
	  }
	/** The device's clock jumps. */
	| { readonly kind: "clock"; readonly seconds: number }
	/** The device is off for so long. */
	| { readonly kind: "off"; readonly seconds: number }
	| { readonly kind: "decay"; readonly decay: DecayKind; readonly seed: number }
	| { readonly kind: "change"; readonly change: Change };

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
	readonly violations: readonly string[];
}

const DAY = 86_400;
/** Waits after which the owner of a device that has nothing to do switches it off. */
const PATIENCE = 500;

export function drawLife(seed: number): Life {
	const drawn = new Drawn(seed);
	const steps: Step[] = [];
	let mayDecay = true;
	for (const length = 8 + drawn.integer(10); steps.length < length; ) {
		const kind = drawn.integer(20);
		if (kind < 9) steps.push(drawRun(drawn));
		else if (kind < 13) steps.push({ kind: "change", change: drawChange(drawn) });
		else if (kind < 15) steps.push({ kind: "off", seconds: drawn.integer(drawn.pick([60, 3_600, 3 * DAY])) });
		else if (kind === 15) steps.push({ kind: "clock", seconds: drawJump(drawn) });
		else if (kind === 16) steps.push(...wrongClock(drawn));
		else if (kind === 17) steps.push(...interrupted(drawn));
		else if (mayDecay) {
			// Once in a life: the ledger notices one loss at a time.
			mayDecay = false;
			steps.push({ kind: "decay", decay: drawn.pick(DECAY_KINDS), seed: drawn.seed() });
		}
	}
	return { seed, steps };
}

function drawRun(drawn: Drawn): Step {
	return {
		kind: "run",
		seed: drawn.seed(),
		lies: drawn.pick([0, 2, 3, 5, 10]),
		count: 1 + drawn.integer(5),
		...(drawn.once(2) && { cut: drawCut(drawn) }),
		...(drawn.once(10) && { refuses: drawn.pick([2, 4, 10]) }),
	};
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

/** Power that fails as a payment leaves, and an owner who puts a rule in front before it is back. */
function interrupted(drawn: Drawn): Step[] {
	const cut = { at: 6 + drawn.integer(5), side: "after" } as const;
	const front: Step = { kind: "change", change: { kind: "front", rule: drawn.integer(3) } };
	return [
		{ kind: "run", seed: drawn.seed(), lies: 0, count: 2, cut },
		...(drawn.once(3) ? [] : [front]),
		{ kind: "run", seed: drawn.seed(), lies: 0, count: 1 },
	];
}

/** A payment that left when the power failed, and by what it was allowed. */
interface InFlight {
	readonly nonce: string;
	readonly until: number;
	readonly allowedBy: string;
}

class Living {
	readonly device: MemoryDevice;
	readonly witness: Witness;
	readonly first: ConfigurationModel;
	configuration: ConfigurationModel;
	purchases = 0;
	cuts = 0;
	repairs = 0;
	#mood: Mood = { drawn: new Drawn(0), lies: 0 };
	#inFlight: InFlight | undefined;
	/** What flash has lost may be the order of turns. */
	#hasDecayed = false;
	/** Runs in a row that the power has cut: after two a plan waits for the others. */
	#cutInRow = 0;

	constructor({ seed }: Life) {
		const drawn = new Drawn(seed ^ 0x11fe);
		this.first = firstConfiguration(drawn);
		this.configuration = this.first;
		this.witness = new Witness(() => this.device.seconds);
		const mood = () => this.#mood;
		const pact = new LyingPact(this.witness, mood);
		const servers = new Map<string, Server>([
			...SELLERS.map((origin) => [origin, new LyingSeller(origin, this.witness, mood)] as const),
			[AGENTPMT, new LyingAgentPmt(this.witness, mood)],
			[PACT, pact],
			[PACT_INDEXER, pact],
			[PACTUM, new LyingPactum(this.witness, mood)],
		]);
		this.device = new MemoryDevice(servers, lightSigner, drawn.seed());
		this.witness.configure(this.configuration);
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
				device.flash.decay(step.decay, new Drawn(step.seed));
				this.#hasDecayed = true;
				break;
			case "change":
				this.configuration = changed(this.configuration, step.change, this.first);
				this.witness.configure(this.configuration);
		}
	}

	async #run(step: Extract<Step, { kind: "run" }>): Promise<void> {
		const { device, witness } = this;
		const drawn = new Drawn(step.seed);
		this.#mood = { drawn, lies: step.lies };
		const { refuses } = step;
		this.#settle();
		const expected = this.#expected(step);
		witness.sentInRun = [];
		witness.switched();
		const run = await device.run({
			configuration: textOf(this.configuration, step.count),
			cut: step.cut,
			refuses: refuses === undefined ? undefined : () => drawn.once(refuses),
			patience: PATIENCE,
		});
		witness.switched();
		this.purchases += run.events.filter(({ event }) => event === "purchase").length;
		this.#cutInRow = run.wasCut ? this.#cutInRow + 1 : 0;
		if (run.wasCut) this.cuts++;
		if (run.error !== undefined)
			witness.violations.push(`the agent did not start: ${run.error.name}: ${run.error.message}`);
		if (expected !== undefined && !witness.sentInRun.includes(expected)) {
			witness.violations.push(`payment ${expected} had left when the power failed, and was not sent again`);
		}
		this.#inFlight = this.#leftBy(run);
		this.#settle();
	}

	/** The owner's remedy for a ledger that has lost something; then what the ledger says is held against what was seen. */
	#settle(): void {
		const { device, witness } = this;
		const storage = device.flash.storage(new PowerSupply());
		const { rules, plans } = parseConfiguration(textOf(this.configuration, 1), lightSigner, [
			"pactum",
			"pact",
			"agentpmt",
		]);
		const ledger = { storage, hashes: lightSigner, rules, plans: plans.map(({ name }) => name) };
		const loss = findLoss(ledger);
		if (loss !== undefined) {
			this.repairs++;
			this.#inFlight = undefined;
			const models = this.configuration.rules;
			const atMost = loss.known.map(({ rule, life }) => {
				const receivers = receiversOf(models.find(({ name }) => name === rule.name)!);
				const moved = receivers.reduce((sum, each) => sum + witness.moved(each), 0n);
				return [rule.name, bytesOf(greater(moved, integer(life)))] as const;
			});
			settleLoss(ledger, new Map(atMost), device.seconds);
			witness.repaired();
		}
		const counted = new Ledger(storage, lightSigner, rules, ledger.plans);
		for (const [index, rule] of rules.entries()) {
			witness.checkLedger(this.configuration.rules[index]!, integer(counted.spending(rule, device.seconds).life));
		}
	}

	/** The payment that left as the power failed. */
	#leftBy({ wasCut, last, events }: Run): InFlight | undefined {
		const nonce = this.witness.sentInRun.at(-1);
		const buying = events.findLast(({ event }) => event === "buying");
		const plan = this.configuration.plans.find(({ name }) => name === buying?.plan);
		if (!wasCut || last !== "send" || nonce === undefined || plan?.url === undefined) return undefined;
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
		const plan = this.configuration.plans.find(({ url }) => url === payment.url);
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
	const { purchases, cuts, repairs } = living;
	return {
		purchases,
		cuts,
		repairs,
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
		for (const simpler of [{ lies: 0 }, { count: 1 }, { cut: undefined }, { refuses: undefined }]) {
			const steps = smallest.steps.with(at, { ...smallest.steps[at]!, ...simpler } as Step);
			if (await fails(steps)) smallest = { ...life, steps };
		}
	}
	return smallest;
}

function greater(one: bigint, other: bigint): bigint {
	return [one, other].reduce((most, each) => (each > most ? each : most));
}

function integer(bytes: Uint8Array): bigint {
	return BigInt(`0x0${Buffer.from(bytes).toString("hex")}`);
}

function bytesOf(value: bigint): Uint8Array {
	return new Uint8Array(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}
