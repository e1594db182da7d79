/**
 * `npm run console`: the owner's end of a device's console. With a command it prints the one line of the answer; without
 * one it is a prompt, or, where lines come from a program, a line of JSON for each.
 */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { takeWallet } from "./console/agentpmt_wallet.js";
import { type Listener, openLocal, openSerial, openTcp } from "./console/channel.js";
import { type Answer, Conversation } from "./console/conversation.js";
import { Prompt } from "./console/prompt.js";
import { lineOfEvent, linesOf } from "./console/render.js";
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
  agentpmt-wallet [slot]   a key that AgentPMT makes, fetched here and imported there
  exit
A COMMAND prints the device's answer, a line of JSON; the exit code is 1 for a refusal.
`;

/** Many a board starts anew when its serial line is opened. */
const RESET_MS = 3_000;

interface Options {
	flash: string;
	engine: "xs" | "node" | undefined;
	/** Text, as is `ca`. */
	config: string | undefined;
	isUnset: boolean;
	ca: string | undefined;
	port: string | undefined;
	baud: number;
	tcp: { readonly host: string; readonly port: number } | undefined;
	hasEvents: boolean;
	command: readonly string[];
}

const options = readOptions(process.argv.slice(2));
process.exitCode = (await run()) ? 0 : 1;

async function run(): Promise<boolean> {
	const isPrompt = options.command.length === 0 && process.stdin.isTTY === true;
	const prompt = isPrompt ? new Prompt() : undefined;
	const tell = (event: FirmwareEvent) => {
		if (prompt !== undefined) prompt.print(lineOfEvent(event));
		else if (options.hasEvents) process.stderr.write(`${JSON.stringify(event)}\n`);
	};
	const conversation = new Conversation({ onEvent: tell });
	try {
		await conversation.open(open, options.tcp !== undefined ? 0 : options.port !== undefined ? RESET_MS : undefined);
		if (prompt !== undefined) return await converse(conversation, prompt);
		return options.command.length > 0 ? await once(conversation) : await pipe(conversation);
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
	return openLocal({ engine, flash, configuration: config, ca, clock: isUnset ? "unset" : undefined }, listener);
}

function ask(conversation: Conversation, line: string): Promise<Answer> {
	const [name, slot, host] = line.split(/\s+/);
	return name === "agentpmt-wallet" ? takeWallet(conversation, slot, host) : conversation.ask(line);
}

async function converse(conversation: Conversation, prompt: Prompt): Promise<boolean> {
	for (let line = await prompt.ask(); line !== undefined && line !== "exit"; line = await prompt.ask()) {
		if (line === "") continue;
		let answer = await ask(conversation, line);
		for (const text of linesOf(answer)) prompt.print(text);
		if (!wantsKey(answer)) continue;
		answer = await conversation.ask((await prompt.askSecretly()) || "none");
		for (const text of linesOf(answer)) prompt.print(text);
	}
	return true;
}

/** A command of the command line. A key comes from standard input, and a code, where a person is there to read it. */
async function once(conversation: Conversation): Promise<boolean> {
	const answer = await ask(conversation, options.command.map(wordOf).join(" "));
	const isPerson = process.stdin.isTTY === true;
	if (wantsKey(answer)) {
		if (isPerson) process.stderr.write(`${answer.next}\n`);
		return print(await conversation.ask((isPerson ? await new Prompt().askSecretly() : await firstLine()) || "none"));
	}
	if (answer.confirm === undefined || !isPerson) return print(answer);
	for (const line of linesOf(answer)) process.stderr.write(`${line}\n`);
	const prompt = new Prompt();
	const code = (await prompt.ask("code: ")) ?? "";
	prompt.close();
	return print(await conversation.ask(`confirm ${code.replace(/^confirm\s+/, "")}`));
}

/** Lines from a program, an answer each. */
async function pipe(conversation: Conversation): Promise<boolean> {
	let isGood = true;
	for await (const line of createInterface({ input: process.stdin })) {
		if (line.trim() !== "") isGood = print(await ask(conversation, line)) && isGood;
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

/** What the shell has taken apart, as one word again. */
function wordOf(word: string): string {
	return /^[{[]/.test(word) || (word !== "" && !/[\s"]/.test(word)) ? word : JSON.stringify(word);
}

function readOptions(words: string[]): Options {
	const read: Options = {
		flash: "./flash",
		engine: undefined,
		config: undefined,
		isUnset: false,
		ca: undefined,
		port: undefined,
		baud: 115_200,
		tcp: undefined,
		hasEvents: false,
		command: [],
	};
	const rest = [...words];
	const value = (name: string) => rest.shift() ?? fail(`${name}: expected a value`);
	while (rest[0]?.startsWith("--")) {
		const name = rest.shift()!;
		if (name === "--flash") read.flash = value(name);
		else if (name === "--engine") read.engine = engineOf(value(name));
		else if (name === "--config") read.config = textOf(name, value(name));
		else if (name === "--clock") read.isUnset = value(name) === "unset" || fail("--clock: expected unset");
		else if (name === "--ca") read.ca = textOf(name, value(name));
		else if (name === "--port") read.port = value(name);
		else if (name === "--baud") read.baud = Number(value(name)) || fail("--baud: expected a number");
		else if (name === "--tcp") read.tcp = portOf(value(name));
		else if (name === "--events") read.hasEvents = true;
		else if (name === "--help") {
			process.stdout.write(USAGE);
			process.exit(0);
		} else fail(`${name}: no such option`);
	}
	return { ...read, command: rest };
}

function engineOf(word: string): "xs" | "node" {
	return word === "xs" || word === "node" ? word : fail("--engine: expected xs or node");
}

function textOf(name: string, file: string): string {
	try {
		return readFileSync(file, "utf8");
	} catch (error) {
		return fail(`${name}: ${(error as Error).message}`);
	}
}

function portOf(word: string) {
	const [, host = "127.0.0.1", port] = /^(?:(.+):)?(\d{1,5})$/.exec(word) ?? [];
	if (port === undefined || Number(port) > 65_535) return fail(`--tcp: expected HOST:PORT, got "${word}"`);
	return { host, port: Number(port) };
}

function fail(message: string): never {
	process.stderr.write(`micropayer: ${message}\n\n${USAGE}`);
	process.exit(64);
}
