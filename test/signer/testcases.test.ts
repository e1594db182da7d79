/** All cases that ethers publishes (`@ethersproject/testcases`) of typed data, addresses and hashes. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import test from "ava";
import * as hex from "../../modules/encoding/hex.js";
import {
	addressOfPublicKey,
	checksumAddress,
	createPortableSigner,
	hashes,
	hashStruct,
	parseAddress,
	signTypedData,
	type TypedData,
	typedDataDigest,
} from "../../modules/signer/portable.js";

interface TypedDataCase extends Omit<TypedData, "message"> {
	readonly name: string;
	readonly data: object;
	readonly encoded: string;
	readonly digest: string;
	readonly privateKey?: string;
	readonly signature?: string;
}

interface AccountCase {
	readonly address: string;
	readonly checksumAddress: string;
	readonly privateKey?: string;
}

interface HashCase {
	readonly data: string;
	readonly keccak256: string;
	readonly sha256: string;
}

test("EIP-712: 1,025 documents of ethers' test cases hash and sign as listed", (t) => {
	const cases = load<TypedDataCase>("eip712");
	for (const { name, types, primaryType, domain, data, encoded, digest, privateKey, signature } of cases) {
		const typedData = { types, primaryType, domain, message: data };
		const struct = hex.encode(hashStruct(hashes, types, primaryType, data));
		t.is(struct, hex.encode(hashes.keccak256(hex.decode(encoded))), name);
		t.is(`0x${hex.encode(typedDataDigest(hashes, typedData))}`, digest, name);
		if (privateKey !== undefined) t.is(signTypedData(signerWith(privateKey), 0, typedData), signature!, name);
	}
	t.is(cases.length, 1025);
});

test("EIP-55: 1,038 addresses of ethers' test cases follow from their keys", (t) => {
	const cases = load<AccountCase>("accounts");
	for (const { address, checksumAddress: expected, privateKey } of cases) {
		t.is(checksumAddress(hashes, parseAddress(hashes, address)), expected);
		t.is(`0x${hex.encode(parseAddress(hashes, expected))}`, address.toLowerCase());
		if (privateKey !== undefined) t.is(addressOfPublicKey(hashes, signerWith(privateKey).publicKey(0)), expected);
	}
	t.is(cases.length, 1038);
});

test("keccak256 and sha256: 516 inputs of ethers' test cases hash as listed", (t) => {
	const cases = load<HashCase>("hashes");
	for (const { data, keccak256, sha256 } of cases) {
		t.is(`0x${hex.encode(hashes.keccak256(hex.decode(data)))}`, keccak256);
		t.is(`0x${hex.encode(hashes.sha256(hex.decode(data)))}`, sha256);
	}
	t.is(cases.length, 516);
});

function load<Case>(name: string): readonly Case[] {
	const path = new URL(`../../node_modules/@ethersproject/testcases/testcases/${name}.json.gz`, import.meta.url);
	return JSON.parse(gunzipSync(readFileSync(path)).toString());
}

function signerWith(privateKey: string) {
	const signer = createPortableSigner({ keys: new Map(), random: () => {} });
	signer.importKey(0, "secp256k1", hex.decode(privateKey));
	return signer;
}
