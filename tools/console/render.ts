/** Formats answers and events for a person at a terminal. */
import { formatDigits } from "../../modules/encoding/units.js";
import { timed } from "../cli/timed.js";
import type { FirmwareEvent } from "../firmware.js";
import type { Answer } from "./conversation.js";

/** Escapes control characters as JSON does, so that a terminal interprets none. */
export function printable(text: string): string {
	return text.replace(/\p{Cc}|\p{Cf}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Formats an answer as lines. */
export function linesOf({ ok, ...answer }: Answer): string[] {
	if (!ok) return [`${answer.error}: ${answer.message}`].map(printable);
	const { would, confirm, withinSeconds, restarting, next, ...fields } = answer;
	const lines = Array.isArray(would) ? ["this would be allowed, or done:", ...would.map((line) => `  ${line}`)] : [];
	for (const [name, value] of Object.entries(fields)) lines.push(...field(name, value));
	if (typeof next === "string") lines.push(/^[a-z]+( \S+)? \d+$/.test(next) ? `more: ${next}` : next);
	if (confirm !== undefined) lines.push(`if you mean it, within ${withinSeconds} s: confirm ${confirm}`);
	if (restarting === true) lines.push("the device restarts");
	return (lines.length === 0 ? ["done"] : lines).map(printable);
}

function field(name: string, value: unknown): string[] {
	if (!Array.isArray(value)) return [`${name}: ${inWords(value)}`];
	if (value.every((item) => typeof item === "string")) return value.length > 0 ? value : [`${name}: none`];
	return value.length > 0 ? [`${name}:`, ...value.map((item) => `  ${inWords(item)}`)] : [`${name}: none`];
}

function inWords(value: unknown): string {
	if (value === null) return "not set";
	if (Array.isArray(value)) return value.map(inWords).join(", ") || "none";
	if (typeof value !== "object") return String(value);
	const parts = Object.entries(value).map(([name, part]) => {
		const isNested = typeof part === "object" && part !== null;
		return isNested ? `${name} (${inWords(part)})` : `${name} ${inWords(part)}`;
	});
	return parts.join(", ");
}

/** Fields to show first, since the line may be cut. */
const FIRST = ["name", "message", "plan", "state", "outcome", "amount", "symbol", "transaction", "detail"];
const LINE = 300;

/** Formats an event as one line, with the time of day (UTC) at which it arrived. */
export function lineOfEvent(heard: FirmwareEvent): string {
	const { event, time, amount, decimals, ...rest } = timed(heard);
	const isMoney = typeof amount === "string" && typeof decimals === "number";
	const fields: Record<string, unknown> = { ...rest, amount: isMoney ? formatDigits(amount, decimals) : amount };
	const names = [...new Set([...FIRST, ...Object.keys(fields)])].filter((name) => fields[name] !== undefined);
	const line = `· ${String(time).slice(11, 19)} ${event}: ${inWords(Object.fromEntries(names.map((name) => [name, fields[name]])))}`;
	return printable(line.length <= LINE ? line : `${line.slice(0, LINE)}…`);
}
