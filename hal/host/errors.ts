import { NamedError } from "../../modules/encoding/named_error.js";

/** Why the XS host could not be built or run. */
export class HostError extends NamedError<
	"CompileFailed" | "CompilerMissing" | "ModuleMissing" | "SourcesMissing" | "TranspileFailed"
> {}
