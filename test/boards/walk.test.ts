/**
 * The walk of boards/README.md, from an empty board to the first paid call: each line that is typed there is typed here, to
 * the whole firmware with the local world as its seller, and what is seen there is seen here. `…` stands for anything.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import test from "ava";
import type { Address } from "viem";
import { lineOfEvent, linesOf } from "../../tools/console/render.js";
import { BOARDS } from "../../tools/moddable/boards.js";
import { payTo } from "../../tools/world/resources.js";
import { startWorld } from "../../tools/world/world.js";
import { Owner } from "../console/owner.js";

interface Step {
	readonly typed: string;
	readonly seen: readonly string[];
}

const SELLER = "https://api.example.com";
const RPC = "https://sepolia.base.org";
const PAY_TO = "0x209693Bc6afc0C5328bA36FaF03C514EF312287C";
const LONGEST_WAIT = 200;

/** What stands in the README's blocks of this kind. */
function stepsOf(text: string): Step[] {
	const blocks = [...text.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map((match) => match[1]!);
	return blocks.flatMap((block) => {
		const parts = block.split(/^> /m).slice(1);
		return parts.map((part) => {
			const [typed, ...seen] = part.trimEnd().split("\n");
			return { typed: typed!, seen };
		});
	});
}

function patternOf(line: string): RegExp {
	return new RegExp(
		`^${line
			.split("…")
			.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
			.join(".*")}$`,
	);
}

test("the walk of boards/README.md prints what it says", async (t) => {
	const world = await startWorld();
	t.teardown(() => world.stop());
	const owner = new Owner();
	owner.wall = undefined;
	owner.boot();
	const here = (text: string) =>
		text
			.replaceAll(SELLER, world.seller.url)
			.replaceAll(RPC, world.chain.rpcUrl)
			.replaceAll(PAY_TO, payTo)
			.replace(/\bNOW\b/, () => new Date().toISOString());
	const there = (text: string) =>
		text
			.replaceAll(world.seller.url, SELLER)
			.replaceAll(payTo, PAY_TO)
			.replaceAll(payTo.toLowerCase(), PAY_TO.toLowerCase());
	const steps = stepsOf(readFileSync(path.join(BOARDS, "README.md"), "utf8"));
	t.true(steps.length >= 12);
	let code: unknown;
	for (const { typed, seen } of steps) {
		const line = /^confirm \d+$/.test(typed) ? `confirm ${code}` : here(typed);
		const answer = await owner.say(line);
		code = answer.confirm ?? code;
		if (typed === "address") await world.chain.mint(answer.address as Address, 1_000_000n);
		const lines = linesOf(answer).map((each) => there(each).trimEnd());
		const expected = seen.filter((each) => !each.startsWith("·"));
		t.is(lines.length, expected.length, `${typed}\n${lines.join("\n")}`);
		for (const [index, each] of expected.entries()) t.regex(lines[index] ?? "", patternOf(each), typed);
		for (const each of seen.filter((each) => each.startsWith("·"))) {
			t.true(await happens(owner, (event) => patternOf(each).test(there(event))), `${typed}: ${each}`);
		}
	}
});

async function happens(owner: Owner, isIt: (line: string) => boolean): Promise<boolean> {
	for (let tries = 0; tries < LONGEST_WAIT; tries++) {
		if (owner.events.some((event) => isIt(lineOfEvent(event as { event: string })))) return true;
		await sleep(50);
	}
	return false;
}
