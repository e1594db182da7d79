/**
 * The base of every error this project throws: a refusal is told apart by its `name`, and its message says what was
 * expected, what was found and, where there is something to do, what to do.
 */
export class NamedError<Name extends string> extends Error {
	/** A field, not an assignment to what Error.prototype has: that one is frozen in a preloaded module. */
	override readonly name: Name;

	constructor(name: Name, message: string) {
		super(message);
		this.name = name;
	}
}
