/**
 * The signed data of scheme `exact` on EVM chains (x402 specification, schemes/exact/scheme_exact_evm.md): EIP-3009
 * `TransferWithAuthorization` under the token's own EIP-712 domain, or Permit2's `PermitWitnessTransferFrom`, whose spender
 * is the x402 proxy and whose witness pins the payee.
 */
import * as hex from "../../../../modules/encoding/hex.js";
import * as uint256 from "../../../../modules/encoding/uint256.js";
import * as utf8 from "../../../../modules/encoding/utf8.js";
import { parseAddress } from "../../../../modules/signer/address.js";
import { type TypedData, typedDataDigest } from "../../../../modules/signer/eip712.js";
import type { Hashes } from "../../../../modules/signer/signer.js";
import type { Authorization } from "../scheme.js";
import { chainOfNetwork } from "./networks.js";

/** Uniswap's Permit2 contract, which has this address on every chain. */
const PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3";
/** The x402 proxy for scheme `exact`: the only spender that these authorizations name. */
const EXACT_PERMIT2_PROXY = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001";

const EIP3009_TYPES = Object.freeze({
	TransferWithAuthorization: Object.freeze([
		Object.freeze({ name: "from", type: "address" }),
		Object.freeze({ name: "to", type: "address" }),
		Object.freeze({ name: "value", type: "uint256" }),
		Object.freeze({ name: "validAfter", type: "uint256" }),
		Object.freeze({ name: "validBefore", type: "uint256" }),
		Object.freeze({ name: "nonce", type: "bytes32" }),
	]),
});

const PERMIT2_TYPES = Object.freeze({
	PermitWitnessTransferFrom: Object.freeze([
		Object.freeze({ name: "permitted", type: "TokenPermissions" }),
		Object.freeze({ name: "spender", type: "address" }),
		Object.freeze({ name: "nonce", type: "uint256" }),
		Object.freeze({ name: "deadline", type: "uint256" }),
		Object.freeze({ name: "witness", type: "Witness" }),
	]),
	TokenPermissions: Object.freeze([
		Object.freeze({ name: "token", type: "address" }),
		Object.freeze({ name: "amount", type: "uint256" }),
	]),
	Witness: Object.freeze([
		Object.freeze({ name: "to", type: "address" }),
		Object.freeze({ name: "validAfter", type: "uint256" }),
	]),
});

/** keccak256 of `EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)`. */
const DOMAIN_TYPE_HASH = "8b73c3c69bb8fe3d512ecc4cf759cc79239f7b179b0ffacaa9a75d522b39400f";
/** keccak256 of `encodeType` of `TransferWithAuthorization`, as in EIP-3009. */
const TRANSFER_TYPE_HASH = "7c7c6cdb67a18743f49ec6fa9b35f50d52ed05cbed4cc592e13b44501c1a2267";
const WORD = 32;

/** Returns the EIP-712 digest to sign: 32 bytes. */
export function authorizationDigest(hashes: Hashes, authorization: Authorization): Uint8Array {
	return authorization.requirements.method === "eip3009"
		? eip3009Digest(hashes, authorization)
		: typedDataDigest(hashes, authorizationTypedData(authorization));
}

/** Returns `typedDataDigest` of `eip3009TypedData`. Its types are constant, so their hashes are constants. */
function eip3009Digest(hashes: Hashes, { requirements, from, validBefore, nonce }: Authorization): Uint8Array {
	const { network, payTo, amount, name, version, asset } = requirements;
	const domain = structHash(hashes, [
		hex.decode(DOMAIN_TYPE_HASH),
		hashes.keccak256(utf8.encode(name)),
		hashes.keccak256(utf8.encode(version)),
		uint256.fromDecimal(chainOfNetwork(network)),
		parseAddress(hashes, asset),
	]);
	const message = structHash(hashes, [
		hex.decode(TRANSFER_TYPE_HASH),
		parseAddress(hashes, from),
		parseAddress(hashes, payTo),
		amount,
		uint256.fromNumber(0),
		uint256.fromNumber(validBefore),
		nonce,
	]);
	const signed = new Uint8Array(2 + 2 * WORD);
	signed.set([0x19, 0x01]);
	signed.set(domain, 2);
	signed.set(message, 2 + WORD);
	return hashes.keccak256(signed);
}

/** Returns keccak256 of the values, each at the end of a word of 32 bytes. */
function structHash(hashes: Hashes, values: readonly Uint8Array[]): Uint8Array {
	const words = new Uint8Array(WORD * values.length);
	for (let i = 0; i < values.length; i++) words.set(values[i]!, WORD * (i + 1) - values[i]!.length);
	return hashes.keccak256(words);
}

export function authorizationTypedData(authorization: Authorization): TypedData {
	return authorization.requirements.method === "eip3009"
		? eip3009TypedData(authorization)
		: permit2TypedData(authorization);
}

/** Returns the payload of the payment header: the signed message as JSON values, and the signature. */
export function authorizationPayload(authorization: Authorization, signature: Uint8Array): object {
	const message = authorizationTypedData(authorization).message;
	const hexSignature = `0x${hex.encode(signature)}`;
	return authorization.requirements.method === "eip3009"
		? { authorization: message, signature: hexSignature }
		: { signature: hexSignature, permit2Authorization: { from: authorization.from, ...message } };
}

function eip3009TypedData({ requirements, from, validBefore, nonce }: Authorization): TypedData {
	const { network, payTo, amount, name, version, asset } = requirements;
	return {
		domain: { name, version, chainId: chainOfNetwork(network)!, verifyingContract: asset },
		types: EIP3009_TYPES,
		primaryType: "TransferWithAuthorization",
		message: {
			from,
			to: payTo,
			value: uint256.toDecimal(amount),
			validAfter: "0",
			validBefore: String(validBefore),
			nonce: `0x${hex.encode(nonce)}`,
		},
	};
}

function permit2TypedData({ requirements, validBefore, nonce }: Authorization): TypedData {
	const { network, payTo, amount, asset } = requirements;
	return {
		domain: { name: "Permit2", chainId: chainOfNetwork(network)!, verifyingContract: PERMIT2 },
		types: PERMIT2_TYPES,
		primaryType: "PermitWitnessTransferFrom",
		message: {
			permitted: { token: asset, amount: uint256.toDecimal(amount) },
			spender: EXACT_PERMIT2_PROXY,
			nonce: uint256.toDecimal(nonce),
			deadline: String(validBefore),
			witness: { to: payTo, validAfter: "0" },
		},
	};
}
