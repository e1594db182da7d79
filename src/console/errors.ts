import { NamedError } from "../../modules/encoding/named_error.js";

/** Why the console did not do what a line asked for. Never with the line in it: it may hold a secret. */
export class ConsoleError extends NamedError<
	| "AddressUnknown"
	| "AnswerTooLong"
	| "Busy"
	| "CodeExpired"
	| "CodeWrong"
	| "CommandUnknown"
	| "ConfigurationFixed"
	| "LineTooComplex"
	| "LineUnreadable"
	| "NoClock"
	| "NoRpc"
	| "NothingToConfirm"
	| "NotFound"
	| "NoWifi"
	| "RpcFailed"
	| "SettingsDamaged"
	| "SettingsFull"
	| "SettingTooLarge"
	| "TimeImplausible"
	| "WordExpected"
> {}
