/** Serves offers: lists and searches them, and lets a seller change its own. */
import type { Express, Request } from "express";
import { type Context, countPublic, dollars, single } from "./context.js";
import { inCents, type Micros, ofCents } from "./money.js";
import type { Offer } from "./offers.js";
import { cents, limitOf, object, oneOf, Refusal, readFields, text, texts, url } from "./refusal.js";
import { reply } from "./shop/site.js";

/** Hides what looks like a secret in the query of an endpoint. */
function redact(endpoint: string): string {
	const shown = new URL(endpoint);
	for (const name of shown.searchParams.keys())
		if (/key|token|secret|auth|sig|password/i.test(name)) shown.searchParams.set(name, "REDACTED");
	return shown.href;
}

export function sayOffer(offer: Offer, context: Context, inFull = false): object {
	const { id, seller, title, description, category, tags, price, offerType, endpoint, httpMethod, inputSchema } = offer;
	const native = typeof seller !== "string";
	const reputation = context.receipts.reputation(native ? seller.profile.walletAddress : "0x");
	const who = native ? { agentId: seller.id, name: seller.profile.name } : { name: new URL(seller).host };
	return {
		id,
		title,
		description,
		category,
		tags,
		offerType,
		source: native ? "native" : "ecosystem",
		priceUsd: dollars(context, price),
		priceCents: inCents(price),
		buyUrl: `/x402/${id}`,
		...(inFull && {
			...(endpoint && { endpoint: redact(endpoint) }),
			...(httpMethod && { httpMethod }),
			inputSchema: inputSchema ?? null,
			seller: { ...who, ...reputation },
		}),
	};
}

export interface Wanted {
	readonly q?: string | undefined;
	readonly category?: string | undefined;
	readonly offerType?: string | undefined;
	readonly most?: Micros | undefined;
}

export function matching(offers: readonly Offer[], { q = "", category, offerType, most }: Wanted): Offer[] {
	const words = (offer: Offer): string => `${offer.title} ${offer.description} ${offer.tags.join(" ")}`.toLowerCase();
	return offers.filter(
		(offer) =>
			words(offer).includes(q.toLowerCase()) &&
			(category === undefined || offer.category === category) &&
			(offerType === undefined || offer.offerType === offerType) &&
			(most === undefined || offer.price <= most),
	);
}

const compare: Readonly<Record<string, (context: Context) => (a: Offer, b: Offer) => number>> = {
	new: () => (a, b) => b.number - a.number,
	price: () => (a, b) => (a.price === b.price ? a.number - b.number : a.price < b.price ? -1 : 1),
	top: ({ receipts }) => {
		const sold = new Map<string, number>();
		for (const { subject } of receipts.all) sold.set(subject, (sold.get(subject) ?? 0) + 1);
		return (a, b) => (sold.get(b.id) ?? 0) - (sold.get(a.id) ?? 0) || a.number - b.number;
	},
};

/** A cursor is for the question it came with. @throws {Refusal} 400 */
function startOf(cursor: string | undefined, question: string): number {
	if (cursor === undefined) return 0;
	const [start, ...asked] = Buffer.from(cursor, "base64url").toString().split("\n");
	if (!/^\d+$/.test(start!) || asked.join("\n") !== question) throw new Refusal(400, "Invalid cursor");
	return Number(start);
}

const required = {
	title: text,
	description: text,
	category: text,
	priceCents: cents,
	offerType: oneOf("api", "download"),
};
const optional = { tags: texts, endpoint: url, httpMethod: oneOf("GET", "POST"), fileUrl: url, inputSchema: object };

type SentOffer = Pick<Offer, "title" | "description" | "category" | "offerType"> & {
	readonly priceCents: number;
} & Partial<Pick<Offer, "tags" | "endpoint" | "httpMethod" | "fileUrl" | "inputSchema">>;

/** @throws {Refusal} 400 */
function checkKind({ offerType, endpoint, fileUrl }: Pick<Offer, "offerType" | "endpoint" | "fileUrl">): void {
	if (offerType === "api" && (!endpoint || fileUrl)) throw new Refusal(400, "An api offer has an endpoint, no fileUrl");
	if (offerType === "download" && (!fileUrl || endpoint))
		throw new Refusal(400, "A download offer has a fileUrl, no endpoint");
}

export function offerRoutes(app: Express, context: Context): void {
	const { agents, offers } = context;
	/** @throws {Refusal} 401, 403, 404 */
	const own = (request: Pick<Request, "headers">, id: string): Offer => {
		const self = agents.authenticate(request);
		const offer = offers.find(id);
		if (offer.seller !== self) throw new Refusal(403, "This is not your offer");
		return offer;
	};

	app.get("/api/v1/offers", (request, response) => {
		countPublic(context, request);
		const { sort = "top", cursor, q, category, offerType } = request.query as Record<string, string | undefined>;
		if (!Object.hasOwn(compare, sort)) throw new Refusal(400, "sort must be top, price or new");
		if (offerType !== undefined && !["api", "download"].includes(offerType))
			throw new Refusal(400, "offerType must be api or download");
		const limit = limitOf(request);
		const question = [sort, q, category, offerType].join("\n");
		const start = startOf(cursor, question);
		const found = matching(offers.all, { q, category, offerType }).sort(compare[sort]!(context));
		const end = start + limit;
		const more = end < found.length;
		const nextCursor = more ? Buffer.from(`${end}\n${question}`).toString("base64url") : null;
		reply(response, { offers: found.slice(start, end).map((each) => sayOffer(each, context)), nextCursor });
	});

	app.get("/api/v1/offers/:id", (request, response) => {
		countPublic(context, request);
		reply(response, single(context, "offer", sayOffer(offers.find(request.params.id), context, true)));
	});

	app.post("/api/v1/offers", (request, response) => {
		const seller = agents.authenticate(request);
		const { priceCents, tags = [], ...fields } = readFields<SentOffer>(request, required, optional);
		checkKind(fields);
		const offer = offers.add({ ...fields, tags, seller, price: ofCents(priceCents) });
		reply(response, { offerId: offer.id, ...single(context, "offer", sayOffer(offer, context, true)) }, 201);
	});

	app.patch("/api/v1/offers/:id", (request, response) => {
		const offer = own(request, request.params.id);
		const sent = readFields<Partial<SentOffer>>(request, {}, { ...required, ...optional });
		const { priceCents, ...fields } = sent;
		checkKind({ ...offer, ...fields });
		Object.assign(offer, fields, priceCents === undefined ? {} : { price: ofCents(priceCents) });
		reply(response, single(context, "offer", sayOffer(offer, context, true)));
	});

	app.delete("/api/v1/offers/:id", (request, response) => {
		offers.remove(own(request, request.params.id));
		reply(response, { deleted: true });
	});
}
