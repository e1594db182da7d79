import fs from "node:fs";
import path from "node:path";
import test from "ava";
import { makeFolder } from "../support/folder.js";
import { nodePort } from "./support/node_port.js";

const bytes = (...values: number[]) => Uint8Array.from(values);

test("a key holds what was written last, in another run too", (t) => {
	const flash = makeFolder(t);
	const { storage } = nodePort(t, { flash });
	t.is(storage.read("a"), undefined);
	storage.write("a", bytes(1, 2));
	storage.write("b", bytes(3));
	storage.write("a", bytes(0, 255, 4));
	t.deepEqual(storage.read("a"), bytes(0, 255, 4));
	t.deepEqual(nodePort(t, { flash }).storage.read("a"), bytes(0, 255, 4));
	storage.delete("a");
	storage.delete("a");
	t.is(storage.read("a"), undefined);
	t.deepEqual(storage.read("b"), bytes(3));
	t.deepEqual(fs.readdirSync(flash), ["kv.b"]);
});

test("changing a buffer after a read or a write does not change storage", (t) => {
	const { storage } = nodePort(t);
	const written = bytes(1, 2);
	storage.write("a", written);
	written[0] = 9;
	storage.read("a")![1] = 9;
	t.deepEqual(storage.read("a"), bytes(1, 2));
});

test("keys and sizes are accepted exactly as the contract says", (t) => {
	const { storage } = nodePort(t);
	for (const key of ["a", "0", ".", "..", "-", "_", "key.0", "kv.a", ".tmp", "abcdefghijklmno", "l.0000-_.9"]) {
		storage.write(key, new TextEncoder().encode(key));
	}
	for (const key of ["a", ".", "..", "key.0", "kv.a", ".tmp"]) {
		t.is(new TextDecoder().decode(storage.read(key)), key);
	}
	for (const key of ["", "abcdefghijklmnop", "A", "a b", "a/b", "../a", "é", "a\0", "a\n"]) {
		t.throws(() => storage.write(key, bytes(1)), { instanceOf: RangeError }, key);
		t.throws(() => storage.read(key), { instanceOf: RangeError }, key);
		t.throws(() => storage.delete(key), { instanceOf: RangeError }, key);
	}
	storage.write("a", new Uint8Array(4_000).fill(7));
	t.is(storage.read("a")!.length, 4_000);
	for (const length of [0, 4_001]) {
		t.throws(() => storage.write("a", new Uint8Array(length)), { instanceOf: RangeError });
	}
	t.is(storage.read("a")!.length, 4_000);
});

test("a write that was cut before its rename leaves the old value, and nothing behind", (t) => {
	const flash = makeFolder(t);
	nodePort(t, { flash }).storage.write("a", bytes(1));
	fs.writeFileSync(path.join(flash, ".tmp"), "half a val");
	const { storage } = nodePort(t, { flash });
	t.deepEqual(storage.read("a"), bytes(1));
	t.deepEqual(fs.readdirSync(flash), ["kv.a"]);
	storage.write("a", bytes(2));
	t.deepEqual(storage.read("a"), bytes(2));
});

test("a write that cannot be made durable throws, and the old value stands", (t) => {
	const flash = makeFolder(t);
	const { storage } = nodePort(t, { flash });
	storage.write("a", bytes(1));
	fs.mkdirSync(path.join(flash, ".tmp"));
	t.throws(() => storage.write("a", bytes(2)), { code: "EISDIR" });
	t.deepEqual(storage.read("a"), bytes(1));
});

test("only the owner can read the flash", (t) => {
	const flash = path.join(makeFolder(t), "new", "flash");
	const port = nodePort(t, { flash });
	port.storage.write("a", bytes(1));
	port.keys.create(0, "secp256k1");
	const mode = (name: string) => fs.statSync(path.join(flash, name)).mode & 0o777;
	t.is(mode("."), 0o700);
	t.is(mode("kv.a"), 0o600);
	t.is(mode("key.0"), 0o600);
});
