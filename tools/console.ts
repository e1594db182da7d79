/**
 * `npm run console`: the owner's end of a device's console. With a command it prints the one line of the answer. Without one
 * it is a prompt, or, if lines come from a program, it answers each with a line of JSON.
 */
import { createInterface } from "node:readline";
import { styleText } from "node:util";
import { readMarkets } from "../hal/node/markets.js";
import { runCommand } from "./cli/command.js";
import { HostError } from "./cli/host_error.js";
import { existingFile, FLAG, integer, oneOf, readOptions, splitOptions, TEXT, textOf } from "./cli/options.js";
import { timed } from "./cli/timed.js";
import { explain } from "./configuration/explain.js";
import { readConfigurationFile } from "./configuration/file.js";
import { takeWallet } from "./console/agentpmt_wallet.js";
import { type Listener, openLocal, openSerial, openTcp } from "./console/channel.js";
import { completions } from "./console/completion.js";
import { type Answer, Conversation } from "./console/conversation.js";
import { Prompt } from "./console/prompt.js";
import { lineOfEvent, linesOf, printable } from "./console/render.js";
import { Typist } from "./console/typist.js";
import type { FirmwareEvent } from "./firmware.js";
import { xsAvailable } from "./xs/build.js";

const USAGE = `npm run console -- [OPTIONS] [COMMAND …]

Talks to a device: one on this machine, unless --port or --tcp names another.

  --flash DIR         its flash, a folder (default: ./flash)
  --engine xs|node    what it runs on (default: xs, if there is a C compiler)
  --config FILE       its configuration, which the console then does not change
  --clock unset       it starts without wall time, as a board does
  --ca FILE           a certificate (PEM) to trust beside the well-known ones
  --port /dev/ttyUSB0 a board on a serial line, and its speed:
  --baud 115200
  --tcp HOST:PORT     the simulator's console
  --events            also tell what the device does by itself, on standard error

Without a COMMAND it asks for one after the other; "help" lists them. Beside the device's own there are
  buy {…}                  a network, an asset, a rule and a plan in one line (docs/configuration.md)
  check FILE               explains what a configuration's file allows, and what that can cost
  agentpmt-wallet [slot]   a key that AgentPMT makes, fetched here and imported there
  exit
A COMMAND prints the device's answer, a line of JSON; the exit code is 1 for a refusal.
`;

/** Milliseconds. Many boards restart when their serial line is opened. */
const RESET_MS = 3_000;

const SPECS = {
	flash: TEXT,
	engine: TEXT,
	config: TEXT,
	clock: TEXT,
	ca: TEXT,
	port: TEXT,
	baud: TEXT,
	tcp: TEXT,
	events: FLAG,
} as const;
/** The words of a command may look like options, for example a negative number. */
const [words, command] = splitOptions(SPECS);

const options = readOptions(
	USAGE,
	SPECS,
	(values) => ({
		flash: values.flash ?? "./flash",
		engine: oneOf("engine", values.engine, ["xs", "node"]),
		config: existingFile("config", values.config),
		isUnset: oneOf("clock", values.clock, ["unset"]) !== undefined,
		ca: textOf("ca", values.ca),
		port: values.port,
		baud: integer("baud", values.baud, 1, 10_000_000) ?? 115_200,
		tcp: values.tcp === undefined ? undefined : readPort(values.tcp),
		hasEvents: values.events ?? false,
	}),
	words,
);
if (command[0] === "check") await runCommand(check);
else process.exitCode = (await run()) ? 0 : 1;

/** Explains a configuration file; no device is needed. */
async function check(): Promise<number> {
	const [, file, ...rest] = command;
	if (file === undefined || rest.length > 0) throw new HostError("ConfigurationUnreadable", "expected: check FILE");
	const markets = await readMarkets();
	const names = markets.map(({ name }) => name);
	process.stdout.write(`${explain(readConfigurationFile(file), names).map(printable).join("\n")}\n`);
	return 0;
}

async function run(): Promise<boolean> {
	const isPrompt = command.length === 0 && process.stdin.isTTY === true;
	const prompt = isPrompt ? new Prompt((line) => completions(line, (command) => conversation.ask(command))) : undefined;
	const tell = (event: FirmwareEvent) => {
		if (prompt !== undefined) prompt.print(styled("dim", lineOfEvent(event)));
		else if (options.hasEvents) process.stderr.write(`${JSON.stringify(timed(event))}\n`);
	};
	const conversation = new Conversation({ onEvent: tell });
	try {
		await conversation.open(open, options.tcp !== undefined ? 0 : options.port !== undefined ? RESET_MS : undefined);
		if (prompt !== undefined) return await converse(conversation, prompt);
		return command.length > 0 ? await once(conversation) : await pipe(conversation);
	} catch (error) {
		process.stderr.write(`micropayer: ${(error as Error).message}\n`);
		return false;
	} finally {
		prompt?.close();
		await conversation.close();
	}
}

function open(listener: Listener) {
	const { port, baud, tcp, flash, config, isUnset, ca } = options;
	if (port !== undefined) return openSerial(port, baud, listener);
	if (tcp !== undefined) {
		return openTcp(tcp.host, tcp.port, listener);
	}
	const engine = options.engine ?? (xsAvailable() ? "xs" : "node");
	const configuration = config === undefined ? undefined : readConfigurationFile(config);
	return openLocal({ engine, flash, configuration, ca, clock: isUnset ? "unset" : undefined }, listener);
}

function ask(conversation: Conversation, line: string): Promise<Answer> {
	const [name, slot, host] = line.split(/\s+/);
	return name === "agentpmt-wallet" ? takeWallet(conversation, slot, host) : conversation.ask(line);
}

async function converse(conversation: Conversation, prompt: Prompt): Promise<boolean> {
	const typist = new Typist((line) => ask(conversation, line));
	for (let line = await prompt.ask(); line !== undefined && line !== "exit"; line = await prompt.ask()) {
		if (line === "") continue;
		const answers = await typist.say(line);
		for (const answer of answers) show(prompt, answer);
		if (typist.pending.length > 0) prompt.print(`then: ${typist.pending.join(", ")}`);
		if (!answers.some(wantsKey)) continue;
		show(prompt, await conversation.ask((await prompt.askSecretly()) || "none"));
	}
	return true;
}

function show(prompt: Prompt, answer: Answer): void {
	for (const line of linesOf(answer)) prompt.print(answer.ok ? line : styled("red", line));
}

/** Colours the text if the terminal has colours and NO_COLOR is not set. */
function styled(style: "dim" | "red", text: string): string {
	return process.stdout.hasColors?.() ? styleText(style, text) : text;
}

/** Runs a command given on the command line. A key comes from standard input, and a code if a person is there to read it. */
async function once(conversation: Conversation): Promise<boolean> {
	const typist = new Typist((line) => ask(conversation, line));
	const isPerson = process.stdin.isTTY === true;
	let answers = await typist.say(command.map(wordOf).join(" "));
	const last = () => answers.at(-1)!;
	if (wantsKey(last())) {
		if (isPerson) process.stderr.write(`${last().next}\n`);
		return print(await conversation.ask((isPerson ? await new Prompt().askSecretly() : await firstLine()) || "none"));
	}
	while (isPerson && last().confirm !== undefined) {
		for (const answer of answers.slice(0, -1)) print(answer);
		for (const line of linesOf(last())) process.stderr.write(`${line}\n`);
		const prompt = new Prompt();
		const code = (await prompt.ask("code: ")) ?? "";
		prompt.close();
		answers = await typist.say(`confirm ${code.replace(/^confirm\s+/, "")}`);
	}
	return answers.map(print).every(Boolean);
}

/** Answers lines from a program, one answer each. */
async function pipe(conversation: Conversation): Promise<boolean> {
	const typist = new Typist((line) => ask(conversation, line));
	let isGood = true;
	for await (const line of createInterface({ input: process.stdin })) {
		if (line.trim() === "") continue;
		for (const answer of await typist.say(line)) isGood = print(answer) && isGood;
	}
	return isGood;
}

async function firstLine(): Promise<string> {
	for await (const line of createInterface({ input: process.stdin })) return line;
	return "";
}

function wantsKey({ next }: Answer): boolean {
	return typeof next === "string" && next.includes("as the next line");
}

function print(answer: Answer): boolean {
	process.stdout.write(`${JSON.stringify(answer)}\n`);
	return answer.ok;
}

/** Quotes a word that the shell has unquoted. */
function wordOf(word: string): string {
	return /^[{[]/.test(word) || (word !== "" && !/[\s"]/.test(word)) ? word : JSON.stringify(word);
}

function readPort(word: string) {
	const [, host = "127.0.0.1", port] = /^(?:(.+):)?(\d{1,5})$/.exec(word) ?? [];
	if (port === undefined || Number(port) > 65_535) throw new Error(`--tcp: expected HOST:PORT, got "${word}"`);
	return { host, port: Number(port) };
}
