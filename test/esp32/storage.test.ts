import test from "ava";
import { type KeyValue, NvsStorage } from "../../hal/esp32/storage.js";

/** NVS as the SDK's class shows it. */
class FakeNvs implements KeyValue {
	readonly entries = new Map<string, Uint8Array>();
	/** What the next change, or each read, throws. */
	fails: string | undefined;
	failsToRead: string | undefined;
	/** Makes the change, and says that it failed. */
	failsAfterwards = false;
	losesWrites = false;
	changes = 0;

	read(key: string): ArrayBuffer | undefined {
		if (this.failsToRead !== undefined) throw new Error(this.failsToRead);
		const bytes = this.entries.get(key);
		return bytes && (bytes.slice().buffer as ArrayBuffer);
	}

	write(key: string, bytes: Uint8Array): void {
		this.#change(() => this.entries.set(key, bytes.slice()));
	}

	delete(key: string): void {
		this.#change(() => this.entries.delete(key));
	}

	#change(make: () => void): void {
		this.changes++;
		if (!this.losesWrites && (this.fails === undefined || this.failsAfterwards)) make();
		if (this.fails !== undefined) throw new Error(this.fails);
	}
}

class Restarted extends Error {}

/** A storage whose doubts restart the device, or, with `isStubborn`, did so too often. */
function start({ isStubborn = false } = {}) {
	const nvs = new FakeNvs();
	const reasons: string[] = [];
	const storage = new NvsStorage(nvs, (reason) => {
		reasons.push(reason);
		if (!isStubborn) throw new Restarted();
	});
	return { nvs, storage, reasons };
}

const OLD = Uint8Array.of(1, 2, 3);
const NEW = Uint8Array.of(4, 5);

test("what is written is read; what is deleted is not there, and may be deleted again", (t) => {
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
	test(`a key that is none: "${key}"`, (t) => {
		const { storage, nvs } = start();
		t.throws(() => storage.write(key, OLD), { name: "StorageKey" });
		t.throws(() => storage.read(key), { name: "StorageKey" });
		t.throws(() => storage.delete(key), { name: "StorageKey" });
		t.is(nvs.changes, 0);
	});
}

for (const length of [0, 4_001]) {
	test(`a value of ${length} bytes is refused`, (t) => {
		const { storage, nvs } = start();
		t.throws(() => storage.write("key", new Uint8Array(length)), { name: "StorageValue" });
		t.is(nvs.changes, 0);
	});
}

test("a full partition is a named error, the old bytes stand, and storage goes on", (t) => {
	const { storage, nvs, reasons } = start();
	storage.write("key", OLD);
	nvs.fails = "ESP_ERR_NVS_NOT_ENOUGH_SPACE";
	t.throws(() => storage.write("key", NEW), { name: "StorageFull" });
	t.deepEqual(storage.read("key"), OLD);
	nvs.fails = undefined;
	storage.write("key", NEW);
	t.deepEqual(storage.read("key"), NEW);
	t.deepEqual(reasons, []);
});

for (const failsAfterwards of [false, true]) {
	const what = failsAfterwards ? "the change was made" : "it was not";
	test(`after an error that leaves open which bytes stand the device restarts; in truth ${what}`, (t) => {
		for (const change of ["write", "delete"] as const) {
			const { storage, nvs, reasons } = start();
			storage.write("key", OLD);
			nvs.fails = "ESP_ERR_NVS_REMOVE_FAILED";
			nvs.failsAfterwards = failsAfterwards;
			t.throws(() => (change === "write" ? storage.write("key", NEW) : storage.delete("key")), {
				instanceOf: Restarted,
			});
			t.is(reasons.length, 1);
			t.regex(reasons[0]!, /^flash: "key": ESP_ERR_NVS_REMOVE_FAILED/);
		}
	});
}

test("bytes that do not read as they were written, and a key that stays, restart the device", (t) => {
	const { storage, nvs, reasons } = start();
	storage.write("key", OLD);
	nvs.losesWrites = true;
	t.throws(() => storage.write("key", NEW), { instanceOf: Restarted });
	const again = start();
	again.storage.write("key", OLD);
	again.nvs.losesWrites = true;
	t.throws(() => again.storage.delete("key"), { instanceOf: Restarted });
	t.is(reasons.length + again.reasons.length, 2);
});

test("where a restart has not helped, nothing more is written", (t) => {
	const { storage, nvs } = start({ isStubborn: true });
	storage.write("key", OLD);
	nvs.fails = "ESP_ERR_FLASH_OP_FAIL";
	t.throws(() => storage.write("key", NEW), { name: "StorageFailed" });
	nvs.fails = undefined;
	const { changes } = nvs;
	t.throws(() => storage.write("key", NEW), { name: "StorageFailed" });
	t.throws(() => storage.delete("key"), { name: "StorageFailed" });
	t.is(nvs.changes, changes);
	t.deepEqual(storage.read("key"), OLD);
});

test("what cannot be read is a named error, not an empty place", (t) => {
	const { storage, nvs } = start();
	nvs.failsToRead = "ESP_ERR_NVS_XTS_DECR_FAILED";
	t.throws(() => storage.read("key"), { name: "StorageFailed", message: /XTS_DECR/ });
});
