/** The offers of native sellers and of the ecosystem. */
import type { Agent } from "./agents.js";
import type { InputSchema } from "./input_schema.js";
import type { Micros } from "./money.js";
import { Refusal } from "./refusal.js";

export interface Offer {
	readonly id: string;
	/** The seller: an agent of the market, or a seller of the ecosystem, named by its address. */
	readonly seller: Agent | string;
	title: string;
	description: string;
	category: string;
	tags: readonly string[];
	price: Micros;
	offerType: "api" | "download";
	endpoint?: string;
	httpMethod?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
	fileUrl?: string;
	/** JSON Schema, or text: an example or prose; sent as text. */
	inputSchema?: InputSchema | string;
	outputSchema?: string;
	/** False once its seller has taken it back: it is shown, and not sold. */
	isActive?: boolean;
	/** For the ecosystem: the place of relayed terms; by default as the seller sends them. */
	terms?: "header" | "body" | "both" | "x-payment-required" | "www-authenticate";
	/** The order of coming, for `sort=new`. */
	readonly number: number;
}

export type OfferFields = Omit<Offer, "id" | "number">;

export class Offers {
	readonly all: Offer[] = [];
	#count = 0;

	/** @param id - of a test's choice; a number by default */
	add(fields: OfferFields, id?: string): Offer {
		const number = ++this.#count;
		const offer = { ...fields, id: id ?? `offer-${number}`, number };
		this.all.push(offer);
		return offer;
	}

	/** @throws {Refusal} 404 */
	find(id: string): Offer {
		const offer = this.all.find((each) => each.id === id);
		if (!offer) throw new Refusal(404, "Offer not found");
		return offer;
	}
}
