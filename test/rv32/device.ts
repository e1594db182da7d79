/** A device on the emulated rv32imc board, in the local world. */
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { type Hex, hexToBytes } from "viem";
import type { Rv32Image } from "../../tools/rv32/build.js";
import { type Rv32Result, runRv32 } from "../../tools/rv32/run.js";
import { Heard, heard, kept } from "../../tools/world/secret_log.js";
import type { World } from "../../tools/world/world.js";
import { removeFolder, temporaryFolder } from "../support/folder.js";
import { configure, type PlanFields } from "../world/configuration.js";

export interface Rv32Run {
	readonly result: Rv32Result;
	readonly events: readonly Record<string, unknown>[];
}

/** The curve byte of a key slot. */
const SECP256K1 = 0;

/** Runs the firmware with that key in slot 0 until each of its plans has been carried out once. */
export async function runDevice(
	image: Rv32Image,
	world: World,
	key: Hex,
	plans: readonly PlanFields[],
): Promise<Rv32Run> {
	return (await runLives(image, world, key, [plans]))[0]!;
}

/** Starts one device once for each list of plans, on the same flash. */
export async function runLives(
	image: Rv32Image,
	world: World,
	key: Hex,
	lives: readonly (readonly PlanFields[])[],
): Promise<Rv32Run[]> {
	const folder = temporaryFolder();
	const flash = path.join(folder, "flash");
	const configurationFile = path.join(folder, "configuration.json");
	const runs: Rv32Run[] = [];
	try {
		await mkdir(flash);
		await writeFile(path.join(flash, "key.0"), Buffer.concat([Buffer.of(SECP256K1), hexToBytes(key)]), { mode: 0o600 });
		for (const plans of lives) {
			const events: Record<string, unknown>[] = new Heard();
			await writeFile(configurationFile, configure(world, plans));
			const firmware = { flash, configurationFile, onEvent: (event: Record<string, unknown>) => events.push(event) };
			const result = await runRv32(image, { firmware });
			heard(result.lines.join("\n"));
			kept(flash);
			runs.push({ result, events: [...events] });
		}
		return runs;
	} finally {
		await removeFolder(folder);
	}
}
