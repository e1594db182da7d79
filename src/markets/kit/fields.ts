/** Reads values in answers; a member may be missing or have another type than documented. */
import type { JsonText } from "../../../modules/encoding/json/text.js";

/** A JSON object as received; a missing member is `undefined`. */
export type Json = Readonly<Record<string, unknown>>;

/** Returns the value if it is text, otherwise "". */
export function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

/** Returns the value of a JSON text if it is text, otherwise "". */
export function leafText(json: JsonText | undefined): string {
	return textOf(json?.leaf);
}

/** Returns the value if it is an object, otherwise an empty object. */
export function objectOf(value: unknown): Json {
	return typeof value === "object" && value !== null ? (value as Json) : {};
}

/** Returns the value if it is a number of 0 or more. */
export function numberOf(value: unknown): number | undefined {
	return typeof value === "number" && value >= 0 ? value : undefined;
}

/** True for visible ASCII, which may be part of a header or of a signed line. Repeating patterns cost XS much memory. */
export function isVisible(value: unknown): value is string {
	return typeof value === "string" && value !== "" && !/[^!-~]/.test(value);
}
