/**
 * Flash as the wallet sees it: keys to bytes. Each write is atomic on its own and durable when it returns: after a power
 * cut at any moment a key holds either its old bytes or its new ones. Nothing is promised across two keys. Keys are 1 to
 * 15 characters of `[a-z0-9._-]` and values 1 to 4,000 bytes (one NVS entry on an ESP32).
 */
export interface Storage {
	/** The bytes under `key`, or `undefined` if there are none. */
	read(key: string): Uint8Array | undefined;
	/** Throws if the bytes could not be made durable; the old ones then still stand. */
	write(key: string, bytes: Uint8Array): void;
	/** Idempotent. */
	delete(key: string): void;
}
