/**
 * Scheme `exact` on EVM chains (x402 specification, schemes/exact/scheme_exact_evm.md): EIP-3009
 * `transferWithAuthorization`, or Permit2 through the x402 proxy. The token's contract, or Permit2, remembers the nonce.
 */
import type { JsonText } from "../../../../modules/encoding/json/text.js";
import { addressOfPublicKey, parseAddress } from "../../../../modules/signer/address.js";
import { TermsError } from "../../errors.js";
import { leafOf, objectIn, type SchemeFields, type SchemeRequirements, shown } from "../../payment_requirements.js";
import type { PaymentScheme } from "../scheme.js";
import { authorizationDigest, authorizationPayload } from "./authorization.js";
import { balanceQuery, readBalance } from "./balance.js";
import { chainOfNetwork, networkOfName } from "./networks.js";

export const exactEvm: PaymentScheme = Object.freeze({
	name: "exact",
	namespace: "eip155",
	curve: "secp256k1",
	methods: Object.freeze(["eip3009", "permit2"]),
	nonceLength: 32,
	extraNames: Object.freeze(["assetTransferMethod", "name", "version"]),
	isNetwork: (network) => chainOfNetwork(network) !== undefined,
	networkOfName,
	addressOf: addressOfPublicKey,
	parseAddress(hashes, text) {
		parseAddress(hashes, text);
		return text.toLowerCase();
	},
	readRequirements,
	assetMismatch(asset, { method, name, version }) {
		const isSame = (name === "" || name === asset.name) && (version === "" || version === asset.version);
		if (method !== "eip3009" || isSame) return undefined;
		return `expects the token's EIP-712 domain "${asset.name}" version "${asset.version}", got "${name}" version "${version}"`;
	},
	lifetime: ({ maxTimeoutSeconds }, longest) => Math.min(maxTimeoutSeconds, longest),
	isReplaceable: (before, after) =>
		before.network === after.network && before.asset === after.asset && before.method === after.method,
	balanceQuery,
	readBalance,
	sign: (keys, slot, authorization) => keys.signDigest(slot, authorizationDigest(keys, authorization)),
	payload: authorizationPayload,
} satisfies PaymentScheme);

/** Throws `TermsError` `TermsShape`, `AddressMalformed`, `MethodUnknown`, `DomainMissing`. */
function readRequirements({ asset, payTo, extra }: SchemeFields): SchemeRequirements {
	if (extra !== undefined && leafOf(extra) !== null) objectIn(extra, "extra");
	const [assetTransferMethod, name, version] = extra?.members("assetTransferMethod", "name", "version") ?? [];
	const method = readMethod(assetTransferMethod);
	return {
		asset: readAddress(asset, "asset"),
		payTo: readAddress(payTo, "payTo"),
		method,
		name: method === "eip3009" ? readDomain(name, "name") : "",
		version: method === "eip3009" ? readDomain(version, "version") : "",
	};
}

function readAddress(field: JsonText | undefined, name: string): string {
	const value = leafOf(field);
	// Checksums are the owner's concern: the rules pin the addresses that may be paid.
	if (typeof value === "string" && /^0x[0-9a-fA-F]{40}$/.test(value)) return value.toLowerCase();
	throw new TermsError("AddressMalformed", `expected ${name} to be a 0x address of 20 bytes, got ${shown(field)}`);
}

function readMethod(field: JsonText | undefined): string {
	const value = leafOf(field);
	if (value === undefined) return "eip3009";
	if (value === "eip3009" || value === "permit2") return value;
	throw new TermsError("MethodUnknown", `expected assetTransferMethod "eip3009" or "permit2", got ${shown(field)}`);
}

/** "" if the seller omits it: the owner's configuration has it too. */
function readDomain(field: JsonText | undefined, name: string): string {
	const value = leafOf(field);
	if (field === undefined || value === null) return "";
	if (typeof value !== "string" || value === "" || value.length > 64) {
		throw new TermsError("DomainMissing", `expected extra.${name}, the token's EIP-712 ${name}, got ${shown(field)}`);
	}
	return value;
}
