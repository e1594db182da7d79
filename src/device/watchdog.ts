/** Restarts the device unless it is fed in time. */
export interface Watchdog {
	feed(): void;
}
