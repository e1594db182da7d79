/** The simulator's native functions (natives.c). */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

export function open(this: unknown, folder: string): undefined {
	return native("xs_sim_open").call(this, folder);
}
export function setting(this: unknown, name: string): string | undefined {
	return native("xs_sim_setting").call(this, name);
}
export function readFile(this: unknown, path: string): ArrayBuffer {
	return native("xs_sim_read_file").call(this, path);
}
export function writeLine(this: unknown, text: string): undefined {
	return native("xs_sim_write_line").call(this, text);
}
export function exit(this: unknown, code: number, reason: string | undefined): undefined {
	return native("xs_sim_exit").call(this, code, reason);
}
export function wall(this: unknown): number {
	return native("xs_sim_wall").call(this);
}
export function setWall(this: unknown, milliseconds: number): undefined {
	return native("xs_sim_set_wall").call(this, milliseconds);
}
export function monotonic(this: unknown): number {
	return native("xs_sim_monotonic").call(this);
}
export function nameServers(this: unknown): string {
	return native("xs_sim_name_servers").call(this);
}
export function storageRead(this: unknown, key: string): ArrayBuffer | undefined {
	return native("xs_storage_read").call(this, key);
}
export function storageWrite(this: unknown, key: string, bytes: Uint8Array): undefined {
	return native("xs_storage_write").call(this, key, bytes);
}
export function storageDelete(this: unknown, key: string): undefined {
	return native("xs_storage_delete").call(this, key);
}
export function importKey(this: unknown, slot: number, curve: number, line: Uint8Array): number {
	return native("xs_sim_import_key").call(this, slot, curve, line);
}
