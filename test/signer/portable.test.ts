/** What is the portable signer's own: its store, its generator, and the check of each signature. */
import test from "ava";
import { createPortableSigner, SignerError } from "micropayer/signer";

const KEY = new Uint8Array(32).fill(7);

/** Flash that goes bad while a signature is made: two readings are right (for the curve, for the key), later ones are not. */
class FlakyStore extends Map<number, Uint8Array> {
	#readings = 0;

	override get(slot: number): Uint8Array | undefined {
		const record = super.get(slot)?.slice();
		if (record !== undefined && ++this.#readings > 2) record[32]! ^= 1;
		return record;
	}
}

for (const curve of ["secp256k1", "ed25519"] as const) {
	test(`${curve}: a signature that does not verify is dropped`, (t) => {
		const keys = new FlakyStore();
		createPortableSigner({ keys, random: () => {} }).importKey(0, curve, KEY);
		const signer = createPortableSigner({ keys, random: () => {} });
		const signing = () => (curve === "ed25519" ? signer.signMessage(0, KEY) : signer.signDigest(0, KEY));
		t.throws(signing, { instanceOf: SignerError, name: "SigningFault" });
	});

	test(`${curve}: a created key is the generator's bytes`, (t) => {
		const random = (buffer: Uint8Array) => void buffer.set(KEY);
		const made = createPortableSigner({ keys: new Map(), random });
		made.create(0, curve);
		const imported = createPortableSigner({ keys: new Map(), random });
		imported.importKey(0, curve, KEY);
		t.deepEqual(made.publicKey(0), imported.publicKey(0));
	});
}

test("a generator of zeros makes no secp256k1 key", (t) => {
	const signer = createPortableSigner({ keys: new Map(), random: () => {} });
	t.throws(() => signer.create(0, "secp256k1"), { instanceOf: SignerError, name: "KeyOutOfRange" });
	t.is(signer.curve(0), undefined);
});

test("a new signer over the same store has the same keys", (t) => {
	const keys = new Map<number, Uint8Array>();
	createPortableSigner({ keys, random: () => {} }).importKey(255, "ed25519", KEY);
	const later = createPortableSigner({ keys, random: () => {} });
	t.is(later.curve(255), "ed25519");
	later.erase(255, later.publicKey(255));
	t.is(keys.size, 0);
});

test("changing an imported key's buffer does not change the signer's key", (t) => {
	const key = KEY.slice();
	const signer = createPortableSigner({ keys: new Map(), random: () => {} });
	signer.importKey(0, "ed25519", key);
	const publicKey = signer.publicKey(0);
	key.fill(0);
	t.deepEqual(signer.publicKey(0), publicKey);
});

test("a record that is no key is StorageFailed", (t) => {
	for (const record of [new Uint8Array(0), new Uint8Array(32), Uint8Array.of(2, ...KEY)]) {
		const signer = createPortableSigner({ keys: new Map([[0, record]]), random: () => {} });
		t.throws(() => signer.publicKey(0), { instanceOf: SignerError, name: "StorageFailed" });
	}
});

test("slots are numbered from 0 to 255", (t) => {
	const signer = createPortableSigner({ keys: new Map(), random: () => {} });
	for (const slot of [-1, 256, 0.5, Number.NaN]) {
		t.throws(() => signer.curve(slot), { instanceOf: SignerError, name: "SlotOutOfRange" });
	}
});
