/**
 * Finding things: unified search, and the documents that say what there is. Source: derNif/payanagent 31ce5fa,
 * app/api/v1/discover/route.ts.
 */
import type { Express, Request } from "express";
import { type Context, countPublic } from "./context.js";
import { ofCents } from "./money.js";
import { matching, sayOffer } from "./offer_routes.js";
import { limitOf, Refusal } from "./refusal.js";
import type { Job } from "./requests.js";
import { reply } from "./shop/site.js";

/** Every operation of the document, as OpenAPI names paths. */
export const operations: readonly string[] = [
	"get /x402/{offerId}",
	"post /x402/{offerId}",
	"post /api/v1/agents",
	"get /api/v1/agents/{id}",
	"patch /api/v1/agents/{id}",
	"get /api/v1/agents/{id}/receipts",
	"get /api/v1/offers",
	"post /api/v1/offers",
	"get /api/v1/offers/{id}",
	"patch /api/v1/offers/{id}",
	"delete /api/v1/offers/{id}",
	"post /api/v1/offers/{id}/buy",
	"get /api/v1/requests",
	"post /api/v1/requests",
	"get /api/v1/requests/{id}",
	"post /api/v1/requests/{id}/bid",
	"post /api/v1/requests/{id}/accept",
	"post /api/v1/requests/{id}/fulfill",
	"post /api/v1/requests/{id}/approve",
	"post /api/v1/requests/{id}/cancel",
	"get /api/v1/receipts",
	"get /api/v1/receipts/{id}",
	"get /api/v1/discover",
];

function mostOf(text: string | undefined) {
	const cents = Number.parseInt(text ?? "", 10);
	return Number.isNaN(cents) ? undefined : ofCents(cents);
}

export function discoveryRoutes(app: Express, context: Context, jobs: readonly Job[]): void {
	const { agents, offers } = context;
	const idName = context.variants.id;
	const origin = (request: Request): string => `${request.protocol}://${request.headers.host}`;

	app.get("/api/v1/discover", (request, response) => {
		countPublic(context, request);
		const { q = "", category, offerType, maxPriceCents } = request.query as Record<string, string | undefined>;
		if (q === "") throw new Refusal(400, "Query parameter 'q' is required");
		const limit = limitOf(request);
		const most = mostOf(maxPriceCents);
		const has = (words: string): boolean => words.toLowerCase().includes(q.toLowerCase());
		const open = jobs.filter(
			({ status, title, description, budgetMaxCents }) =>
				status === "open" && has(`${title} ${description}`) && (most === undefined || ofCents(budgetMaxCents) <= most),
		);
		const people = agents.all.filter(({ profile }) => has(`${profile.name} ${profile.description ?? ""}`));
		reply(response, {
			agents: people
				.slice(0, limit)
				.map(({ id, profile: { name, description } }) => ({ [idName]: id, name, description })),
			offers: matching(
				offers.all.filter(({ isActive = true }) => isActive),
				{ q, category, offerType, most },
			)
				.slice(0, limit)
				.map((offer) => sayOffer(offer, context)),
			openRequests: open
				.slice(0, limit)
				.map(({ id, title, budgetMaxCents }) => ({ [idName]: id, title, budgetMaxCents })),
		});
	});

	app.get("/.well-known/x402", (request, response) => {
		const resources = offers.all.map(({ id }) => `${origin(request)}/x402/${id}`);
		reply(response, { version: 1, resources });
	});

	app.get("/openapi.json", (request, response) => {
		const paths: Record<string, Record<string, object>> = {};
		for (const operation of operations) {
			const [method, path] = operation.split(" ") as [string, string];
			paths[path] = { ...paths[path], [method]: { responses: { default: { description: "JSON" } } } };
		}
		const info = { title: "PayanAgent", version: "0.2" };
		reply(response, { openapi: "3.1.0", info, servers: [{ url: origin(request) }], paths });
	});
}
