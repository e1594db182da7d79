/**
 * The device in C (native/device.c): keys, the generator, time, memory, restarts.
 * @module
 */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

/** Returns a result of `native/key_store.h`. */
export function openKeys(this: unknown): number {
	return native("xs_device_open_keys").call(this);
}
export function keysAreEncrypted(this: unknown): boolean {
	return native("xs_device_keys_are_encrypted").call(this);
}
/** Returns a result of `native/store.h`. */
export function openStores(this: unknown): number {
	return native("xs_device_open_stores").call(this);
}
/** `store` is a number of `native/store.h`. Returns bytes, or a result of it. */
export function storeRead(this: unknown, store: number, key: string): ArrayBuffer | number {
	return native("xs_device_store_read").call(this, store, key);
}
export function storeWrite(this: unknown, store: number, key: string, bytes: Uint8Array): number {
	return native("xs_device_store_write").call(this, store, key, bytes);
}
export function storeErase(this: unknown, store: number, key: string): number {
	return native("xs_device_store_erase").call(this, store, key);
}
/** Call before Wi-Fi is switched on. Returns true if there is a generator. */
export function openRandom(this: unknown): boolean {
	return native("xs_device_open_random").call(this);
}
export function askTime(this: unknown): boolean {
	return native("xs_device_ask_time").call(this);
}
export function timeAnswers(this: unknown): number {
	return native("xs_device_time_answers").call(this);
}
/** Returns IPv4 addresses, each followed by a space. */
export function nameServers(this: unknown): string {
	return native("xs_device_name_servers").call(this);
}
export function readTime(this: unknown): number {
	return native("xs_device_read_time").call(this);
}
export function setTime(this: unknown, milliseconds: number): undefined {
	return native("xs_device_set_time").call(this, milliseconds);
}
export function monotonic(this: unknown): number {
	return native("xs_device_monotonic").call(this);
}
export function feed(this: unknown): undefined {
	return native("xs_device_feed").call(this);
}
export function freeMemory(this: unknown): number {
	return native("xs_device_free_memory").call(this);
}
export function largestBlock(this: unknown): number {
	return native("xs_device_largest_block").call(this);
}
/** Call first, and only once. */
export function startedBy(this: unknown): string {
	return native("xs_device_started_by").call(this);
}
export function restartCount(this: unknown): number {
	return native("xs_device_restart_count").call(this);
}
export function setRestartCount(this: unknown, count: number): undefined {
	return native("xs_device_set_restart_count").call(this, count);
}
export function restart(this: unknown, reason: string): undefined {
	return native("xs_device_restart").call(this, reason);
}
export function keepImage(this: unknown): undefined {
	return native("xs_device_keep_image").call(this);
}
