/** The signer's generator (`signer_port_random`), for JavaScript. */
declare function native(name: string): { call(self: unknown, ...values: unknown[]): never };

/** Fills `buffer`. Throws if the generator fails. */
export function random(this: unknown, buffer: Uint8Array): undefined {
	return native("xs_port_random").call(this, buffer);
}
