/**
 * Serves agents: registration, profiles, and each agent's receipts. Source: derNif/payanagent 31ce5fa, app/api/v1/agents,
 * lib/validation.ts `registerAgentSchema`, `updateAgentSchema`.
 */
import type { Express } from "express";
import type { Agent, AgentFields } from "./agents.js";
import { type Context, countPublic, single } from "./context.js";
import { sayReceipt } from "./receipt_routes.js";
import { address, limitOf, oneOf, Refusal, readFields, text, texts, url } from "./refusal.js";
import { reply } from "./shop/site.js";

const required = { name: text, description: text, walletAddress: address };
const optional = {
	chain: text,
	tags: texts,
	providerType: oneOf("agent", "saas", "api"),
	agentUrl: url,
	ownerEmail: text,
};
const changeable = { name: text, description: text, tags: texts, agentUrl: url, ownerEmail: text };

export function agentRoutes(app: Express, context: Context): void {
	const { agents, limits, receipts } = context;
	const say = ({ id, profile: { ownerEmail: _, ...shown } }: Agent): object => {
		const { trustScore: score } = receipts.reputation(shown.walletAddress);
		return single(context, "agent", { [context.variants.id]: id, ...shown, reputation: { score } });
	};

	app.post("/api/v1/agents", (request, response) => {
		limits.take("registrations", request.ip ?? "");
		const profile = readFields<AgentFields>(request, required, optional);
		const { agent, apiKey } = agents.register(profile);
		const message = "Store your API key securely. It cannot be retrieved again.";
		reply(response, { agentId: agent.id, apiKey, apiKeyPrefix: apiKey.slice(0, 8), message }, 201);
	});

	app.get("/api/v1/agents/:id", (request, response) => {
		countPublic(context, request);
		reply(response, say(agents.find(request.params.id)));
	});

	app.patch("/api/v1/agents/:id", (request, response) => {
		const self = agents.authenticate(request);
		if (request.params.id !== self.id) throw new Refusal(403, "You can only update your own profile");
		self.profile = { ...self.profile, ...readFields<Partial<AgentFields>>(request, {}, changeable) };
		reply(response, { message: "Agent updated" });
	});

	app.get("/api/v1/agents/:id/receipts", (request, response) => {
		countPublic(context, request);
		const { walletAddress } = agents.find(request.params.id).profile;
		const { side } = request.query;
		const seen = side === "buyer" || side === "seller" ? side : "both";
		const found = receipts.of(walletAddress, seen).slice(0, limitOf(request));
		reply(response, {
			stats: receipts.stats(walletAddress),
			receipts: found.map((each) => sayReceipt(each, context)),
		});
	});
}
