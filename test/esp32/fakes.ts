/** Time that passes when it is told to, and a radio that does as it is told. */

import type { Radio } from "../../hal/esp32/wifi.js";
import type { Storage } from "../../src/device/storage.js";
import type { Timer, TimerHandle } from "../../src/device/timer.js";

export class FakeTimer implements Timer {
	now = 0;
	readonly #pending = new Map<number, { at: number; callback: () => void }>();
	#last = 0;

	set(callback: () => void, milliseconds: number): TimerHandle {
		this.#pending.set(++this.#last, { at: this.now + milliseconds, callback });
		return this.#last;
	}

	clear(handle: TimerHandle): void {
		this.#pending.delete(handle as number);
	}

	/** When the timers that are set fire. */
	get waits(): number[] {
		return [...this.#pending.values()].map(({ at }) => at - this.now);
	}

	pass(milliseconds: number): void {
		const end = this.now + milliseconds;
		for (;;) {
			const [next] = [...this.#pending].filter(([, { at }]) => at <= end).sort(([, a], [, b]) => a.at - b.at);
			if (next === undefined) break;
			const [handle, { at, callback }] = next;
			this.#pending.delete(handle);
			this.now = at;
			callback();
		}
		this.now = end;
	}
}

export class FakeRadio implements Radio {
	link: Radio["link"] = "down";
	/** What it was asked to do. */
	readonly asked: string[] = [];
	cannotBegin = false;
	onChanged = () => {};

	connect(ssid: string, password: string): void {
		this.asked.push(`connect ${ssid} ${password}`.trim());
		if (this.cannotBegin) throw new Error("connect failed");
		this.link = "joining";
	}

	disconnect(): void {
		this.asked.push("disconnect");
		this.link = "down";
	}

	/** The link changes by itself. */
	become(link: Radio["link"]): void {
		this.link = link;
		this.onChanged();
	}
}

export class MemoryStorage implements Storage {
	readonly entries = new Map<string, Uint8Array>();

	read(key: string): Uint8Array | undefined {
		return this.entries.get(key);
	}

	write(key: string, bytes: Uint8Array): void {
		this.entries.set(key, bytes.slice());
	}

	delete(key: string): void {
		this.entries.delete(key);
	}
}
