/** The chain: its contracts, its clock, and that nothing of it outlives the process that started it. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import test from "ava";
import { type Address, parseAbi } from "viem";
import { startAnvil } from "../../tools/world/anvil.js";
import { type Chain, eurc, newSender, permit2Address, startChain, tokenAbi, usdc } from "../../tools/world/chain.js";

let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

const domainAbi = parseAbi(["function DOMAIN_SEPARATOR() view returns (bytes32)"]);

test("Permit2's domain separator is the published one, on this chain and on another", async (t) => {
	const separator = ({ client }: Chain): Promise<string> =>
		client.readContract({ address: permit2Address, abi: domainAbi, functionName: "DOMAIN_SEPARATOR" });
	t.is(await separator(chain), "0x010f27a92fb9a32622f44f001dc4d15706a85b33499cfc2ce9033113ab26592c");
	const other = await startChain(31337);
	t.teardown(other.stop);
	t.is(other.network, "eip155:31337");
	t.not(await separator(other), await separator(chain));
});

test("the tokens return their names and versions", async (t) => {
	for (const token of [usdc, eurc]) {
		const read = (functionName: "name" | "version"): Promise<string> =>
			chain.client.readContract({ address: token.address, abi: tokenAbi, functionName });
		t.is(await read("name"), token.name);
		t.is(await read("version"), token.version);
	}
});

test("minting changes the balance and is not listed as a transfer of its owner", async (t) => {
	const owner: Address = newSender();
	await Promise.all([chain.mint(owner, 5n), chain.mint(owner, 6n), chain.mint(owner, 7n, eurc)]);
	t.is(await chain.balanceOf(owner), 11n);
	t.is(await chain.balanceOf(owner, eurc), 7n);
	t.deepEqual(await chain.transfers(owner), []);
});

test("the chain's clock follows the machine's, however fast it mines, and can be moved forward", async (t) => {
	const other = await startChain();
	t.teardown(other.stop);
	const time = async (): Promise<number> => Number((await other.client.getBlock()).timestamp);
	await Promise.all(Array.from({ length: 50 }, () => other.mint(newSender(), 1n)));
	const before = Math.floor(Date.now() / 1000);
	await other.mint(newSender(), 1n);
	const mined = await time();
	t.true(before <= mined && mined <= Math.floor(Date.now() / 1000));
	await other.setTime(before + 1000);
	await other.mint(newSender(), 1n);
	t.true((await time()) >= before + 1000);
});

test("a platform without an anvil package gets AnvilMissing", async (t) => {
	const arch = Object.getOwnPropertyDescriptor(process, "arch")!;
	Object.defineProperty(process, "arch", { ...arch, value: "s390x" });
	const started = startAnvil(1);
	Object.defineProperty(process, "arch", arch);
	await t.throwsAsync(started, { name: "AnvilMissing", message: /anvil-\w+-s390x is not installed/ });
});

/** Runs `then` in a process that has started a world; returns that process and the URLs it must not leave behind. */
async function worldElsewhere(then: string) {
	const source = `
		import { startWorld } from ${JSON.stringify(join(import.meta.dirname, "../../tools/world/world.ts"))};
		const world = await startWorld();
		console.log(JSON.stringify([world.chain.rpcUrl, world.seller.url, world.v1.url]));
		${then}`;
	const child = spawn(process.execPath, ["--import=tsx", "--input-type=module", "--eval", source], {
		stdio: ["ignore", "pipe", "ignore"],
	});
	const [line] = (await once(child.stdout, "data")) as [Buffer];
	return { child, urls: JSON.parse(line.toString()) as string[] };
}

/** Waits until nobody listens at any of `urls`. */
async function allGone(urls: readonly string[]): Promise<void> {
	for (const url of urls) while (await fetch(url).then(Boolean, () => false)) await setTimeout(20);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGKILL"] as const) {
	test(`no process is left after ${signal}`, async (t) => {
		const { child, urls } = await worldElsewhere("");
		t.truthy((await fetch(urls[1]!)).status);
		child.kill(signal);
		await once(child, "exit");
		await allGone(urls);
		t.is(child.signalCode, signal);
	});
}

for (const [end, then, code] of [
	["stop", "await world.stop(); await world.stop();", 0],
	["process.exit", "process.exit(3);", 3],
	["an exception", "throw new Error('out of order');", 1],
] as const) {
	test(`the process ends, and leaves no other, after ${end}`, async (t) => {
		const { child, urls } = await worldElsewhere(then);
		if (child.exitCode === null) await once(child, "exit");
		await allGone(urls);
		t.is(child.exitCode, code);
	});
}
