/** What is signed, against viem and against the golden vectors that two other libraries agree on. */
import test from "ava";
import {
	bytesToHex,
	type Hex,
	hashTypedData,
	hexToBytes,
	recoverTypedDataAddress,
	type TypedDataDefinition,
} from "viem";
import { privateKeyToAccount } from "viem/accounts";
import * as uint256 from "../../../modules/encoding/uint256.js";
import { createPortableSigner, hashes, typedDataDigest } from "../../../modules/signer/portable.js";
import type { PaymentRequirements } from "../../../src/x402/payment_requirements.js";
import {
	authorizationDigest,
	authorizationPayload,
	authorizationTypedData,
} from "../../../src/x402/schemes/exact_evm/authorization.js";
import type { Authorization } from "../../../src/x402/schemes/scheme.js";
import { Random } from "../../encoding/random.js";

const key: Hex = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";
const account = privateKeyToAccount(key);
const signer = createPortableSigner({ keys: new Map(), random: () => {} });
signer.importKey(0, "secp256k1", hexToBytes(key));

const requirements: PaymentRequirements = {
	scheme: "exact",
	method: "eip3009",
	network: "eip155:84532",
	asset: "0x036CbD53842c5426634e7929541eC2318f3dCF7e",
	payTo: "0x209693Bc6afc0C5328bA36FaF03C514EF312287C",
	amount: uint256.fromNumber(10_000),
	name: "USDC",
	version: "2",
	maxTimeoutSeconds: 60,
	flow: "authorization",
};
const golden: Authorization = {
	requirements,
	from: account.address,
	nonce: hexToBytes("0xf3746613c2d920b5fdabc0856f2aeb2d4f88ee6037b8cc5d04a71a4462f13480"),
	validBefore: 1_740_672_154,
};

test("an EIP-3009 authorization hashes and signs as the golden vector", (t) => {
	const digest = authorizationDigest(hashes, golden);
	t.is(bytesToHex(digest), "0x2581a4c01e54debc75ffdcb53e7f023dd6defd24c074bba6467916daed293bdc");
	t.is(
		bytesToHex(signer.signDigest(0, digest)),
		"0x9e4da37d87d01a322376e66f4a343e0584b617add56cdd845724b83ec1e5384e6ca7d838aac396c0bbfd5bd693a547dde102e55c26d2437d5e6fe92b2add96e61b",
	);
});

test("a Permit2 authorization hashes and signs as the golden vector", (t) => {
	const nonce = 33247007178036348590600198031289925668252061821958005840077069883511451257277n;
	const typedData = authorizationTypedData({
		...golden,
		requirements: { ...requirements, method: "permit2" },
		nonce: uint256.fromDecimal(String(nonce)),
	});
	const { witness } = typedData.message as { witness: Record<string, string> };
	t.is(witness.validAfter, "0");
	const message = { ...typedData.message, witness: { ...witness, validAfter: "1740672089" } };
	const digest = typedDataDigest(hashes, { ...typedData, message });
	t.is(bytesToHex(digest), "0x21528e1468aac114016416353e2309329f217dc180b21baa1d81cde941095685");
	t.is(
		bytesToHex(signer.signDigest(0, digest)),
		"0x3786aca99c1c6b5fb899a8981bb38989f17b6f858ca3a64538578f06d5e7a3d743b4646fc4068d368ac9c6d03c4f41bc06098f25d559c7178be11adb1ccc749b1b",
	);
});

function randomAuthorization(random: Random): Authorization {
	return {
		requirements: {
			...requirements,
			method: random.pick(["eip3009", "permit2"]),
			network: `eip155:${1n + random.bigint(60)}`,
			asset: bytesToHex(random.bytes(20)),
			payTo: bytesToHex(random.bytes(20)),
			amount: uint256.fromDecimal(String(random.bigint(256))),
			name: random.pick(["USDC", "USD Coin", "Євро", '"', "\ud83d\udcb6"]),
			version: random.pick(["1", "2", "v2 "]),
		},
		from: account.address,
		nonce: random.bytes(32),
		validBefore: random.integer(2 ** 32),
	};
}

test("200 random authorizations hash as by viem, which recovers the payer", async (t) => {
	const random = new Random(t);
	for (let i = 0; i < 200; i++) {
		const authorization = randomAuthorization(random);
		const ours = authorizationTypedData(authorization);
		// viem leaves a chain id out that is a text.
		const domain = { ...ours.domain, chainId: BigInt(authorization.requirements.network.slice("eip155:".length)) };
		const typedData = { ...ours, domain } as unknown as TypedDataDefinition;
		const digest = authorizationDigest(hashes, authorization);
		t.is(bytesToHex(digest), hashTypedData(typedData));
		t.deepEqual(digest, typedDataDigest(hashes, ours));
		const signature = bytesToHex(signer.signDigest(0, digest));
		t.is(await recoverTypedDataAddress({ ...typedData, signature }), account.address);
	}
});

test("a payload is the signed message and its signature", (t) => {
	const random = new Random(t);
	for (let i = 0; i < 20; i++) {
		const authorization = randomAuthorization(random);
		const { message } = authorizationTypedData(authorization);
		const payload = authorizationPayload(authorization, new Uint8Array(65).fill(1)) as Record<string, unknown>;
		t.is(payload.signature, `0x${"01".repeat(65)}`);
		const told = authorization.requirements.method === "eip3009" ? payload.authorization : payload.permit2Authorization;
		t.deepEqual(
			told,
			authorization.requirements.method === "eip3009" ? message : { from: account.address, ...message },
		);
	}
});
