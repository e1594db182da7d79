/**
 * A device whose whole time is one clock that the test drives, over a network whose sellers write what bytes they want when they
 * want: for waits of minutes that take none.
 */
import type { StreamOptions } from "../../src/device/stream.js";
import { HttpClient } from "../../src/http/client.js";
import { FakeStream } from "../http/support/fake_network.js";
import { FakeTimer } from "../http/support/fake_timer.js";
import { Device } from "./device.js";
import type { Event } from "./memory.js";

/** A request as it came. */
export interface Asked {
	readonly stream: FakeStream;
	readonly path: string;
	/** The payment's header; `undefined` without one. */
	readonly payment: string | undefined;
	/** Milliseconds since the start. */
	readonly at: number;
}

/** 2026-11-21, in ms. */
const START = 1_795_219_200_000;

export class TimedDevice extends Device {
	override readonly timer = new FakeTimer();
	readonly asked: Asked[] = [];
	readonly #serve: (asked: Asked) => void;

	/** `serve` answers each request, now or later. `false` of `isUp`: connections are refused. */
	constructor(serve: (asked: Asked) => void, isUp: () => boolean = () => true) {
		super();
		this.#serve = serve;
		const connect = (options: StreamOptions) => {
			const stream = new FakeStream(options);
			queueMicrotask(() => {
				if (!isUp()) stream.fail("ECONNREFUSED");
				else this.#accept(stream);
			});
			return stream;
		};
		this.http = new HttpClient({ connect, timer: this.timer });
		Object.defineProperty(this, "monotonic", { get: () => this.timer.now });
	}

	override wall(): number {
		return START + this.timer.now;
	}

	/** The requests with a payment. */
	get paid(): Asked[] {
		return this.asked.filter(({ payment }) => payment !== undefined);
	}

	/** Runs for so many seconds of its time, or until its plans have ended. Returns the events. */
	async runFor(seconds: number, text: string): Promise<Event[]> {
		const events: Event[] = [];
		this.log = (event) => events.push(event);
		let isOver = false;
		void this.run(text).finally(() => {
			isOver = true;
		});
		const end = this.timer.now + seconds * 1_000;
		while (!isOver && this.timer.now < end) await this.timer.advance(Math.min(1_000, end - this.timer.now));
		return events;
	}

	#accept(stream: FakeStream): void {
		let seen = 0;
		stream.onWrite = () => {
			queueMicrotask(() => stream.accept(65_536));
			const text = stream.written.slice(seen);
			const head = text.indexOf("\r\n\r\n") + 4;
			if (head < 4) return;
			seen = stream.written.length;
			const [, path = ""] = text.split(" ");
			const payment = /^(?:PAYMENT-SIGNATURE|X-PAYMENT): (.*)\r$/m.exec(text)?.[1];
			const asked = { stream, path, payment, at: this.timer.now };
			this.asked.push(asked);
			queueMicrotask(() => this.#serve(asked));
		};
		stream.accept(65_536);
	}
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

/** An answer as a server writes it. */
export function answer(status: string, headers: Readonly<Record<string, string>> = {}, body = ""): string {
	const lines = Object.entries({ "Content-Length": String(body.length), ...headers }).map(
		([name, value]) => `${name}: ${value}\r\n`,
	);
	return `HTTP/1.1 ${status}\r\n${lines.join("")}\r\n${body}`;
}

/** A 402 with terms of version 2. */
export function terms(accepts: readonly unknown[], more: object = {}): string {
	return answer("402 Payment Required", {
		"PAYMENT-REQUIRED": base64({ x402Version: 2, error: "Payment required", accepts, ...more }),
	});
}

/** The header of a receipt. */
export function receipt(more: object = {}): Readonly<Record<string, string>> {
	return { "PAYMENT-RESPONSE": base64({ success: true, transaction: `0x${"ab".repeat(32)}`, ...more }) };
}
