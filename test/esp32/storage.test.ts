import test from "ava";
import { NvsStorage, type Store } from "../../hal/esp32/storage.js";

/** The results of native/store.h. */
const OK = 0;
const MISSING = 1;
const FULL = 2;
const NO_MEMORY = 3;
const UNREADABLE = 4;
const DOUBT = 5;

/** A store in memory. With a result set, it gives that one and does nothing. */
class FakeStore implements Store {
	readonly entries = new Map<string, Uint8Array>();
	result: number | undefined;
	changes = 0;

	read(key: string): ArrayBuffer | number {
		if (this.result !== undefined) return this.result;
		const bytes = this.entries.get(key);
		return bytes === undefined ? MISSING : (bytes.slice().buffer as ArrayBuffer);
	}

	write(key: string, bytes: Uint8Array): number {
		this.changes++;
		if (this.result === undefined) this.entries.set(key, bytes.slice());
		return this.result ?? OK;
	}

	erase(key: string): number {
		this.changes++;
		if (this.result === undefined) this.entries.delete(key);
		return this.result ?? OK;
	}
}

class Restarted extends Error {}

/** A storage whose doubts restart the device, or, with `isStubborn`, did so too often. */
function start({ isStubborn = false } = {}) {
	const store = new FakeStore();
	const reasons: string[] = [];
	const storage = new NvsStorage(store, (reason) => {
		reasons.push(reason);
		if (!isStubborn) throw new Restarted();
	});
	return { store, storage, reasons };
}

const OLD = Uint8Array.of(1, 2, 3);
const NEW = Uint8Array.of(4, 5);

test("a key reads as it was written, and a deleted key is missing and can be deleted again", (t) => {
	const { storage } = start();
	t.is(storage.read("ledger"), undefined);
	storage.write("ledger", OLD);
	storage.write("a.b_c-9", new Uint8Array(4_000));
	t.deepEqual(storage.read("ledger"), OLD);
	storage.delete("ledger");
	storage.delete("ledger");
	t.is(storage.read("ledger"), undefined);
	t.is(storage.read("a.b_c-9")?.length, 4_000);
});

for (const key of ["", "a key of sixteen", "S0", "schlüssel", "a/b", "a b"]) {
	test(`the key "${key}" is refused`, (t) => {
		const { storage, store } = start();
		t.throws(() => storage.write(key, OLD), { name: "StorageKey" });
		t.throws(() => storage.read(key), { name: "StorageKey" });
		t.throws(() => storage.delete(key), { name: "StorageKey" });
		t.is(store.changes, 0);
	});
}

for (const length of [0, 4_001]) {
	test(`a value of ${length} bytes is refused`, (t) => {
		const { storage, store } = start();
		t.throws(() => storage.write("key", new Uint8Array(length)), { name: "StorageValue" });
		t.is(store.changes, 0);
	});
}

for (const [what, result, name] of [
	["no room", FULL, "StorageFull"],
	["no memory", NO_MEMORY, "StorageFailed"],
	["an entry that cannot be read", UNREADABLE, "StorageFailed"],
] as const) {
	test(`${what} is a named error, and storage works afterwards`, (t) => {
		const { storage, store, reasons } = start();
		store.result = result;
		t.throws(() => storage.write("key", NEW), { name });
		t.throws(() => storage.delete("key"), { name });
		store.result = undefined;
		storage.write("key", NEW);
		t.deepEqual(storage.read("key"), NEW);
		t.deepEqual(reasons, []);
	});
}

test("a change whose result is unknown restarts the device", (t) => {
	for (const change of ["write", "delete"] as const) {
		const { storage, store, reasons } = start();
		store.result = DOUBT;
		t.throws(() => (change === "write" ? storage.write("key", NEW) : storage.delete("key")), { instanceOf: Restarted });
		t.is(reasons.length, 1);
		t.regex(reasons[0]!, /^flash: "key" /);
	}
});

test("when a restart has not helped, further changes are refused", (t) => {
	const { storage, store } = start({ isStubborn: true });
	storage.write("key", OLD);
	store.result = DOUBT;
	t.throws(() => storage.write("key", NEW), { name: "StorageFailed" });
	store.result = undefined;
	const { changes } = store;
	t.throws(() => storage.write("key", NEW), { name: "StorageFailed" });
	t.throws(() => storage.delete("key"), { name: "StorageFailed" });
	t.is(store.changes, changes);
	t.deepEqual(storage.read("key"), OLD);
});

test("an entry that cannot be read is a named error, not a missing key", (t) => {
	const { storage, store } = start();
	store.result = UNREADABLE;
	t.throws(() => storage.read("key"), { name: "StorageFailed" });
});
