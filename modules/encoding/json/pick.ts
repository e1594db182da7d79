import { VALUES_LIMIT } from "./buffer.js";
import type { JsonText } from "./text.js";

/** The levels that are looked at: each takes of XS's stack. */
const DEPTH_LIMIT = 4;

/**
 * A value with those members of its objects that have one of `names`, and nothing more than 4 levels down. It is the only
 * way from a market's JSON to objects: an engine for microcontrollers keeps each name of a member for as long as it runs.
 */
export function pick(json: JsonText, names: readonly string[], depth = 0): unknown {
	if (!json.isArray && !json.isObject) return json.leaf;
	if (depth > DEPTH_LIMIT) return undefined;
	if (json.isArray) return json.elements(VALUES_LIMIT).map((element) => pick(element, names, depth + 1));
	const value: Record<string, unknown> = {};
	const members = json.members(...names);
	for (let i = 0; i < names.length; i++) {
		if (members[i] !== undefined) value[names[i]!] = pick(members[i]!, names, depth + 1);
	}
	return value;
}
