/** The shared vectors and the storage, as the simulator has them. */
import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";
import type { SimulatorBuild } from "../../tools/moddable/simulator.js";
import type { Check } from "./check.js";
import { Device, type Run, type RunOptions } from "./device.js";

/** How often the power fails, and after how many milliseconds of writing at most. */
const POWER_CUTS = 12;
const LONGEST_LIFE = 60;
const LONGEST_VALUE = 4_000;
const EXIT_RESTART = 75;

export function programChecks(build: SimulatorBuild): Check[] {
	return [
		{ name: "the shared vectors", run: () => vectors(build) },
		{ name: "an exception that nobody takes starts the device anew", run: () => fault(build) },
		{ name: "storage: what it takes and what it refuses", run: () => storage(build) },
		{ name: "storage: a write that is killed leaves the old value or the new one", run: () => atomicity(build) },
	];
}

async function program(device: Device, name: string, options: RunOptions = {}): Promise<Run> {
	return device.run({ ...options, environment: { MICROPAYER_PROGRAM: name } });
}

async function vectors(build: SimulatorBuild): Promise<string> {
	const device = new Device(build);
	try {
		const { result, events } = await program(device, "vectors");
		assert.equal(result.exitCode, 0, result.reason);
		assert.deepEqual(
			events.filter(({ event }) => event === "difference"),
			[],
		);
		const counts = new Map(events.map(({ name, checks }) => [`${name}.ts`, Number(checks)]));
		const files = readdirSync(new URL("../vectors/", import.meta.url)).filter((name) => name !== "encoding_check.ts");
		assert.deepEqual([...counts.keys()].sort(), files.sort(), "every module of vectors is in the image");
		assert.ok([...counts.values()].every((count) => count > 0));
		return `${[...counts.values()].reduce((sum, count) => sum + count, 0)} checks in ${counts.size} modules`;
	} finally {
		await device.remove();
	}
}

async function fault(build: SimulatorBuild): Promise<string> {
	const device = new Device(build);
	try {
		const { result } = await program(device, "fault", { configuration: "{}" });
		assert.equal(result.exitCode, EXIT_RESTART, result.reason);
		assert.match(result.reason ?? "", /restart: unhandled exception/);
		return result.reason!.split("\n").at(-1)!;
	} finally {
		await device.remove();
	}
}

async function storage(build: SimulatorBuild): Promise<undefined> {
	const device = new Device(build);
	try {
		const { result, events } = await program(device, "storage");
		assert.equal(result.exitCode, 0, result.reason);
		const [write, value, ...rest] = events;
		assert.deepEqual(write, { event: "write", least: "done", most: "done" });
		assert.deepEqual(value, { event: "value", empty: "RangeError", long: "RangeError" });
		const keys = rest.filter(({ event }) => event === "key");
		assert.equal(keys.length, 8);
		for (const { key, outcome } of keys) assert.equal(outcome, "RangeError", String(key));
		assert.deepEqual(rest.slice(-2), [
			{ event: "read", a: "1 bytes", long: "4000 bytes" },
			{ event: "deleted", a: "done" },
		]);
		const files = device.files();
		assert.deepEqual([...files.keys()], ["key.0", "key.1", "kv.abcdefghijklmno"]);
		assert.deepEqual([files.get("key.0")!.length, files.get("key.1")!.length], [33, 97]);
		for (const name of files.keys()) {
			assert.equal(statSync(path.join(device.flash, name)).mode & 0o777, 0o600, name);
		}
	} finally {
		await device.remove();
	}
}

async function atomicity(build: SimulatorBuild): Promise<string> {
	const device = new Device(build);
	let writes = 0;
	try {
		for (let cut = 0; cut < POWER_CUTS; cut++) {
			let kill = () => {};
			let isDying = false;
			const { result, events } = await program(device, "writeForEver", {
				onStart: (now) => {
					kill = now;
				},
				onEvent: () => {
					if (isDying) return;
					isDying = true;
					setTimeout(kill, Math.random() * LONGEST_LIFE);
				},
			});
			assert.equal(result.exitCode, null, "the power failed");
			const told = Number(events.at(-1)!.number);
			writes += told;
			const value = device.files().get("kv.value")!;
			assert.equal(value.length, LONGEST_VALUE);
			assert.ok(
				value.every((byte) => byte === value[0]),
				"one write's bytes alone",
			);
			assert.ok([told & 0xff, (told + 1) & 0xff].includes(value[0]!), `write ${told} was said to be done`);
		}
		return `${POWER_CUTS} power cuts in ${writes} writes`;
	} finally {
		await device.remove();
	}
}
