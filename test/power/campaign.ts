/**
 * Power cuts, one at each operation of a purchase. A device with a fresh key and a fresh flash buys, loses its power at one
 * operation, and is switched on again, with the same flash, until its plan has ended. Then the chain is asked what moved,
 * and the flash what the device thinks of it; both by others' libraries.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Decoder } from "cbor-x";
import { bytesToBigInt, bytesToHex, hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { type Engine, type FirmwareEvent, type FirmwareOptions, runFirmware } from "../../tools/firmware.js";
import type { Transfer } from "../../tools/world/chain.js";
import { payTo } from "../../tools/world/resources.js";
import { Heard, kept, secret } from "../../tools/world/secret_log.js";
import type { World } from "../../tools/world/world.js";
import type { XsBuild } from "../../tools/xs/build.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";
import { configure } from "../world/configuration.js";

export type Phase = "before" | "during" | "after";
export interface Cut {
	readonly operation: number;
	readonly phase: Phase;
}
export type Kind = "v2" | "v1" | "permit2";

/** What a device's life came to. */
export interface Life {
	/** Runs it took, the one that was cut among them. */
	readonly runs: number;
	/** Host operations of the first run, if it was not cut. */
	readonly operations: number;
	readonly purchase: FirmwareEvent | undefined;
	readonly transfers: readonly Transfer[];
	readonly records: readonly LedgerRecord[];
}

export interface LedgerRecord {
	readonly state: "intended" | "authorized" | "delivered" | "refused" | "unknown" | "expired";
	readonly amount: bigint;
	/** 0x and 64 digits. */
	readonly nonce: string;
}

/** The curve byte of a key slot. */
const SECP256K1 = 0;
const EXIT_CUT = 73;
/** A device that has not ended its plan by then never will. */
const MOST_RUNS = 6;

/**
 * A device's whole life: cut once if `cut` is given, then switched on until it has ended. By then its clock has gone on by
 * `awaySeconds`.
 */
export async function live(
	world: World,
	kind: Kind,
	engine: Engine,
	build: XsBuild | undefined,
	cut?: Cut,
	awaySeconds = 0,
): Promise<Life> {
	const flash = temporaryFolder();
	try {
		const owner = await provision(world, flash);
		const device = { engine, build, flash, configuration: configurationOf(world, kind) };
		const ended = await untilItEnds(device, cut, awaySeconds);
		return { ...ended, transfers: await world.chain.transfers(owner), records: recordsIn(flash) };
	} finally {
		kept(flash);
		await removeFolder(flash);
	}
}

/** Switches a device on until its plan has ended. Throws when it ends otherwise. */
export async function untilItEnds(
	device: Pick<FirmwareOptions, "engine" | "build" | "flash" | "configuration">,
	cut: Cut | undefined,
	awaySeconds = 0,
): Promise<Pick<Life, "runs" | "operations" | "purchase">> {
	const events: FirmwareEvent[] = new Heard();
	const options = { ...device, timeout: 60_000, onEvent: (event: FirmwareEvent) => events.push(event) };
	let result = await runFirmware({ ...options, cut });
	const { operations } = result;
	let runs = 1;
	for (; result.exitCode === EXIT_CUT && runs < MOST_RUNS; runs++) {
		result = await runFirmware({ ...options, clock: awaySeconds });
	}
	const error = events.find(({ event }) => event === "error");
	if (result.exitCode !== 0 || error !== undefined) {
		throw new Error(`${JSON.stringify(cut)}: the device ended by ${result.reason ?? JSON.stringify(error)}`);
	}
	return { runs, operations, purchase: events.findLast(({ event }) => event === "purchase") };
}

/** Puts a key into slot 0, and money behind it. */
async function provision({ chain }: World, flash: string): Promise<`0x${string}`> {
	const key = secret(generatePrivateKey());
	const { address } = privateKeyToAccount(key);
	writeFileSync(path.join(flash, "key.0"), Buffer.concat([Buffer.of(SECP256K1), hexToBytes(key)]), { mode: 0o600 });
	await chain.mint(address, 1_000_000n);
	await chain.approvePermit2(address);
	return address;
}

function configurationOf(world: World, kind: Kind): string {
	const seller = kind === "v1" ? world.v1 : world.seller;
	return configure(world, [{ name: kind, url: `${seller.url}/${kind === "permit2" ? "permit2" : "data"}` }]);
}

const STATES = ["intended", "authorized", "delivered", "refused", "unknown", "expired"] as const;

/** The ledger's records (src/wallet/record.ts), read with cbor-x. */
export function recordsIn(flash: string): LedgerRecord[] {
	const decoder = new Decoder({ mapsAsObjects: false });
	return readdirSync(flash)
		.filter((name) => /^kv\.r[0-9]+$/.test(name))
		.map((name) => {
			const record = decoder.decode(readFileSync(path.join(flash, name))) as Map<number, unknown>;
			const amount = record.get(8) as Uint8Array;
			return {
				state: STATES[record.get(4) as number]!,
				amount: amount.length === 0 ? 0n : bytesToBigInt(amount),
				nonce: bytesToHex(record.get(11) as Uint8Array),
			};
		});
}

/**
 * Cuts a purchase after each of its operations, and takes one entry after the other out of the flash that is left, as NVS does
 * with one that fails its CRC. The purchase is then made once, or nothing more is signed. Returns the lives, how many ended in
 * `LedgerDamaged`, and what was not as it must be.
 */
export async function decayCampaign(world: World, engine: Engine, build?: XsBuild) {
	const { operations } = await live(world, "v2", engine, build);
	const failures: string[] = [];
	let lives = 0;
	let refused = 0;
	for (let operation = 1; operation <= operations; operation++) {
		for (let entry = 0; ; entry++) {
			const life = await decay(world, engine, build, { operation, phase: "after" }, entry);
			if (life === undefined) break;
			lives++;
			if (life.isRefused) refused++;
			const where = `${operation}, without ${life.lost}`;
			if (life.moved > PRICE) failures.push(`${where}: ${life.moved} moved`);
			if (!life.isRefused && life.counted < life.moved)
				failures.push(`${where}: ${life.counted} of ${life.moved} counted`);
		}
	}
	return { lives, refused, failures };
}

/** `undefined` when flash has no such entry. */
async function decay(world: World, engine: Engine, build: XsBuild | undefined, cut: Cut, entry: number) {
	const flash = temporaryFolder();
	try {
		const owner = await provision(world, flash);
		const events: FirmwareEvent[] = new Heard();
		const onEvent = (event: FirmwareEvent) => events.push(event);
		const device = { engine, build, flash, configuration: configurationOf(world, "v2"), timeout: 60_000, onEvent };
		await runFirmware({ ...device, cut });
		const lost = readdirSync(flash).filter((name) => name.startsWith("kv."))[entry];
		if (lost === undefined) return undefined;
		rmSync(path.join(flash, lost));
		await runFirmware(device);
		const isRefused = events.some(({ event, name }) => event === "error" && name === "LedgerDamaged");
		const moved = (await world.chain.transfers(owner)).reduce((sum, { value }) => sum + value, 0n);
		const counted = recordsIn(flash).reduce((sum, { amount }) => sum + amount, 0n);
		return { lost, isRefused, moved, counted };
	} finally {
		kept(flash);
		await removeFolder(flash);
	}
}

const PRICE = 10_000n;
export const PHASES: readonly Phase[] = ["before", "during", "after"];
/** Devices that live at the same time. */
export const AT_ONCE = 3;

/**
 * Cuts a purchase at each of its operations. `failures` says what was not as it must be. With `awaySeconds` the power comes
 * back only when a payment that had left can no longer be used: then the device may not know, but it must not pay again.
 */
export async function campaign(
	world: World,
	kind: Kind,
	engine: Engine,
	build?: XsBuild,
	awaySeconds = 0,
): Promise<{ readonly operations: number; readonly lives: number; readonly failures: readonly string[] }> {
	const { operations } = await live(world, kind, engine, build);
	const cuts = Array.from({ length: operations }, (_, i) =>
		PHASES.map((phase) => ({ operation: i + 1, phase })),
	).flat();
	const queue = [...cuts];
	const failures: string[] = [];
	const worker = async () => {
		for (let cut = queue.shift(); cut !== undefined; cut = queue.shift()) {
			const life = await live(world, kind, engine, build, cut, awaySeconds);
			failures.push(
				...broken(life, awaySeconds > 0).map((what) => `${cut?.operation} ${cut?.phase}: expected ${what}`),
			);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, worker));
	return { operations, lives: cuts.length, failures };
}

/** What must be true of the life of a device that was cut, as far as it is not. */
function broken({ runs, purchase, transfers, records }: Life, mayBeNone: boolean): string[] {
	const moved = transfers.reduce((sum, { value }) => sum + value, 0n);
	const counted = records.filter(({ state }) => state !== "expired").reduce((sum, { amount }) => sum + amount, 0n);
	const checks: [boolean, string][] = [
		[runs >= 2, "the power to be cut"],
		[transfers.length === 1 || (mayBeNone && transfers.length === 0), `one transfer, got ${transfers.length}`],
		[transfers.every(({ to, value }) => to === payTo && value === PRICE), "the seller's receiver and price"],
		[transfers.every(({ nonce }) => records.some((record) => record.nonce === nonce)), "the transfer's nonce recorded"],
		[counted >= moved, `the ledger to count at least ${moved}, got ${counted}`],
		[records.every(({ state }) => state !== "intended" && state !== "authorized"), "every record in a final state"],
		[purchase === undefined || ["delivered", "unknown"].includes(String(purchase.state)), "delivered or unknown"],
	];
	return checks.filter(([holds]) => !holds).map(([, what]) => what);
}
