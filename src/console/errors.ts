import { NamedError } from "../../modules/encoding/named_error.js";

/** The console did not do what a line asked for. The message never quotes the line: it may hold a secret. */
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
