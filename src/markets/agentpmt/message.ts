/**
 * The text that a wallet signs for AgentPMT (EIP-191): lines joined by a newline, none at the end, the wallet in lower case.
 * The two lines in the middle differ: the newer invoke binds the path, all other operations an action and its product.
 */
import * as hex from "../../../modules/encoding/hex.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { Hashes } from "../../../modules/signer/signer.js";

export type Subject =
	| { readonly action: string; readonly product: string }
	/** Without host, `/api` and query. */
	| { readonly method: "POST"; readonly path: string };

export interface Message {
	/** Lower case. */
	readonly wallet: string;
	readonly session: string;
	readonly request: string;
	readonly subject: Subject;
	/** Canonical JSON, or `undefined` for an operation without a payload. */
	readonly payload: string | undefined;
}

export function messageText(hashes: Hashes, { wallet, session, request, subject, payload }: Message): string {
	const about =
		"action" in subject
			? `action:${subject.action}\nproduct:${subject.product}`
			: `method:${subject.method}\npath:${subject.path}`;
	const hash = payload === undefined ? "" : hex.encode(hashes.sha256(utf8.encode(payload)));
	return `agentpmt-external\nwallet:${wallet}\nsession:${session}\nrequest:${request}\n${about}\npayload:${hash}`;
}
