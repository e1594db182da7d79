/** Flash has lost a part of the ledger: the owner is told what, says what was spent at most, and keeps the key. */
import net from "node:net";
import test from "ava";
import { hashes } from "../../modules/signer/portable.js";
import { readConfiguration } from "../../src/configuration/configuration.js";
import { Settings } from "../../src/console/settings.js";
import { Ledger } from "../../src/wallet/ledger.js";
import { amount, record } from "../wallet/ledger_rig.js";
import { type Owner, provisioned, rule } from "./owner.js";

/** A board on which three purchases of 10,000 were made, of which flash has lost the second. */
async function withLoss(): Promise<Owner> {
	const owner = await provisioned();
	const { rules, plans } = readConfiguration(new Settings(owner.flash, hashes, []).source(), hashes);
	const names = plans.map(({ name }) => name);
	const ledger = new Ledger(owner.flash, hashes, rules, names);
	const now = owner.wall! / 1_000;
	for (let i = 1; i <= 3; i++) {
		const fields = { rule: rule.name, plan: "forecast", amount: amount(10_000) };
		const begun = ledger.begin(record({ period: i, time: now, ...fields }), now);
		ledger.change({ ...ledger.change({ ...begun, state: "authorized" }), state: "delivered" });
	}
	owner.flash.entries.delete("r1");
	return owner.boot();
}

test("a ledger's loss is shown, and the ledger continues from the sums that the owner sets, with the same key", async (t) => {
	const owner = await withLoss();
	const { address } = await owner.say("address");
	t.like(await owner.say("status"), { doing: "stopped", error: { name: "LedgerDamaged" } });
	t.like(await owner.say("ledger lost"), {
		missing: [2],
		unreadable: [],
		known: [{ rule: "weather", spentAtLeast: "20000", inWords: "0.02 USDC", allowed: "50 USDC" }],
	});
	const { would, confirm } = await owner.say('ledger settle {"weather":"30000"}');
	t.is(
		(would as string[])[0],
		'rule "weather": 0.01 USDC in addition to the 0.02 USDC that are known count as spent, of 50 USDC for life',
	);
	t.like(await owner.say(`confirm ${confirm}`), { settled: true, restarting: true });
	t.like(await owner.say("status"), { doing: "paused", address, error: undefined });
	t.like(await owner.say("limits"), { limits: [{ rule: "weather", life: { used: "0.03 USDC" } }] });
	t.like(await owner.say("ledger lost"), { ok: false, error: "NothingToConfirm" });
});

test("sums below what is known to be spent, or missing, are refused", async (t) => {
	const owner = await withLoss();
	for (const [line, error] of [
		['ledger settle {"weather":"19999"}', "SpentTooLow"],
		["ledger settle {}", "SpentTooLow"],
		["ledger settle", "WordExpected"],
		['ledger settle {"weather":20000}', "WordExpected"],
		["ledger settle 7", "SpentTooLow"],
		["ledger lost more", "WordExpected"],
	] as const) {
		t.like(await owner.say(line), { ok: false, error }, line);
	}
	t.like(await owner.say("status"), { doing: "stopped", error: { name: "LedgerDamaged" } });
});

test("a pause takes effect while another command waits for its answer", async (t) => {
	const owner = await provisioned();
	// It takes the connection, and never answers.
	const silent = net.createServer();
	const { port } = await new Promise<net.AddressInfo>((resolve) =>
		silent.listen(0, "127.0.0.1", () => resolve(silent.address() as net.AddressInfo)),
	);
	const sockets: net.Socket[] = [];
	silent.on("connection", (socket) => sockets.push(socket.on("error", () => {})));
	await owner.confirmed(`network set {"id":"eip155:84532","name":"Base","rpc":"http://127.0.0.1:${port}/"}`);
	const balance = owner.say("balance");
	await new Promise(setImmediate);
	t.like(await owner.say("status"), { ok: false, error: "Busy" });
	t.like(await owner.say("pause"), { paused: true });
	for (const socket of sockets) socket.destroy();
	silent.close();
	await balance;
	t.like(await owner.say("status"), { paused: true });
});

test("what was recorded while the clock was ahead is redated by a code, and no sum changes", async (t) => {
	const owner = await provisioned();
	const { rules, plans } = readConfiguration(new Settings(owner.flash, hashes, []).source(), hashes);
	const names = plans.map(({ name }) => name);
	const open = () => new Ledger(owner.flash, hashes, rules, names);
	const now = owner.wall! / 1_000;
	const ledger = open();
	const fields = { rule: rule.name, plan: "forecast", amount: amount(10_000), period: now + 2_000_000_000 };
	const begun = ledger.begin(record({ ...fields, time: now + 2_000_000_000 }), now);
	ledger.change({ ...ledger.change({ ...begun, state: "authorized" }), state: "delivered" });
	await owner.boot();
	const { would, confirm } = await owner.say("ledger redate");
	t.regex((would as string[])[0]!, /^entries of the ledger dated after 20\d\d-.* count as of then/);
	t.like(await owner.say(`confirm ${confirm}`), { redated: 1, restarting: true });
	t.true(open().lastPeriod("forecast")! <= owner.wall! / 1_000);
	t.like(await owner.say("limits"), { limits: [{ rule: "weather", life: { used: "0.01 USDC" } }] });
});
