/** The owner's console of the simulator: the same lines as on a board, over a port of this machine. */
import assert from "node:assert/strict";
import net from "node:net";
import { networkInterfaces } from "node:os";
import { createInterface, type Interface } from "node:readline";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { SimulatorBuild } from "../../tools/moddable/simulator.js";
import { secret } from "../../tools/world/secret_log.js";
import type { Check } from "./check.js";
import { Device } from "./device.js";

const EXIT_RESTART = 75;

export function consoleChecks(build: SimulatorBuild): Check[] {
	return [
		{ name: "console: a key that is typed, a restart, its address", run: () => typedKey(build) },
		{ name: "console: nobody but this machine is heard", run: () => loopbackAlone(build) },
	];
}

/** Runs a device until `talk` has said what it has to say, and switches it off unless it has ended itself. */
async function during(device: Device, talk: (port: number) => Promise<void>): Promise<number | null> {
	let kill = () => {};
	let port: (found: number) => void = () => {};
	const opened = new Promise<number>((resolve) => {
		port = resolve;
	});
	const running = device.run({
		consolePort: 0,
		onStart: (now) => {
			kill = now;
		},
		onEvent: (event) => {
			if (event.event === "console") port(event.port as number);
		},
	});
	try {
		await talk(await opened);
	} finally {
		setTimeout(kill, 1_000);
	}
	return (await running).result.exitCode;
}

/** Sends lines and gives the answer to each: a line with the fields `ok` or `error`, not an event. */
class Owner {
	readonly #socket: net.Socket;
	readonly #lines: AsyncIterator<string>;
	readonly #interface: Interface;

	constructor(port: number) {
		this.#socket = net.connect(port, "127.0.0.1");
		this.#interface = createInterface({ input: this.#socket });
		this.#lines = this.#interface[Symbol.asyncIterator]();
	}

	async ask(line: string): Promise<Record<string, unknown>> {
		this.#socket.write(`${line}\n`);
		for (;;) {
			const { value, done } = await this.#lines.next();
			assert.ok(!done, `an answer to ${line.length > 60 ? "a key" : line}`);
			const answer = JSON.parse(value as string) as Record<string, unknown>;
			if (answer.event === undefined) return answer;
		}
	}

	close(): void {
		this.#interface.close();
		this.#socket.destroy();
	}
}

async function typedKey(build: SimulatorBuild): Promise<string> {
	const device = new Device(build);
	const key = secret(generatePrivateKey());
	try {
		const answers: Record<string, unknown>[] = [];
		const ended = await during(device, async (port) => {
			const owner = new Owner(port);
			for (const line of ["no such command", "key import 0 secp256k1", key.slice(2)])
				answers.push(await owner.ask(line));
			owner.close();
		});
		assert.equal(ended, EXIT_RESTART, JSON.stringify(answers));
		let address: unknown;
		await during(device, async (port) => {
			const owner = new Owner(port);
			address = (await owner.ask("address")).address;
			owner.close();
		});
		assert.equal(address, privateKeyToAccount(key).address, JSON.stringify(answers));
		return String(address);
	} finally {
		await device.remove();
	}
}

async function loopbackAlone(build: SimulatorBuild): Promise<string> {
	const outside = Object.values(networkInterfaces())
		.flatMap((addresses) => addresses ?? [])
		.find(({ family, internal }) => family === "IPv4" && !internal)?.address;
	if (outside === undefined) return "this machine has no other address to try";
	const device = new Device(build);
	try {
		await during(device, async (port) => {
			const socket = net.connect({ host: outside, port, localAddress: outside });
			let heard = "";
			socket.on("data", (bytes) => {
				heard += bytes.toString();
			});
			// Closed with what it sent unread, it is reset.
			socket.on("error", () => {});
			socket.write("address\n");
			await new Promise((resolve) => socket.on("close", resolve));
			assert.equal(heard, "");
		});
		return `a connection from ${outside} is closed unheard`;
	} finally {
		await device.remove();
	}
}
