/** Answers and events for a person at a terminal. */
import type { FirmwareEvent } from "../firmware.js";
import type { Answer } from "./conversation.js";

/** Escapes control characters as JSON does, so that a terminal obeys none. */
export function printable(text: string): string {
	return text.replace(/\p{Cc}|\p{Cf}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** The lines of an answer. */
export function linesOf({ ok, ...answer }: Answer): string[] {
	if (!ok) return [`${answer.error}: ${answer.message}`].map(printable);
	const { would, confirm, withinSeconds, restarting, next, ...fields } = answer;
	const lines = Array.isArray(would) ? ["this would be allowed, or done:", ...would.map((line) => `  ${line}`)] : [];
	for (const [name, value] of Object.entries(fields)) lines.push(...field(name, value));
	if (typeof next === "string") lines.push(/^[a-z]+ \d+$/.test(next) ? `more: ${next}` : next);
	if (confirm !== undefined) lines.push(`if you mean it, within ${withinSeconds} s: confirm ${confirm}`);
	if (restarting === true) lines.push("the device starts anew");
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

/** One line for what the device does by itself. */
export function lineOfEvent({ event, ...fields }: FirmwareEvent): string {
	return printable(`· ${event}: ${inWords(fields)}`.slice(0, 300));
}
