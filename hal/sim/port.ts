/**
 * The port of the desktop simulator: implements `src/device/port.ts` with the SDK's modules and natives.c.
 *
 * @module
 */
import { createNativeSigner } from "../../modules/signer/native.js";
import { believed } from "../../src/device/clock.js";
import type { Port } from "../../src/device/port.js";
import { createConnect } from "../moddable/network.js";
import { random } from "../moddable/random.js";
import { builtInRoots } from "../moddable/roots.js";
import { timer } from "../moddable/timer.js";
import {
	exit,
	monotonic,
	nameServers,
	open,
	setWall,
	storageDelete,
	storageRead,
	storageWrite,
	wall,
	writeLine,
} from "./natives.js";
import type { Settings } from "./settings.js";
import { TcpConsole } from "./tcp_console.js";

/** The exit code of a program that asks for a restart, as on the XS host. */
const EXIT_RESTART = 75;

export function createPort(settings: Settings): Port {
	open.call(undefined, settings.flash);
	const log = (event: object) => writeLine.call(undefined, JSON.stringify(event));
	const console = settings.consolePort === undefined ? undefined : openConsole(settings.consolePort, log);
	return {
		clock: believed({ wall, monotonic }),
		random,
		storage: {
			read(key) {
				const bytes = storageRead.call(undefined, key);
				return bytes === undefined ? undefined : new Uint8Array(bytes);
			},
			write: storageWrite,
			delete: storageDelete,
		},
		connect: createConnect({ wall, roots: () => rootsOf(settings), nameServers: () => serversOf(settings) }),
		keys: createNativeSigner(),
		timer,
		log,
		watchdog: { feed() {} },
		restart(reason) {
			const end = () => exit.call(undefined, EXIT_RESTART, `restart: ${reason}`);
			if (console === undefined) end();
			else console.whenSent(end);
		},
		configuration: settings.configuration,
		setWall,
		...(console !== undefined && { console }),
	};
}

function* rootsOf({ roots }: Settings): Iterable<Uint8Array> {
	yield* roots;
	yield* builtInRoots();
}

function serversOf({ nameServers: given }: Settings): readonly string[] {
	return given.length > 0 ? given : nameServers.call(undefined).split(" ").filter(Boolean);
}

function openConsole(port: number, log: (event: object) => void): TcpConsole {
	const console = new TcpConsole(port);
	log({ event: "console", port: console.port });
	return console;
}
