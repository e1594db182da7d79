/**
 * What the core is asked and what it must answer, as lines for driver.c: vectors from the standards, edges, and random
 * cases against noble and against BigInt.
 */
import { createHash } from "node:crypto";
import { ed25519 } from "@noble/curves/ed25519.js";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { inverse, mod } from "./tables.js";

export interface Case {
	ask: string;
	answer: string;
}

const N = secp256k1.Point.Fn.ORDER;
const P = secp256k1.Point.Fp.ORDER;
const L = ed25519.Point.Fn.ORDER;
const Q = ed25519.Point.Fp.ORDER;
const R = 2n ** 256n;

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex") || "-";
const utf8 = (text: string): Uint8Array => Buffer.from(text);
const unhex = (text: string): Uint8Array => Buffer.from(text, "hex");
const bigEndian = (value: bigint): Uint8Array => unhex(value.toString(16).padStart(64, "0"));
const littleEndian = (value: bigint, size = 32): string =>
	hex(unhex(value.toString(16).padStart(2 * size, "0")).reverse());

/** Bytes that are the same in every run: SHA-256 of a counter. */
export function* randomBytes(seed: string): Generator<Uint8Array, never> {
	for (let counter = 0; ; counter++) yield createHash("sha256").update(`${seed} ${counter}`).digest();
}

const ok = (bytes: Uint8Array): string => `0 ${hex(bytes)}`;
const refused = (length: number): string => `1 ${"00".repeat(length)}`;

function signDigest(digest: Uint8Array, key: Uint8Array): Case {
	const [recovery, ...rs] = secp256k1.sign(digest, key, { prehash: false, format: "recovered" });
	return { ask: `secp256k1_sign ${hex(digest)} ${hex(key)}`, answer: ok(Uint8Array.from([...rs, recovery!])) };
}

const secp256k1PublicKey = (key: Uint8Array): Case => ({
	ask: `secp256k1_public_key ${hex(key)}`,
	answer: ok(secp256k1.getPublicKey(key, false)),
});

const signMessage = (message: Uint8Array, seed: Uint8Array): Case => ({
	ask: `ed25519_sign ${hex(message)} ${hex(seed)}`,
	answer: ok(ed25519.sign(message, seed)),
});

const ed25519PublicKey = (seed: Uint8Array): Case => ({
	ask: `ed25519_public_key ${hex(seed)}`,
	answer: ok(ed25519.getPublicKey(seed)),
});

/** The seed, the public key, and the first half of the SHA-512 of the scalar, the prefix and the public key. */
function expanded(seed: Uint8Array): Uint8Array {
	const hash = sha512(seed);
	const clamped = hash.slice(0, 32);
	clamped[0]! &= 248;
	clamped[31]! = (clamped[31]! & 127) | 64;
	const publicKey = ed25519.getPublicKey(seed);
	const seal = sha512(Buffer.concat([clamped, hash.slice(32), publicKey])).slice(0, 32);
	return Buffer.concat([seed, publicKey, seal]);
}

const expand = (seed: Uint8Array): Case => ({ ask: `ed25519_expand ${hex(seed)}`, answer: ok(expanded(seed)) });

const signExpanded = (message: Uint8Array, seed: Uint8Array): Case => ({
	ask: `ed25519_sign_expanded ${hex(message)} ${hex(expanded(seed))}`,
	answer: ok(ed25519.sign(message, seed)),
});

const hashes = (data: Uint8Array): Case[] => [
	{ ask: `keccak256 ${hex(data)}`, answer: ok(keccak_256(data)) },
	{ ask: `sha256 ${hex(data)}`, answer: ok(sha256(data)) },
	{ ask: `sha512 ${hex(data)}`, answer: ok(sha512(data)) },
];

/** RFC 6979 with secp256k1 and SHA-256: the vectors that libraries share (bitcointalk.org/index.php?topic=285142.40). */
const RFC6979: [key: bigint, message: string, signature: string][] = [
	[
		1n,
		"Satoshi Nakamoto",
		"934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
	],
	[
		1n,
		"All those moments will be lost in time, like tears in rain. Time to die...",
		"8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
	],
	[
		N - 1n,
		"Satoshi Nakamoto",
		"fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
	],
	[
		BigInt("0xf8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181"),
		"Alan Turing",
		"7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
	],
	[
		BigInt("0xe91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2"),
		"There is a computer disease that anybody who works with computers knows about. It's a very serious disease and it interferes completely with the work. The trouble with computers is that you 'play' with them!",
		"b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6",
	],
];

/** RFC 8032 §7.1, tests 1 to 3 and SHA(abc). */
const RFC8032: [seed: string, publicKey: string, message: string, signature: string][] = [
	[
		"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
		"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
		"",
		"e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
	],
	[
		"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
		"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
		"72",
		"92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
	],
	[
		"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
		"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
		"af82",
		"6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
	],
	[
		"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
		"ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
	],
];

/** FIPS 180-4 examples (NIST), and Keccak-256 with its original padding (the submission's KATs). */
const DIGESTS: [operation: string, message: string, digest: string][] = [
	["sha256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
	[
		"sha256",
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	],
	[
		"sha512",
		"abc",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	],
	[
		"sha512",
		"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		"8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d329eeb6dd26545e96e55b874be909",
	],
	["keccak256", "", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"],
	["keccak256", "abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"],
];

/** What the standards say, word for word; then keys and digests at the edges of their ranges, and keys to be refused. */
export function vectors(): Case[] {
	const cases: Case[] = [];
	for (const [key, message, signature] of RFC6979) {
		const made = signDigest(sha256(utf8(message)), bigEndian(key));
		if (!made.answer.startsWith(`0 ${signature}`)) throw new Error(`noble disagrees with RFC 6979 on ${message}`);
		cases.push(made);
	}
	for (const [seed, publicKey, message, signature] of RFC8032)
		cases.push(
			{ ask: `ed25519_public_key ${seed}`, answer: `0 ${publicKey}` },
			{ ask: `ed25519_sign ${message || "-"} ${seed}`, answer: `0 ${signature}` },
			{ ask: `ed25519_sign_expanded ${message || "-"} ${hex(expanded(unhex(seed)))}`, answer: `0 ${signature}` },
		);
	for (const [operation, message, digest] of DIGESTS)
		cases.push({ ask: `${operation} ${hex(utf8(message))}`, answer: `0 ${digest}` });
	const digests = [0n, 1n, N - 1n, N, N + 1n, R - 1n, N >> 1n].map(bigEndian);
	/* The last one is one that the comb could not do with its blocks the other way round. */
	const keys = [
		1n,
		2n,
		3n,
		N >> 1n,
		(N >> 1n) + 1n,
		N - 2n,
		N - 1n,
		0b10000000000001000000000000100000000000010000000000001n << 195n,
	].map(bigEndian);
	for (const key of keys) cases.push(secp256k1PublicKey(key), ...digests.map((digest) => signDigest(digest, key)));
	for (const key of [0n, N, N + 1n, R - 1n].map(bigEndian)) {
		cases.push({ ask: `secp256k1_public_key ${hex(key)}`, answer: refused(65) });
		for (const digest of digests) cases.push({ ask: `secp256k1_sign ${hex(digest)} ${hex(key)}`, answer: refused(65) });
	}
	for (const seed of [0n, 1n, R - 1n].map(bigEndian))
		cases.push(ed25519PublicKey(seed), expand(seed), signMessage(seed, seed), signExpanded(seed, seed));
	/* Every message length around the ends of a block. */
	const long = Buffer.alloc(300, "block");
	for (let length = 0; length < 300; length++) cases.push(...hashes(long.subarray(0, length)));
	for (let length = 0; length < 160; length++) cases.push(signMessage(long.subarray(0, length), bigEndian(7n)));
	/* A bit wrong anywhere in an expanded key is a fault. */
	const whole = expanded(bigEndian(7n));
	for (const byte of [0, 31, 32, 63, 64, 95]) {
		const wrong = Uint8Array.from(whole, (value, at) => (at === byte ? value ^ 1 : value));
		cases.push({ ask: `ed25519_sign_expanded 00 ${hex(wrong)}`, answer: `2 ${"00".repeat(64)}` });
	}
	return cases;
}

/** `count` random keys: a signature with each curve, both public keys. */
export function randomSignatures(seed: string, count: number): Case[] {
	const cases: Case[] = [];
	const bytes = randomBytes(seed);
	for (let i = 0; i < count; i++) {
		const key = bytes.next().value;
		const digest = bytes.next().value;
		const message = Buffer.concat([digest, key, digest, key, digest]).subarray(0, i % 160);
		cases.push(signDigest(digest, key), signMessage(message, key));
		if (i % 10 === 0)
			cases.push(
				secp256k1PublicKey(key),
				ed25519PublicKey(key),
				expand(key),
				signExpanded(message, key),
				...hashes(message),
			);
	}
	return cases;
}

/** An arithmetic question. `right` judges the 256- or 512-bit number answered. */
export interface Sum {
	ask: string;
	right: (answer: bigint) => boolean;
}

/** The core's arithmetic at the edges of its words and its moduli, in all pairs, and at random. */
export function sums(seed: string, count: number): Sum[] {
	const edges = [
		...[
			0n,
			1n,
			2n,
			3n,
			18n,
			19n,
			37n,
			38n,
			39n,
			976n,
			977n,
			978n,
			2n ** 32n - 1n,
			2n ** 32n,
			2n ** 32n + 976n,
			2n ** 32n + 977n,
		],
		...[
			2n ** 255n - 1n,
			2n ** 255n,
			R - 1n,
			R - 2n,
			R - 38n,
			R - 39n,
			R - 2n ** 32n,
			R - 2n ** 32n - 977n,
			R - 2n ** 32n - 978n,
		],
		...[P, Q, N, L].flatMap((m) => [m - 1n, m, m + 1n, 2n * m - 1n, m >> 1n, (m >> 1n) + 1n]),
		...Array.from({ length: 8 }, (_, word) => 0xffffffffn << BigInt(32 * word)),
		...Array.from({ length: 8 }, (_, word) => R - 1n - (0xffffffffn << BigInt(32 * word))),
	].filter((value) => value < R);
	const bytes = randomBytes(seed);
	const random = (): bigint => BigInt(`0x${hex(bytes.next().value)}`);
	const pairs = edges.flatMap((a) => edges.map((b): [bigint, bigint] => [a, b]));
	for (let i = 0; i < count; i++) pairs.push([random(), random()], [edges[i % edges.length]!, random()]);
	const list: Sum[] = [];
	const add = (operation: string, a: bigint, b: bigint, m: bigint, right: Sum["right"]): void => {
		list.push({ ask: `${operation} ${littleEndian(a)}${littleEndian(b)}${littleEndian(m)}`, right });
	};
	for (const [a, b] of pairs) {
		add("multiply", a, b, 1n, (answer) => answer === a * b);
		for (const p of [P, Q]) {
			add("field_multiply", a, b, p, (answer) => answer % p === (a * b) % p);
			add("field_multiply_other", a, b, p, (answer) => answer % p === (a * b) % p);
			add("field_add", a, b, p, (answer) => answer % p === (a + b) % p);
			add("field_subtract", a, b, p, (answer) => answer % p === mod(a - b, p));
		}
		for (const m of [N, L])
			if (a < m) {
				add("ring_multiply", a, b, m, (answer) => answer < m && mod(answer * R - a * b, m) === 0n);
				if (b < m) add("ring_add", a, b, m, (answer) => answer === (a + b) % m);
			}
	}
	for (const a of pairs.filter((_, i) => i % edges.length === 0 || i >= edges.length ** 2).map(([value]) => value)) {
		for (const p of [P, Q]) {
			add("field_square", a, 0n, p, (answer) => answer % p === (a * a) % p);
			add("field_normalise", a, 0n, p, (answer) => answer === a % p);
		}
		for (const m of [P, Q, N, L])
			if (a < m) add("inverse", a, 0n, m, (answer) => answer === (a === 0n ? 0n : inverse(a, m)));
	}
	return list;
}
