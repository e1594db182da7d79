import { NamedError } from "../../modules/encoding/named_error.js";

/** Why what was bought could not be kept. */
export class SinkError extends NamedError<"SinkFailed" | "SinkFull"> {}
