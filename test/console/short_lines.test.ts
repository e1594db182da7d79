/** From an empty flash to a plan in one line: what the device is told for it, and what asks for a code. */
import test from "ava";
import { Typist } from "../../tools/console/typist.js";
import { Owner, provisioned } from "./owner.js";

const buy = {
	buy: "https://api.example.com/weather",
	every: "1h",
	max: "0.02 USDC",
	perDay: "0.50 USDC",
	forLife: "50 USDC",
	asset: "usdc@base",
};

async function emptyBoard() {
	const owner = new Owner().boot();
	await owner.say("pause");
	const said: string[] = [];
	const typist = new Typist((line) => {
		said.push(line);
		return owner.say(line);
	});
	return { owner, said, typist };
}

test("an empty flash, five lines: a key, what to buy, and a code for each thing that lets money go", async (t) => {
	const { owner, typist } = await emptyBoard();
	let lines = 0;
	const type = async (line: string) => {
		lines++;
		return (await typist.say(line)).at(-1)!;
	};
	t.true((await type("key new")).ok);
	let answer = await type(`buy ${JSON.stringify(buy)}`);
	t.deepEqual(typist.pending, ["asset set", "rule set", "plan set"]);
	while (answer.confirm !== undefined) answer = await type(`confirm ${answer.confirm}`);
	t.like(answer, { ok: true, set: "weather at api.example.com" });
	t.is(lines, 5);
	t.deepEqual(typist.pending, []);
	t.like(await owner.say('rule show "weather at api.example.com"'), { rule: { maxForLife: "50000000" } });
	t.like(await owner.say("status"), { next: { plan: "weather at api.example.com" } });
});

test("a wrong code, or another command, ends it: nothing of the rest is set", async (t) => {
	for (const instead of ["confirm 000000", "status"]) {
		const { owner, typist } = await emptyBoard();
		const [answer] = await typist.say(`buy ${JSON.stringify(buy)}`);
		t.truthy(answer!.confirm);
		await typist.say(instead);
		t.deepEqual(typist.pending, [], instead);
		t.like(await owner.say("plan"), { plans: [] });
	}
});

test("what the device has already is not set again", async (t) => {
	const owner = await provisioned();
	const typist = new Typist((line) => owner.say(line));
	const [answer] = await typist.say(`buy ${JSON.stringify({ ...buy, asset: "usdc" })}`);
	t.deepEqual(typist.pending, ["plan set"]);
	t.true((answer!.would as string[])[0]!.startsWith('rule "weather at api.example.com": '));
});

const table: readonly (readonly [line: string, told: string | undefined])[] = [
	["network set base", 'network set {"id":"eip155:8453","name":"base"}'],
	["network set nonsense", undefined],
	["asset set nonsense", undefined],
	['plan set {"name":"p","maxAmount":"0.5 USDC"}', 'plan set {"name":"p","maxAmount":"500000"}'],
	['rule set {"asset":"usdc","maxForLife":"1 USDC"}', 'rule set {"asset":"usdc","maxForLife":"1000000"}'],
	["rule set {", undefined],
	["rule set []", undefined],
	["status", undefined],
];

for (const [line, told] of table) {
	test(`${line}: ${told ?? "is the device's to answer"}`, async (t) => {
		const owner = await provisioned();
		const said: string[] = [];
		await new Typist((asked) => {
			said.push(asked);
			return owner.say(asked);
		}).say(line);
		t.is(said.at(-1), told ?? line);
	});
}

test("what cannot be written out is refused here, and the device is told nothing", async (t) => {
	const { said, typist } = await emptyBoard();
	const [answer] = await typist.say(`buy ${JSON.stringify({ ...buy, max: "0.02" })}`);
	t.deepEqual(answer, {
		ok: false,
		error: "AmountAmbiguous",
		message: 'max: write "0.02 USDC" or its base units, "20000"',
	});
	t.deepEqual(said, ["asset"]);
});
