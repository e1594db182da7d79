/** Storage at its limits, and under a power that fails. */
import type { Port } from "../../../src/device/port.js";

const LONGEST = 4_000;

export function storage({ storage, keys, log }: Port): void {
	const outcome = (action: () => unknown): string => {
		try {
			const value = action();
			return value instanceof Uint8Array ? `${value.length} bytes` : "done";
		} catch (error) {
			return (error as Error).name;
		}
	};
	const write = (key: string, length: number) => outcome(() => storage.write(key, new Uint8Array(length).fill(7)));
	log({ event: "write", least: write("a", 1), most: write("abcdefghijklmno", LONGEST) });
	log({ event: "value", empty: write("a", 0), long: write("a", LONGEST + 1) });
	for (const key of ["", "abcdefghijklmnop", "A", "a/b", "../kv.a", "a b", "é", "a\0b"])
		log({ event: "key", key, outcome: write(key, 1) });
	log({ event: "read", a: outcome(() => storage.read("a")), long: outcome(() => storage.read("abcdefghijklmno")) });
	storage.delete("a");
	storage.delete("a");
	log({ event: "deleted", a: outcome(() => storage.read("a")) });
	keys.create(0, "secp256k1");
	keys.create(1, "ed25519");
}

/** Writes the numbers from 1 on, each as a value of that byte all over, and says so after each. */
export function writeForEver({ storage, log }: Port): void {
	for (let number = 1; ; number++) {
		storage.write("value", new Uint8Array(LONGEST).fill(number & 0xff));
		log({ event: "written", number });
	}
}
