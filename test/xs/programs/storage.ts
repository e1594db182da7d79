/** Storage and randomness at their limits, and no way to a key's file. */
import { createPort } from "../../../hal/xs/port.js";

export default function (): void {
	const { storage, log, keys, random } = createPort();
	const outcome = (action: () => unknown): string => {
		try {
			const value = action();
			return value instanceof Uint8Array ? `${value.length} bytes` : "done";
		} catch (error) {
			return (error as Error).name;
		}
	};
	const write = (key: string, length: number) => outcome(() => storage.write(key, new Uint8Array(length).fill(7)));
	log({ event: "write", least: write("a", 1), most: write("abcdefghijklmno", 4000) });
	log({ event: "value", empty: write("a", 0), long: write("a", 4001) });
	for (const key of ["", "abcdefghijklmnop", "A", "a/b", "..", "../kv.a", "a b", "é", "a\0b"])
		log({ event: "key", key, outcome: write(key, 1) });
	log({ event: "read", a: outcome(() => storage.read("a")), long: outcome(() => storage.read("abcdefghijklmno")) });
	storage.delete("a");
	storage.delete("a");
	log({ event: "deleted", a: outcome(() => storage.read("a")) });

	keys.create(0, "secp256k1");
	for (const key of ["key.0", ".key.0", "../key.0", "./key.0"])
		log({ event: "steal", key, outcome: outcome(() => storage.read(key)) });

	const bytes = new Uint8Array(64);
	random(bytes.subarray(32));
	log({ event: "random", kept: bytes.subarray(0, 32).every((byte) => byte === 0), bytes: bytes.subarray(32).join() });
}
