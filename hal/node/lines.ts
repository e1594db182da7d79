/** Lines in a stream of bytes. */
import { CONSOLE_LINE_LIMIT } from "../../src/device/console_line.js";

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/**
 * Splits bytes into lines and calls `onLine` with each, without its end. Of a line that is too long it keeps one byte more
 * than the limit.
 */
export class LineSplitter {
	readonly #onLine: (line: Buffer) => void;
	#line = Buffer.alloc(0);

	constructor(onLine: (line: Buffer) => void) {
		this.#onLine = onLine;
	}

	push(bytes: Buffer): void {
		for (let rest = bytes; rest.length > 0; ) {
			const end = rest.indexOf(NEWLINE);
			const piece = end < 0 ? rest : rest.subarray(0, end);
			// One more for a carriage return.
			this.#line = Buffer.concat([this.#line, piece]).subarray(0, CONSOLE_LINE_LIMIT + 2);
			if (end < 0) return;
			this.#end();
			rest = rest.subarray(end + 1);
		}
	}

	#end(): void {
		const line = this.#line;
		this.#line = Buffer.alloc(0);
		const length = line.at(-1) === RETURN ? line.length - 1 : line.length;
		this.#onLine(line.subarray(0, Math.min(length, CONSOLE_LINE_LIMIT + 1)));
	}
}
