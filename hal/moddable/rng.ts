/**
 * Replaces the SDK's module of this name, whose numbers are predictable, by the port's generator, as in random.ts. The SDK's
 * modules cannot import from another place.
 */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

function random(this: unknown, buffer: Uint8Array): undefined {
	return native("xs_port_random").call(this, buffer);
}

export default Object.freeze({
	get(count: number): ArrayBuffer {
		const bytes = new Uint8Array(count);
		random.call(undefined, bytes);
		return bytes.buffer;
	},
});
