/**
 * At most one payment for a plan in a period: the power is cut at every write to flash, before and after it, while the
 * seller and the network do this and that, and the device is switched on again. What a purchase could cost is the number
 * of different signatures that ever reached the seller, since it could settle each of them.
 */
import test from "ava";
import { configuration, entry, FakeSeller, type Fate, refusal } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";
import type { Side } from "../support/memory.js";

const SIDES: readonly Side[] = ["before", "after"];

interface Scenario {
	/** Of the requests of the run that is cut, in order. */
	readonly fates?: readonly Fate[];
	/** What the seller asks in the run that is cut, if not what it asked before. */
	readonly accepts?: unknown[];
	readonly extensions?: unknown;
	readonly prepay?: boolean;
	/** Without a power cut: how it ends, and what it cost. */
	readonly ends: string;
	readonly payments: number;
	readonly distinct: 0 | 1;
}

/** More than two entries of flash hold. */
const longTerms = { "payment-identifier": { info: { required: true } }, bazaar: { info: "é".repeat(4_500) } };

const dearer = [entry({ amount: "12000" })];

const scenarios: Readonly<Record<string, Scenario>> = {
	ordinary: { ends: "delivered paid", payments: 1, distinct: 1 },
	"request lost": { fates: ["answered", "request lost"], ends: "delivered paid", payments: 1, distinct: 1 },
	"answer lost": {
		fates: ["answered", "answer lost"],
		ends: "unknown nonce_already_used",
		payments: 2,
		distinct: 1,
	},
	"every answer lost": {
		fates: ["answered", "answer lost", "answer lost", "answer lost", "answer lost"],
		ends: "unknown answer_lost",
		payments: 4,
		distinct: 1,
	},
	"handler fails once": { fates: ["answered", { status: 503 }], ends: "delivered paid", payments: 2, distinct: 1 },
	"handler fails": {
		fates: ["answered", { status: 503 }, { status: 503 }, { status: 503 }, { status: 503 }],
		ends: "refused handler_failed",
		payments: 4,
		distinct: 1,
	},
	"gateway fails": {
		fates: ["answered", { status: 524 }, { status: 503 }, { status: 503 }, { status: 503 }],
		ends: "unknown handler_failed",
		payments: 4,
		distinct: 1,
	},
	"handler refuses": {
		fates: ["answered", { status: 404 }],
		ends: "refused handler_refused",
		payments: 1,
		distinct: 1,
	},
	"long terms": { extensions: longTerms, ends: "delivered paid", payments: 1, distinct: 1 },
	"long terms, answer lost": {
		extensions: longTerms,
		fates: ["answered", "answer lost"],
		ends: "unknown nonce_already_used",
		payments: 2,
		distinct: 1,
	},
	"prepaid, terms changed and are long": {
		prepay: true,
		accepts: dearer,
		extensions: longTerms,
		fates: ["answered", "answer lost"],
		ends: "unknown nonce_already_used",
		payments: 3,
		distinct: 1,
	},
	redirected: { fates: ["answered", { status: 302 }], ends: "unknown redirected", payments: 1, distinct: 1 },
	prepaid: { prepay: true, ends: "delivered paid", payments: 1, distinct: 1 },
	"prepaid, answer lost": {
		prepay: true,
		fates: ["answer lost"],
		ends: "unknown nonce_already_used",
		payments: 2,
		distinct: 1,
	},
	"prepaid, terms changed": {
		prepay: true,
		accepts: dearer,
		ends: "delivered paid",
		payments: 2,
		distinct: 1,
	},
	"prepaid, terms changed, answer lost": {
		prepay: true,
		accepts: dearer,
		fates: ["answered", "answer lost"],
		ends: "unknown nonce_already_used",
		payments: 3,
		distinct: 1,
	},
	"refused by what it was asked for": {
		fates: ["answered", refusal("invalid_exact_evm_signature")],
		ends: "refused verification_failed",
		payments: 1,
		distinct: 1,
	},
	"prepaid, refused by the same terms": {
		prepay: true,
		fates: [refusal("invalid_exact_evm_signature")],
		ends: "refused TermsChanged",
		payments: 1,
		distinct: 1,
	},
	"prepaid, now beyond the rule": {
		prepay: true,
		accepts: [entry({ amount: "60000" })],
		ends: "refused OverPlanCap",
		payments: 1,
		distinct: 1,
	},
	"prepaid, now another receiver": {
		prepay: true,
		accepts: [entry({ payTo: `0x${"11".repeat(20)}` })],
		ends: "refused PayToNotPinned",
		payments: 1,
		distinct: 1,
	},
	"prepaid, now for a shorter time": {
		prepay: true,
		accepts: [entry({ maxTimeoutSeconds: 30 })],
		ends: "refused TermsChanged",
		payments: 1,
		distinct: 1,
	},
};

/** A device that, for `prepay`, has bought once in the period before, and whose next run is the one of the scenario. */
async function prepare({ fates = [], accepts, extensions, prepay = false }: Scenario) {
	const device = new Device();
	const seller = new FakeSeller(device);
	const text = configuration([{ everySeconds: 3_600 }], { prepay }, { count: 1 });
	if (prepay) {
		await device.run(text);
		device.clock.now! += 3_600_000;
	}
	device.flash.boot();
	const before = { requests: seller.requests, payments: seller.payments.length, settled: seller.settled.size };
	seller.fates = [...fates];
	if (accepts !== undefined) seller.accepts = accepts;
	seller.extensions = extensions;
	// Switched on again, the plan is to end what it began and nothing else: now it is one that buys once.
	const afterwards = configuration([{}], { prepay });
	return { device, seller, text, afterwards, before };
}

/** Spent and reserved of the one asset there is. */
const total = (device: Device): bigint => device.spent()[0]?.total ?? 0n;

for (const [name, scenario] of Object.entries(scenarios)) {
	test(name, async (t) => {
		const { device, seller, text, before } = await prepare(scenario);
		const [ended] = await device.purchases(text);
		t.is(`${ended!.state} ${ended!.outcome}`, scenario.ends);
		t.is(seller.payments.length - before.payments, scenario.payments);
		t.is(seller.distinct - before.settled, scenario.distinct);
		t.true(total(device) >= seller.moved);
		if (scenario.accepts === undefined)
			t.is(new Set(seller.payments.slice(before.payments).map((p) => p.header)).size, 1);
	});

	test(`a power cut at each write: ${name}`, async (t) => {
		const whole = await prepare(scenario);
		await whole.device.run(whole.text);
		const writes = whole.device.flash.writes;
		t.true(writes >= 3);
		for (let at = 1; at <= writes; at++) {
			for (const side of SIDES) {
				const { device, seller, text, afterwards, before } = await prepare(scenario);
				device.flash.cut = { at, side };
				await device.run(text);
				t.true(device.flash.isDead);
				device.flash.boot();
				await device.run(afterwards);
				const where = `${side} write ${at}`;
				const payments = seller.payments.slice(before.payments);
				t.true(new Set(payments.map(({ nonce }) => nonce)).size <= 1, where);
				t.true(seller.settled.size - before.settled <= 1, where);
				t.true(total(device) >= seller.moved, where);
				t.deepEqual(device.wallet(text).openPurchases(), [], where);
				// One signature for each set of terms: the same payment is the same bytes, whatever happened in between.
				t.true(new Set(payments.map(({ header }) => header)).size <= (scenario.accepts === undefined ? 1 : 2), where);
			}
		}
	});

	test(`flash refuses each write: ${name}`, async (t) => {
		const whole = await prepare(scenario);
		await whole.device.run(whole.text);
		for (let at = 1; at <= whole.device.flash.writes; at++) {
			for (const lasts of [false, true]) {
				const { device, seller, text, afterwards, before } = await prepare(scenario);
				device.flash.refuses = (_, write) => (lasts ? write >= at : write === at);
				const [ended] = await device.purchases(text);
				const where = `write ${at}${lasts ? " and all after" : ""}`;
				if (ended!.state === "refused") t.is(seller.settled.size, before.settled, where);
				device.flash.refuses = () => false;
				t.true(total(device) >= seller.moved, where);
				await device.run(afterwards);
				t.true(seller.distinct - before.settled <= 1, where);
				t.true(seller.settled.size - before.settled <= 1, where);
				t.true(total(device) >= seller.moved, where);
			}
		}
	});
}

test("without a durable intent nothing is signed", async (t) => {
	const { device, seller, text } = await prepare(scenarios.ordinary!);
	let signatures = 0;
	const sign = device.keys.signDigest.bind(device.keys);
	device.keys.signDigest = (slot, digest) => {
		signatures++;
		t.is(device.flash.entries.size, 1);
		return sign(slot, digest);
	};
	device.flash.refuses = () => true;
	const [refused] = await device.purchases(text);
	t.is(`${refused!.state} ${refused!.outcome}`, "refused LedgerWriteFailed");
	t.is(signatures, 0);
	t.is(seller.payments.length, 0);
	device.flash.refuses = () => false;
	await device.run(text);
	t.is(signatures, 1);
});

test("without wall time nothing is signed, and the agent waits until the clock is set", async (t) => {
	const { device, seller, text } = await prepare(scenarios.ordinary!);
	const now = device.clock.now!;
	device.clock.now = undefined;
	device.onWait = () => {
		t.is(seller.requests, 0);
		if (device.waits.length === 5) device.clock.now = now;
	};
	const events = await device.run(text);
	t.deepEqual(events[0], { event: "waiting", for: "wall time" });
	t.is(events.at(-1)!.state, "delivered");
});

/** A purchase whose payment is on its way when the power fails; then the owner changes something; then it is switched on. */
async function interrupted(state: "intended" | "authorized", change: (device: Device) => string) {
	const device = new Device();
	const seller = new FakeSeller(device);
	// The write of "authorized" is the second.
	device.flash.cut = state === "intended" ? { at: 1, side: "after" } : { at: 2, side: "after" };
	await device.run(configuration());
	device.flash.boot();
	const changed = change(device);
	const [ended] = await device.purchases(changed);
	return { device, seller, ended };
}

const NOTHING = { networks: [], assets: [] };
const changes: Readonly<Record<string, { change: (device: Device) => string; intended: string; authorized: string }>> =
	{
		nothing: { change: () => configuration(), intended: "delivered paid 1", authorized: "delivered paid 1" },
		"the rule is gone": {
			change: () => configuration([{}], {}, { rules: [] }),
			intended: "refused NoRule 0",
			authorized: "unknown NoRule 0",
		},
		"the rule has another name": {
			change: () => configuration([{}], { name: "other" }),
			intended: "delivered paid 1",
			authorized: "unknown NoRule 0",
		},
		"the rule pays someone else": {
			change: () => configuration([{}], { payTo: [`0x${"11".repeat(20)}`] }),
			intended: "refused PayToNotPinned 0",
			authorized: "unknown PayToNotPinned 0",
		},
		"the rule allows less": {
			change: () => configuration([{}], { maxPerPayment: "9999" }),
			intended: "refused OverPaymentCap 0",
			authorized: "unknown OverPaymentCap 0",
		},
		"the plan allows less": {
			change: () => configuration([{ maxAmount: "9999" }]),
			intended: "refused OverPlanCap 0",
			authorized: "unknown OverPlanCap 0",
		},
		"the plan asks for something else": {
			change: () => configuration([{ url: "http://seller.test/other" }]),
			intended: "delivered paid 1",
			authorized: "unknown TermsChanged 0",
		},
		"the plan has another body": {
			change: () => configuration([{ body: "x" }]),
			intended: "delivered paid 1",
			authorized: "unknown TermsChanged 0",
		},
		"the plan is gone": {
			change: () => configuration([], {}, { plans: [], ...NOTHING, rules: [] }),
			intended: "undefined undefined 0",
			authorized: "undefined undefined 0",
		},
		"another key pays": {
			change: (device) => {
				if (device.keys.curve(1) === undefined) device.keys.create(1, "secp256k1");
				return configuration([{}], {}, { slot: 1 });
			},
			intended: "delivered paid 1",
			authorized: "unknown TermsChanged 0",
		},
		"the validity has passed": {
			change: (device) => {
				device.clock.now! += 61_000;
				return configuration();
			},
			intended: "delivered paid 1",
			authorized: "unknown answer_lost 0",
		},
	};

for (const [name, { change, ...ends }] of Object.entries(changes)) {
	for (const state of ["intended", "authorized"] as const) {
		test(`after a restart with a purchase ${state}: ${name}`, async (t) => {
			const { device, seller, ended } = await interrupted(state, change);
			t.is(`${ended?.state} ${ended?.outcome} ${seller.payments.length}`, ends[state]);
			t.deepEqual(device.wallet(configuration()).openPurchases(), []);
			t.is(total(device), state === "authorized" || ends[state].startsWith("delivered") ? 10_000n : 0n);
		});
	}
}

test("a payment remembered of one seller is not made to another", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	const rule = { prepay: true };
	await device.run(configuration([{ everySeconds: 3_600 }], rule, { count: 1 }));
	device.clock.now! += 3_600_000;
	const before = seller.requests;
	await device.run(configuration([{ everySeconds: 3_600, url: "http://seller.test/moved" }], rule, { count: 1 }));
	t.is(seller.requests - before, 2);
});

test("a payment is not sent again after a Retry-After that outlasts it", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	seller.accepts = [entry({ maxTimeoutSeconds: 30 })];
	seller.fates = ["answered", { status: 503, headers: { "retry-after": "3600" } }];
	const [ended] = await device.purchases(configuration());
	t.is(`${ended!.state} ${ended!.outcome}`, "refused handler_failed");
	t.is(seller.payments.length, 1);
	t.deepEqual(device.waits, []);
});

for (const [seconds, payments] of [
	[23, 2],
	[24, 1],
] as const) {
	test(`a payment that lives for 30 s is sent ${payments === 1 ? "once" : "twice"} if the seller asks for ${seconds} s`, async (t) => {
		const device = new Device();
		const seller = new FakeSeller(device);
		seller.accepts = [entry({ maxTimeoutSeconds: 30 })];
		seller.fates = ["answered", { status: 503, headers: { "retry-after": String(seconds) } }];
		await device.purchases(configuration());
		t.is(seller.payments.length, payments, "not within six seconds of its end");
		t.is(seller.distinct, 1);
	});
}

test("a payment that verified once and no longer does may have been used", async (t) => {
	const device = new Device();
	const seller = new FakeSeller(device);
	seller.fates = ["answered", { status: 503 }];
	device.onWait = () => {
		seller.accepts = [entry({ amount: "1" })];
	};
	const [ended] = await device.purchases(configuration());
	t.is(`${ended!.state} ${ended!.outcome}`, "unknown verification_failed");
});
