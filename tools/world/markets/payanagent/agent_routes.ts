/** Serves agents: registration, profiles, and each agent's receipts. */
import type { Express } from "express";
import type { Agent, AgentFields } from "./agents.js";
import { type Context, countPublic, single } from "./context.js";
import { sayReceipt } from "./receipt_routes.js";
import { address, limitOf, oneOf, Refusal, readFields, text, texts, url } from "./refusal.js";
import { reply } from "./shop/site.js";

const required = { name: text, walletAddress: address, chain: oneOf("base") };
const optional = {
	description: text,
	tags: texts,
	providerType: oneOf("agent", "saas", "api"),
	agentUrl: url,
	ownerEmail: text,
};

export function agentRoutes(app: Express, context: Context): void {
	const { agents, limits, receipts } = context;
	const say = ({ id, profile: { ownerEmail: _, ...shown } }: Agent): object =>
		single(context, "agent", { id, ...shown, ...receipts.reputation(shown.walletAddress) });

	app.post("/api/v1/agents", (request, response) => {
		countPublic(context, request);
		const profile = readFields<AgentFields>(request, required, optional);
		limits.take("registrations", request.ip ?? "");
		const { agent, apiKey } = agents.register(profile);
		reply(response, { agentId: agent.id, apiKey, apiKeyPrefix: apiKey.slice(0, 8) }, 201);
	});

	app.get("/api/v1/agents/:id", (request, response) => {
		countPublic(context, request);
		reply(response, say(agents.find(request.params.id)));
	});

	app.patch("/api/v1/agents/:id", (request, response) => {
		const self = agents.authenticate(request);
		if (agents.find(request.params.id) !== self) throw new Refusal(403, "This is not your profile");
		self.profile = { ...self.profile, ...readFields<Partial<AgentFields>>(request, {}, { ...required, ...optional }) };
		reply(response, say(self));
	});

	app.get("/api/v1/agents/:id/receipts", (request, response) => {
		countPublic(context, request);
		const { walletAddress } = agents.find(request.params.id).profile;
		const { side = "both" } = request.query;
		if (!["buyer", "seller", "both"].includes(side as string))
			throw new Refusal(400, "side must be buyer, seller or both");
		const found = receipts.of(walletAddress, side as "buyer").slice(0, limitOf(request));
		reply(response, {
			stats: receipts.stats(walletAddress),
			receipts: found.map((each) => sayReceipt(each, context)),
		});
	});
}
