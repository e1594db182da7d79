/**
 * What the world saw of a device: each signature and each ask that can cost, when it left. A plain model of what may have
 * moved by each rule; it shares no code with the ledger and believes nobody's word, the device's no more than the sellers'.
 */

export interface RuleModel {
	name: string;
	origin: string;
	asset: string;
	methods: string[];
	payTo?: string[];
	maxPerPayment: string;
	maxPerWindow: string;
	maxCountPerWindow: number;
	windowSeconds: number;
	maxForLife: string;
	maxValiditySeconds: number;
	prepay?: boolean;
}

export interface PlanModel {
	name: string;
	maxAmount: string;
	everySeconds: number;
	url?: string;
	market?: string;
	offer?: string;
	input?: unknown;
}

export interface ConfigurationModel {
	rules: RuleModel[];
	plans: PlanModel[];
}

/** A signature that reached a seller. */
export interface SeenPayment {
	readonly origin: string;
	/** What it is for: the plan's URL, or its offer at a market. */
	readonly resource: string;
	readonly method: string;
	/** As rules name it. */
	readonly asset: string;
	readonly from: string;
	readonly payTo: string;
	readonly nonce: string;
	readonly value: bigint;
	readonly validBefore: number;
}

/** An ask that costs, which reached a market: each `id` may cost `cost`. */
export interface SeenCharge {
	readonly origin: string;
	readonly asset: string;
	/** Where a rule names whom the market pays. */
	readonly payTo?: string;
	readonly id: string;
	readonly cost: bigint;
}

/** What may have moved for one purchase. */
interface Exposure {
	amount: bigint;
	/** By the device's clock, when it first left. */
	readonly at: number;
	validBefore: number;
	/** Different signatures. */
	readonly signatures: Set<string>;
}

/** Seconds: a device's clock may be so far ahead of a chain's, and an intent may be so much older than its signature. */
const MARGIN = 900;
const LONGEST_INTENT = 700;
/** Seconds for which a seller that cannot be reached is asked again. */
const LATE = 5;

export class Witness {
	/** What must not be, and was. */
	readonly violations: string[] = [];
	/** Nonces and ids, in the order in which they left in this run. */
	sentInRun: string[] = [];
	/** Ids of asks that cost. */
	readonly charged = new Set<string>();
	/** The last payment that left. */
	last: SeenPayment | undefined;
	signatures = 0;
	asks = 0;
	/** By what a rule allows: see `receiversOf`. */
	readonly #exposures = new Map<string, Map<string, Exposure>>();
	/** By rule's name, whatever it pays in: what left when no other rule allowed it. */
	readonly #byRule = new Map<string, Map<string, Exposure>>();
	/** By plan: its payments, and the periods in which they first left. */
	readonly #periods = new Map<string, Map<string, number>>();
	/** The highest sum for life that rules which pay this receiver ever had, by rule. */
	readonly #highest = new Map<string, Map<string, bigint>>();
	/** The latest moment, by the device's clock, at which it was switched on or off. */
	#latest = 0;
	#configuration: ConfigurationModel = { rules: [], plans: [] };
	readonly #seconds: () => number;
	/** The address of the device's first key. */
	readonly #buyer: string;

	constructor(seconds: () => number, buyer: string) {
		this.#seconds = seconds;
		this.#buyer = buyer;
	}

	/** The device is switched on, or off. */
	switched(): void {
		this.#latest = Math.max(this.#latest, this.#seconds());
	}

	/** From now on the device has this configuration. */
	configure(configuration: ConfigurationModel): void {
		this.#configuration = configuration;
		for (const rule of configuration.rules) {
			for (const receiver of receiversOf(rule)) {
				const highest = entryOf(this.#highest, receiver, () => new Map<string, bigint>());
				const before = highest.get(rule.name) ?? 0n;
				if (BigInt(rule.maxForLife) > before) highest.set(rule.name, BigInt(rule.maxForLife));
			}
		}
	}

	pay(payment: SeenPayment): void {
		const { origin, payTo, nonce, value, validBefore, resource, method, asset, from } = payment;
		const now = this.#seconds();
		const receiver = receiverOf(origin, asset, payTo);
		this.sentInRun.push(nonce);
		this.last = payment;
		this.signatures++;
		const exposures = entryOf(this.#exposures, receiver, () => new Map<string, Exposure>());
		const exposure = entryOf(exposures, nonce, () => newExposure(now));
		exposure.signatures.add(`${value} ${validBefore}`);
		if (value > exposure.amount) exposure.amount = value;
		exposure.validBefore = Math.max(exposure.validBefore, validBefore);
		const rules = this.#rulesFor(receiver).filter((rule) => rule.methods.includes(method));
		const plan = this.#configuration.plans.find((each) => each.url === resource || each.offer === resource);
		if (from !== this.#buyer) this.#violated(`a payment by the key of ${from}, which nobody asked for`);
		if (rules.length === 0 || plan === undefined) {
			this.#violated(`${value} to ${receiver} by ${method} for ${resource}, which no rule or no plan allows`);
			return;
		}
		if (value > highestOf(rules, "maxPerPayment") || value > BigInt(plan.maxAmount)) {
			this.#violated(`a payment of ${value}, more than the rule or plan "${plan.name}" allows`);
		}
		const longest = Math.max(...rules.map((rule) => rule.maxValiditySeconds));
		if (validBefore - now > longest + MARGIN) {
			this.#violated(`a signature that is spendable for ${validBefore - now} s, where the rule says ${longest} s`);
		}
		this.#checkRule(rules, nonce, exposure);
		this.#checkLife(receiver);
		this.#checkWindow(receiver, now);
		this.#checkPeriod(plan, nonce, now);
	}

	charge({ origin, asset, payTo, id, cost }: SeenCharge): void {
		const receiver = receiverOf(origin, asset, payTo);
		this.sentInRun.push(id);
		this.charged.add(id);
		this.asks++;
		const exposures = entryOf(this.#exposures, receiver, () => new Map<string, Exposure>());
		const exposure = entryOf(exposures, id, () => newExposure(this.#seconds()));
		if (cost > exposure.amount) exposure.amount = cost;
		const rules = this.#rulesFor(receiver);
		if (rules.length === 0) this.#violated(`an ask that costs at ${receiver}, which no rule allows`);
		else if (cost > highestOf(rules, "maxPerPayment")) this.#violated(`an ask that costs ${cost} at ${receiver}`);
		this.#checkRule(rules, id, exposure);
		this.#checkLife(receiver);
	}

	/**
	 * The owner has put right a ledger that had lost something: each plan counts as having bought at this moment, and what a
	 * clock that was ahead had noted beyond it is gone.
	 */
	repaired(): void {
		const now = this.#seconds();
		for (const periods of this.#periods.values()) {
			for (const [nonce, period] of periods) if (period > now) periods.delete(nonce);
		}
	}

	/** The most that may have left for this receiver. */
	moved(receiver: string): bigint {
		return sumOf(this.#exposures.get(receiver));
	}

	/** Checks what the device's ledger says that a rule has let go against what has left by it, as far as one rule pays its receiver. */
	checkLedger(rule: RuleModel, life: bigint): void {
		let sum = 0n;
		for (const receiver of receiversOf(rule)) {
			if (this.#rulesFor(receiver).length > 1) return;
			sum += this.moved(receiver);
		}
		sum = greater(sum, this.#movedBy(rule.name));
		if (life < sum) this.#violated(`the ledger counts ${life} for rule "${rule.name}", and ${sum} has left by it`);
	}

	#movedBy(rule: string): bigint {
		return sumOf(this.#byRule.get(rule));
	}

	/** A rule keeps its sum for life when what it pays in changes. */
	#checkRule(rules: readonly RuleModel[], id: string, exposure: Exposure): void {
		const [rule, ...others] = rules;
		if (rule === undefined || others.length > 0) return;
		entryOf(this.#byRule, rule.name, () => new Map<string, Exposure>()).set(id, exposure);
		const moved = this.#movedBy(rule.name);
		if (moved > BigInt(rule.maxForLife))
			this.#violated(`${moved} have left by rule "${rule.name}", which allows ${rule.maxForLife} for life`);
	}

	/** What the rules of one receiver allow for life bounds what has left. */
	#checkLife(receiver: string): void {
		const rules = this.#rulesFor(receiver);
		const moved = this.moved(receiver);
		const highest = this.#highest.get(receiver)!;
		const bound =
			rules.length === 1 ? BigInt(rules[0]!.maxForLife) : [...highest.values()].reduce((sum, each) => sum + each, 0n);
		if (moved > bound) this.#violated(`${moved} have left for ${receiver}, and the rule allows ${bound} for life`);
	}

	#checkWindow(receiver: string, now: number): void {
		const rules = this.#rulesFor(receiver);
		if (rules.length !== 1) return;
		const { windowSeconds, maxPerWindow, maxCountPerWindow } = rules[0]!;
		let amount = 0n;
		let count = 0;
		for (const exposure of this.#exposures.get(receiver)!.values()) {
			if (exposure.at <= now - windowSeconds + LONGEST_INTENT) continue;
			count += exposure.signatures.size;
			// What a seller says that it refused may be given back when it has run out.
			if (exposure.validBefore + MARGIN > now) amount += exposure.amount;
		}
		if (count > maxCountPerWindow)
			this.#violated(`${count} signatures for ${receiver} in a window of ${maxCountPerWindow}`);
		if (amount > BigInt(maxPerWindow))
			this.#violated(`${amount} for ${receiver} in a window that allows ${maxPerWindow}`);
	}

	/**
	 * Each payment of a plan belongs to a later period than the ones before it; a plan that buys once has one. A payment may
	 * leave some seconds after its period has ended, since unpaid requests are repeated.
	 */
	#checkPeriod({ name, everySeconds }: PlanModel, nonce: string, now: number): void {
		const periods = entryOf(this.#periods, name, () => new Map<string, number>());
		if (periods.has(nonce)) return;
		const periodOf = (time: number) => (everySeconds === 0 ? 0 : time - (time % everySeconds));
		let period = periodOf(now - LATE);
		for (const each of periods.values()) period = Math.max(period, each + Math.max(everySeconds, 1));
		// A purchase that was begun before the clock was set back belongs to the period that it was then.
		if (period > periodOf(Math.max(now, this.#latest)))
			this.#violated(`plan "${name}" has paid twice in one period, at ${now}`);
		periods.set(nonce, period);
	}

	#rulesFor(receiver: string): RuleModel[] {
		return this.#configuration.rules.filter((rule) => receiversOf(rule).includes(receiver));
	}

	#violated(what: string): void {
		this.violations.push(what);
	}
}

/** Of whom a rule speaks, and in what asset. */
export function receiversOf({ origin, asset, payTo }: RuleModel): string[] {
	return payTo === undefined ? [receiverOf(origin, asset)] : payTo.map((each) => receiverOf(origin, asset, each));
}

function receiverOf(origin: string, asset: string, payTo = "its account"): string {
	return `${origin} ${asset} ${payTo}`;
}

function sumOf(exposures: ReadonlyMap<string, Exposure> | undefined): bigint {
	let sum = 0n;
	for (const { amount } of exposures?.values() ?? []) sum += amount;
	return sum;
}

function greater(one: bigint, other: bigint): bigint {
	return one > other ? one : other;
}

function newExposure(at: number): Exposure {
	return { amount: 0n, at, validBefore: 0, signatures: new Set() };
}

function highestOf(rules: readonly RuleModel[], name: "maxPerPayment"): bigint {
	return rules.reduce((most, rule) => (BigInt(rule[name]) > most ? BigInt(rule[name]) : most), 0n);
}

function entryOf<Value>(map: Map<string, Value>, key: string, make: () => Value): Value {
	let value = map.get(key);
	if (value === undefined) {
		value = make();
		map.set(key, value);
	}
	return value;
}
