/** Devices in the simulator, and what their owner gives them. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { hexToBytes } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import type { FirmwareEvent, FirmwareResult } from "../../tools/firmware.js";
import { runSimulator, type SimulatorBuild, type SimulatorOptions } from "../../tools/moddable/simulator.js";
import { Heard, kept, secret } from "../../tools/world/secret_log.js";
import type { World } from "../../tools/world/world.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";

const SECP256K1 = 0;
const LONGEST_RUN = 60_000;

export interface Run {
	readonly result: FirmwareResult;
	readonly events: readonly FirmwareEvent[];
}

export type RunOptions = Partial<Omit<SimulatorOptions, "build" | "flash" | "config">> & {
	/** JSON text. */
	readonly configuration?: string;
};

/** A device's flash, and the file its configuration is in. */
export class Device {
	readonly build: SimulatorBuild;
	readonly folder = temporaryFolder();
	readonly flash = path.join(this.folder, "flash");

	constructor(build: SimulatorBuild) {
		this.build = build;
		mkdirSync(this.flash, { mode: 0o700 });
	}

	/** Puts a key into slot 0, and money behind it. */
	async provision({ chain }: World): Promise<`0x${string}`> {
		const key = secret(generatePrivateKey());
		const { address } = privateKeyToAccount(key);
		writeFileSync(path.join(this.flash, "key.0"), Buffer.concat([Buffer.of(SECP256K1), hexToBytes(key)]), {
			mode: 0o600,
		});
		await chain.mint(address, 1_000_000n);
		return address;
	}

	async run({ configuration, ...options }: RunOptions = {}): Promise<Run> {
		const events: FirmwareEvent[] = new Heard();
		const config = configuration === undefined ? undefined : path.join(this.folder, "configuration.json");
		if (config !== undefined) writeFileSync(config, configuration!);
		const result = await runSimulator({
			isHeadless: true,
			timeout: LONGEST_RUN,
			...options,
			build: this.build,
			flash: this.flash,
			config,
			onEvent: (event) => {
				events.push(event);
				options.onEvent?.(event);
			},
		});
		return { result, events };
	}

	/** The files of its flash, by name, but for the lock. */
	files(): ReadonlyMap<string, Buffer> {
		const names = readdirSync(this.flash)
			.filter((name) => name !== ".lock")
			.sort();
		return new Map(names.map((name) => [name, readFileSync(path.join(this.flash, name))]));
	}

	async remove(): Promise<void> {
		kept(this.flash);
		await removeFolder(this.folder);
	}
}
