/** Completions for the Tab key at the prompt: the device's commands, and the names on it. */
import type { Answer } from "./conversation.js";

/** Words that may follow a command. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
	network: ["show", "set", "remove"],
	asset: ["show", "set", "remove"],
	rule: ["show", "set", "remove"],
	plan: ["show", "set", "remove"],
	market: ["set", "remove"],
	key: ["new", "import", "erase"],
	ledger: ["lost", "settle", "redate"],
	settings: ["accept"],
};
/** Commands of the prompt itself. */
const OWN = ["agentpmt-wallet", "buy", "exit"];

/** @param ask asks the device; these questions and answers are in no history */
export type Ask = (line: string) => Promise<Answer>;

/** @returns the possible completions of the line's last word, and that word */
export async function completions(line: string, ask: Ask): Promise<[string[], string]> {
	const words = line.split(/\s+/);
	const last = words.pop() ?? "";
	const candidates = await candidatesAfter(words, ask).catch((): string[] => []);
	return [candidates.filter((each) => each.startsWith(last)).map((each) => `${each} `), last];
}

async function candidatesAfter(words: readonly string[], ask: Ask): Promise<string[]> {
	const [command, what] = words;
	if (command === undefined) return [...(await commands(ask)), ...OWN];
	if (command === "help") return words.length === 1 ? await commands(ask) : [];
	if (command === "data") return words.length === 1 ? valuesOf((await ask("data")).data, "key") : [];
	if (words.length === 1) return [...(WORDS[command] ?? [])];
	const isName = words.length === 2 && (what === "show" || what === "remove");
	if (!isName || WORDS[command]?.includes(what) !== true) return [];
	const answer = await ask(command);
	return valuesOf(answer[`${command}s`], "name").map((name) => (/\s/.test(name) ? JSON.stringify(name) : name));
}

async function commands(ask: Ask): Promise<string[]> {
	const { help } = await ask("help");
	return Array.isArray(help) ? help.map((line) => String(line).split(/[\s,]/, 1)[0]!) : [];
}

function valuesOf(list: unknown, key: string): string[] {
	if (!Array.isArray(list)) return [];
	return list
		.map((item: unknown) => (typeof item === "string" ? item : (item as Readonly<Record<string, unknown>>)[key]))
		.filter((value) => typeof value === "string");
}
