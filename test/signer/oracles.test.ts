/** Signatures against viem and node:crypto, at random. */
import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import test from "ava";
import { type Hex, hashTypedData } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import * as hex from "../../modules/encoding/hex.js";
import {
	addressOfPublicKey,
	createPortableSigner,
	type Signer,
	signPersonalMessage,
	signTypedData,
	typedDataDigest,
} from "../../modules/signer/portable.js";
import { Random } from "../encoding/random.js";
import { randomTypedData } from "./random_typed_data.js";

type ViemTypedData = Parameters<typeof hashTypedData>[0];

test("EIP-712: 1,500 documents of random types hash and sign as by viem", async (t) => {
	const random = new Random(t);
	for (let i = 0; i < 1_500; i++) {
		const { signer, account } = wallet(random);
		const { ours, viems } = randomTypedData(random, account.address);
		const text = JSON.stringify(ours, (_, value) => (typeof value === "bigint" ? String(value) : value));
		t.is(`0x${hex.encode(typedDataDigest(signer, ours))}`, hashTypedData(viems as ViemTypedData), text);
		t.is(signTypedData(signer, 0, ours), await account.signTypedData(viems as ViemTypedData), text);
	}
});

test("EIP-191: 500 texts and 500 byte strings sign as by viem", async (t) => {
	const random = new Random(t);
	for (let i = 0; i < 500; i++) {
		const { signer, account } = wallet(random);
		t.is(addressOfPublicKey(signer, signer.publicKey(0)), account.address);
		const text = random.text(random.integer(40));
		t.is(signPersonalMessage(signer, 0, text), await account.signMessage({ message: text }));
		const raw = random.bytes(random.integer(200));
		t.is(signPersonalMessage(signer, 0, raw), await account.signMessage({ message: { raw } }));
	}
});

test("ECDSA: s is low, and node:crypto accepts signatures and public keys", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 100; i++) {
		const { signer } = wallet(random);
		const publicKey = signer.publicKey(0);
		const message = random.bytes(random.integer(200));
		const signature = signer.signDigest(0, signer.sha256(message));
		const coordinates = { x: base64url(publicKey.slice(1, 33)), y: base64url(publicKey.slice(33)) };
		const key = createPublicKey({ key: { kty: "EC", crv: "secp256k1", ...coordinates }, format: "jwk" });
		t.true(verify("sha256", message, { key, dsaEncoding: "ieee-p1363" }, signature.slice(0, 64)));
		t.true(BigInt(`0x${hex.encode(signature.slice(32, 64))}`) <= HALF_ORDER);
	}
});

test("ed25519: public keys and signatures equal node:crypto's", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 100; i++) {
		const seed = random.bytes(32);
		const signer = signerWith("ed25519", seed);
		const key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
		t.is(hex.encode(signer.publicKey(0)), rawPublicKey(key));
		const message = random.bytes(random.integer(200));
		t.is(hex.encode(signer.signMessage(0, message)), sign(null, message, key).toString("hex"));
	}
});

/** RFC 8410: what stands before the seed in a private key of ed25519. */
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");
const HALF_ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n / 2n;

function rawPublicKey(key: KeyObject): string {
	return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32).toString("hex");
}

function base64url(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString("base64url");
}

function wallet(random: Random) {
	const key = random.bytes(32);
	key[0]! &= 0x7f; // below the group order
	return { signer: signerWith("secp256k1", key), account: privateKeyToAccount(`0x${hex.encode(key)}` as Hex) };
}

function signerWith(curve: "secp256k1" | "ed25519", key: Uint8Array): Signer {
	const signer = createPortableSigner({ keys: new Map(), random: () => {} });
	signer.importKey(0, curve, key);
	return signer;
}
