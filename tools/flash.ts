/**
 * `npm run flash -- BOARD`: builds the firmware for a board and writes it. It only builds the release profile: a person signs
 * it and burns fuses step by step (boards/README.md).
 */
import path from "node:path";
import { runCommand } from "./cli/command.js";
import { FLAG, readOptions, TEXT } from "./cli/options.js";
import { allBoards, appOf, type Board, findBoard, type Profile, platformOf } from "./moddable/boards.js";
import {
	checkCrossCompiler,
	checkIdf,
	checkIdfPrograms,
	checkPort,
	checkPorts,
	checkSdk,
	checkTools,
	checkTypeScript,
	inWords,
} from "./moddable/checks.js";
import { findSdk, mcconfig } from "./moddable/sdk.js";
import { builtImage, complaintOf, fitOf } from "./moddable/slot.js";

const USAGE = `npm run flash -- BOARD [OPTIONS]

Builds the firmware for a board and writes it, in the development profile.

  BOARD        ${allBoards()
		.map(({ name }) => name)
		.join(", ")}
  --port PORT  where the board is (default: the one that answers)
  --release    the release profile: build it, and write nothing
  --help
`;

const { board, profile, port } = readOptions(
	USAGE,
	{ port: TEXT, release: FLAG },
	({ port, release = false }, positionals) => {
		if (positionals.length !== 1) throw new Error(`expected one board, got ${positionals.length}`);
		const profile: Profile = release ? "release" : "development";
		return { board: findBoard(positionals[0]!), profile, port };
	},
);

await runCommand(() => {
	const missing = [
		checkSdk(),
		checkTools(),
		checkTypeScript(),
		checkIdf(),
		checkIdfPrograms(),
		checkCrossCompiler(board.chip),
		...(profile === "release" ? [] : [port === undefined ? checkPorts() : checkPort(port)]),
	].filter(({ isOk }) => !isOk);
	if (missing.length === 0) return build(board, profile, port);
	process.stderr.write(`micropayer: this machine cannot flash a board yet\n${missing.map(inWords).join("\n")}\n`);
	return 1;
});

function build(board: Board, profile: Profile, port: string | undefined): number {
	const sdk = findSdk();
	const environment = { MICROPAYER_PROFILE: profile, ...(port === undefined ? {} : { UPLOAD_PORT: port }) };
	// The SDK's makefile does not recompile after a change of settings: a release starts from a clean build.
	const goals = profile === "release" ? ["clean", "build"] : ["build", "deploy"];
	for (const goal of goals) {
		const parameters = ["-m", "-t", goal, "-p", platformOf(board)];
		const { status } = mcconfig(sdk, parameters, environment, "inherit");
		if (status !== 0) {
			process.stderr.write(`micropayer: mcconfig ${parameters.join(" ")} ended with ${status}: see above\n`);
			return 1;
		}
		const image = goal === "build" ? builtImage(sdk, board, profile) : undefined;
		const fit = image === undefined ? undefined : fitOf(board, image);
		const complaint = fit === undefined ? undefined : complaintOf(fit);
		if (complaint !== undefined) process.stderr.write(`micropayer: ${complaint}: npm run size -- ${board.name}\n`);
		// Also in development: an image that is tried must be one that can be released.
		if (fit !== undefined && fit.spare < 0) return 1;
	}
	const images = path.join(sdk.root, "build/bin/esp32", board.name, "release", appOf(profile));
	process.stdout.write(
		profile === "release"
			? `built, not signed, not written: ${images}\nthe next steps cannot be undone: boards/README.md, "The release profile"\n`
			: `${board.name} runs the firmware. Talk to it: npm run console -- --port ${port ?? "PORT"}\n`,
	);
	return 0;
}
