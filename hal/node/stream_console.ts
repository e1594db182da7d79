/** The owner's console on Node: lines from one stream, answers to another. */
import type { Readable } from "node:stream";
import type { SignerError } from "../../modules/signer/errors.js";
import type { Curve, Signer } from "../../modules/signer/signer.js";
import { CONSOLE_LINE_LIMIT, type ConsoleLine } from "../../src/device/console_line.js";
import { LineSplitter } from "./lines.js";

export interface ConsoleStreams {
	/** The owner's input, UTF-8. */
	readonly input: Readable;
	onLine(line: string): void;
}

interface WantedKey {
	readonly slot: number;
	readonly curve: Curve;
	readonly done: (refusal?: SignerError["name"]) => void;
}

export class StreamConsole implements ConsoleLine {
	readonly #streams: ConsoleStreams;
	readonly #keys: Signer;
	#wanted: WantedKey | undefined;

	constructor(streams: ConsoleStreams, keys: Signer) {
		this.#streams = streams;
		this.#keys = keys;
	}

	open(onLine: (line: string | undefined) => void, longest: () => number): void {
		const splitter = new LineSplitter((line) => {
			const wanted = this.#wanted;
			this.#wanted = undefined;
			if (wanted === undefined) onLine(line.length <= longest() ? textOf(line) : undefined);
			else this.#import(wanted, line.toString("latin1"));
		});
		this.#streams.input.on("data", (bytes: Buffer) => splitter.push(bytes));
	}

	write(line: string): void {
		if (Buffer.byteLength(line) > CONSOLE_LINE_LIMIT) throw new RangeError("a line has at most 4,000 bytes");
		this.#streams.onLine(line);
	}

	takeKey(slot: number, curve: Curve, done: (refusal?: SignerError["name"]) => void): void {
		this.#wanted = { slot, curve, done };
	}

	#import({ slot, curve, done }: WantedKey, line: string): void {
		const digits = /^(?:0x)?([0-9a-fA-F]{64})$/.exec(line)?.[1] ?? "";
		let refusal: SignerError["name"] | undefined;
		try {
			this.#keys.importKey(slot, curve, Buffer.from(digits, "hex"));
		} catch (error) {
			refusal = (error as SignerError).name;
		}
		done(refusal);
	}
}

function textOf(line: Buffer): string | undefined {
	if (line.length > CONSOLE_LINE_LIMIT) return undefined;
	try {
		return new TextDecoder("utf-8", { fatal: true }).decode(line);
	} catch {
		return undefined;
	}
}
