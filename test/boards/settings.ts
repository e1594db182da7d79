/** Settings of ESP-IDF, as the SDK's mcconfig reads a folder's sdkconfig.defaults. */
import { readFileSync } from "node:fs";
import path from "node:path";

export interface Setting {
	/** Without `CONFIG_`. */
	readonly key: string;
	readonly value: string;
	/** The file of ESP-IDF that the last comment of its form names. */
	readonly kconfig: string | undefined;
}

export function linesOf(folder: string): string[] {
	return readFileSync(path.join(folder, "sdkconfig.defaults"), "utf8").split("\n");
}

export function settingsOf(folder: string): Setting[] {
	const settings: Setting[] = [];
	let kconfig: string | undefined;
	for (const line of linesOf(folder)) {
		const file = /^# (Kconfig|components\/\S+)$/.exec(line);
		const setting = /^CONFIG_(\w+)=(.*)$/.exec(line);
		if (file) kconfig = file[1];
		if (setting) settings.push({ key: setting[1]!, value: setting[2]!, kconfig });
	}
	return settings;
}

export function valuesOf(folder: string): Map<string, string> {
	return new Map(settingsOf(folder).map(({ key, value }) => [key, value]));
}
