import type { ExecutionContext } from "ava";
import { createNodePort, type NodePort, type NodePortOptions } from "../../../hal/node/port.js";
import { makeFolder } from "../../support/folder.js";

/** A port on a flash of its own. */
export function nodePort(t: ExecutionContext, options: Partial<NodePortOptions> = {}): NodePort {
	return createNodePort({ flash: makeFolder(t), configuration: "{}", onEvent: () => {}, ...options });
}
