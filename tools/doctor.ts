/** `npm run doctor`: what this machine has of what the simulator and the boards need. */
import { allBoards } from "./moddable/boards.js";
import {
	checkCompiler,
	checkCrossCompiler,
	checkGlib,
	checkIdf,
	checkIdfPrograms,
	checkPorts,
	checkSdk,
	checkTools,
	checkTypeScript,
	type Finding,
	inWords,
} from "./moddable/checks.js";

const USAGE = `npm run doctor

Says of each thing that the simulator and the boards need whether it is there, and what to do when it is not.
The exit code is 0 when all of it is.
`;

/** Windows: the SDK's own commands look for the compiler there. */
const forSimulator = process.platform === "win32" ? [] : [checkCompiler()];
if (process.platform === "linux") forSimulator.push(checkGlib());
const chips = [...new Set(allBoards().map(({ chip }) => chip))];
const sections: readonly [title: string, findings: readonly Finding[]][] = [
	["for the simulator and the boards", [checkSdk(), checkTools(), checkTypeScript()]],
	["for the simulator", forSimulator],
	["for the boards", [checkIdf(), checkIdfPrograms(), ...chips.map((chip) => checkCrossCompiler(chip)), checkPorts()]],
];

if (process.argv.length > 2) {
	process.stdout.write(USAGE);
	process.exitCode = process.argv[2] === "--help" ? 0 : 64;
} else {
	for (const [title, findings] of sections) {
		process.stdout.write(`\n${title}\n${findings.map((finding) => `${inWords(finding)}\n`).join("")}`);
	}
	const missing = sections.flatMap(([, findings]) => findings).filter(({ isOk }) => !isOk).length;
	process.stdout.write(missing === 0 ? "\nall there\n" : `\n${missing} missing\n`);
	process.exitCode = missing === 0 ? 0 : 1;
}
