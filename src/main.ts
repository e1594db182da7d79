/**
 * The firmware's entry: takes a port, reads the configuration, runs the agent. If there is an owner's console, it starts
 * first and works even if everything else fails. If there is a display, it shows each change.
 */

import { Agent } from "./agent/agent.js";
import { Brake } from "./agent/brake.js";
import { ClockWatch } from "./agent/clock_watch.js";
import { Heartbeat } from "./agent/heartbeat.js";
import { RunMark } from "./agent/run_mark.js";
import { spentByAsset } from "./agent/spending.js";
import { Turn } from "./agent/turn.js";
import { type Configuration, parseConfiguration, readConfiguration } from "./configuration/configuration.js";
import { addressIn } from "./console/address.js";
import type { ConsoleDeps } from "./console/command.js";
import { Console } from "./console/console.js";
import { applyEvent, type DeviceState } from "./console/device_state.js";
import { displayStateOf } from "./console/display_state.js";
import { eraseAll } from "./console/erase.js";
import { KeyRing } from "./console/key_ring.js";
import { Settings } from "./console/settings.js";
import type { Port } from "./device/port.js";
import { HttpClient } from "./http/client.js";
import type { MarketDeps, MarketKind, OpenMarket } from "./markets/market.js";
import type { MayBegin } from "./wallet/life_cycle.js";
import { Wallet } from "./wallet/wallet.js";
import { X402_HEADERS } from "./x402/answer.js";
import { TERMS_LIMIT } from "./x402/payment_required.js";

/** The interval at which the display checks what changes without an event: the clock, the network. */
const LOOK_MS = 5_000;

/** After this many failed runs in a row the agent waits this long: something in it may be too much for the device. */
const FAILED_RUNS = 3;
const HOLD_MS = 3_600_000;
/** The most plans and rules that leave memory for the longest terms, without any market. */
const LIGHT = 8;

/** Parts that the firmware's functions share. */
interface Firmware {
	readonly port: Port;
	readonly http: HttpClient;
	readonly turn: Turn;
	readonly watch: ClockWatch;
	readonly mayBegin: MayBegin;
	readonly settings: Settings;
	readonly keys: KeyRing;
	readonly device: DeviceState;
	readonly log: (event: object) => void;
	/** Updates the display, if the board has one. */
	readonly show: () => void;
}

/**
 * Runs the agent to its end, with this firmware's markets; with a console it does not return. An error that stops the agent
 * from starting is reported as one event, `error`; nothing is signed then.
 */
export async function main(port: Port, kinds: readonly MarketKind[]): Promise<void> {
	const firmware = assemble(port, kinds);
	const { http, log, device } = firmware;
	if (port.console !== undefined) openConsole(firmware, kinds);
	try {
		const mark = checkFlash(firmware);
		if (mustHold(firmware, mark)) await hold(firmware);
		await runAgent(firmware, kinds, mark);
		tellSpent(firmware);
	} catch (error) {
		const { name, message } = error as Error;
		device.agent = undefined;
		log({ event: "error", name, message });
	}
	http.close();
	while (port.console !== undefined) await pause(port);
}

async function pause({ watchdog, timer }: Port): Promise<void> {
	watchdog.feed();
	await new Promise<void>((resolve) => timer.set(resolve, LOOK_MS));
}

function assemble(port: Port, kinds: readonly MarketKind[]): Firmware {
	const { connect, storage, clock, timer, wifi, display } = port;
	const builtIn = kinds.map(({ name }) => name);
	const settings = new Settings(storage, port.keys, builtIn);
	const keys = new KeyRing(port.keys, settings);
	const { isPaused } = settings;
	const device: DeviceState = {
		startedAt: clock.monotonic(),
		configuration: undefined,
		wallet: undefined,
		agent: undefined,
		isPaused,
		error: undefined,
		checkout: undefined,
	};
	const show = () => {
		try {
			display?.show(displayStateOf(device, addressIn(device, keys), clock, wifi?.state));
		} catch (error) {
			const { name, message } = error as Error;
			// Called in the middle of purchases, which no display error may stop.
			port.log({ event: "error", name, message });
		}
	};
	const log = (event: object) => {
		port.log(event);
		applyEvent(device, event);
		show();
	};
	if (display !== undefined) refreshDisplay(port, show);
	const watch = new ClockWatch(clock, log);
	const turn = new Turn(clock);
	const http = new HttpClient({
		connect,
		timer,
		limits: { largeHeaders: X402_HEADERS },
		onDate: (date, origin) => watch.look(date, origin),
		onRequest: () => turn.check(),
	});
	const mayBegin = {
		isPaused: () => device.isPaused,
		timeInDoubt: (origin: string) => watch.timeInDoubt(origin),
		secondsBehind: (origin: string, allowed: number) => watch.secondsBehind(origin, allowed),
		// The owner of a computer takes care of its clock.
		isTimeConfirmed: () => watch.isConfirmed || port.setWall === undefined,
	};
	return { port, http, turn, watch, mayBegin, settings, keys, device, log, show };
}

/** Updates the display at intervals. Uses the port's own timer: this wait is no sign of the agent's progress. */
function refreshDisplay({ timer, clock, wifi }: Port, show: () => void): void {
	let before = "";
	const look = () => {
		const now = `${wifi?.state} ${Math.floor((clock.wall() ?? 0) / 60_000)}`;
		if (now !== before) show();
		before = now;
		timer.set(look, LOOK_MS);
	};
	look();
}

/** Opens the console. Its dependencies are created for each line, since the agent needs the memory. */
function openConsole(
	{ port, settings, keys, device, http, watch, log, show }: Firmware,
	kinds: readonly MarketKind[],
): void {
	const { console: line, clock, timer, storage, connect, wifi, setWall, startedBy } = port;
	const deps = (): ConsoleDeps => ({
		line: line!,
		clock,
		timer,
		random: (buffer) => port.random(buffer),
		keys,
		storage,
		connect,
		wifi,
		setWall:
			setWall &&
			((milliseconds) => {
				port.setWall!(milliseconds);
				watch.confirm();
			}),
		startedBy,
		restart: (reason) => port.restart(reason),
		settings,
		device,
		isFixed: port.configuration !== undefined,
		tryMarket(name, field) {
			const random = (buffer: Uint8Array) => port.random(buffer);
			kinds.find((kind) => kind.name === name)!.open(field, { http, timer, clock, keys, random, log });
		},
		changed: show,
	});
	new Console(line!, deps).open();
}

/** Completes steps that a power cut interrupted, and checks the contents of flash. */
function checkFlash({ port, settings, keys }: Firmware): RunMark {
	const { clock, storage, wifi } = port;
	// An erasure that a power cut interrupted is completed before anything else.
	if (settings.isErasing) eraseAll({ settings, storage, keys, wifi });
	// A file's settings are not in flash.
	if (port.configuration === undefined) settings.check();
	keys.check();
	return new RunMark(storage, keys, clock);
}

/** True after too many failed runs. Those that ended during a plan's turn suspend that plan, not the whole agent. */
function mustHold({ port }: Firmware, mark: RunMark): boolean {
	return (port.failedRuns ?? 0) >= FAILED_RUNS && mark.endedBy === undefined;
}

/** Runs the agent to its end. Not async, so that its setup is not in memory while the agent runs. */
function runAgent(firmware: Firmware, kinds: readonly MarketKind[], mark: RunMark): Promise<void> {
	const { port, http, turn, device, log } = firmware;
	const { clock, timer, storage, watchdog } = port;
	const configuration = configurationOf(firmware, kinds);
	device.configuration = configuration;
	http.setLargeBytes(termsBytes(configuration));
	const wallet = openWallet(firmware, configuration);
	device.wallet = wallet;
	logStart(log, configuration, wallet);
	const markets = openMarkets(firmware, configuration, kinds);
	const isPaused = () => device.isPaused;
	const brake = new Brake(storage, firmware.keys, clock, configuration.plans, wallet.records());
	const deps = { clock, timer, http, storage, wallet, markets, watchdog, log, isPaused, mark, brake, turn };
	const agent = new Agent(deps, configuration);
	device.agent = agent;
	const heartbeat = new Heartbeat(timer, watchdog, http, (wait) => agent.tellWait(wait));
	heartbeat.start();
	return agent.run().finally(() => heartbeat.stop());
}

function tellSpent({ device: { wallet, configuration }, log }: Firmware): void {
	if (wallet !== undefined && configuration !== undefined)
		log({ event: "spent", of: spentByAsset(wallet, configuration) });
}

/** Returns the bytes of the longest terms for which the device has memory besides its settings. */
function termsBytes({ plans, rules, markets }: Configuration): number {
	const isLight = plans.length + rules.length <= LIGHT && markets.size === 0;
	return isLight ? TERMS_LIMIT : TERMS_LIMIT / 2;
}

/**
 * Holds the agent back. If a device crashed whenever its agent runs, its owner would have no time at the console, and its
 * flash no rest.
 */
async function hold({ port, log }: Firmware): Promise<void> {
	const message = `the last ${port.failedRuns} runs failed, so the agent waits for an hour: remove what may be too much for the device, or enter "restart"`;
	log({ event: "error", name: "FailedTooOften", message });
	for (const until = port.clock.monotonic() + HOLD_MS; port.clock.monotonic() < until; ) await pause(port);
}

function configurationOf({ port, settings, keys }: Firmware, kinds: readonly MarketKind[]): Configuration {
	const { configuration } = port;
	if (configuration === undefined) return readConfiguration(settings.source(), keys);
	return parseConfiguration(
		configuration,
		keys,
		kinds.map(({ name }) => name),
	);
}

function openWallet({ port, keys, mayBegin }: Firmware, { slot, rules, plans }: Configuration): Wallet {
	const { clock, storage } = port;
	// An owner who sets a device up at its console generates the key there, or imports one.
	if (keys.curve(slot) === undefined && port.configuration !== undefined) keys.create(slot, "secp256k1");
	const random = (buffer: Uint8Array) => port.random(buffer);
	return new Wallet({ clock, random, keys, storage, slot, rules, plans: plans.map(({ name }) => name), mayBegin });
}

function openMarkets(
	{ port, http, keys, log }: Firmware,
	{ markets }: Configuration,
	kinds: readonly MarketKind[],
): ReadonlyMap<string, OpenMarket> {
	const { clock, timer } = port;
	const random = (buffer: Uint8Array) => port.random(buffer);
	const deps: MarketDeps = { http, timer, clock, keys, random, log };
	const open = new Map<string, OpenMarket>();
	for (const kind of kinds) {
		const field = markets.get(kind.name);
		if (field !== undefined) open.set(kind.name, kind.open(field, deps));
	}
	return open;
}

function logStart(log: (event: object) => void, { rules, plans, assets }: Configuration, wallet: Wallet): void {
	log({
		event: "start",
		address: wallet.address,
		rules: rules.map(({ name, origin, asset, maxForLife }) => ({
			name,
			origin,
			symbol: assets.find((each) => each === asset)?.symbol ?? "",
			maxForLife,
		})),
		plans: plans.length,
	});
}
