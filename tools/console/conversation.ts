/** Questions and answers over a channel: finds the line that is the answer, and waits for a restarting device. */
import { HostError } from "../cli/host_error.js";
import type { FirmwareEvent, FirmwareResult } from "../firmware.js";
import type { Channel, Listener } from "./channel.js";

/** An answer of `src/console`: `ok`, and the fields of a command, or `error` and `message`. */
export type Answer = Readonly<Record<string, unknown>> & { readonly ok: boolean };

export interface ConversationOptions {
	/** Called for events, whatever their source. */
	onEvent(event: FirmwareEvent): void;
	/** Called for a board's other output, such as its boot loader's. */
	onNoise?(line: string): void;
}

/** Milliseconds. Only a balance takes long, since it is requested over the network. */
const ANSWER_MS = 150_000;
const READY_MS = 60_000;

export class Conversation {
	readonly #options: ConversationOptions;
	#channel: Channel | undefined;
	#answered: ((answer: Answer | HostError) => void) | undefined;
	#gone: HostError | undefined;
	#isReady = false;
	#onReady: () => void = () => {};

	constructor(options: ConversationOptions) {
		this.#options = options;
	}

	/** Opens the channel and waits that long for a greeting: a device that was already running greets nobody again. */
	async open(open: (listener: Listener) => Channel | Promise<Channel>, patienceMs = READY_MS): Promise<void> {
		this.#channel = await open({
			onLine: (line) => this.#take(line),
			onEvent: (event) => this.#options.onEvent(event),
			onEnd: (error) => this.#end(error),
		});
		await this.#ready(patienceMs);
	}

	/** @throws HostError `DeviceGone`, `DeviceSilent` */
	async ask(line: string): Promise<Answer> {
		const answer = await this.#next(() => this.#channel!.send(line));
		await this.#ready();
		return answer;
	}

	async close(): Promise<FirmwareResult | undefined> {
		return await this.#channel?.close();
	}

	#next(send: () => void): Promise<Answer> {
		if (this.#gone !== undefined) return Promise.reject(this.#gone);
		return new Promise((resolve, reject) => {
			const silent = new HostError("DeviceSilent", `the device did not answer within ${ANSWER_MS / 1_000} s`);
			const timer = setTimeout(() => this.#answered?.(silent), ANSWER_MS);
			this.#answered = (answer) => {
				clearTimeout(timer);
				this.#answered = undefined;
				if (answer instanceof HostError) reject(answer);
				else resolve(answer);
			};
			send();
		});
	}

	/**
	 * Waits for the greeting. It may be lost with a serial line that a chip's reset closes: then the device counts as ready.
	 */
	async #ready(patienceMs = READY_MS): Promise<void> {
		if (this.#isReady || this.#gone !== undefined) return;
		await new Promise<void>((resolve) => {
			const timer = setTimeout(resolve, patienceMs);
			this.#onReady = () => {
				clearTimeout(timer);
				resolve();
			};
		});
		this.#isReady = true;
	}

	#take(line: string): void {
		const message = messageOf(line);
		if (message === undefined) this.#options.onNoise?.(line);
		else if (typeof message.event === "string") this.#options.onEvent(message as FirmwareEvent);
		else if (message.ready !== undefined) {
			this.#isReady = true;
			this.#onReady();
		} else if (typeof message.ok === "boolean") {
			if (message.restarting === true) this.#isReady = false;
			this.#answered?.(message as Answer);
		}
	}

	#end(error: HostError): void {
		this.#gone = error;
		this.#answered?.(error);
		this.#onReady();
	}
}

function messageOf(line: string): Readonly<Record<string, unknown>> | undefined {
	try {
		const value: unknown = JSON.parse(line);
		return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}
