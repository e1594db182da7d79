/**
 * A scheme of a network that does not exist, with another kind of key, other addresses and another nonce: for the test that
 * a second scheme is one folder and one line. The test copies this file to `src/x402/schemes/NAME/`.
 */
import * as hex from "../../../modules/encoding/hex.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Authorization, PaymentScheme } from "../../../src/x402/schemes/scheme.js";

export const toy: PaymentScheme = Object.freeze({
	name: "exact",
	namespace: "toy",
	curve: "ed25519",
	methods: Object.freeze(["nod"]),
	nonceLength: 8,
	extraNames: Object.freeze([]),
	isNetwork: (network) => network === "toy:street",
	networkOfName: (name) => (name === "street" ? "toy:street" : undefined),
	addressOf: (_hashes, publicKey) => `toy-${hex.encode(publicKey)}`,
	parseAddress(_hashes, text) {
		if (!text.startsWith("toy-")) throw new Error("expected toy- and a name");
		return text;
	},
	readRequirements: ({ asset, payTo }) => ({
		asset: String(asset?.leaf),
		payTo: String(payTo?.leaf),
		method: "nod",
		name: "",
		version: "",
	}),
	assetMismatch: () => undefined,
	lifetime: (_requirements, longest) => Math.min(30, longest),
	isReplaceable: () => false,
	balanceQuery: (asset, owner) => ({ method: "toy_count", params: [asset, owner] }),
	readBalance: (result) => (typeof result === "number" ? uint256.fromNumber(result) : undefined),
	sign: (keys, slot, authorization) => keys.signMessage(slot, message(authorization)),
	payload: (authorization, signature) => ({
		message: hex.encode(message(authorization)),
		signature: hex.encode(signature),
	}),
} satisfies PaymentScheme);

function message({ requirements, from, nonce, validBefore }: Authorization): Uint8Array {
	const { payTo, amount } = requirements;
	return utf8.encode([from, payTo, uint256.toDecimal(amount), hex.encode(nonce), validBefore].join(" "));
}
