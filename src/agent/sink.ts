/**
 * The destination of purchased data. A body is taken piece by piece as it arrives, and no more of it is held than the sink
 * needs.
 */
import * as hex from "../../modules/encoding/hex.js";
import type { SinkChoice } from "../configuration/plan.js";
import type { Storage } from "../device/storage.js";
import type { HttpResponse } from "../http/response.js";
import { SinkError } from "./errors.js";

/** The data that arrived. */
export interface Delivery {
	readonly bytes: number;
	/** Its first bytes: as text if they are text, otherwise in hexadecimal. */
	readonly preview: string;
}

/** Bytes shown of data that goes to storage. */
const PREVIEW = 256;

/**
 * Takes the body of `response` and passes what arrived to `taken`. Called again for each attempt of a delivery: a failed attempt leaves nothing behind. Throws
 * `HttpError` if the body was cut short, `SinkError` `SinkFull`, `SinkFailed`.
 */
export async function deliver(
	response: HttpResponse,
	sink: SinkChoice,
	storage: Storage,
	taken: (delivery: Delivery) => void,
): Promise<void> {
	const kept = new Uint8Array(sink.limit);
	let bytes = 0;
	for (let piece = await response.read(); piece !== undefined; piece = await response.read()) {
		if (bytes < kept.length) kept.set(piece.subarray(0, kept.length - bytes), bytes);
		bytes += piece.length;
		if (sink.kind === "storage" && bytes > sink.limit) {
			// A connection with unread data could not serve the next plan.
			response.close();
			throw new SinkError(
				"SinkFull",
				`the seller sent more than the ${sink.limit} bytes of the sink: raise sink.limit`,
			);
		}
	}
	const held = kept.subarray(0, bytes);
	if (sink.kind === "storage") store(storage, sink.key, held);
	taken({ bytes, preview: previewOf(sink.kind === "log" ? held : held.subarray(0, PREVIEW)) });
}

function store(storage: Storage, key: string, bytes: Uint8Array): void {
	try {
		// Flash has no empty values.
		if (bytes.length === 0) storage.delete(key);
		else storage.write(key, bytes);
	} catch (error) {
		throw new SinkError("SinkFailed", `flash refused to write ${key} (${(error as Error).message}): free some flash`);
	}
}

function previewOf(bytes: Uint8Array): string {
	const text = new TextDecoder().decode(bytes);
	const isText = !text.slice(0, -1).includes("\ufffd") && !text.includes("\0");
	return isText ? text : hex.encode(bytes);
}
