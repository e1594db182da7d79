/** What `npm run test:moddable` shows of the boards, and of the signer in someone else's app. */
import assert from "node:assert/strict";
import { allBoards, findBoard } from "../../tools/moddable/boards.js";
import { linkApp } from "../../tools/moddable/link_app.js";
import { undeclaredNames } from "../../tools/moddable/native_names.js";
import { findSdk } from "../../tools/moddable/sdk.js";
import type { Check } from "../moddable/check.js";
import { faultsOfMakefiles } from "./makefiles.js";
import { expectedOfSignerApp, runSignerApp } from "./signer_app.js";

export function boardChecks(): Check[] {
	return [
		{ name: "mcconfig writes the makefile of every board without a warning", run: makefiles },
		{ name: "an app that includes the signer's manifest alone signs", run: signerApp },
		...allBoards().map(({ name }) => ({
			name: `the JavaScript of ${name} is linked, and has every module that its native code needs`,
			run: () => link(name),
		})),
	];
}

async function makefiles(): Promise<string> {
	const told: string[] = [];
	assert.deepEqual(
		faultsOfMakefiles(findSdk(), (line) => told.push(line)),
		[],
	);
	return `${told.length} makefiles`;
}

async function signerApp(): Promise<undefined> {
	assert.deepEqual(await runSignerApp(), expectedOfSignerApp());
}

async function link(name: string): Promise<string> {
	const { modules, slots, folder } = linkApp(findSdk(), findBoard(name));
	assert.deepEqual(undeclaredNames(folder), []);
	assert.ok(modules.includes("micropayer/hal/esp32/main"));
	assert.equal(modules.includes("micropayer/modules/display/display"), name === "m5stack");
	return `${modules.length} modules, ${slots} preloaded slots`;
}
