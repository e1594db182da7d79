/** True if both are the same bytes. Not for secrets: it stops at the first difference. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
	return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
