import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ExecutionContext } from "ava";
import { createNodePort, type NodePort, type NodePortOptions } from "../../../hal/node/port.js";

/** A folder that is gone when the test ends. */
export function folder(t: ExecutionContext): string {
	const made = fs.mkdtempSync(path.join(os.tmpdir(), "micropayer-"));
	t.teardown(() => fs.rmSync(made, { recursive: true }));
	return made;
}

/** A port on a flash of its own. */
export function nodePort(t: ExecutionContext, options: Partial<NodePortOptions> = {}): NodePort {
	return createNodePort({ flash: folder(t), configuration: "{}", onEvent: () => {}, ...options });
}
