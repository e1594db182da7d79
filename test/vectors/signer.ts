/**
 * A signer by the vectors of the RFCs, of EIP-191 and EIP-712, of x402 and of the markets: the same for every
 * implementation of `Signer`, on Node and inside XS. It takes a signer whose slots 0 to 3 are empty, and leaves them so.
 */
import * as base58 from "../../modules/encoding/base58.js";
import * as hex from "../../modules/encoding/hex.js";
import * as utf8 from "../../modules/encoding/utf8.js";
import { addressOfPublicKey, checksumAddress, isSameAddress, parseAddress } from "../../modules/signer/address.js";
import { personalMessageDigest, signPersonalMessage } from "../../modules/signer/eip191.js";
import { signTypedData, type TypedData } from "../../modules/signer/eip712.js";
import type { Curve, Hashes, Signer } from "../../modules/signer/signer.js";
import { EIP_712, EIP_3009, PERMIT2 } from "./eip712.js";
import { type Check, refusal } from "./encoding_check.js";

export function cases(check: Check, signer: Signer): void {
	hashes(check, signer);
	ecdsa(check, signer);
	personalMessages(check, signer);
	typedData(check, signer);
	ed25519(check, signer);
	addresses(check, signer);
	slots(check, signer);
}

function hashes(check: Check, hashes: Hashes): void {
	for (const [text, keccak, sha] of HASHES) {
		check(`keccak256 of ${text.length} bytes`, hex.encode(hashes.keccak256(utf8.encode(text))), keccak);
		check(`sha256 of ${text.length} bytes`, hex.encode(hashes.sha256(utf8.encode(text))), sha);
	}
	// Pactum: an order's id as the escrow contract knows it.
	const order = utf8.encode("123e4567-e89b-12d3-a456-426614174000");
	check(
		"keccak256 of an order",
		hex.encode(hashes.keccak256(order)),
		"b77d58f5e08a1d2c2d5d335ce973aa4c48c1c3b91dc2e11da40e81ba50b47179",
	);
}

function ecdsa(check: Check, signer: Signer): void {
	for (const [key, message, signature] of RFC_6979) {
		withKey(signer, "secp256k1", key, (slot) => {
			const actual = hex.encode(signer.signDigest(slot, signer.sha256(utf8.encode(message))));
			check(`RFC 6979: ${message.slice(0, 20)}`, actual.slice(0, 128), signature);
			check(`RFC 6979: v of ${message.slice(0, 20)}`, actual.slice(128) === "1b" || actual.slice(128) === "1c", true);
		});
	}
	withKey(signer, "secp256k1", "1".padStart(64, "0"), (slot) => {
		check("public key of 1 is the generator", hex.encode(signer.publicKey(slot)), GENERATOR);
	});
}

function personalMessages(check: Check, signer: Signer): void {
	for (const [message, digest] of EIP_191) {
		check(`EIP-191: ${message.slice(0, 20)}`, hex.encode(personalMessageDigest(signer, message)), digest);
		check(`EIP-191: the bytes of it`, hex.encode(personalMessageDigest(signer, utf8.encode(message))), digest);
	}
	check(
		"EIP-191: half a surrogate pair",
		refusal(() => personalMessageDigest(signer, "\ud800")),
		"LoneSurrogate",
	);
	withKey(signer, "secp256k1", AGENTPMT.key, (slot) => {
		check("AgentPMT: address", addressOfPublicKey(signer, signer.publicKey(slot)).toLowerCase(), AGENTPMT.address);
		check("AgentPMT: signature", signPersonalMessage(signer, slot, AGENTPMT.balance), AGENTPMT.signature);
	});
}

function typedData(check: Check, signer: Signer): void {
	const signed = (name: string, key: string, data: TypedData, signature: string) =>
		withKey(signer, "secp256k1", key, (slot) =>
			check(`${name}: signature`, signTypedData(signer, slot, data), signature),
		);
	signed(EIP_712.name, hex.encode(signer.keccak256(utf8.encode("cow"))), EIP_712.typedData, MAIL_SIGNATURE);
	signed(EIP_3009.name, X402_KEY, EIP_3009.typedData, EIP_3009_SIGNATURE);
	signed(PERMIT2.name, X402_KEY, PERMIT2.typedData, PERMIT2_SIGNATURE);
}

function ed25519(check: Check, signer: Signer): void {
	for (const [key, publicKey, message, signature] of RFC_8032) {
		withKey(signer, "ed25519", key, (slot) => {
			check(`RFC 8032: public key ${publicKey.slice(0, 8)}`, hex.encode(signer.publicKey(slot)), publicKey);
			const actual = hex.encode(signer.signMessage(slot, hex.decode(message)));
			check(`RFC 8032: signature by ${publicKey.slice(0, 8)}`, actual, signature);
		});
	}
	withKey(signer, "ed25519", RFC_8032[0][0], (slot) => {
		check("Pact: agent", base58.encode(signer.publicKey(slot)), "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z");
		const body = hex.encode(signer.sha256(utf8.encode('{"limit":10}')));
		check("Pact: body", body, "ca502dec04523cdc33afece69a9b600d5b9bd022d453791cc693b6b372f808ad");
		for (const [head, signature] of PACT) {
			const message = `${head}\n1700000000000\n8DfbjXLth7APvt3qQPgtf\n${body}`;
			check(`Pact: ${head.slice(0, 2)}`, base58.encode(signer.signMessage(slot, utf8.encode(message))), signature);
		}
	});
}

function addresses(check: Check, signer: Signer): void {
	for (const address of EIP_55) {
		check(`EIP-55: ${address}`, checksumAddress(signer, parseAddress(signer, address.toLowerCase())), address);
		check(`EIP-55: ${address} as it is`, hex.encode(parseAddress(signer, address)), address.slice(2).toLowerCase());
		const swapped = address.replace(/[a-f]/i, (digit) => (digit < "a" ? digit.toLowerCase() : digit.toUpperCase()));
		const isOneCase = /^0x[^a-f]*$|^0x[^A-F]*$/.test(swapped);
		const expected = isOneCase ? "accepted" : "AddressChecksum";
		check(
			`EIP-55: ${swapped}`,
			refusal(() => parseAddress(signer, swapped)),
			expected,
		);
		check(`same: ${swapped}`, isSameAddress(address, swapped), true);
	}
	const [address] = EIP_55;
	const upper = `0x${address.slice(2).toUpperCase()}`;
	check("address in upper case", hex.encode(parseAddress(signer, upper)), address.slice(2).toLowerCase());
	for (const text of [
		"",
		"0x",
		address.slice(2),
		address.slice(0, -1),
		`${address}0`,
		`0X${address.slice(2)}`,
		`${address.slice(0, -1)}g`,
	]) {
		check(
			`no address: ${text}`,
			refusal(() => parseAddress(signer, text)),
			"AddressFormat",
		);
		check(`not the same: ${text}`, isSameAddress(text, text), false);
	}
	check("not the same", isSameAddress(address, EIP_55[1]), false);
	check(
		"checksum of 19 bytes",
		refusal(() => checksumAddress(signer, new Uint8Array(19))),
		"AddressFormat",
	);
	check(
		"address of a compressed key",
		refusal(() => addressOfPublicKey(signer, new Uint8Array(33))),
		"PublicKeyFormat",
	);
	check(
		"address of another form",
		refusal(() => addressOfPublicKey(signer, new Uint8Array(65))),
		"PublicKeyFormat",
	);
}

function slots(check: Check, signer: Signer): void {
	check("empty: curve", signer.curve(1) === undefined, true);
	check(
		"empty: public key",
		refusal(() => signer.publicKey(1)),
		"KeyMissing",
	);
	check(
		"empty: digest",
		refusal(() => signer.signDigest(1, new Uint8Array(32))),
		"KeyMissing",
	);
	check(
		"empty: message",
		refusal(() => signer.signMessage(1, new Uint8Array(32))),
		"KeyMissing",
	);
	check(
		"empty: erase",
		refusal(() => signer.erase(1, new Uint8Array(32))),
		"KeyMissing",
	);
	for (const slot of [-1, 0.5, 1e9]) {
		check(
			`slot ${slot}`,
			refusal(() => signer.create(slot, "ed25519")),
			"SlotOutOfRange",
		);
	}
	for (const key of ["", "01", "00".repeat(32), ORDER, "ff".repeat(32), "01".repeat(33)]) {
		const importing = () => signer.importKey(1, "secp256k1", hex.decode(key));
		check(`key ${key.slice(0, 8)} of ${key.length / 2} bytes`, refusal(importing), "KeyOutOfRange");
	}
	check(
		"seed of 31 bytes",
		refusal(() => signer.importKey(1, "ed25519", new Uint8Array(31))),
		"KeyOutOfRange",
	);

	for (const [slot, curve, other] of [
		[1, "secp256k1", 2],
		[2, "ed25519", 1],
	] as const) {
		signer.create(slot, curve);
		check(`${curve}: curve`, signer.curve(slot) === curve, true);
		check(`${curve}: length of public key`, signer.publicKey(slot).length, curve === "ed25519" ? 32 : 65);
		check(
			`${curve}: create again`,
			refusal(() => signer.create(slot, curve)),
			"SlotTaken",
		);
		check(
			`${curve}: import over it`,
			refusal(() => signer.importKey(slot, curve, new Uint8Array(32).fill(1))),
			"SlotTaken",
		);
		check(`${curve}: the other slot is empty`, signer.curve(other) === undefined, slot === 1);
	}
	check(
		"ed25519 signs no digest",
		refusal(() => signer.signDigest(2, new Uint8Array(32))),
		"KeyOfAnotherCurve",
	);
	check(
		"secp256k1 signs no message",
		refusal(() => signer.signMessage(1, new Uint8Array(32))),
		"KeyOfAnotherCurve",
	);
	for (const length of [0, 31, 33]) {
		check(
			`digest of ${length} bytes`,
			refusal(() => signer.signDigest(1, new Uint8Array(length))),
			"DigestLength",
		);
	}
	check("two keys differ", hex.encode(signer.publicKey(1)).includes(hex.encode(signer.publicKey(2))), false);
	check(
		"erase by another key",
		refusal(() => signer.erase(1, signer.publicKey(2))),
		"NotConfirmed",
	);
	const almost = signer.publicKey(1).slice();
	almost[64]! ^= 1;
	check(
		"erase by almost the key",
		refusal(() => signer.erase(1, almost)),
		"NotConfirmed",
	);
	for (const slot of [1, 2]) {
		signer.erase(slot, signer.publicKey(slot));
		check(`slot ${slot} is empty again`, signer.curve(slot) === undefined, true);
	}
}

/** The key lies in slot 3 while `use` runs. */
function withKey(signer: Signer, curve: Curve, key: string, use: (slot: number) => void): void {
	signer.importKey(3, curve, hex.decode(key));
	try {
		use(3);
	} finally {
		signer.erase(3, signer.publicKey(3));
	}
}

/** FIPS 180-4, the Keccak team's, and one byte either side of keccak's block of 136 bytes (by two libraries). */
const HASHES = [
	[
		"",
		"c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470",
		"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	],
	[
		"abc",
		"4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45",
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	],
	[
		"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		"45d3b367a6904e6e8d502ee04999a7c27647f91fa845d456525fd352ae3d7371",
		"248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
	],
	[
		"a".repeat(135),
		"34367dc248bbd832f4e3e69dfaac2f92638bd0bbd18f2912ba4ef454919cf446",
		"dfa58dfd72f3c7080d0249a7758fd3636872f63fa24b18473ed36f031e248347",
	],
	[
		"a".repeat(136),
		"a6c4d403279fe3e0af03729caada8374b5ca54d8065329a3ebcaeb4b60aa386e",
		"6f0e44b9ce4ea61d52a3479c10f60ef916937f799f11964b7f1c7771063905c4",
	],
	[
		"a".repeat(137),
		"d869f639c7046b4929fc92a4d988a8b22c55fbadb802c0c66ebcd484f1915f39",
		"b6dc2da678c065ebdce374ebe1842728277203ee1a9a29832f058cf013d5ad85",
	],
] as const;

const GENERATOR =
	"0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
const ORDER = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141";

/** RFC 6979 §3.2 over secp256k1 with SHA-256: the vectors that Bitcoin's libraries share; r and s, s low. */
const RFC_6979 = [
	[
		"0000000000000000000000000000000000000000000000000000000000000001",
		"Satoshi Nakamoto",
		"934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d82442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5",
	],
	[
		"0000000000000000000000000000000000000000000000000000000000000001",
		"All those moments will be lost in time, like tears in rain. Time to die...",
		"8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21",
	],
	[
		"fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140",
		"Satoshi Nakamoto",
		"fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d06b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5",
	],
	[
		"f8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181",
		"Alan Turing",
		"7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea",
	],
	[
		"e91671c46231f833a6406ccbea0e3e392c76c167bac1cb013f6f1013980455c2",
		"There is a computer disease that anybody who works with computers knows about. It's a very serious disease and it interferes completely with the work. The trouble with computers is that you 'play' with them!",
		"b552edd27580141f3b2a5463048cb7cd3e047b97c9f98076c32dbdf85a68718b279fa72dd19bfae05577e06c7c0c1900c371fcd5893f7e1d56a37d30174671f6",
	],
] as const;

/** AgentPMT's balance and its newer invoke (docs of 2026); the key is a published one of test chains. */
const AGENTPMT = {
	key: "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
	address: "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
	balance: [
		"agentpmt-external",
		"wallet:0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
		"session:sess-1",
		"request:req-1",
		"action:balance",
		"product:-",
		"payload:",
	].join("\n"),
	invoke: [
		"agentpmt-external",
		"wallet:0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
		"session:sess-1",
		"request:req-2",
		"method:POST",
		"path:/external/tools/demo-tool/actions/do-it/invoke",
		"payload:8e2f3351cc4b49ada2d5b15783d2c4a77cbc6cd4f24aec0fe4006eb7887b7d27",
	].join("\n"),
	signature:
		"0x1bc0936ea07d9e14497953df7ddebc242961519b80b493bd23951c152891160f43360883d607da1d756459b2433cc3ee65818291639b0e3a8ffb28a93cc396501c",
} as const;

const EIP_191 = [
	["", "5f35dce98ba4fba25530a026ed80b2cecdaa31091ba4958b99b52ea1d068adad"],
	["hello", "50b2c43fd39106bafbba0da34fc430e1f91e3c96ea2acee2bc34119f92b37750"],
	["ünï", "ce2fa99ef8907e2131c109201aed0549f8b684aae4a313e69c84ce2a618b1ab3"],
	[AGENTPMT.balance, "b39f7247ba2cbf5327e1c7931f5b6cda92299e8eec2d9bf71ff7e1279731acae"],
	[AGENTPMT.invoke, "1f56eb1c15b5e067b58f9f3b2c991b6d04bd925995d3b98fb601002603181534"],
] as const;

const MAIL_SIGNATURE =
	"0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c";
const X402_KEY = "59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const EIP_3009_SIGNATURE =
	"0x9e4da37d87d01a322376e66f4a343e0584b617add56cdd845724b83ec1e5384e6ca7d838aac396c0bbfd5bd693a547dde102e55c26d2437d5e6fe92b2add96e61b";
const PERMIT2_SIGNATURE =
	"0x3786aca99c1c6b5fb899a8981bb38989f17b6f858ca3a64538578f06d5e7a3d743b4646fc4068d368ac9c6d03c4f41bc06098f25d559c7178be11adb1ccc749b1b";

/** RFC 8032 §7.1: secret key, public key, message, signature. */
const RFC_8032 = [
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
] as const;

/** Pact Network Market: the request up to its time, in both versions of the string. */
const PACT = [
	[
		"v1\nPOST\n/v1/dummy/quote/AAPL?x=1",
		"2Weu1qWbvB3iWAm4HaDvQYcEui9cLij6e5mfdA8RyMjKVLbLkGbZHAnJVkvue5UqvLmfXb3CYfhV887qvQs9iRQG",
	],
	[
		"v2\nPOST\n/v1/dummy/quote/AAPL?x=1\n",
		"45oMHm81GqB65SnNyg5tuvZFzCvFJkGC6r4jJL9XxvaCT1Hue8wjNddVhs5Mqtx9PL2n2aFTrX1WZxp3d4JdCYnb",
	],
] as const;

/** The addresses of EIP-55's own table. */
const EIP_55 = [
	"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
	"0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
	"0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
	"0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
	"0x52908400098527886E0F7030069857D2E4169EE7",
	"0xde709f2102306220921060314715629080e2fb77",
] as const;
