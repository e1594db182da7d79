/** Checks a folder that is to be a device's flash before the device starts, so that an error is reported in one line. */
import { accessSync, constants, mkdirSync, statSync } from "node:fs";
import { HostError } from "./host_error.js";

const REASONS: Readonly<Record<string, string>> = {
	ENOENT: "its parent folder does not exist",
	ENOTDIR: "a part of its path is a file, not a folder",
	EACCES: "no permission to write there",
	EPERM: "no permission to write there",
	EROFS: "the file system is read-only",
	ENOSPC: "there is no space left",
};

/**
 * Makes the folder if it does not exist, but not its parent.
 *
 * @throws HostError `FlashUnusable`
 */
export function prepareFlash(folder: string): void {
	try {
		if (statSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder, { mode: 0o700 });
		if (!statSync(folder).isDirectory()) throw unusable(folder, "it is a file: name a folder");
		accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
	} catch (error) {
		if (error instanceof HostError) throw error;
		const { code = "", message } = error as NodeJS.ErrnoException;
		throw unusable(folder, REASONS[code] ?? message);
	}
}

function unusable(folder: string, why: string): HostError {
	return new HostError("FlashUnusable", `the flash ${folder} cannot be used: ${why}`);
}
