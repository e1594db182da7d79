import test from "ava";
import { findSdk } from "../../tools/moddable/sdk.js";
import { faultsOfMakefiles } from "./makefiles.js";

test("mcconfig writes the makefile of every board without a warning", (t) => {
	if (process.env.MODDABLE === undefined) {
		t.log("MODDABLE is not set: no makefile was written");
		t.pass();
		return;
	}
	t.deepEqual(faultsOfMakefiles(findSdk()), []);
});
