/** What the Tab key offers at the prompt. */
import test from "ava";
import { completions } from "../../tools/console/completion.js";
import type { Answer } from "../../tools/console/conversation.js";
import { provisioned } from "./owner.js";

const table: readonly (readonly [line: string, words: readonly string[], completed: string])[] = [
	["sta", ["status "], "sta"],
	["re", ["resume ", "restart "], "re"],
	["agent", ["agentpmt-wallet "], "agent"],
	["rule ", ["show ", "set ", "remove "], ""],
	["rule s", ["show ", "set "], "s"],
	["rule show ", ["weather "], ""],
	["plan remove f", ["forecast "], "f"],
	["asset show u", ["usdc "], "u"],
	["rule set ", [], ""],
	["rule show weather ", [], ""],
	["market show ", [], ""],
	["data ", ["forecast "], ""],
	["help ru", ["rule "], "ru"],
	["nonsense ", [], ""],
];

test("commands, their words and the device's own names are completed", async (t) => {
	const owner = await provisioned();
	for (const [line, words, completed] of table) {
		t.deepEqual(await completions(line, (asked) => owner.say(asked)), [[...words], completed], line);
	}
});

test("a name with a space is completed in quotes", async (t) => {
	const ask = async (): Promise<Answer> => ({ ok: true, rules: [{ name: "my weather" }] });
	t.deepEqual(await completions("rule show ", ask), [['"my weather" '], ""]);
});

test("a device that does not answer completes nothing", async (t) => {
	t.deepEqual(await completions("rule show ", () => Promise.reject(new Error("silent"))), [[], ""]);
});
