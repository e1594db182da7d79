/**
 * The console of a device: one that runs here on either engine, one at the end of a serial line, or the simulator's on a port
 * of this machine.
 */
import { spawnSync } from "node:child_process";
import { closeSync, openSync, writeSync } from "node:fs";
import net from "node:net";
import { PassThrough, type Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import tty from "node:tty";
import { LineSplitter } from "../../hal/node/lines.js";
import { HostError } from "../cli/host_error.js";
import { type FirmwareEvent, type FirmwareOptions, type FirmwareResult, runFirmware } from "../firmware.js";

export interface Channel {
	/** `line` has no line end. */
	send(line: string): void;
	/** Resolves once everything is released, with the result of a device that ran here. */
	close(): Promise<FirmwareResult | undefined>;
}

export interface Listener {
	onLine(line: string): void;
	/** Called for events of a device that runs here. On a serial line, events are lines. */
	onEvent(event: FirmwareEvent): void;
	/** Called when the device is gone for good. */
	onEnd(error: HostError): void;
}

const EXIT_RESTART = 75;

/** Opens a device that runs here. When it restarts, it is started again on the same flash. */
export function openLocal(device: Omit<FirmwareOptions, "console" | "onEvent">, listener: Listener): Channel {
	let input = new PassThrough();
	let isClosed = false;
	const { onLine, onEvent } = listener;
	const run = async (): Promise<FirmwareResult> => {
		for (;;) {
			const result = await runFirmware({ ...device, console: { input, onLine }, onEvent });
			if (isClosed || result.exitCode !== EXIT_RESTART) return result;
			input = new PassThrough();
		}
	};
	const ended = run().then(
		(result) => {
			if (!isClosed) listener.onEnd(gone(result.reason ?? `it ended with exit code ${result.exitCode}`));
			return result;
		},
		(error: unknown) => {
			if (!(error instanceof HostError)) throw error;
			listener.onEnd(error);
			return undefined;
		},
	);
	return {
		send: (line) => input.write(`${line}\n`),
		async close() {
			isClosed = true;
			input.end();
			return await ended;
		},
	};
}

/** The number of attempts to reconnect to a restarting simulator, and the interval between them. */
const RECONNECTS = 60;
const RECONNECT_MS = 500;

export async function openTcp(host: string, port: number, listener: Listener): Promise<Channel> {
	let isClosed = false;
	let socket = await connect(host, port);
	const again = async () => {
		for (let tries = 0; tries < RECONNECTS && !isClosed; tries++) {
			await sleep(RECONNECT_MS);
			try {
				serve(await connect(host, port));
				return;
			} catch {
				// Not there yet.
			}
		}
		if (!isClosed) listener.onEnd(gone(`${host}:${port} does not answer`));
	};
	const serve = (next: net.Socket) => {
		socket = next;
		readLines(next, listener);
		next.on("error", () => {});
		next.on("close", () => isClosed || void again());
	};
	serve(socket);
	return {
		send: (line) => socket.write(`${line}\n`),
		async close() {
			isClosed = true;
			socket.destroy();
			return undefined;
		},
	};
}

function connect(host: string, port: number): Promise<net.Socket> {
	return new Promise((resolve, reject) => {
		const socket = net.connect({ host, port, noDelay: true }, () => resolve(socket));
		socket.once("error", reject);
	});
}

/** @throws HostError `SerialUnavailable` */
export function openSerial(device: string, baud: number, listener: Listener): Channel {
	const flag = process.platform === "darwin" ? "-f" : "-F";
	// No line discipline: raw bytes, no echo, no flow control.
	const settings = ["raw", "-echo", "-ixon", "-ixoff", "clocal", "cread", "min", "1", "time", "0", String(baud)];
	const { status, error, stderr } = spawnSync("stty", [flag, device, ...settings], { encoding: "utf8" });
	if (status !== 0) {
		const why = error === undefined ? stderr.trim() : "there is no stty on this system; on Windows use WSL";
		throw new HostError("SerialUnavailable", `expected a serial line at ${device}: ${why}`);
	}
	const output = openSync(device, "w");
	// Not a file stream: its pending read cannot be cancelled.
	const input = new tty.ReadStream(openSync(device, "r"));
	readLines(input, listener);
	input.on("end", () => listener.onEnd(gone(`${device} is closed`)));
	input.on("error", (error) => listener.onEnd(gone(`${device}: ${error.message}`)));
	return {
		send: (line) => writeSync(output, `${line}\n`),
		async close() {
			input.destroy();
			closeSync(output);
			return undefined;
		},
	};
}

function readLines(input: Readable, listener: Listener): void {
	const lines = new LineSplitter((line) => listener.onLine(line.toString()));
	input.on("data", (bytes: Buffer) => lines.push(bytes));
}

function gone(reason: string): HostError {
	return new HostError("DeviceGone", `the device is gone: ${reason}`);
}
