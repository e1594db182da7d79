/** The native signer on a device against noble: hashes, keys and signatures, byte for byte. */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { createPortableSigner } from "../../modules/signer/portable.js";
import { makeFolder } from "../support/folder.js";
import { runProgram, xsTest } from "./device.js";

const JOBS = 40;

interface Signed {
	readonly publicKey: string;
	readonly signature: string;
}

xsTest("keys, digests and messages at random sign as noble does", async (t) => {
	const jobs = Array.from({ length: JOBS }, (_, i) => ({
		key: Buffer.from(secp256k1.utils.randomSecretKey()).toString("hex"),
		digest: randomBytes(32).toString("hex"),
		message: randomBytes(i * 7).toString("hex"),
	}));
	const { result, events } = await runProgram(t, "signer", jobs);
	t.is(result.reason, undefined);
	t.is(events.length, JOBS);
	for (const [i, event] of events.entries()) {
		const [key, digest, message] = [jobs[i]!.key, jobs[i]!.digest, jobs[i]!.message].map((text) =>
			Buffer.from(text, "hex"),
		) as [Buffer, Buffer, Buffer];
		const recovered = secp256k1.sign(digest, key, { prehash: false, lowS: true, format: "recovered" });
		const signature = Buffer.concat([recovered.subarray(1), Buffer.of(27 + recovered[0]!)]);
		t.deepEqual(event.secp256k1 as Signed, {
			publicKey: Buffer.from(secp256k1.getPublicKey(key, false)).toString("hex"),
			signature: signature.toString("hex"),
		});
		t.deepEqual(event.ed25519 as Signed, {
			publicKey: Buffer.from(ed25519.getPublicKey(key)).toString("hex"),
			signature: Buffer.from(ed25519.sign(message, key)).toString("hex"),
		});
		t.is(event.keccak256, Buffer.from(keccak_256(message)).toString("hex"));
		t.is(event.sha256, createHash("sha256").update(message).digest("hex"));
	}
});

xsTest(
	"an ed25519 slot holds the expanded key; the portable signer signs with the same file, and with a bare seed",
	async (t) => {
		const flash = makeFolder(t);
		const seed = randomBytes(32);
		writeFileSync(path.join(flash, "key.1"), Buffer.concat([Buffer.of(1), seed]), { mode: 0o600 });
		const { result, events } = await runProgram(t, "slots", { slots: [0, 1], message: "00ff" }, { flash });
		t.is(result.reason, undefined);
		t.is(readFileSync(path.join(flash, "key.0")).length, 97);

		const read = (slot: number) => readFileSync(path.join(flash, `key.${slot}`));
		const portable = createPortableSigner({ keys: { get: read, set() {}, delete() {} }, random() {} });
		const expected = [0, 1].map((slot) => ({
			event: "signed",
			slot,
			publicKey: Buffer.from(portable.publicKey(slot)).toString("hex"),
			signature: Buffer.from(portable.signMessage(slot, Uint8Array.of(0, 255))).toString("hex"),
		}));
		t.deepEqual(events, expected);
		t.is(expected[1]!.publicKey, Buffer.from(ed25519.getPublicKey(seed)).toString("hex"));
	},
);

xsTest("an expanded key that has decayed signs nothing", async (t) => {
	const flash = makeFolder(t);
	const file = path.join(flash, "key.0");
	const run = () => runProgram(t, "slots", { slots: [0], message: "00" }, { flash });
	await run();
	const whole = readFileSync(file);
	for (const at of [1, 20, 33, 64, 65, 96]) {
		const decayed = Buffer.from(whole);
		decayed[at]! ^= 1;
		writeFileSync(file, decayed);
		t.deepEqual((await run()).events, [{ event: "refused", slot: 0, name: "SigningFault" }], `byte ${at}`);
	}
	writeFileSync(file, whole.subarray(0, 96));
	await t.throwsAsync(
		async () => {
			const { result } = await run();
			if (result.reason !== undefined) throw new Error(result.reason);
		},
		{ message: /StorageFailed/ },
	);
});
