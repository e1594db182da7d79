import { NamedError } from "../../modules/encoding/named_error.js";

/** Why the firmware could not be built or run on this machine. */
export class HostError extends NamedError<
	| "BoardUnknown"
	| "CompileFailed"
	| "CompilerMissing"
	| "ModuleMissing"
	| "SdkMissing"
	| "SourcesMissing"
	| "TranspileFailed"
> {}
