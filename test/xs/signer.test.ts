/** The native signer on a device against noble: hashes, keys and signatures, byte for byte. */
import { createHash, randomBytes } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
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
