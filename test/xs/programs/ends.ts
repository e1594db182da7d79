/** One program for each way to end. The configuration names it. */
import { createPort } from "../../../hal/xs/port.js";

/** Stands in ROM once preloaded. */
const table = new Uint8Array(4);
const registry = new Map<string, number>();
const decoder = new TextDecoder();
const settings = { volume: 1 };
const frozen = Object.freeze({ volume: 1 });

export default function (): void {
	const port = createPort();
	const { what, count = 0 } = JSON.parse(port.configuration ?? "{}") as { what: string; count?: number };
	const say = (event: string, value: unknown = null) => port.log({ event, value });
	const ends: Record<string, () => void> = {
		done: () => say("done", { wall: port.clock.wall() ?? "unset", rises: port.clock.monotonic() > 0 }),
		slots: () => {
			let chain: object = {};
			for (;;) chain = { chain };
		},
		chunks: () => {
			const all: Uint8Array[] = [];
			for (;;) all.push(new Uint8Array(1000));
		},
		/** Takes memory for a moment, to move the peaks. */
		peak: () => say("bytes", new Uint8Array(count).length),
		stack: () => {
			const recurse = (depth: number): number => recurse(depth + 1) + 1;
			recurse(0);
		},
		exception: fail,
		timerException: () => void port.timer.set(fail, 0),
		rejection: () => void Promise.reject(new Error("nobody took this")),
		handledRejection: () => {
			Promise.reject(new Error("taken")).catch(() => say("taken"));
		},
		restart: () => port.restart("the test wants it"),
		hang: () => {
			for (;;);
		},
		wait: () => void port.timer.set(() => say("never"), 3_600_000),
		romTypedArray: () =>
			say(
				"refused",
				nameOf(() => (table[0] = 1)),
			),
		romMap: () =>
			say(
				"refused",
				nameOf(() => registry.set("a", 1)),
			),
		romFrozen: () =>
			say(
				"refused",
				nameOf(() => ((frozen as { volume: number }).volume = 2)),
			),
		romObject: () => {
			settings.volume = 2;
			say("copied", settings.volume);
		},
		romFault: () => void decoder.decode(new Uint8Array([0xe2, 0x82]), { stream: true } as never),
	};
	ends[what]!();
}

function fail(): never {
	throw new RangeError("on purpose");
}

function nameOf(action: () => unknown): string {
	try {
		action();
	} catch (error) {
		return (error as Error).name;
	}
	return "accepted";
}
