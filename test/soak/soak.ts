/**
 * The soak: one device, one uptime, thousands of purchases, one in twenty of them with a fault. Judged by what the sellers'
 * books and the chain say, and by the device's heap: a device that leaks ends sooner or later.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type Engine, type FirmwareEvent, type FirmwareResult, runFirmware } from "../../tools/firmware.js";
import { makeScratch } from "../../tools/scratch.js";
import { usdc } from "../../tools/world/chain.js";
import { payTo } from "../../tools/world/resources.js";
import { heard, kept, secret } from "../../tools/world/secret_log.js";
import { startWorld, type World } from "../../tools/world/world.js";
import type { HeapMeasure } from "../../tools/xs/run.js";
import { type BooksSeller, type Fault, priceOf, startBooksSeller } from "./books_seller.js";

export interface SoakOptions {
	readonly engine: Engine;
	readonly purchases: number;
	readonly seed: number;
	/** The share of a seller's purchases that meet a fault. Default: 0.05. */
	readonly faultRate?: number;
	/** Flash refuses every so many writes. Default: one purchase in a hundred meets that. */
	readonly refuseEvery?: number;
	/** Told how far it is, now and then. */
	readonly onProgress?: (line: string) => void;
}

export type SoakFault = Fault | "flash refused a write";

export interface SoakResult {
	/** What was not as it must be; a soak that passed has none. */
	readonly failures: readonly string[];
	readonly counts: Readonly<Record<"delivered" | "refused" | "unknown", number>>;
	readonly faults: ReadonlyMap<SoakFault, number>;
	/** Base units: what left the wallet, and what the device counts against its rules. */
	readonly moved: bigint;
	readonly counted: bigint;
	/** Bytes, at the end of each tenth of the purchases. */
	readonly heap: readonly HeapMeasure[];
	readonly seconds: number;
}

const FAULT_RATE = 0.05;
/** A purchase takes three writes or so. */
const REFUSE_EVERY = 331;
/** Two sellers with books, one of which is paid ahead, and one plan at the official seller on the chain. */
const BOOK_PLANS = 15;
const TENTHS = 10;
/** Of these the least live heap counts: a purchase that is under way has more. */
const MEASURES_A_TENTH = 10;
/** So many purchases at least come before the tenth that the last is compared with: each plan has bought by then. */
const WARM_UP = 50;
/** How far the heap of a device that does not leak may be above that tenth's. */
const HEAP_TOLERANCE = { xs: 1.15, node: 1.25 };
/**
 * How far the live heap of a long soak's last tenth may be above that of its middle: what a device keeps of each plan (its last
 * failures, its window's buckets) is all there by then, so what still grows is a leak.
 */
const LEAK_TOLERANCE = 1.05;
const LONG = 1_000;
const SECP256K1 = 0;
const PROGRESS_MS = 5_000;

export async function soak(options: SoakOptions): Promise<SoakResult> {
	const world = await startWorld();
	const scratch = await makeScratch();
	const key = secret(generatePrivateKey());
	const buyer = privateKeyToAccount(key).address;
	const { chainId } = world.chain;
	const random = randomOf(options.seed);
	const sellers = await Promise.all(
		[1, 2].map(() => startBooksSeller({ chainId, buyer, faultRate: options.faultRate ?? FAULT_RATE, random })),
	);
	try {
		const flash = path.join(scratch.folder, "flash");
		mkdirSync(flash, { mode: 0o700 });
		writeFileSync(path.join(flash, "key.0"), Buffer.concat([Buffer.of(SECP256K1), hexToBytes(key)]), { mode: 0o600 });
		await world.chain.mint(buyer, 1_000_000_000_000n);
		const device = await runDevice(options, flash, configuration(world, sellers, options.purchases));
		kept(flash);
		return await judge(options, world, sellers, buyer, device);
	} finally {
		await Promise.all(sellers.map((seller) => seller.stop()));
		await world.stop();
		await scratch.remove();
	}
}

interface DeviceRun {
	readonly result: FirmwareResult;
	readonly purchases: readonly FirmwareEvent[];
	readonly others: readonly FirmwareEvent[];
	readonly heap: readonly HeapMeasure[];
	readonly seconds: number;
}

async function runDevice(options: SoakOptions, flash: string, configuration: string): Promise<DeviceRun> {
	const { engine, purchases: count, onProgress } = options;
	const purchases: FirmwareEvent[] = [];
	const others: FirmwareEvent[] = [];
	const measures: HeapMeasure[] = [];
	const began = Date.now();
	let toldAt = began;
	let measure = () => {};
	const result = await runFirmware({
		engine,
		flash,
		configuration,
		refuseEvery: options.refuseEvery ?? REFUSE_EVERY,
		onStart: (ask) => {
			measure = ask;
		},
		onMeasure: (each) => measures.push(each),
		onEvent(event) {
			heard(JSON.stringify(event));
			if (event.event !== "purchase") {
				if (event.event !== "buying") others.push(event);
				return;
			}
			purchases.push(event);
			if (purchases.length < count && purchases.length % Math.ceil(count / TENTHS / MEASURES_A_TENTH) === 0) measure();
			if (Date.now() - toldAt < PROGRESS_MS) return;
			toldAt = Date.now();
			const rate = ((1_000 * purchases.length) / (toldAt - began)).toFixed(1);
			onProgress?.(
				`${purchases.length} of ${count} purchases, ${rate} a second, heap ${measures.at(-1)?.live ?? "?"} bytes`,
			);
		},
	});
	return { result, purchases, others, heap: tenthsOf(measures), seconds: (Date.now() - began) / 1_000 };
}

function tenthsOf(measures: readonly HeapMeasure[]): HeapMeasure[] {
	return Array.from({ length: TENTHS }, (_, i) => {
		const tenth = measures.slice(i * MEASURES_A_TENTH, (i + 1) * MEASURES_A_TENTH);
		return {
			live: Math.min(...tenth.map(({ live }) => live)),
			peak: Math.max(...tenth.map(({ peak }) => peak)),
		};
	});
}

function configuration(world: World, sellers: readonly BooksSeller[], count: number): string {
	const { chain, seller } = world;
	const { name, version, address } = usdc;
	const caps = {
		maxPerPayment: "10000",
		maxPerWindow: "100000000000",
		maxCountPerWindow: 1_000_000,
		windowSeconds: 3_600,
		maxForLife: "100000000000",
		maxValiditySeconds: 60,
	};
	const rule = { asset: "usdc", payTo: [payTo], ...caps };
	const plans = Array.from({ length: BOOK_PLANS }, (_, i) => {
		const product = String(i);
		return { name: product, url: `${sellers[i % sellers.length]!.url}/reading/${product}` };
	});
	return JSON.stringify({
		networks: [{ id: chain.network, name: "a local chain" }],
		assets: [{ id: "usdc", network: chain.network, address, name, version, symbol: "USDC", decimals: 6 }],
		rules: [
			{ name: "books", origin: sellers[0]!.url, ...rule },
			{ name: "prepaid books", origin: sellers[1]!.url, ...rule, prepay: true },
			{ name: "chain", origin: seller.url, ...rule },
		],
		plans: [...plans, { name: "chain", url: `${seller.url}/data` }].map((plan) => ({
			...plan,
			maxAmount: "10000",
			everySeconds: 1,
		})),
		count,
	});
}

async function judge(
	{ engine, purchases: wanted }: SoakOptions,
	{ chain }: World,
	sellers: readonly BooksSeller[],
	buyer: `0x${string}`,
	{ result, purchases, others, heap, seconds }: DeviceRun,
): Promise<SoakResult> {
	const failures: string[] = [];
	const expect = (holds: boolean, what: string) => holds || failures.push(what);
	expect(result.exitCode === 0, `the device ended with ${result.exitCode}: ${result.reason}`);
	expect(purchases.length === wanted, `${purchases.length} purchases of ${wanted}`);
	for (const { complaints } of sellers) failures.push(...complaints);

	/** By nonce: base units that left the wallet. */
	const moved = new Map<string, bigint>();
	for (const { sales } of sellers) for (const [nonce, { amount }] of sales) moved.set(nonce, amount);
	for (const { nonce, value, to } of await chain.transfers(buyer)) {
		if (nonce === undefined) continue;
		expect(to === payTo, `the chain paid ${to}`);
		expect(!moved.has(nonce), `${nonce} moved twice`);
		moved.set(nonce, value);
	}
	const signed = new Map<string, FirmwareEvent>();
	for (const purchase of purchases) if (purchase.nonce !== undefined) signed.set(String(purchase.nonce), purchase);
	for (const [nonce, amount] of moved) {
		const purchase = signed.get(nonce);
		expect(purchase !== undefined, `${nonce} moved and no purchase tells of it`);
		expect(purchase === undefined || BigInt(String(purchase.amount)) === amount, `${nonce} moved ${amount}`);
	}
	for (const [nonce, { state, plan }] of signed) {
		expect(state !== "delivered" || moved.has(nonce), `plan ${plan}: delivered, and ${nonce} never moved`);
		expect(state !== "refused" || !moved.has(nonce), `plan ${plan}: refused, and ${nonce} moved`);
	}
	for (const { plan, amount } of purchases) {
		const price = plan === "chain" ? 10_000n : priceOf(String(plan));
		expect(amount === undefined || BigInt(String(amount)) === price, `plan ${plan} for ${amount}`);
	}
	const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((all, amount) => all + amount, 0n);
	const counted = countedIn(others);
	const total = sum(moved.values());
	const mayHaveMoved = sum([...signed.values()].map(({ amount }) => BigInt(String(amount))));
	expect(counted >= total, `${total} moved, and the device counts ${counted}`);
	expect(counted <= mayHaveMoved, `${counted} counted, and ${mayHaveMoved} signed`);

	const first = heap[Math.min(Math.ceil((TENTHS * WARM_UP) / wanted), TENTHS - 1)]!;
	const last = heap.at(-1)!;
	const most = HEAP_TOLERANCE[engine];
	expect(last.live <= most * first.live, `the live heap grew from ${first.live} to ${last.live} bytes`);
	const middle = heap[TENTHS / 2 - 1]!;
	const isFlat = wanted < LONG || last.live <= LEAK_TOLERANCE * middle.live;
	expect(isFlat, `the live heap still grew in the second half, from ${middle.live} to ${last.live} bytes`);
	expect(last.peak <= most * first.peak, `the heap's peak grew from ${first.peak} to ${last.peak} bytes`);
	const count = (state: string) => purchases.filter((purchase) => purchase.state === state).length;
	return {
		failures,
		counts: { delivered: count("delivered"), refused: count("refused"), unknown: count("unknown") },
		faults: faultsOf(sellers, result.refusedWrites),
		moved: total,
		counted,
		heap,
		seconds,
	};
}

/** What the device says that it has spent and reserved. */
function countedIn(events: readonly FirmwareEvent[]): bigint {
	const spent = events.findLast(({ event }) => event === "spent")?.of as { amount: string; reserved: string }[];
	return (spent ?? []).reduce((all, { amount, reserved }) => all + BigInt(amount) + BigInt(reserved), 0n);
}

function faultsOf(sellers: readonly BooksSeller[], refusedWrites: number): Map<SoakFault, number> {
	const faults = new Map<SoakFault, number>([["flash refused a write", refusedWrites]]);
	for (const seller of sellers)
		for (const [fault, count] of seller.faults) faults.set(fault, (faults.get(fault) ?? 0) + count);
	return faults;
}

/** Mulberry32: small, seeded, the same everywhere. */
function randomOf(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
