/**
 * Serves offers: lists and searches them, and lets a seller change its own.
 *
 * | what | source (derNif/payanagent 31ce5fa) |
 * |---|---|
 * | the fields of an offer, secrets of its endpoint | lib/public-projections.ts, convex/offers.ts `publicOffer` |
 * | lists: `limit` and `sort` are read leniently, only a walk without `q` and `category` has pages | app/api/v1/offers/route.ts, lib/api-http.ts `parseLimit` |
 * | one, changed, taken back: `{ok: true}`, and it stays to be seen | app/api/v1/offers/[offerId]/route.ts |
 * | what is asked of a new one | lib/validation.ts `createOfferSchema`, `updateOfferSchema` |
 */
import type { Express, Request } from "express";
import { type Context, countPublic, dollars, single } from "./context.js";
import { type Micros, ofCents } from "./money.js";
import type { Offer } from "./offers.js";
import { bool, cents, invalid, limitOf, oneOf, Refusal, readFields, text, texts, url } from "./refusal.js";
import { reply } from "./shop/site.js";

const SECRET_NAME =
	/^(access[_-]?token|api[_-]?key|auth|authorization|bearer|client[_-]?secret|code|key|password|private[_-]?key|secret|session|sig|signature|token|jwt)$/i;
const SECRET_VALUE = /^(?=.{24,}$)(?=.*[a-zA-Z])(?=.*[0-9])[a-zA-Z0-9._~+/=-]+$/;

/** Hides what looks like a secret in the query of an endpoint. */
function redact(endpoint: string): string {
	const shown = new URL(endpoint);
	for (const [name, value] of [...shown.searchParams])
		if (SECRET_NAME.test(name) || SECRET_VALUE.test(value)) shown.searchParams.set(name, "REDACTED");
	return shown.href;
}

/** An offer as anybody may see it; in a list also where it is bought. */
export function sayOffer(offer: Offer, context: Context, isListed = true): object {
	const { id, seller, title, description, category, tags, price, offerType, endpoint, httpMethod } = offer;
	const { inputSchema, outputSchema, isActive = true } = offer;
	const native = typeof seller !== "string";
	const { trustScore, sales } = context.receipts.reputation(native ? seller.profile.walletAddress : "0x");
	const name = native ? seller.profile.name : new URL(seller).host;
	return {
		[context.variants.id]: id,
		title,
		description,
		category,
		tags,
		offerType,
		priceUsd: dollars(context, price),
		priceCents: native ? Number(price) / 10_000 : Math.round(Number(price) / 10_000),
		isActive,
		...(native ? { sellerId: seller.id } : { sellerName: name, network: context.chain.network, amountRaw: `${price}` }),
		...(native && endpoint && !isListed && { endpoint: redact(endpoint) }),
		...(httpMethod && { httpMethod }),
		...(inputSchema && { inputSchema: typeof inputSchema === "string" ? inputSchema : JSON.stringify(inputSchema) }),
		...(outputSchema && { outputSchema }),
		...(isListed && { seller: { name, receiptsSold: sales, reputation: { score: trustScore } } }),
		...(isListed && { buyUrl: `/x402/${id}` }),
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

const optional = {
	tags: texts,
	endpoint: url,
	httpMethod: oneOf("GET", "POST", "PUT", "PATCH", "DELETE"),
	fileUrl: url,
	inputSchema: text,
	outputSchema: text,
};
const required = {
	title: text,
	description: text,
	category: text,
	priceCents: cents,
	offerType: oneOf("api", "download"),
};
/** The kind of an offer cannot be changed. */
const changeable = { ...optional, title: text, description: text, category: text, priceCents: cents, isActive: bool };

type SentOffer = Pick<Offer, "title" | "description" | "category" | "offerType"> & {
	readonly priceCents: number;
} & Partial<Pick<Offer, "tags" | "endpoint" | "httpMethod" | "fileUrl" | "inputSchema" | "outputSchema" | "isActive">>;

/** @throws {Refusal} 400 */
function checkKind({ offerType, endpoint, fileUrl }: Pick<Offer, "offerType" | "endpoint" | "fileUrl">): void {
	if (offerType === "api" && !endpoint) throw invalid("endpoint: API offers require an endpoint URL");
	if (offerType === "download" && !fileUrl) throw invalid("fileUrl: Download offers require a fileUrl");
}

export function offerRoutes(app: Express, context: Context): void {
	const { agents, offers } = context;
	/** @throws {Refusal} 401, 403, 404 */
	const own = (request: Pick<Request, "headers">, id: string, verb: string): Offer => {
		const self = agents.authenticate(request);
		const offer = offers.find(id);
		if (offer.seller !== self) throw new Refusal(403, `Only the seller can ${verb} this offer`);
		return offer;
	};

	app.get("/api/v1/offers", (request, response) => {
		countPublic(context, request);
		const { cursor, q, category, offerType, sort: sent } = request.query as Record<string, string | undefined>;
		const sort = sent === "price" || sent === "new" ? sent : "top";
		const limit = limitOf(request);
		const isWalk = (q ?? "") === "" && category === undefined;
		// A category alone is listed whatever the type.
		const type = isWalk || (q ?? "") === "" ? undefined : offerType;
		const start = startOf(isWalk ? cursor : undefined, sort);
		const active = offers.all.filter(({ isActive = true }) => isActive);
		const found = matching(active, { q, category, offerType: type }).sort(compare[sort]!(context));
		const listed = found.slice(start, start + limit).map((each) => sayOffer(each, context));
		if (!isWalk) return reply(response, { offers: listed });
		const hasMore = start + limit < found.length;
		const nextCursor = hasMore ? Buffer.from(`${start + limit}\n${sort}`).toString("base64url") : null;
		reply(response, { offers: listed, nextCursor });
	});

	app.get("/api/v1/offers/:id", (request, response) => {
		countPublic(context, request);
		reply(response, single(context, "offer", sayOffer(offers.find(request.params.id), context, false)));
	});

	app.post("/api/v1/offers", (request, response) => {
		const seller = agents.authenticate(request);
		const { priceCents, tags = [], ...fields } = readFields<SentOffer>(request, required, optional);
		checkKind(fields);
		const offer = offers.add({ ...fields, tags, seller, price: ofCents(priceCents) });
		reply(response, { offerId: offer.id }, 201);
	});

	app.patch("/api/v1/offers/:id", (request, response) => {
		const offer = own(request, request.params.id, "update");
		const { priceCents, ...fields } = readFields<Partial<SentOffer>>(request, {}, changeable);
		Object.assign(offer, fields, priceCents === undefined ? {} : { price: ofCents(priceCents) });
		reply(response, { ok: true });
	});

	app.delete("/api/v1/offers/:id", (request, response) => {
		own(request, request.params.id, "delete").isActive = false;
		reply(response, { ok: true });
	});
}
