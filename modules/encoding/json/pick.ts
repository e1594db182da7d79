import { VALUES_LIMIT } from "./buffer.js";
import type { JsonText } from "./text.js";

/** The deepest level that is picked: each level takes XS stack. */
const DEPTH_LIMIT = 4;

/**
 * Builds a plain value from `json`: strings, numbers, booleans, null, arrays of at most 512 elements, and objects with only
 * those members whose name is one of `names`, at every level. Arrays and objects more than 4 levels down become
 * `undefined`. This is the only way from a stranger's JSON to objects: XS keeps each member name for as long as it runs,
 * so names must come from the program.
 * @example
 * pick(readJson('{"id":1,"by":{"id":2,"x":3}}'), ["id", "by"]); // { id: 1, by: { id: 2 } }
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
