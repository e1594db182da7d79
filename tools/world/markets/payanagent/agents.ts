/** Agents: registered in public, known by a key that is shown once. */
import { createHash, randomBytes } from "node:crypto";
import type { Express, Request } from "express";
import { secret } from "../../secret_log.js";
import { type Context, countPublic, single } from "./context.js";
import { address, limitOf, oneOf, Refusal, readFields, text, texts, url } from "./refusal.js";
import { reply } from "./shop/site.js";

export interface Agent {
	readonly id: string;
	readonly keyHash: string;
	profile: AgentFields;
}

export interface AgentFields {
	readonly name: string;
	readonly walletAddress: `0x${string}`;
	readonly chain: "base";
	readonly description?: string;
	readonly tags?: readonly string[];
	readonly providerType?: "agent" | "saas" | "api";
	readonly agentUrl?: string;
	/** Never shown. */
	readonly ownerEmail?: string;
}

const required = { name: text, walletAddress: address, chain: oneOf("base") };
const optional = {
	description: text,
	tags: texts,
	providerType: oneOf("agent", "saas", "api"),
	agentUrl: url,
	ownerEmail: text,
};

const hash = (key: string): string => createHash("sha256").update(key).digest("hex");

export class Agents {
	readonly all: Agent[] = [];
	/** Every key given out: none may be in a log. */
	readonly keys: string[] = [];

	register(profile: AgentFields): { agent: Agent; apiKey: string } {
		const apiKey = `pa_${randomBytes(24).toString("hex")}`;
		const agent: Agent = { id: `agent-${this.all.length + 1}`, keyHash: hash(apiKey), profile };
		this.all.push(agent);
		this.keys.push(secret(apiKey));
		return { agent, apiKey };
	}

	/** @throws {Refusal} 404 */
	find(id: string): Agent {
		const agent = this.all.find((each) => each.id === id);
		if (!agent) throw new Refusal(404, "Agent not found");
		return agent;
	}

	/** Whose key it is, if it is one. */
	of({ headers }: Pick<Request, "headers">): Agent | undefined {
		const key = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
		return key === undefined ? undefined : this.all.find(({ keyHash }) => keyHash === hash(key));
	}

	/** @throws {Refusal} 401 */
	authenticate(request: Pick<Request, "headers">): Agent {
		const agent = this.of(request);
		if (!agent) throw new Refusal(401, request.headers.authorization ? "Invalid API key" : "API key required");
		return agent;
	}
}

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
			receipts: found.map((each) => receipts.say(each, context)),
		});
	});
}
