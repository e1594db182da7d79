/** The platform-free vectors inside XS: the same modules that run on Node. */
import { readdirSync } from "node:fs";
import { xsTest } from "./device.js";
import { runVectors } from "./run_vectors.js";

const FOLDER = new URL("../vectors/", import.meta.url);
/** Shared by the modules; holds no cases itself. */
const SHARED = "encoding_check.ts";

for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".ts") && name !== SHARED)) {
	xsTest(`${file} holds inside XS`, async (t) => {
		const module = `test/vectors/${file}`;
		const { checks, differences, result } = await runVectors([module], { timeout: 60_000 });
		t.deepEqual(differences, []);
		t.is(result.reason, undefined);
		t.true((checks.get(module) ?? 0) > 0);
		t.log(`${checks.get(module)} checks, ${result.bits}-bit, peak ${result.heap.peak} of ${result.heap.limit} bytes`);
	});
}
