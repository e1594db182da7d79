/**
 * What flash can hold and start a device with: each entry with a checksum that is right, so that the reader behind it is
 * reached, then everything that a start does with it. An entry is read, or refused by a named error.
 */
import * as cbor from "../../modules/encoding/cbor.js";
import * as hex from "../../modules/encoding/hex.js";
import * as uint256 from "../../modules/encoding/uint256.js";
import { Brake } from "../../src/agent/brake.js";
import { RunMark } from "../../src/agent/run_mark.js";
import { parseConfiguration, readConfiguration } from "../../src/configuration/configuration.js";
import { KeyRing } from "../../src/console/key_ring.js";
import { KINDS, Settings } from "../../src/console/settings.js";
import type { Storage } from "../../src/device/storage.js";
import { readProgress } from "../../src/markets/kit/progress.js";
import { progressOf as pactProgress } from "../../src/markets/pact/progress.js";
import { encodeProgress, progressOf as pactumProgress } from "../../src/markets/pactum/progress.js";
import { appendChecksum } from "../../src/wallet/checksum.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { HEAD_FIELDS } from "../../src/wallet/ledger_flash.js";
import { findLoss } from "../../src/wallet/ledger_repair.js";
import { encodeRecord } from "../../src/wallet/record.js";
import { Totals } from "../../src/wallet/totals.js";
import { configuration } from "../agent/fake_seller.js";
import { lightSigner } from "../support/light_signer.js";
import { record, rule } from "../wallet/ledger_rig.js";
import { mustBe } from "./oracle.js";
import type { Target } from "./targets.js";

const NOW = 1_795_000_000;
const MARKETS = ["pact"];
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Flash with these entries, which takes no write. */
function flash(entries: Readonly<Record<string, Uint8Array>>): Storage {
	return { read: (key) => entries[key]?.slice(), write() {}, delete() {} };
}

/** `body` with room for its checksum, and the checksum: what flash holds of it. */
function sealed(body: Uint8Array): Uint8Array {
	const whole = new Uint8Array(body.length + 4);
	whole.set(body);
	return appendChecksum(lightSigner, whole);
}

/** An entry of the ledger, whose last four bytes are its checksum. */
function checked(input: Uint8Array): Uint8Array {
	return input.length < 4 ? input.slice() : appendChecksum(lightSigner, input.slice());
}

/** Does all of it; what is refused by a named error stops nothing else. */
function all(...steps: readonly (() => unknown)[]): void {
	for (const step of steps) {
		try {
			step();
		} catch (error) {
			if (/^(Type|Range|Reference|Syntax|Internal)?Error$/.test((error as Error).name)) throw error;
		}
	}
}

function startWith(storage: Storage): void {
	const settings = new Settings(storage, lightSigner, MARKETS);
	all(
		() => settings.check(),
		() => settings.isPaused,
		() => settings.accounts,
		...KINDS.map((kind) => () => [...settings.entries(kind)]),
		() => settings.find("rules", "rule"),
		() => settings.commit(settings.changeTo("plans", { name: "plan" })),
		() => settings.commit({ key: "c.r0", value: undefined }),
		() => settings.pause(true),
		() => settings.accept(),
		() => readConfiguration(settings.source(), lightSigner),
		() => readConfiguration(settings.source({ key: "c.p0", value: undefined }), lightSigner),
	);
	const keys = new KeyRing(lightSigner, settings);
	all(
		() => keys.check(),
		() => keys.knownSlots().map((slot) => keys.lostIn(slot)),
		() => keys.expect(1, "ed25519"),
		() => keys.taken(1),
		() => keys.forget(0),
	);
}

const { networks, assets, rules, plans } = JSON.parse(configuration([{}]));
const ENTRIES: Readonly<Record<string, Uint8Array>> = {
	"c.n0": sealed(bytes(JSON.stringify(networks[0]))),
	"c.a0": sealed(bytes(JSON.stringify(assets[0]))),
	"c.r0": sealed(bytes(JSON.stringify(rules[0]))),
	"c.p0": sealed(bytes(JSON.stringify(plans[0]))),
};

/** The index that lists these entries, without its checksum. */
function indexOf(entries: Readonly<Record<string, Uint8Array>>): Uint8Array {
	const digest = (entry: Uint8Array) => hex.encode(lightSigner.sha256(entry).subarray(0, 8));
	const lines = Object.entries(entries).map(([key, entry]) => `${key} ${digest(entry)} "name"\n`);
	return bytes(`index 1 2\n${lines.join("")}paused yes\nkeys yes\nkey.0 ${KEY}\n`);
}

const KEY = `secp256k1 ${hex.encode(lightSigner.publicKey(0))}`;
const index = indexOf(ENTRIES);
const announced = bytes(`${new TextDecoder().decode(index)}next c.p1 0011223344556677 "é"\nkey.7 ed25519 -\n`);

const indexTarget: Target = {
	corpus: [index, announced, bytes("index 1 7\n")],
	parse: (input) => startWith(flash({ ...ENTRIES, "c.i": sealed(input) })),
};

const entriesTarget: Target = {
	corpus: Object.values(ENTRIES).map((entry) => entry.subarray(0, -4)),
	parse(input) {
		const key = ["c.r0", "c.p0", "c.m.pact"][input.length % 3]!;
		const entries = { ...ENTRIES, [key]: sealed(input) };
		startWith(flash({ ...entries, "c.i": sealed(indexOf(entries)) }));
	},
};

function openLedger(entries: Readonly<Record<string, Uint8Array>>): void {
	const deps = { storage: flash(entries), hashes: lightSigner, rules: [rule()], plans: ["plan"] };
	all(() => findLoss(deps));
	const ledger = new Ledger(deps.storage, lightSigner, deps.rules, deps.plans);
	all(
		() => ledger.openPurchases(),
		() => ledger.purchases().map(({ sequence }) => ledger.purchase(sequence)),
		() => ledger.spending(rule(), NOW),
		() => ledger.spent(),
		() => ledger.lastPeriod("plan"),
		() => ledger.begin(record({ period: NOW }), NOW),
	);
}

/** With its checksum, so that all of the record or of the sums is read. */
const recordTarget: Target = {
	corpus: [
		encodeRecord(record(), 4_000),
		encodeRecord(record({ state: "delivered", outcome: "paid", transaction: `0x${"ab".repeat(32)}` }), 4_000),
	],
	parse: (input) => openLedger({ r0: checked(input) }),
};

function totals(): Uint8Array {
	const sums = new Totals();
	sums.addSpent("eip155:84532", "0x036cbd53842c5426634e7929541ec2318f3dcf7e", uint256.fromNumber(5));
	sums.addUnknown(7, 9, uint256.fromNumber(5), NOW);
	sums.addUnknown(8, 9, uint256.fromNumber(70_000), NOW - 90);
	sums.bought(3, NOW);
	return sums.encode(4_000)!;
}

const totalsTarget: Target = {
	corpus: [totals()],
	parse(input) {
		openLedger({ totals: checked(input), "totals.b": checked(input) });
		const sums = Totals.decode(input, lightSigner);
		const named = { rules: [7], identities: [9], plans: [3], isAssetNamed: () => false };
		all(
			() => sums.clone().redate(NOW - 1_000),
			() => sums.identify(7, 9),
			() => sums.addUnknown(7, 9, uint256.fromNumber(1), NOW),
		);
		for (let steps = 0; steps < 40 && sums.shrink(named); steps++) sums.encode(4_000);
	},
};

const head = (sequence: number, revision: number): Uint8Array =>
	cbor.encode(
		new Map<number, cbor.CborValue>([
			[0, 2],
			[HEAD_FIELDS.sequence, sequence],
			[HEAD_FIELDS.revision, revision],
			[15, new Uint8Array(4)],
		]),
	);

const headTarget: Target = {
	corpus: [head(1, 1), head(7, 2)],
	parse: (input) =>
		openLedger({ r0: checked(encodeRecord(record(), 4_000)), head: checked(input), "head.b": checked(input) }),
};

const turnTarget: Target = {
	corpus: [
		cbor.encode([1, "plan", ["plan", 2, "other", 1], new Uint8Array(4)]),
		cbor.encode([1, "", [], new Uint8Array(4)]),
	],
	parse(input) {
		const mark = new RunMark(flash({ "a.turn": checked(input) }), lightSigner, { wall: () => NOW, monotonic: () => 0 });
		for (const plan of ["plan", "other", mark.endedBy ?? ""]) {
			const seconds = mark.suspension(plan);
			mustBe(seconds === undefined || seconds <= 86_400, `a plan waits for ${seconds} s`);
		}
	},
};

const PLANS = parseConfiguration(configuration([{ name: "plan" }, { name: "other" }]), lightSigner, MARKETS).plans;
const row = (plan: string, since: number): cbor.CborValue => [plan, 3, 7, since, "answer_lost", new Uint8Array(8)];

const brakeTarget: Target = {
	corpus: [cbor.encode([1, row("plan", NOW), row("other", 0), new Uint8Array(4)])],
	parse(input) {
		const clock = { wall: () => NOW * 1_000, monotonic: () => 0 };
		const brake = new Brake(flash({ "a.brake": checked(input) }), lightSigner, clock, PLANS, [record()]);
		for (const { name } of PLANS) {
			const seconds = brake.seconds(name);
			mustBe(seconds >= 0, `plan "${name}" is paused for ${seconds} s`);
			brake.count(record({ plan: name, sequence: 9, state: "unknown" }));
			brake.resume(name);
		}
		mustBe(Array.isArray(brake.paused), "no list");
	},
};

const progressTarget: Target = {
	corpus: [
		encodeProgress({ step: "depositing", item: "item", order: "order", escrow: `0x${"ab".repeat(20)}` }),
		encodeProgress({ step: "ordering", item: "item", known: new Uint8Array(8) }),
		cbor.encode([1, new Uint8Array([1]), false, ["call"], "delivered", "paid"]),
	],
	parse(input) {
		const saved = readProgress(input.slice());
		pactumProgress(saved);
		pactProgress(saved);
	},
};

export const flashTargets: Readonly<Record<string, Target>> = {
	"the settings' index, with its checksum": indexTarget,
	"entries of the settings, with their checksum": entriesTarget,
	"a record, with its checksum": recordTarget,
	"the sums, with their checksum": totalsTarget,
	"the heads, with their checksum": headTarget,
	"the mark of a turn": turnTarget,
	"the plans that are paused for bringing nothing": brakeTarget,
	"the progress of a purchase at a market": progressTarget,
};
