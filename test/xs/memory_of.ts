/** The memory of a device that runs here, for tests that look for what may not be in it. */
import { openSync, readFileSync, readSync } from "node:fs";

/** All that a process may read of its own memory, as proc(5) lists it. */
export function memoryOf(pid: number): Buffer[] {
	const file = openSync(`/proc/${pid}/mem`, "r");
	const readable = readFileSync(`/proc/${pid}/maps`, "utf8")
		.split("\n")
		.filter((line) => / r..p /.test(line) && !/\[v/.test(line));
	return readable.map((line) => {
		const [from, to] = line
			.split(" ", 1)[0]!
			.split("-")
			.map((address) => Number.parseInt(address, 16)) as [number, number];
		const memory = Buffer.alloc(to - from);
		readSync(file, memory, 0, memory.length, from);
		return memory;
	});
}
