/**
 * JSON as Python's `json.loads` and `json.dumps(sort_keys=True, separators=(",", ":"))` have it, with `ensure_ascii` or
 * without: what AgentPMT hashes. Written for the market alone, from text to text, so that it shares nothing with the code
 * it checks: numbers never pass through a JavaScript number unless they are fractions, keys never through an object.
 */
import { createHash } from "node:crypto";

/** A number as it was written. */
export class JsonNumber {
	readonly text: string;
	constructor(text: string) {
		this.text = text;
	}
}
export type JsonObject = Map<string, Json>;
export type Json = null | boolean | string | JsonNumber | Json[] | JsonObject;

const token = /[\t\n\r ]*(?:([{}[\]:,])|("(?:[^"\\]|\\.)*")|(-?\d[\d.eE+-]*)|(true|false|null))[\t\n\r ]*/gy;

/** @throws {SyntaxError} if the text is not JSON. Of a key given twice the last value counts, in the first place. */
export function parseJson(text: string): Json {
	JSON.parse(text);
	const tokens = [...text.matchAll(token)];
	let at = 0;
	const punctuation = (mark: string): boolean => {
		if (tokens[at]![1] !== mark) return false;
		at++;
		return true;
	};
	const value = (): Json => {
		if (punctuation("{")) {
			const object: JsonObject = new Map();
			while (!punctuation("}")) {
				const key = value() as string;
				punctuation(":");
				object.set(key, value());
				punctuation(",");
			}
			return object;
		}
		if (punctuation("[")) {
			const array: Json[] = [];
			while (!punctuation("]")) {
				array.push(value());
				punctuation(",");
			}
			return array;
		}
		const [, , string, number, word] = tokens[at++]!;
		if (string !== undefined) return JSON.parse(string) as string;
		if (number !== undefined) return new JsonNumber(number);
		return JSON.parse(word!) as boolean | null;
	};
	return value();
}

/** The value as JavaScript has it. */
export function plain(value: Json): unknown {
	if (value instanceof JsonNumber) return Number(value.text);
	if (Array.isArray(value)) return value.map(plain);
	if (value instanceof Map) return Object.fromEntries([...value].map(([key, member]) => [key, plain(member)]));
	return value;
}

function byCodePoint(left: string, right: string): number {
	const [a, b] = [[...left], [...right]];
	for (let index = 0; index < Math.min(a.length, b.length); index++) {
		const difference = a[index]!.codePointAt(0)! - b[index]!.codePointAt(0)!;
		if (difference !== 0) return difference;
	}
	return a.length - b.length;
}

/** `repr` of an int or a float: the shortest digits are the same in both languages, the layout is not. */
function numberText({ text }: JsonNumber): string {
	if (/^-?\d+$/.test(text)) return String(BigInt(text));
	const value = Number(text);
	if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
	const [digits, exponent] = value.toExponential().split("e") as [string, string];
	const power = Number(exponent);
	if (power < -4 || power >= 16) {
		return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
	}
	const fixed = value.toFixed(Math.max(1, digits.replace(/^-?\d\.?/, "").length - power));
	return fixed;
}

function stringText(value: string, escaped: boolean): string {
	const quoted = JSON.stringify(value);
	if (!escaped) return quoted;
	return quoted.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/**
 * @param escaped - everything outside of ASCII as `\uXXXX`; else as it is
 * @param number - how a number is written; as Python does by default
 */
export function canonicalJson(value: Json, escaped: boolean, number = numberText): string {
	if (value instanceof JsonNumber) return number(value);
	if (typeof value === "string") return stringText(value, escaped);
	if (Array.isArray(value)) return `[${value.map((element) => canonicalJson(element, escaped, number)).join(",")}]`;
	if (!(value instanceof Map)) return String(value);
	const members = [...value].sort(([left], [right]) => byCodePoint(left, right));
	return `{${members.map(([key, member]) => `${stringText(key, escaped)}:${canonicalJson(member, escaped, number)}`).join(",")}}`;
}

/**
 * Lower-case hex of the hashes that the server accepts: "both JS raw UTF-8 canonical JSON and Python escaped canonical JSON"
 * (AgentPMT/agent-skills, SKILL.md 1.0.3). They are the same where all is ASCII and no number is a fraction below 0.0001.
 */
export function payloadHashes(value: Json): string[] {
	const hash = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");
	// An integer that no double holds is another number in JavaScript.
	const asJavaScript = ({ text }: JsonNumber) => (/^-?\d+$/.test(text) ? text : JSON.stringify(Number(text)));
	const texts = [canonicalJson(value, false, asJavaScript), canonicalJson(value, false), canonicalJson(value, true)];
	return [...new Set(texts.map(hash))];
}
