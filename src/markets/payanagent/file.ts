/** Fetches the file of a download offer once it has been paid for. */

import { ItemsError } from "../../../modules/encoding/json/errors.js";
import { fields } from "../../../modules/encoding/json/items.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import type { Deliver } from "../../x402/client.js";
import { textOf } from "../kit/fields.js";
import { pause } from "../kit/pause.js";
import type { Api } from "./api.js";
import { PayanAgentError } from "./errors.js";
import type { Payment } from "./payment.js";

const BODY_LIMIT = 2_048;
/** The number of attempts to fetch a paid file, and the wait after the first. */
const FILE_ASKS = 3;
const FILE_AGAIN_MS = 1_000;
/** The most redirects from a file's address to the file. */
const FILE_REDIRECTS = 3;

/**
 * Delivers the file of a download offer, whose answer is `{receiptId, fileUrl, txHash}`. It may be on any host, so the
 * request carries nothing of ours. Throws `PayanAgentError` `FileUnavailable`, never `HttpError`: sending the payment again
 * would not bring the file.
 */
export async function deliverFile(api: Api, payment: Payment, response: HttpResponse, deliver: Deliver): Promise<void> {
	let reason = "the market named no file";
	try {
		const body = await fields(response, ["receiptId", "fileUrl", "txHash"], BODY_LIMIT);
		payment.take(body);
		const fileUrl = textOf(body.fileUrl);
		const isSecure = fileUrl.startsWith("https://") || !api.host.startsWith("https://");
		for (let asks = 1; fileUrl !== "" && isSecure && asks <= FILE_ASKS; asks++) {
			if (asks > 1) await pause(api.deps.timer, FILE_AGAIN_MS * asks);
			const result = await fetchFile(api, fileUrl, deliver);
			if (result === "") return;
			reason = result;
		}
	} catch (error) {
		// Errors of the sink are the caller's.
		if (!(error instanceof ItemsError) && !isOfNetwork(error)) throw error;
		reason = error.name;
	}
	// The file's address may be a secret of the seller's.
	throw new PayanAgentError("FileUnavailable", `the file was paid for and could not be fetched: ${reason}`);
}

/** True if the same request may succeed later. */
function isOfNetwork(error: unknown): error is HttpError {
	return error instanceof HttpError && error.name !== "BodyTooLarge";
}

/** Returns "" once the file is delivered, otherwise the reason. */
async function fetchFile(api: Api, url: string, deliver: Deliver): Promise<string> {
	try {
		const redirects = { limit: FILE_REDIRECTS, allowed: () => true };
		const response = await api.deps.http.request({ method: "GET", url, redirects });
		if (response.status === 200) {
			await deliver(response);
			return "";
		}
		await response.discard();
		return `its host answered ${response.status}`;
	} catch (error) {
		if (!isOfNetwork(error)) throw error;
		return error.name;
	}
}
