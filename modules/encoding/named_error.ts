/**
 * The base class of all of this project's errors. The `name` identifies the refusal; the message says what was expected, what
 * was found, and what to do if there is something to do.
 */
export class NamedError<Name extends string> extends Error {
	/** A field, since assigning to the inherited property fails in a preloaded module, where Error.prototype is frozen. */
	override readonly name: Name;

	constructor(name: Name, message: string) {
		super(message);
		this.name = name;
	}
}
