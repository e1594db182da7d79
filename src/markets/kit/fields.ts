/** Reads values of answers, in which a member may be missing or of another type than documented. */
import type { JsonText } from "../../../modules/encoding/json/text.js";

/** A JSON object as it came; a member that is missing is `undefined`. */
export type Json = Readonly<Record<string, unknown>>;

/** The value if it is text, or "". */
export function textOf(value: unknown): string {
	return typeof value === "string" ? value : "";
}

/** The value of a JSON text if it is text, or "". */
export function leafText(json: JsonText | undefined): string {
	return textOf(json?.leaf);
}

/** The value if it is an object, or one without members. */
export function objectOf(value: unknown): Json {
	return typeof value === "object" && value !== null ? (value as Json) : {};
}

/** The value if it is a number of 0 or more. */
export function numberOf(value: unknown): number | undefined {
	return typeof value === "number" && value >= 0 ? value : undefined;
}

/** Visible ASCII, which may be part of a header or of a signed line. Repeating patterns cost XS much memory. */
export function isVisible(value: unknown): value is string {
	return typeof value === "string" && value !== "" && !/[^!-~]/.test(value);
}
