/** `npm run doctor`: checks this machine for what the project's commands need. */
import { readOptions, requireNone } from "./cli/options.js";
import { allBoards } from "./moddable/boards.js";
import {
	checkCompiler,
	checkCrossCompiler,
	checkGlib,
	checkHostCompiler,
	checkIdf,
	checkIdfPrograms,
	checkPorts,
	checkSdk,
	checkTestProgram,
	checkTools,
	checkTypeScript,
	type Finding,
	inWords,
	TEST_PROGRAMS,
} from "./moddable/checks.js";
import { canCompile32, xsAvailable } from "./xs/build.js";

const USAGE = `npm run doctor

Lists what npm start, npm test, the simulator and the boards need, whether it is installed, and how to get it if it is not.
The exit code is 0 if nothing is missing.
`;

readOptions(USAGE, {}, (_values, positionals) => requireNone(positionals));

/** tools/bootstrap.mjs has already checked for the oldest supported version. */
const node: Finding = { what: "Node", isOk: true, found: process.versions.node, remedy: "" };
/** On Windows the SDK's own commands find the compiler. */
const forSimulator = process.platform === "win32" ? [] : [checkCompiler()];
if (process.platform === "linux") forSimulator.push(checkGlib());
const chips = [...new Set(allBoards().map(({ chip }) => chip))];
const makes32 = xsAvailable() && (await canCompile32());
const sections: readonly [title: string, findings: readonly Finding[]][] = [
	["for npm start", [node, checkHostCompiler(xsAvailable(), makes32)]],
	["for all of npm test", Object.keys(TEST_PROGRAMS).map((program) => checkTestProgram(program))],
	["for the simulator and the boards", [checkSdk(), checkTools(), checkTypeScript()]],
	["for the simulator", forSimulator],
	["for the boards", [checkIdf(), checkIdfPrograms(), ...chips.map((chip) => checkCrossCompiler(chip)), checkPorts()]],
];

for (const [title, findings] of sections) {
	process.stdout.write(`\n${title}\n${findings.map((finding) => `${inWords(finding)}\n`).join("")}`);
}
const missing = sections.flatMap(([, findings]) => findings).filter(({ isOk }) => !isOk).length;
process.stdout.write(missing === 0 ? "\neverything is there\n" : `\n${missing} missing\n`);
process.exitCode = missing === 0 ? 0 : 1;
