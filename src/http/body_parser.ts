/** Finds the body in the bytes that follow the head. */
export interface BodyParser {
	/** True if the body has ended. */
	readonly done: boolean;
	/** True if the end of the connection is a proper end of the body. */
	readonly untilClose: boolean;
	/** Bytes of the body that are still to come, if known. */
	readonly rest: number | undefined;
	/**
	 * Takes bytes from the start of `piece`: it uses `used` of them, of which `data` (a view) belong to the body. Call it again
	 * with the unused bytes until none are left or `done` is true.
	 */
	take(piece: Uint8Array): { readonly used: number; readonly data: Uint8Array };
}
