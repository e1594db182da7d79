import type { Session } from "./command.js";
import { ConsoleError } from "./errors.js";

/** Throws `ConsoleError` `ConfigurationFixed`. */
export function checkNotFixed({ isFixed }: Session): void {
	if (isFixed)
		throw new ConsoleError("ConfigurationFixed", "the configuration is a file's: change it there, and restart");
}
