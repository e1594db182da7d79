/**
 * Reads why a seller or its facilitator refused a payment: the reason codes of the reference facilitator (`@x402/evm`, `@x402/core`),
 * wherever they stand in the seller's words, and the sentences of reference servers.
 *
 * | reason | what it proves |
 * |---|---|
 * | `used` | the authorization was used before: it is paid |
 * | `tried` | a settlement was tried: the money may be gone |
 * | `funds` | the payment did not verify, since the wallet holds too little: nothing was taken |
 * | `fault` | the payment did not verify for another reason: nothing was taken |
 * | `required` | the server saw no payment |
 */
export type Reason = "used" | "tried" | "funds" | "fault" | "required";

/** Returns the gravest known reason in `words`; `undefined` if there is none. */
export function reasonIn(words: string): Reason | undefined {
	// Regular expressions have mutable state (`lastIndex`): one at module level would be written to in ROM.
	const codes = words.match(/[a-z0-9]+(_[a-z0-9]+)+/g) ?? [];
	const kinds = codes.map(reasonOfCode);
	for (const reason of ["used", "tried"] as const) if (kinds.includes(reason)) return reason;
	if (/transaction_state|settle/.test(words) && !kinds.includes("funds") && !kinds.includes("fault")) return "tried";
	if (kinds.includes("funds") || /insufficient (funds|balance)/i.test(words)) return "funds";
	if (kinds.includes("fault") || /^(no matching|unable to find|invalid or malformed)/i.test(words)) return "fault";
	return /^(payment required|payment-signature|x-payment header)/i.test(words) ? "required" : undefined;
}

function reasonOfCode(code: string): Reason | undefined {
	if (/nonce_already_used|permit2_invalid_nonce/.test(code)) return "used";
	if (/transaction_(failed|state)|transfer_event|settle|tx_failed|broadcast|deployment_failed|unexpected/.test(code)) {
		return "tried";
	}
	if (/insufficient_(funds|balance)/.test(code)) return "funds";
	const isFault =
		/^(invalid|insufficient|permit2|asset|extension|eip2612|erc20_approval|eip6492|upto|unsupported)_/.test(code);
	return isFault ? "fault" : undefined;
}
