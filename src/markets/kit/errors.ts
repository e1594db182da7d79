import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { NamedError } from "../../../modules/encoding/named_error.js";
import { HttpError } from "../../http/errors.js";

/** A refusal by a market or by its client; each market adds its own names to the kit's. */
export class MarketError<Name extends string = string> extends NamedError<Name | "PagesEndless"> {
	/** Milliseconds after which the same request may be made again; `undefined` if repeating it would not help. */
	readonly afterMs: number | undefined;

	constructor(name: Name | "PagesEndless", message: string, afterMs?: number) {
		super(name, message);
		this.afterMs = afterMs;
	}
}

/**
 * True if a server or the network caused the error. Once money may be gone, such an error is recorded or retried, never
 * thrown.
 */
export function isRemote(error: unknown): error is MarketError | HttpError | ItemsError {
	return error instanceof MarketError || error instanceof HttpError || error instanceof ItemsError;
}
