/** Reads the beginning of the text in an error's body, in a form that an event may show to the owner. */
import * as utf8 from "../../modules/encoding/utf8.js";
import { contentCodingOf } from "../http/content_coding.js";
import type { HttpResponse } from "../http/response.js";
import { withoutSecrets } from "../http/shown.js";

/** Characters that are shown, and bytes that are read for them. */
const SHOWN = 200;
const READ_BYTES = 800;

/** Reads the beginning of the body and drops the rest; "" if there is none, or no text. Never throws. */
export async function sellersWords(response: HttpResponse): Promise<string> {
	let words = "";
	try {
		const isText = isTextType(response.headers.get("content-type")) && contentCodingOf(response.headers) === "";
		const bytes = isText ? await beginning(response) : new Uint8Array(0);
		words = wordsIn(bytes);
	} catch {
		// The status is enough.
	}
	await response.discard();
	return words;
}

/** Returns `: ` and the text, or "" if there is none: for the end of a sentence. */
export function afterColon(words: string): string {
	return words === "" ? "" : `: ${words}`;
}

/**
 * The words in the beginning of a body, on one line: without markup, control and formatting characters, without the queries of
 * addresses, and without what may be a payment, a signature or a key.
 */
export function wordsIn(bytes: Uint8Array): string {
	const text = utf8.decode(utf8.repaired(bytes.subarray(0, READ_BYTES)));
	if (text.includes("\u0000")) return "";
	const plain = text
		.replace(/<(script|style)[^>]*>[\s\S]*?(<\/\1>|$)/gi, " ")
		.replace(/<[^<>]*>/g, " ")
		.replace(/[^!-~\u00a1-\u00ac\u00ae-\u200a\u2010-\u2027\u2030-\u205f\u2070-\ufefe\uff00-\uffff]+/g, " ")
		.trim();
	const shown = withoutSecrets(plain).replace(/[A-Za-z0-9+/_=-]{48,}/g, (run) =>
		isHash(run) || isCode(run) ? run : "…",
	);
	return Array.from(shown.slice(0, 2 * SHOWN))
		.slice(0, SHOWN)
		.join("");
}

/** True for a transaction's hash, which is no secret. */
function isHash(run: string): boolean {
	return /^0x[0-9a-fA-F]{64}$/.test(run);
}

/** True for a reason code, such as invalid_exact_evm_payload_authorization_valid_before: short words, which no key has. */
function isCode(run: string): boolean {
	return /^[a-z0-9]{1,14}(_[a-z0-9]{1,14})+$/.test(run);
}

function isTextType(type = "text/plain"): boolean {
	return /^text\/|json|xml/i.test(type);
}

async function beginning(response: HttpResponse): Promise<Uint8Array> {
	const bytes = new Uint8Array(READ_BYTES);
	let length = 0;
	while (length < READ_BYTES) {
		const piece = await response.read();
		if (piece === undefined) break;
		bytes.set(piece.subarray(0, READ_BYTES - length), length);
		length = Math.min(READ_BYTES, length + piece.length);
	}
	return bytes.subarray(0, length);
}
