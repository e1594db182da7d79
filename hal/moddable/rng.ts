/**
 * In the place of the SDK's module of this name, whose numbers anyone can compute: the port's generator, as random.ts has it.
 * A module of the SDK's cannot be told where that one is.
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
