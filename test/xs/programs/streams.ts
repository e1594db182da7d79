/**
 * A client over bare streams: sends `send` bytes of a pattern, reads until the other side ends, says what it saw. With
 * `piece` it reads that much at a time, a millisecond apart. With `giveUp` it closes after so many milliseconds.
 */
import { createPort } from "../../../hal/xs/port.js";
import type { Stream } from "../../../src/device/stream.js";

interface Script {
	readonly host: string;
	readonly port: number;
	readonly secure?: boolean;
	readonly send?: number;
	readonly piece?: number;
	readonly giveUp?: number;
	readonly times?: number;
	readonly overrun?: boolean;
}

export default function (): void {
	const port = createPort();
	const script = JSON.parse(port.configuration ?? "{}") as Script;
	for (let i = 0; i < (script.times ?? 1); i++) talk(i);

	function talk(index: number): void {
		let sent = 0;
		let received = 0;
		let sum = 0;
		let most = 0;
		let stream: Stream | undefined;
		const { send = 0, piece, giveUp } = script;
		const take = (count: number) => {
			const bytes = stream!.read(count);
			if (bytes === undefined) return;
			for (const byte of new Uint8Array(bytes)) sum = (Math.imul(sum, 31) + byte) >>> 0;
			received += bytes.byteLength;
		};
		const poll = () => {
			take(piece!);
			if (stream !== undefined) port.timer.set(poll, 1);
		};
		stream = port.connect({
			host: script.host,
			port: script.port,
			secure: script.secure ?? false,
			onWritable(count) {
				if (script.overrun) {
					port.log({ event: "overrun", refused: nameOf(() => stream!.write(new Uint8Array(count + 1))) });
				}
				const length = Math.min(count, send - sent);
				if (length === 0) return;
				const bytes = new Uint8Array(length);
				for (let i = 0; i < length; i++) bytes[i] = (sent + i) * 7;
				stream!.write(bytes);
				sent += length;
			},
			onReadable(count) {
				if (count > most) most = count;
				if (piece === undefined) take(count);
				else if (received === 0 && count > 0 && most === count) poll();
			},
			onError(reason) {
				stream = undefined;
				port.log({ event: "end", index, reason: reason ?? "", sent, received, sum, most });
			},
		});
		if (giveUp !== undefined) {
			port.timer.set(() => {
				stream!.close();
				stream!.close();
				port.log({ event: "closed", index, refused: nameOf(() => stream!.write(new Uint8Array(1))) });
			}, giveUp);
		}
	}
}

function nameOf(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		return (error as Error).name;
	}
	return "accepted";
}
