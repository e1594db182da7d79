/** What a device is doing when its power fails. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { AGENTPMT, LyingAgentPmt, LyingPact, LyingPactum, PACT, PACTUM, PACTUM_WALLET } from "../lives/sellers.js";
import type { RuleModel } from "../lives/witness.js";
import { Drawn } from "../support/drawn.js";
import { lightSigner } from "../support/light_signer.js";
import type { TimedServer } from "../support/memory_stream.js";
import type { Books } from "./books.js";
import {
	accountRule,
	atMarket,
	type Configuration,
	configuration,
	PERIOD,
	PLAN,
	RULE,
	textOf,
} from "./configuration.js";
import { type Image, Life } from "./life.js";
import {
	agentPmtDirect,
	BookPactumEscrow,
	BookPayanAgent,
	BookSeller,
	ESCROW,
	PAYANAGENT,
	SELLER,
	type SellerOptions,
} from "./sellers.js";

export interface Scenario {
	readonly name: string;
	readonly configuration: Configuration;
	/** What the device has in its place until the next period. */
	readonly first?: Configuration;
	/** Those of one life, by their origin. */
	servers(books: Books): ReadonlyMap<string, TimedServer>;
	/** Flash at the beginning, if not that of a device with a key that has never bought. */
	readonly image?: () => Image | Promise<Image>;
	/** What happens while the power is away for the first time. */
	readonly interrupted?: (life: Life) => void;
	readonly awaySeconds?: number;
	/** How purchases may end that were cut, beside "delivered, paid". */
	readonly ends: readonly string[];
	/** How they may end, too, when nothing had left. */
	readonly nothingLeft?: readonly string[];
	/** Milliseconds without an operation after which the device has done what there is to do. */
	readonly quietMs?: number;
	/** True if a payment that has left may be closed as unknown in the place of being sent again. */
	readonly mayGiveUp?: boolean;
	/** How often a payment may be replaced by one of the same nonce. */
	readonly replacements?: number;
	/** How many periods after its own a payment may arrive. */
	readonly periodsLate?: number;
	/** The header of a payment that an earlier firmware may have sent: it is sent as it was. */
	readonly sentBefore?: string;
	/** Milliseconds from power on until wall time is set; it is set at once if not said otherwise. */
	readonly clockSetAfterMs?: number;
	/** False if the rule allows no purchase in the next period. */
	readonly buysNext?: boolean;
	/** What the owner types at the console of a device that has no configuration of its own. */
	readonly typed?: readonly string[];
	/** The names of errors by which such a device says what it has not been given yet. */
	readonly mayLack?: readonly string[];
	/** How a purchase ends that is not cut, if not "delivered, paid". */
	readonly uncut?: string;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Settled, and the answer was lost with the power: the seller says so when it is sent again. */
const USED = "unknown, nonce_already_used";
const FREE = "delivered, free";
/** 2026-11-21 00:10. */
const NOW = 1_795_219_200 - (1_795_219_200 % PERIOD) + 600;

const seller =
	(options: SellerOptions = {}) =>
	(books: Books) =>
		new Map([[SELLER, new BookSeller(books, options)]]);
const honest = () => ({ drawn: new Drawn(0), lies: 0 });

function plain(name: string, options: SellerOptions = {}, more: Partial<Scenario> = {}): Scenario {
	return { name, configuration: configuration(), servers: seller(options), ends: [USED], ...more };
}

const images = new Map<Scenario, Image>();

/** Flash at the beginning of each life of a scenario. */
export async function imageOf(scenario: Scenario): Promise<Image> {
	const image = images.get(scenario) ?? (await scenario.image?.()) ?? FRESH;
	images.set(scenario, image);
	return image;
}

/** A device with a key that has never bought. */
const FRESH: Image = {
	entries: new Map(),
	slots: new Map([[0, Uint8Array.from([0, ...new Array(32).fill(0x46)])]]),
	now: NOW,
};

/** A scenario that begins when the device has bought in so many periods. */
function afterwards(scenario: Scenario, periods: number): Scenario {
	return { ...scenario, image: () => afterPeriods(scenario, periods) };
}

/** What is in flash after so many periods of a scenario. */
export async function afterPeriods(scenario: Omit<Scenario, "image">, periods: number, from = FRESH): Promise<Image> {
	const life = new Life(scenario, from, { seed: 1 });
	for (let period = 0; period < periods; period++) {
		await life.boot();
		life.time.skip((PERIOD - (life.now % PERIOD) + 600) * 1_000);
	}
	if (life.judge.violations.length > 0) throw new Error(life.judge.violations.join("\n"));
	return life.image;
}

/** Why a payment that has left is not sent again when the owner has changed the configuration. */
const CLOSED = ["NoRule", "OverPaymentCap", "MethodNotAllowed", "TermsChanged", "plan_removed", "answer_lost"];

/** The owner changes the configuration while the power is away, and puts it back for the next period. */
const POLICIES: readonly Scenario[] = Object.entries<(configuration: Configuration) => Configuration>({
	"lower cap": ({ rules, plans }) => ({ rules: rules.map((rule) => ({ ...rule, maxPerPayment: "5000" })), plans }),
	"shorter validity": ({ rules, plans }) => ({
		rules: rules.map((rule) => ({ ...rule, maxValiditySeconds: 10 })),
		plans,
	}),
	"other method": ({ rules, plans }) => ({ rules: rules.map((rule) => ({ ...rule, methods: ["permit2"] })), plans }),
	"rule in front": ({ rules, plans }) => ({
		rules: [{ ...RULE, name: "front", maxForLife: "20000" }, ...rules],
		plans,
	}),
	"renamed rule": ({ rules, plans }) => ({ rules: rules.map((rule) => ({ ...rule, name: "renamed" })), plans }),
	"no plan": ({ rules }) => ({ rules, plans: [] }),
	"other request": ({ rules, plans }) => ({
		rules,
		plans: plans.map((plan) => ({ ...plan, url: `${plan.url}?more` })),
	}),
}).map(([name, change]) => ({
	...plain(`policy: ${name}`),
	interrupted: (life) => {
		life.configuration = change(life.configuration);
	},
	mayGiveUp: name !== "rule in front",
	ends: [USED, "not bought", ...CLOSED.map((end) => `unknown, ${end}`)],
}));

interface Fixture {
	readonly rules: readonly RuleModel[];
	readonly seller: string;
	readonly entries: Readonly<Record<string, string>>;
	readonly intended: Open;
	readonly authorized: Open;
}

interface Open {
	readonly entries: Readonly<Record<string, string>>;
	readonly header: string;
	readonly time: number;
}

/** Flash as firmware 0.1 left it when the power failed in a purchase, before and after its signature. */
const FORMAT_1: readonly Scenario[] = (
	[
		["node", "intended"],
		["node", "authorized"],
		["xs", "authorized"],
	] as const
).map(([engine, state]) => {
	const file = path.join(ROOT, `test/wallet/format1/${engine}.json`);
	const fixture = JSON.parse(readFileSync(file, "utf8")) as Fixture;
	const { entries, header, time } = fixture[state];
	const { accepted } = JSON.parse(Buffer.from(header, "base64").toString());
	const origin = fixture.seller;
	const rules = fixture.rules.filter(({ name }) => name.endsWith("sensors"));
	const once = { name: "cut", url: `${origin}/data`, maxAmount: "50000", everySeconds: 0 };
	const flash = Object.entries({ ...fixture.entries, ...entries });
	return {
		name: `format 1, ${engine}, ${state}`,
		first: { rules, plans: [once] },
		configuration: {
			rules,
			plans: [once, { ...once, name: "next", url: `${origin}/next`, everySeconds: PERIOD }],
		},
		servers: (books) => new Map([[origin, new BookSeller(books, { entry: accepted })]]),
		image: () => ({
			...FRESH,
			entries: new Map(flash.map(([key, value]) => [key, Uint8Array.from(Buffer.from(value, "base64"))])),
			now: time,
		}),
		...(state === "authorized" && { sentBefore: header }),
		ends: [USED],
	} satisfies Scenario;
});

/** A configuration as an owner types it. */
function typedFor({ rules, plans }: Configuration): string[] {
	const { networks, assets } = JSON.parse(textOf({ rules, plans })) as { networks: object[]; assets: object[] };
	const set = (kind: string, entries: readonly object[]) =>
		entries.map((entry) => `${kind} set ${JSON.stringify(entry)}`);
	return [
		"key new",
		...set("network", networks),
		...set("asset", assets),
		...set("rule", rules),
		...set("plan", plans),
	];
}

const DECAYS = ["lost", "changed", "older", "torn"] as const;
/** Of these flash has two: one is enough, unless the power failed between them. */
const TWICE: readonly (readonly string[])[] = [
	["head", "head.b"],
	["totals", "totals.b"],
	["c.i", "c.j"],
];

/** One entry of flash, or the key, decays while the power is away: another one in each run. */
function decay(life: Life): void {
	const { first, second, seed } = life.cuts;
	const { entries, older, slots, lastWritten } = life.device.flash;
	const keys = [...entries.keys()].sort();
	const choice = (first?.at ?? 0) * 17 + (second?.at ?? 0) * 29 + seed;
	const kind = DECAYS[choice % DECAYS.length]!;
	const key = keys[Math.floor(choice / DECAYS.length) % (keys.length + 1)];
	const pair = TWICE.find((names) => names.includes(key ?? ""));
	const isGuess = key === "a.turn" || key === "a.brake" || /^t[0-9a-f]{14}$/.test(key ?? "");
	const isHarmless = isGuess || (pair !== undefined && !pair.includes(lastWritten ?? ""));
	life.decayed = { key: key ?? "the key", isHarmless };
	if (key !== undefined) decayEntry(entries, key, kind, older.get(key));
	else if (kind === "lost") slots.delete(0);
	else slots.set(0, changed(slots.get(0)!));
}

function decayEntry(
	entries: Map<string, Uint8Array>,
	key: string,
	kind: (typeof DECAYS)[number],
	older: Uint8Array | undefined,
): void {
	const bytes = entries.get(key)!;
	if (kind === "changed") entries.set(key, changed(bytes));
	else if (kind === "torn" && bytes.length > 1) entries.set(key, bytes.slice(0, bytes.length >> 1));
	else if (kind === "older" && older !== undefined) entries.set(key, older);
	else entries.delete(key);
}

function changed(bytes: Uint8Array): Uint8Array {
	const copy = bytes.slice();
	copy[copy.length >> 1]! ^= 1;
	return copy;
}

export const SCENARIOS: readonly Scenario[] = [
	plain("v2"),
	plain("v1", { version: 1 }),
	plain("permit2", { method: "permit2" }),
	plain("upfront", { isUpfront: true }),
	{ ...plain("free", { isFree: true }, { uncut: FREE }), ends: [FREE] },
	{ ...plain("post"), configuration: configuration({}, { method: "POST", body: '{"place":"Kiel"}' }) },
	{ ...plain("kept"), configuration: configuration({}, { sink: { kind: "storage", key: "forecast", limit: 2_000 } }) },
	plain("clock set late", {}, { clockSetAfterMs: 8_000 }),
	plain("hour away", {}, { awaySeconds: PERIOD, mayGiveUp: true, ends: [USED], periodsLate: 1 }),
	plain("seller away", { awaySeconds: 6, overloadedSeconds: 12 }, { quietMs: 100_000 }),
	plain("busy seller", { troubles: ["busy", "busy"] }),
	plain("lost answer", { troubles: ["lost"] }, { uncut: USED }),
	// Sent again while the seller works for it: it works twice, and settles once.
	plain(
		"long wait",
		{ worksMs: 150_000, maxTimeoutSeconds: 400 },
		{ quietMs: 400_000, ends: [USED, "unknown, settlement_failed"] },
	),
	plain("redirect", { goodsAt: "/goods" }),
	plain("job", { goodsAt: "/jobs/1", makesSeconds: 2 }),
	// The third payment in a row that brings nothing pauses the plan.
	afterwards(plain("brake", { isLossy: true }, { uncut: USED, buysNext: false }), 2),
	plain("new key", {}, { image: () => ({ ...FRESH, slots: new Map() }) }),
	{
		...plain("at the console"),
		image: () => ({ ...FRESH, slots: new Map() }),
		typed: typedFor(configuration()),
		mayLack: ["KeyMissing"],
	},
	{
		...plain("two plans"),
		configuration: {
			...configuration(),
			plans: ["one", "other"].map((name) => ({ ...PLAN, name, url: `${SELLER}/${name}` })),
		},
	},
	afterwards(plain("full ring"), 16),
	afterwards(
		{
			...plain("full window"),
			configuration: configuration({ maxCountPerWindow: 3, windowSeconds: 3 * PERIOD - 1_200 }),
		},
		3,
	),
	// Its window is full when it is switched on, and is not any more two minutes later.
	afterwards(
		{
			...plain("window rolls over", {}, { quietMs: 400_000 }),
			configuration: configuration({ maxCountPerWindow: 3, windowSeconds: 3 * PERIOD + 120 }),
			buysNext: false,
		},
		3,
	),
	afterwards({ ...plain("prepaid"), configuration: configuration({ prepay: true }) }, 1),
	{
		...plain("prepaid, another price", { price: 12_000n }, { replacements: 1 }),
		// A payment that is sent again is no longer replaced by one by the seller's present terms.
		ends: [USED, "unknown, verification_failed", "refused, verification_failed"],
		configuration: configuration({ prepay: true }),
		image: () => afterPeriods({ ...plain("prepaid"), configuration: configuration({ prepay: true }) }, 1),
	},
	...POLICIES,
	...FORMAT_1,
	afterwards({ ...plain("decay"), interrupted: decay }, 3),
	afterwards({ ...plain("decay, full ring"), interrupted: decay }, 24),
	afterwards({ ...plain("decay, prepaid"), configuration: configuration({ prepay: true }), interrupted: decay }, 1),
	{
		name: "pactum, credit",
		configuration: atMarket(accountRule("pactum", PACTUM), "pactum", "item", { payment_method: "credit" }),
		servers: (books) => new Map([[PACTUM, new LyingPactum(books, honest)]]),
		ends: [],
		nothingLeft: ["unknown, order_unknown"],
	},
	{
		name: "pactum, escrow",
		configuration: atMarket({ ...RULE, origin: PACTUM, payTo: [ESCROW], methods: ["account"] }, "pactum", "item", {
			payment_method: "escrow",
		}),
		servers: (books) => {
			const market = new BookPactumEscrow(books, lightSigner);
			return new Map([
				[PACTUM, market],
				[PACTUM_WALLET, market],
			]);
		},
		ends: ["unknown, deposit_unknown"],
	},
	{
		name: "pact",
		configuration: atMarket(accountRule("pact", PACT), "pact", "dummy/quote"),
		servers: (books) => new Map([[PACT, new LyingPact(books, honest)]]),
		ends: ["unknown, answer_lost", "unknown, delivery_cut"],
	},
	{
		name: "agentpmt, credits",
		configuration: atMarket(accountRule("agentpmt", AGENTPMT), "agentpmt", "weather/forecast", {}),
		servers: (books) => new Map([[AGENTPMT, new LyingAgentPmt(books, honest)]]),
		ends: ["unknown, answer_lost", "unknown, charged_undelivered"],
	},
	{
		name: "agentpmt, x402",
		configuration: atMarket({ ...RULE, origin: AGENTPMT }, "agentpmt", "x402:weather/forecast", {}),
		servers: agentPmtDirect,
		ends: [USED],
	},
	{
		name: "payanagent",
		configuration: atMarket({ ...RULE, origin: PAYANAGENT }, "payanagent", "temperature"),
		servers: (books) => new Map([[PAYANAGENT, new BookPayanAgent(books)]]),
		ends: [USED],
	},
];
