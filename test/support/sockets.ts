/** This machine's sockets for a device in a test's memory, with or without a power supply that can be cut. */
import { Power } from "../../hal/node/power.js";
import { SocketStream } from "../../hal/node/socket_stream.js";
import type { Connect, Stream, StreamOptions } from "../../src/device/stream.js";
import type { PowerSupply } from "./power_flash.js";

/** How long a server may still work at a request whose device has lost its power. */
const LINGER_MS = 20;

export const connect: Connect = (options) => new SocketStream(options, new Power(undefined), undefined);

/** Connections that die with the power, and say nothing about it. To open, to send and to receive are operations. */
export function connectOn(power: PowerSupply): Connect {
	return (options) => {
		const ifAlive =
			<A extends unknown[]>(call: (...all: A) => void) =>
			(...all: A) => {
				if (!power.isDown) call(...all);
			};
		const alive: StreamOptions = {
			...options,
			onReadable: ifAlive((count) => options.onReadable(count)),
			onWritable: ifAlive((count) => options.onWritable(count)),
			onError: ifAlive((reason) => options.onError(reason)),
		};
		const stream = power.quietly("open", () => connect(alive));
		if (stream === undefined) return DEAD;
		void power.gone.then(() => setTimeout(() => stream.close(), LINGER_MS));
		return {
			read: (count) => power.quietly("answer", () => stream.read(count)),
			write: (bytes) => power.quietly("send", () => stream.write(bytes)),
			close: () => stream.close(),
		};
	};
}

const DEAD: Stream = { read: () => undefined, write() {}, close() {} };
