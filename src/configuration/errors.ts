import { NamedError } from "../../modules/encoding/named_error.js";

/** A configuration is refused. The message has the field's path, what was expected and what was found. */
export class ConfigurationError extends NamedError<"ConfigurationInvalid"> {}
