import { testWith } from "../support/needs.js";
import { expectedOfSignerApp, runSignerApp } from "./signer_app.js";

const missing = process.env.MODDABLE === undefined ? "no Moddable SDK (set MODDABLE to it)" : undefined;

testWith(missing, "an app that includes the signer's manifest, and nothing else of the project, signs", async (t) => {
	t.deepEqual(await runSignerApp(), expectedOfSignerApp());
});
