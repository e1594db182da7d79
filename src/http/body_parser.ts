/** Finds the body in the bytes that follow the head. */
export interface BodyParser {
	/** True if the body has ended. */
	readonly done: boolean;
	/** True if the end of the connection ends the body properly. */
	readonly untilClose: boolean;
	/** Bytes of the body that are still to come, when they are known. */
	readonly rest: number | undefined;
	/**
	 * Takes bytes from the start of `piece`: `used` of them, of which `data` (a view) belong to the body. Called with
	 * what was not used until nothing is left or `done` is true.
	 */
	take(piece: Uint8Array): { readonly used: number; readonly data: Uint8Array };
}
