/**
 * The greatest that an owner may set and type, in a device's 94,208 bytes: sixteen plans that each fill the console's line all
 * have their turn, and no line within the limit ends the machine, in the middle of a purchase or between two.
 */
import type { ExecutionContext } from "ava";
import { Flash } from "../../hal/node/flash.js";
import { Power } from "../../hal/node/power.js";
import { hashes } from "../../modules/signer/portable.js";
import { Settings } from "../../src/console/settings.js";
import { CONSOLE_LINE_LIMIT } from "../../src/device/console_line.js";
import { openLocal } from "../../tools/console/channel.js";
import { type Answer, Conversation } from "../../tools/console/conversation.js";
import type { FirmwareEvent } from "../../tools/firmware.js";
import { startWorld } from "../../tools/world/world.js";
import { makeFolder } from "../support/folder.js";
import { xsTest } from "../xs/device.js";
import { asset, network, rule } from "./owner.js";

const SET = "plan set ";
const payTo = Array.from({ length: 8 }, (_, i) => `0x${String(i).repeat(40)}`);
const count = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

/** A plan whose line is as long as one may be. */
function largest(i: number, url: string): string {
	const shell = (filler: string) =>
		JSON.stringify({ name: `plan ${i}`, url, headers: { "x-filler": filler }, maxAmount: "20000" });
	return shell("x".repeat(CONSOLE_LINE_LIMIT - SET.length - shell("").length));
}

/** Lines of every kind that takes memory, each within the limit. */
const lines: readonly string[] = [
	`${SET}${"[".repeat(3_900)}`,
	`${SET}[${"{},".repeat(1_290)}{}]`,
	`${SET}{${count(0, 300)
		.map((i) => `"n${i}":${i}`)
		.join()}}`,
	`${SET}{${count(0, 126)
		.map((i) => `"${i}${"n".repeat(20)}":{}`)
		.join()}}`,
	`${SET}{"name":"${"\\u0001".repeat(600)}"}`,
	`${SET}{"name":"p","url":"https://a.test/${"%41".repeat(300)}","maxAmount":"1"}`,
	`${SET}{"name":"p","url":"https://a.test/","maxAmount":"1","market":"pact","offer":"x","input":[${"[[]],".repeat(40)}0]}`,
	`rule set ${JSON.stringify({ ...rule, name: "rule 0", payTo, resource: `/${"r".repeat(250)}`, extra: "e".repeat(3_000) })}`,
	`rule set ${JSON.stringify({ ...rule, name: "rule 0", payTo })}`,
	`asset set ${JSON.stringify({ ...asset, name: "n".repeat(3_800) })}`,
	`ledger settle {${count(0, 120)
		.map((i) => `"rule ${i}":"${"9".repeat(20)}"`)
		.join()}}`,
	"a".repeat(3_990),
	`"${"\\\\".repeat(1_990)}"`,
	`"${"水".repeat(1_300)}"`,
	"水".repeat(1_333),
	`${" ".repeat(3_900)}status`,
	`status ${"x ".repeat(1_900)}`,
	`wifi "${"s".repeat(1_900)}" "${"p".repeat(1_900)}"`,
	`confirm ${"1".repeat(3_900)}`,
	"x".repeat(CONSOLE_LINE_LIMIT + 1),
];

async function provision(flash: string, url: string): Promise<void> {
	const settings = new Settings(new Flash(flash, new Power(undefined)).storage, hashes, []);
	settings.pause(true);
	settings.commit(settings.changeTo("networks", network));
	settings.commit(settings.changeTo("assets", asset));
	for (let i = 0; i < 8; i++) settings.commit(settings.changeTo("rules", { ...rule, name: `rule ${i}`, payTo }));
	for (let i = 0; i < 16; i++) settings.commit(settings.changeTo("plans", JSON.parse(largest(i, url))));
}

xsTest(
	"sixteen plans of the largest size have their turn, and no line ends the machine meanwhile",
	async (t: ExecutionContext) => {
		const world = await startWorld();
		t.teardown(() => world.stop());
		const flash = makeFolder(t);
		await provision(flash, `${world.seller.url}/free`);
		const events: FirmwareEvent[] = [];
		const conversation = new Conversation({ onEvent: (event) => events.push(event) });
		await conversation.open((listener) =>
			openLocal({ engine: "xs", build: undefined, flash, timeout: 240_000 }, listener),
		);
		const answers: Answer[] = [];
		const ask = async (line: string) => {
			const answer = await conversation
				.ask(line)
				.catch((error: Error) => t.fail(`${line.slice(0, 60)}…: ${error.message}`) as never);
			answers.push(answer);
			return answer;
		};
		t.like(await ask("key new"), { ok: true });
		t.like(await ask(`${SET}${largest(3, `${world.seller.url}/free`)}`), { ok: true, set: "plan 3" });
		for (const line of lines) await ask(line);
		t.like(await ask("resume"), { ok: true });
		const bought = () => events.filter(({ event }) => event === "purchase");
		for (let i = 0; bought().length < 16 && i < 2_000; i++) await ask(lines[i % lines.length]!);
		for (const line of lines) await ask(line);
		t.deepEqual(
			bought().map(({ plan, state }) => [plan, state]),
			count(0, 16).map((i) => [`plan ${i}`, "delivered"]),
		);
		t.like(await ask("status"), { ok: true, doing: "done" });
		t.true(
			answers.some(({ error }) => error === "Busy"),
			"some came in the middle of a purchase",
		);
		const result = await conversation.close();
		t.is(result?.exitCode, 74, result?.reason);
		t.log(`peak ${result?.heap?.peak} of ${result?.heap?.limit}, ${answers.length} lines`);
	},
);
