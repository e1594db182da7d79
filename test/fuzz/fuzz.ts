/** Inputs for a parser, made of valid ones by a seed, and what becomes of them. */
import { Drawn } from "../support/drawn.js";
import type { Target } from "./targets.js";

export interface Fuzzed {
	readonly inputs: number;
	readonly accepted: number;
	/** By the name of the error: how many. */
	readonly refused: Readonly<Record<string, number>>;
	/** Errors that are no refusal, and inputs that took too long, each with its input in hex. */
	readonly faults: readonly string[];
	/** Milliseconds of processor time of the slowest input. */
	readonly slowest: number;
}

const LONGEST_INPUT = 4_096;
/** Milliseconds of processor time. The slowest input takes a few; beyond this something is not linear. */
const TOO_LONG = 2_000;
/** Errors of the language: a parser that throws one has met what it did not expect. */
const OF_THE_LANGUAGE = ["TypeError", "RangeError", "ReferenceError", "SyntaxError", "Error", "InternalError"];

export async function fuzz(target: Target, inputs: number, seed: number): Promise<Fuzzed> {
	const { corpus } = target;
	const drawn = new Drawn(seed);
	const refused: Record<string, number> = {};
	const faults: string[] = [];
	const interesting = [...corpus];
	const seen = new Set<string>();
	let accepted = 0;
	let slowest = 0;
	const { stackTraceLimit } = Error;
	// A refusal is an error, and most of its time is its stack.
	Error.stackTraceLimit = 0;
	for (let i = 0; i < inputs && faults.length < 5; i++) {
		const input = i < corpus.length ? corpus[i]! : mutated(interesting, drawn);
		const before = performance.now();
		const error = await errorOf(target, input);
		const outcome = error?.name ?? "accepted";
		// Other processes may have taken the time: it is measured again, by the processor's.
		if (performance.now() - before > slowest) slowest = Math.max(slowest, await processorTime(target, input));
		if (error === undefined) accepted++;
		else refused[outcome] = (refused[outcome] ?? 0) + 1;
		if (OF_THE_LANGUAGE.includes(outcome)) faults.push(await described(target, input));
		if (slowest > TOO_LONG) faults.push(`${slowest.toFixed(0)} ms\n${hexOf(input)}`);
		if (!seen.has(outcome) && interesting.length < 64) interesting.push(input);
		seen.add(outcome);
	}
	Error.stackTraceLimit = stackTraceLimit;
	return { inputs, accepted, refused, faults, slowest };
}

async function errorOf({ parse }: Target, input: Uint8Array): Promise<Error | undefined> {
	try {
		const result = parse(input);
		if (result instanceof Promise) await result;
		return undefined;
	} catch (error) {
		return error as Error;
	}
}

/** Milliseconds. */
async function processorTime(target: Target, input: Uint8Array): Promise<number> {
	const before = process.cpuUsage();
	await errorOf(target, input);
	const { user, system } = process.cpuUsage(before);
	return (user + system) / 1_000;
}

async function described(target: Target, input: Uint8Array): Promise<string> {
	Error.stackTraceLimit = 10;
	const error = await errorOf(target, input);
	Error.stackTraceLimit = 0;
	return `${error?.stack}\n${hexOf(input)}`;
}

function mutated(corpus: readonly Uint8Array[], drawn: Drawn): Uint8Array {
	if (drawn.once(16)) {
		const random = new Uint8Array(drawn.integer(drawn.pick([4, 32, 256])));
		drawn.fill(random);
		return random;
	}
	let bytes: Uint8Array = drawn.pick(corpus).slice();
	for (let changes = 1 + drawn.integer(4); changes > 0; changes--) bytes = change(bytes, corpus, drawn);
	return bytes.subarray(0, LONGEST_INPUT);
}

function change(bytes: Uint8Array, corpus: readonly Uint8Array[], drawn: Drawn): Uint8Array {
	const at = drawn.integer(bytes.length + 1);
	const end = Math.min(bytes.length, at + drawn.integer(drawn.pick([2, 8, 64])));
	switch (drawn.integer(6)) {
		case 0:
			if (at < bytes.length) bytes[at]! ^= 1 << drawn.integer(8);
			return bytes;
		case 1:
			if (at < bytes.length)
				bytes[at] = drawn.pick([0, 9, 10, 13, 32, 34, 44, 48, 58, 91, 93, 123, 125, 127, 128, 255]);
			return bytes;
		case 2:
			return joined(bytes.subarray(0, at), bytes.subarray(end));
		case 3:
			return joined(bytes.subarray(0, end), bytes.subarray(at));
		case 4: {
			const other = drawn.pick(corpus);
			return joined(bytes.subarray(0, at), other.subarray(drawn.integer(other.length + 1)));
		}
		default:
			// One piece many times: nesting, long numbers, long lists.
			return joined(
				bytes.subarray(0, at),
				...new Array(drawn.integer(40)).fill(bytes.subarray(at, end)),
				bytes.subarray(at),
			);
	}
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
	return new Uint8Array(Buffer.concat(parts).subarray(0, LONGEST_INPUT));
}

function hexOf(input: Uint8Array): string {
	return Buffer.from(input).toString("hex");
}
