/** Reads the parameters of an action: the caller's JSON, and the members that the market reserves in it. */
import type { JsonValue } from "../../../modules/encoding/json/canonical.js";
import { AgentPmtError } from "./errors.js";

export type JsonObject = { readonly [name: string]: JsonValue };

export interface Input {
	/** A JSON object as text; "" for `{}`. */
	readonly parameters: string;
	/** Credentials for this run, by the requirement they are for: `_credentials`. Secrets. */
	readonly credentials?: JsonObject | undefined;
	/** The workflow session that the call belongs to: `_workflow_session_id`. Signed calls only. */
	readonly workflowSession?: string | undefined;
}

export interface Parameters {
	readonly value: JsonObject;
	/** Every text in `_credentials`. */
	readonly secrets: readonly string[];
}

/** Reads parameters. Throws `ParametersInvalid`, whose message never quotes them. */
export function readParameters({ parameters, credentials, workflowSession }: Input): Parameters {
	const value: JsonObject = {
		...objectIn(parameters === "" ? "{}" : parameters),
		...(credentials !== undefined && { _credentials: credentials }),
		...(workflowSession !== undefined && { _workflow_session_id: workflowSession }),
	};
	const secrets: string[] = [];
	collectTexts(value._credentials, secrets);
	return { value, secrets };
}

/** Reads the owner's JSON text, which must be an object. Throws `ParametersInvalid`. */
export function objectIn(text: string): JsonObject {
	let given: unknown;
	try {
		given = JSON.parse(text);
	} catch {
		throw invalid("JSON");
	}
	if (typeof given !== "object" || given === null || Array.isArray(given)) throw invalid("an object");
	return given as JsonObject;
}

function collectTexts(value: unknown, texts: string[]): void {
	if (typeof value === "string") texts.push(value);
	else if (typeof value === "object" && value !== null) {
		for (const name of Object.keys(value)) collectTexts((value as JsonObject)[name], texts);
	}
}

function invalid(expected: string): AgentPmtError {
	return new AgentPmtError("ParametersInvalid", `expected the parameters to be ${expected}, got something else`);
}
