/** Agents: registered in public, known by a key that is shown once. Source: derNif/payanagent 31ce5fa, lib/auth.ts. */
import { createHash, randomBytes } from "node:crypto";
import type { Request } from "express";
import { secret } from "../../secret_log.js";
import { Refusal } from "./refusal.js";

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

	ofWallet(wallet: string): Agent | undefined {
		return this.all.find(({ profile }) => profile.walletAddress.toLowerCase() === wallet.toLowerCase());
	}

	/** Returns the agent to which the request's key belongs, if it has a valid one. */
	of({ headers }: Pick<Request, "headers">): Agent | undefined {
		const key = /^Bearer (.+)$/.exec(headers.authorization ?? "")?.[1];
		return key === undefined ? undefined : this.all.find(({ keyHash }) => keyHash === hash(key));
	}

	/** @throws {Refusal} 401 */
	authenticate(request: Pick<Request, "headers">): Agent {
		const agent = this.of(request);
		if (!agent) throw new Refusal(401, "Unauthorized. Provide a valid API key in Authorization: Bearer <key>");
		return agent;
	}
}
