/**
 * Byte streams to servers in a test's memory. Opening, each send and each piece of an answer that is read are operations of
 * the device's power; what has reached a server is served there whatever becomes of the device.
 */
import type { Connect, Stream, StreamOptions } from "../../src/device/stream.js";
import type { HttpRequest } from "../../src/http/request.js";
import type { Reply, Server } from "./answers.js";
import type { PowerSupply } from "./power_flash.js";
import type { VirtualTime } from "./virtual_time.js";

/** A reply that takes its time: what `reply` does is done then. */
export interface Later {
	readonly afterMs: number;
	reply(): Reply;
}

export interface TimedServer {
	way: Server["way"];
	serve(request: HttpRequest): Reply | Later;
}

const WAY_MS = 20;
/** What a socket takes at once. */
const ROOM = 65_536;

/** `servers` by their origin. */
export function connectTo(servers: ReadonlyMap<string, TimedServer>, time: VirtualTime, power: PowerSupply): Connect {
	return (options) => power.run("open", () => new MemoryStream(options, servers, time, power));
}

class MemoryStream implements Stream {
	readonly #options: StreamOptions;
	readonly #origin: string;
	readonly #server: TimedServer | undefined;
	readonly #time: VirtualTime;
	readonly #power: PowerSupply;
	#isOver = false;
	/** The peer ends the connection once all of the answer has been read. */
	#isEnding = false;
	#outgoing = Buffer.alloc(0);
	#incoming = Buffer.alloc(0);

	constructor(
		options: StreamOptions,
		servers: ReadonlyMap<string, TimedServer>,
		time: VirtualTime,
		power: PowerSupply,
	) {
		const { host, port, secure } = options;
		this.#options = options;
		this.#origin = `http${secure ? "s" : ""}://${host}${port === (secure ? 443 : 80) ? "" : `:${port}`}`;
		this.#server = servers.get(this.#origin);
		this.#time = time;
		this.#power = power;
		const way = this.#server?.way() ?? "unreachable";
		this.#soon(() => (way === "unreachable" ? this.#end("refused") : options.onWritable(ROOM)));
	}

	read(count: number): ArrayBuffer | undefined {
		if (this.#incoming.length === 0) return undefined;
		return this.#power.run("answer", () => {
			const bytes = Uint8Array.from(this.#incoming.subarray(0, count));
			this.#incoming = this.#incoming.subarray(count);
			if (this.#incoming.length === 0 && this.#isEnding) this.#soon(() => this.#end("reset"));
			return bytes.buffer;
		});
	}

	write(bytes: Uint8Array): void {
		const send = (count: number) => {
			this.#outgoing = Buffer.concat([this.#outgoing, bytes.subarray(0, count)]);
			this.#take();
		};
		this.#power.run(
			"send",
			() => send(bytes.length),
			() => send(bytes.length >> 1),
		);
		this.#soon(() => this.#options.onWritable(ROOM));
	}

	close(): void {
		this.#isOver = true;
	}

	/** Serves a request once it has arrived whole. */
	#take(): void {
		const end = this.#outgoing.indexOf("\r\n\r\n") + 4;
		if (end < 4) return;
		const head = this.#outgoing.subarray(0, end).toString("latin1");
		const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
		if (this.#outgoing.length < end + length) return;
		const body = Uint8Array.from(this.#outgoing.subarray(end, end + length));
		this.#outgoing = this.#outgoing.subarray(end + length);
		const reply = this.#server!.serve(this.#request(head, body));
		if (typeof reply === "string" || !("afterMs" in reply)) this.#soon(() => this.#answer(reply));
		else {
			this.#time.after(reply.afterMs, () => {
				const late = reply.reply();
				if (this.#isOn) this.#answer(late);
			});
		}
	}

	#request(head: string, body: Uint8Array): HttpRequest {
		const [line = "", ...lines] = head.trimEnd().split("\r\n");
		const [method = "", target = ""] = line.split(" ");
		const headers = lines.map((each) => {
			const colon = each.indexOf(":");
			return [each.slice(0, colon), each.slice(colon + 1).trim()] as const;
		});
		return { method, url: this.#origin + target, headers, credentials: headers, ...(body.length > 0 && { body }) };
	}

	#answer(reply: Reply): void {
		if (reply === "answer lost") {
			this.#end("reset");
			return;
		}
		const { status, headers = {}, body = "", isCut = false } = reply;
		const bytes = Buffer.from(body);
		const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
		const head = `HTTP/1.1 ${status} it is\r\ncontent-length: ${bytes.length}\r\n${lines.join("")}\r\n`;
		this.#isEnding = isCut;
		this.#incoming = Buffer.concat([Buffer.from(head), isCut ? bytes.subarray(0, bytes.length >> 1) : bytes]);
		this.#options.onReadable(this.#incoming.length);
	}

	#end(reason: string): void {
		this.#isOver = true;
		this.#options.onError(reason);
	}

	get #isOn(): boolean {
		return !this.#isOver && !this.#power.isDown;
	}

	#soon(callback: () => void): void {
		this.#time.after(WAY_MS, () => this.#isOn && callback());
	}
}
