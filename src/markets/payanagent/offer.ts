/** Reads of an offer what a purchase needs to know. Its fields came in several forms, and are read in each. */

import { type JsonText, readJson } from "../../../modules/encoding/json/text.js";
import { leafText } from "../kit/fields.js";
import { malformed } from "./errors.js";

export type OfferType = "api" | "download";

export interface OfferToBuy {
	readonly offerType: OfferType;
	/** JSON Schema, an example or prose; "" if there is none. */
	readonly inputSchema: string;
}

/** Reads an offer's document. Throws `PayanAgentError` `AnswerMalformed`. */
export function readOfferToBuy(text: string): OfferToBuy {
	const [offerType, inputSchema] = unwrapOffer(text).members("offerType", "inputSchema");
	return {
		offerType: leafText(offerType) === "download" ? "download" : "api",
		inputSchema: inputSchema?.isObject ? inputSchema.text : leafText(inputSchema),
	};
}

/** The offer itself, which may be the member `offer` of its document. Throws `PayanAgentError` `AnswerMalformed`. */
export function unwrapOffer(text: string): JsonText {
	let whole: JsonText;
	try {
		whole = readJson(text);
	} catch {
		throw malformed("JSON");
	}
	const [wrapped] = whole.members("offer");
	return wrapped?.isObject ? wrapped : whole;
}
