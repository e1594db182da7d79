/** Reads the parts of an offer that a purchase needs. Its fields come in several forms, and each is read. */

import { members } from "../../../modules/encoding/json/items.js";
import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import type { HttpResponse } from "../../http/response.js";
import { leafText } from "../kit/fields.js";
import { DOCUMENT_LIMIT } from "./api.js";

export type OfferType = "api" | "download";

export interface OfferToBuy {
	readonly offerType: OfferType;
	/** JSON Schema, an example or prose; "" if there is none. */
	readonly inputSchema: string;
	/** The method for requests to the seller; `undefined` if the offer does not say. */
	readonly method: "GET" | "POST" | undefined;
}

/**
 * Reads an offer's document, which may have the offer itself as its member `offer`. It is read as it arrives: a seller's
 * example output may be larger than the device's memory. Throws `ItemsError`, `HttpError`.
 */
export async function readOfferToBuy(response: HttpResponse): Promise<OfferToBuy> {
	const names = ["offerType", "inputSchema", "httpMethod"];
	const [offerType, schema, httpMethod] = (await members(response, names, DOCUMENT_LIMIT, "offer")).members(...names);
	const inputSchema = schemaOf(schema);
	return {
		offerType: leafText(offerType) === "download" ? "download" : "api",
		inputSchema,
		method: methodOf(leafText(httpMethod)) ?? methodOf(methodIn(inputSchema)),
	};
}

/** Returns `inputSchema`: its JSON text, or its value if that is text. */
export function schemaOf(schema: JsonText | undefined): string {
	return schema?.isObject ? schema.text : leafText(schema);
}

/** Returns the method in a schema that is the `info.input` of x402's bazaar: `{"type":"http","method":"GET",…}`. */
function methodIn(inputSchema: string): string {
	try {
		const [type, method] = readJson(inputSchema).members("type", "method");
		return leafText(type) === "http" ? leafText(method) : "";
	} catch {
		return "";
	}
}

function methodOf(text: string): OfferToBuy["method"] {
	return text === "GET" || text === "POST" ? text : undefined;
}
