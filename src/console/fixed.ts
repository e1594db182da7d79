import type { Session } from "./command.js";
import { ConsoleError } from "./errors.js";

/** Checks that the console may change the configuration. Throws `ConsoleError` `ConfigurationFixed`. */
export function checkNotFixed({ isFixed }: Session): void {
	if (isFixed)
		throw new ConsoleError("ConfigurationFixed", "the configuration comes from a file: change it there, and restart");
}
