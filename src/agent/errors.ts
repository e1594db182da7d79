import { NamedError } from "../../modules/encoding/named_error.js";

/** The purchased data could not be stored. */
export class SinkError extends NamedError<"SinkFailed" | "SinkFull"> {}
