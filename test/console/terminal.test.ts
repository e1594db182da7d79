/** The prompt at a terminal, which util-linux's script(1) makes. */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { ExecutionContext } from "ava";
import { ROOT } from "../../tools/project.js";
import { makeFolder } from "../support/folder.js";
import { testWith } from "../support/needs.js";

const missing =
	process.platform === "linux" && spawnSync("script", ["--version"]).status === 0
		? undefined
		: "no script(1) (Debian: bsdutils)";

/** Types what a person does, each once the terminal shows what is waited for, and gives all that it has shown. */
async function type(
	t: ExecutionContext,
	environment: NodeJS.ProcessEnv,
	steps: readonly (readonly [shown: RegExp, keys: string])[],
): Promise<{ readonly shown: string; readonly exitCode: number }> {
	const command = `${process.execPath} tools/bootstrap.mjs tools/console.ts --engine node --flash ${makeFolder(t)}`;
	const child = spawn("script", ["--quiet", "--return", "--command", command, "/dev/null"], {
		cwd: ROOT,
		env: { ...process.env, TERM: "xterm-256color", COLUMNS: "200", ...environment },
	});
	t.teardown(() => child.kill("SIGKILL"));
	const ended = once(child, "close");
	let shown = "";
	let from = 0;
	let wake = () => {};
	child.stdout.setEncoding("utf8").on("data", (text: string) => {
		shown += text;
		wake();
	});
	for (const [wanted, keys] of steps) {
		while (!wanted.test(shown.slice(from))) await new Promise<void>((resolve) => (wake = resolve));
		from = shown.length;
		child.stdin.write(keys);
	}
	const [exitCode] = await ended;
	return { shown, exitCode };
}

const ESCAPE = "\u001b";
const CTRL_C = "\u0003";
const COLOUR = new RegExp(`${ESCAPE}\\[\\d+m`);

testWith(missing, "Tab completes, Ctrl-C clears the line, and ends an empty one", async (t) => {
	const { shown, exitCode } = await type(t, { NO_COLOR: undefined, FORCE_COLOR: undefined, CI: undefined }, [
		[/KeyMissing[\s\S]*> /, "stat\t"],
		[/us /, CTRL_C],
		[/> /, "nonsense\n"],
		[/CommandUnknown[\s\S]*> /, CTRL_C],
	]);
	t.is(exitCode, 0);
	t.true(shown.includes(`${ESCAPE}[31mCommandUnknown`), "a refusal is red");
});

testWith(missing, "with NO_COLOR nothing is coloured", async (t) => {
	const { shown } = await type(t, { NO_COLOR: "1", FORCE_COLOR: undefined }, [
		[/KeyMissing[\s\S]*> /, "nonsense\n"],
		[/CommandUnknown[\s\S]*> /, CTRL_C],
	]);
	t.notRegex(shown, COLOUR);
});
