import fs from "node:fs";
import path from "node:path";
import test from "ava";
import { makeFolder } from "../support/folder.js";
import { nodePort } from "./support/node_port.js";

test("monotonic time goes on while wall time is unset or wrong", (t) => {
	const now = Date.now();
	const hour = 3_600_000;
	t.true(Math.abs(nodePort(t).clock.wall()! - now) < 60_000);
	t.true(Math.abs(nodePort(t, { clock: { offset: -hour } }).clock.wall()! - (now - hour)) < 60_000);
	const { clock } = nodePort(t, { clock: { set: false } });
	t.is(clock.wall(), undefined);
	const first = clock.monotonic();
	t.true(Number.isInteger(first) && clock.monotonic() >= first);
});

test("randomness fills the buffer that it is given, and no two are alike", (t) => {
	const port = nodePort(t);
	const whole = new Uint8Array(48);
	port.random(whole.subarray(8, 40));
	t.deepEqual([...whole.subarray(0, 8), ...whole.subarray(40)], Array(16).fill(0));
	const other = new Uint8Array(32);
	port.random(other);
	t.notDeepEqual(whole.slice(8, 40), other);
});

test("a timer fires once, and not when it was cleared", async (t) => {
	const { timer } = nodePort(t);
	const fired: number[] = [];
	const cleared = timer.set(() => fired.push(1), 1);
	timer.clear(cleared);
	timer.clear(cleared);
	await new Promise<void>((resolve) => {
		const handle = timer.set(() => {
			fired.push(2);
			timer.clear(handle);
			resolve();
		}, 2);
	});
	t.deepEqual(fired, [2]);
});

test("a timer beyond Node's limit of 24 days does not fire at once", async (t) => {
	const { timer } = nodePort(t);
	let fired = false;
	const handle = timer.set(
		() => {
			fired = true;
		},
		2 ** 31 + 5,
	);
	await new Promise((resolve) => setTimeout(resolve, 10));
	t.false(fired);
	timer.clear(handle);
});

test("keys stay in their slots from run to run, in the record that the C signer reads", (t) => {
	const flash = makeFolder(t);
	const { keys } = nodePort(t, { flash });
	keys.create(0, "secp256k1");
	keys.importKey(3, "ed25519", new Uint8Array(32).fill(5));
	t.deepEqual([...fs.readFileSync(path.join(flash, "key.3"))], [1, ...Array(32).fill(5)]);
	t.is(fs.readFileSync(path.join(flash, "key.0")).length, 33);
	t.is(fs.readFileSync(path.join(flash, "key.0"))[0], 0);
	const again = nodePort(t, { flash }).keys;
	t.deepEqual(again.publicKey(0), keys.publicKey(0));
	again.erase(0, keys.publicKey(0));
	t.is(keys.curve(0), undefined);
	t.deepEqual(fs.readdirSync(flash), ["key.3"]);
});

test("operations are counted: writes, deletes and key slots, not reads", (t) => {
	const port = nodePort(t);
	port.storage.write("a", Uint8Array.of(1));
	port.storage.read("a");
	port.storage.delete("a");
	port.keys.create(0, "secp256k1");
	port.keys.publicKey(0);
	t.is(port.operations, 3);
});
