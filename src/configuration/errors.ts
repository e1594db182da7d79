import { NamedError } from "../../modules/encoding/named_error.js";

/** Why a configuration is refused: the path of the field, what was expected, what was found. */
export class ConfigurationError extends NamedError<"ConfigurationInvalid"> {}
