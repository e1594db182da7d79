/** A port whose wall time stands still and whose generator counts, so that two engines do the same with the same input. */
import type { Port } from "../../src/device/port.js";

/** Where the storage has what the clock is to say: milliseconds, as text. */
const WALL = "test.wall";

export function twinOf(port: Port): Port {
	const text = new TextDecoder().decode(port.storage.read(WALL)!);
	let draws = 0;
	return {
		...port,
		clock: { wall: () => Number(text), monotonic: () => port.clock.monotonic() },
		random(buffer) {
			draws++;
			for (let i = 0; i < buffer.length; i++) buffer[i] = (draws * 31 + i * 7) & 0xff;
		},
		configuration: port.configuration,
	};
}
