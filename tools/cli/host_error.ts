import { NamedError } from "../../modules/encoding/named_error.js";

/** The firmware could not be built, run or talked to on this machine. */
export class HostError extends NamedError<
	| "BoardUnknown"
	| "CompileFailed"
	| "CompilerMissing"
	| "ConfigurationUnreadable"
	| "DeviceGone"
	| "DeviceSilent"
	| "FlashInUse"
	| "FlashUnusable"
	| "MarketRefused"
	| "ModuleMissing"
	| "SdkMissing"
	| "SerialUnavailable"
	| "SourcesMissing"
	| "TranspileFailed"
> {}
