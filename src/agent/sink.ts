/**
 * Where what was bought goes. A body is taken piece by piece as it comes; no more of it is held than the sink is for.
 */
import * as hex from "../../modules/encoding/hex.js";
import type { SinkChoice } from "../configuration/plan.js";
import type { Storage } from "../device/storage.js";
import type { HttpResponse } from "../http/response.js";
import { SinkError } from "./errors.js";

/** What arrived. */
export interface Delivery {
	readonly bytes: number;
	/** Its beginning, as text when it is text and in hexadecimal when it is not. */
	readonly preview: string;
}

/** Of what goes to storage, so much is shown as well. */
const PREVIEW = 256;

/**
 * Takes the body of `response`. Called anew for each try of a delivery: a try that failed leaves nothing behind. Throws
 * `HttpError` when the body was cut short, `SinkError` `SinkFull`, `SinkFailed`.
 */
export async function deliver(response: HttpResponse, sink: SinkChoice, storage: Storage): Promise<Delivery> {
	const kept = new Uint8Array(sink.limit);
	let bytes = 0;
	for (let piece = await response.read(); piece !== undefined; piece = await response.read()) {
		if (bytes < kept.length) kept.set(piece.subarray(0, kept.length - bytes), bytes);
		bytes += piece.length;
		if (sink.kind === "storage" && bytes > sink.limit) {
			// Its connection would not be free for the next plan.
			response.close();
			throw new SinkError("SinkFull", `the sink takes ${sink.limit} bytes, the seller sent more: raise sink.limit`);
		}
	}
	const held = kept.subarray(0, bytes);
	if (sink.kind === "storage") store(storage, sink.key, held);
	return { bytes, preview: previewOf(held.subarray(0, PREVIEW)) };
}

function store(storage: Storage, key: string, bytes: Uint8Array): void {
	try {
		// Flash has no empty values.
		if (bytes.length === 0) storage.delete(key);
		else storage.write(key, bytes);
	} catch (error) {
		throw new SinkError("SinkFailed", `flash did not take ${key}: ${(error as Error).message}`);
	}
}

function previewOf(bytes: Uint8Array): string {
	const text = new TextDecoder().decode(bytes);
	const isText = !text.slice(0, -1).includes("\ufffd") && !text.includes("\0");
	return isText ? text : hex.encode(bytes);
}
