import { NamedError } from "../../modules/encoding/named_error.js";

/** The device does not start, or a part of it refused. */
export class DeviceError extends NamedError<
	| "KeysMissing"
	| "KeysNotEncrypted"
	| "KeysUnreadable"
	| "NetworkName"
	| "NetworkPassword"
	| "RandomMissing"
	| "StorageFailed"
	| "StorageFull"
	| "StorageKey"
	| "StorageValue"
	| "TimeRange"
> {}
