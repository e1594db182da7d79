/**
 * The port of the ESP32: implements `src/device/port.ts` with ESP-IDF (native/ and device.ts) and the SDK's modules.
 *
 * @module
 */
import { createNativeSigner } from "../../modules/signer/native.js";
import type { ConsoleLine } from "../../src/device/console_line.js";
import type { Port } from "../../src/device/port.js";
import { createConnect } from "../moddable/network.js";
import { random } from "../moddable/random.js";
import { builtInRoots } from "../moddable/roots.js";
import { timer } from "../moddable/timer.js";
import { DeviceClock } from "./clock.js";
import {
	askTime,
	feed,
	freeMemory,
	keepImage,
	keysAreEncrypted,
	largestBlock,
	monotonic,
	nameServers,
	openKeys,
	openRandom,
	openStores,
	readTime,
	restart,
	restartCount,
	setRestartCount,
	setTime,
	storeErase,
	storeRead,
	storeWrite,
	timeAnswers,
} from "./device.js";
import { DeviceError } from "./device_error.js";
import { Health } from "./health.js";
import { createRadio } from "./radio.js";
import { NvsStorage, type Store } from "./storage.js";
import { WifiSupervisor } from "./wifi.js";

/** The stores of native/store.h. */
const AGENT = 0;
const WIFI = 1;

export interface PortOptions {
	readonly log: (event: object) => void;
	readonly console: ConsoleLine | undefined;
	readonly startedBy: string;
}

/**
 * Opens the device. If other keys encrypted the key partition, emits an event and starts: the owner decides at the console.
 * Throws `DeviceError` `RandomMissing`, `KeysMissing`, `KeysNotEncrypted`, `KeysUnreadable`, `StorageFailed`.
 */
export function createPort({ log, console, startedBy }: PortOptions): Port {
	if (!openRandom.call(undefined)) throw new DeviceError("RandomMissing", "the hardware's generator gives no noise");
	const keys = openKeys.call(undefined);
	if (keys === KEYS_FOREIGN) log({ event: "error", name: "KeysUnreadable", message: KEYS_FOREIGN_MESSAGE });
	else checkKeys(keys);
	if (openStores.call(undefined) !== 0) throw new DeviceError("StorageFailed", 'the partition "nvs" cannot be read');
	if (!keysAreEncrypted.call(undefined))
		log({ event: "warning", name: "KeysInTheClear", message: "a development image" });

	const clock = new DeviceClock({ read: readTime, set: setTime, monotonic, answers: timeAnswers });
	const health = createHealth(log, () => wifi.state === "connected");
	const doubt = (reason: string) => health.restart(reason);
	const wifi = new WifiSupervisor({
		radio: createRadio(() => wifi.changed()),
		timer,
		random,
		storage: new NvsStorage(openStore(WIFI), doubt),
		onConnected() {
			if (!askTime.call(undefined)) log({ event: "error", name: "TimeNotAsked", message: "SNTP could not be begun" });
		},
		log,
	});
	wifi.start();
	return {
		clock,
		random,
		storage: new NvsStorage(openStore(AGENT), doubt),
		connect: createConnect({
			wall: () => clock.wall(),
			roots: builtInRoots,
			nameServers: () => nameServers.call(undefined).split(" ").filter(Boolean),
		}),
		keys: createNativeSigner(),
		timer,
		log(event) {
			if ((event as { event?: unknown }).event === "start") health.started();
			log(event);
		},
		watchdog: {
			feed() {
				feed.call(undefined);
				health.fed();
			},
		},
		restart(reason) {
			// A restart by the owner begins a new row.
			setRestartCount.call(undefined, 0);
			restart.call(undefined, reason);
		},
		failedRuns: restartCount.call(undefined),
		fail(reason) {
			setRestartCount.call(undefined, restartCount.call(undefined) + 1);
			restart.call(undefined, reason);
		},
		configuration: undefined,
		startedBy,
		setWall: (milliseconds) => clock.set(milliseconds),
		wifi,
		...(console !== undefined && { console }),
	};
}

function createHealth(log: (event: object) => void, isConnected: () => boolean): Health {
	return new Health({
		monotonic,
		memory: { free: freeMemory, largest: largestBlock },
		restarts: { get: restartCount, set: setRestartCount },
		restart,
		keepImage,
		isConnected,
		log,
	});
}

function openStore(store: number): Store {
	return {
		read: (key) => storeRead.call(undefined, store, key),
		write: (key, bytes) => storeWrite.call(undefined, store, key, bytes),
		erase: (key) => storeErase.call(undefined, store, key),
	};
}

/** The result of native/key_store.h for keys that do not fit. */
const KEYS_FOREIGN = 4;
const KEYS_FOREIGN_MESSAGE =
	'the partition "keys" was encrypted with keys that this chip does not have, and was left unchanged: put it back on the chip that wrote it, or give up all its keys with "key erase 0 lost"';

/** Throws for any other failure of native/key_store.h. */
function checkKeys(result: number): void {
	switch (result) {
		case 0:
			return;
		case 1:
			throw new DeviceError("KeysMissing", 'expected a partition "keys": flash the board with its own partition table');
		case 2:
			throw new DeviceError("KeysNotEncrypted", "NVS has no keys to encrypt with: see boards/README.md");
		default:
			throw new DeviceError(
				"KeysUnreadable",
				'the partition "keys" cannot be read and was left unchanged: see boards/README.md',
			);
	}
}
