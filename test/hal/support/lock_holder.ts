/** Takes the lock of a flash folder, says so, and keeps it until it is killed. */
import { lockFlash } from "../../../hal/node/flash_lock.js";

try {
	lockFlash(process.argv[2]!);
	console.log("taken");
	setInterval(() => {}, 60_000);
} catch (error) {
	console.log((error as Error).message);
}
