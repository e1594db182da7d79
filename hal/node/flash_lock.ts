/**
 * One agent for one flash: the lock of hal/xs/folder/folder_lock.h, on Node. The operating system holds it, so it is released
 * when the process ends, however it ends; a file left behind by a dead process locks nothing.
 *
 * Node has no flock(2). On Linux the command of that name (util-linux) locks the open file that it inherits, which stays
 * locked as long as this process has it open; elsewhere `open` can lock.
 */
import { spawnSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { NamedError } from "../../modules/encoding/named_error.js";

/** The lock of a device's flash was not taken: `FlashInUse` if another process has it. */
export class FlashLockError extends NamedError<"FlashInUse" | "FlashNotLocked"> {}

const LOCK = ".lock";
/** The exit code of flock(1) if another process has the lock. */
const FLOCK_BUSY = 1;
/** O_EXLOCK and O_NONBLOCK of macOS, and UV_FS_O_EXLOCK of Windows, which Node accepts but does not name. */
const LOCKING_FLAGS: Readonly<Record<string, number>> = { darwin: 0x24, win32: 0x1000_0000 };
const BUSY_CODES = ["EAGAIN", "EBUSY", "EPERM"];

/**
 * Takes the lock of a flash folder until the process ends. Makes the folder if it does not exist, but not its parent.
 *
 * @throws FlashLockError
 */
export function lockFlash(folder: string): void {
	makeFolder(folder);
	const file = path.join(folder, LOCK);
	const descriptor = process.platform === "linux" ? openAndFlock(folder, file) : openLocked(folder, file);
	fs.ftruncateSync(descriptor);
	const started = new Date().toISOString().replace(/\.\d+Z$/, "Z");
	fs.writeSync(descriptor, `${process.pid} ${started}\n`, 0);
}

function makeFolder(folder: string): void {
	try {
		fs.mkdirSync(folder, { mode: 0o700 });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
	}
}

function openAndFlock(folder: string, file: string): number {
	const { O_RDWR, O_CREAT, O_NOFOLLOW } = fs.constants;
	const descriptor = fs.openSync(file, O_RDWR | O_CREAT | O_NOFOLLOW, 0o600);
	const stdio = ["ignore", "ignore", "ignore", descriptor] as const;
	const { status, error } = spawnSync("flock", ["-x", "-n", "3"], { stdio: [...stdio] });
	if (status === 0) return descriptor;
	const holder = holderIn(file);
	fs.closeSync(descriptor);
	if (status === FLOCK_BUSY) throw inUse(folder, holder);
	const why = error === undefined ? `flock ended with ${status}` : error.message;
	throw new FlashLockError("FlashNotLocked", `the flash ${folder} cannot be locked (${why}): install util-linux`);
}

function openLocked(folder: string, file: string): number {
	const { O_RDWR, O_CREAT } = fs.constants;
	try {
		return fs.openSync(file, O_RDWR | O_CREAT | (LOCKING_FLAGS[process.platform] ?? 0), 0o600);
	} catch (error) {
		if (BUSY_CODES.includes((error as NodeJS.ErrnoException).code ?? "")) throw inUse(folder, holderIn(file));
		throw error;
	}
}

function inUse(folder: string, holder: string): FlashLockError {
	return new FlashLockError("FlashInUse", `the flash ${folder} is in use by ${holder}`);
}

/** Returns the holder that the file names. The folder may come from anywhere, so only the two fields are repeated. */
function holderIn(file: string): string {
	try {
		const [, pid, started] = /^(\d{1,10}) ([0-9TZ:.-]{1,31})\n/.exec(fs.readFileSync(file, "latin1")) ?? [];
		if (pid !== undefined) return `process ${pid}, started ${started}`;
	} catch {
		// Windows does not let others read it.
	}
	return "another process";
}
