import test from "ava";
import { expectedOfSignerApp, runSignerApp } from "./signer_app.js";

test("an app that includes the signer's manifest, and nothing else of the project, signs", async (t) => {
	if (process.env.MODDABLE === undefined) {
		t.log("MODDABLE is not set: the app was not built");
		t.pass();
		return;
	}
	t.deepEqual(await runSignerApp(), expectedOfSignerApp());
});
