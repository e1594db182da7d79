/** Workflows (skill chains) and the sessions in which a wallet uses them. */
import type { Express } from "express";
import type { Address } from "viem";
import type { Clock } from "../clock.js";
import { iso } from "../payanagent/shop/site.js";
import type { JsonObject } from "./canonical_json.js";
import type { Workflow } from "./catalogue.js";
import { answer, type Context, jsonOf } from "./context.js";
import { queryInteger, Refusal, read, wordsOf } from "./refusal.js";

export interface WorkflowSession {
	readonly id: string;
	readonly workflow: string;
	readonly wallet: Address;
	readonly instance: string | undefined;
	readonly startedAt: string;
	endedAt: string | undefined;
}

export class WorkflowSessions {
	readonly all: WorkflowSession[] = [];
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	open(wallet: Address): WorkflowSession[] {
		return this.all.filter((each) => each.wallet === wallet && each.endedAt === undefined);
	}

	/** Starts one, or resumes the open one of the same workflow and instance. */
	start(wallet: Address, workflow: string, instance: string | undefined): WorkflowSession {
		const before = this.open(wallet).find((each) => each.workflow === workflow && each.instance === instance);
		if (before) return before;
		const id = `ws-${this.all.length + 1}-${crypto.randomUUID()}`;
		const session = { id, workflow, wallet, instance, startedAt: iso(this.#clock.now()), endedAt: undefined };
		this.all.push(session);
		return session;
	}
}

const say = ({ id, workflow, instance, startedAt, endedAt }: WorkflowSession) => ({
	workflow_session_id: id,
	workflow_id: workflow,
	instance_id: instance ?? null,
	status: endedAt === undefined ? "active" : "ended",
	started_at: startedAt,
	ended_at: endedAt ?? null,
});

/** The fields of a body that are there, as they were sent, or nothing: the payload line is empty then. */
export function sent(body: unknown, ...names: readonly string[]): JsonObject | undefined {
	const fields = body instanceof Map ? [...(body as JsonObject)].filter(([name]) => names.includes(name)) : [];
	return fields.length === 0 ? undefined : new Map(fields);
}

export function workflowRoutes(app: Express, context: Context, all: Workflow[], open: WorkflowSessions): void {
	const { sessions, clock } = context;
	const published = (): Workflow[] => all.filter(({ visibility }) => visibility === "public");
	/** @throws {Refusal} 404 */
	const find = (id: string): Workflow => {
		const found = published().find((workflow) => workflow.id === id);
		if (!found) throw new Refusal(404, "WORKFLOW_NOT_FOUND", `there is no workflow ${id}`);
		return found;
	};

	app.get("/api/external/workflows", ({ query }, response) => {
		const limit = queryInteger(query, "limit", { least: 1, most: 100, otherwise: 20 });
		const skip = queryInteger(query, "skip", { least: 0, most: 1_000_000, otherwise: 0 });
		const text = String(query.query ?? "").toLowerCase();
		const [categories, tags] = [wordsOf(query.categories), wordsOf(query.industry_tags)];
		const has = (wanted: string[], words: readonly string[]): boolean =>
			wanted.length === 0 || words.some((word) => wanted.includes(word));
		const found = published().filter(
			(workflow) =>
				`${workflow.name} ${workflow.description}`.toLowerCase().includes(text) &&
				has(categories, workflow.categories) &&
				has(tags, workflow.industry_tags) &&
				(query.publisher === undefined || query.publisher === workflow.publisher),
		);
		const workflows = found
			.slice(skip, skip + limit)
			.map(({ nodes: _nodes, edges: _edges, visibility: _visibility, ...listed }) => listed);
		answer(response, context, { workflows, total: found.length, limit, skip });
	});

	app.get("/api/skill-chains/:id/latest", ({ params, query }, response) => {
		if (query.target !== "mcp") throw new Refusal(400, "TARGET", "target must be mcp");
		const { name, description } = find(params.id);
		response.type("text/markdown").send(`---\nname: ${name}\ndescription: ${description}\n---\n\n# ${name}\n`);
	});

	app.post("/api/external/workflows/active", async (request, response) => {
		const body = jsonOf(request);
		const { instance_id } = read(body, { instance_id: "string?" });
		const subject = { action: "workflow_active", product: "-" };
		const wallet = await sessions.authenticate(body, subject, sent(body, "instance_id"));
		const found = open
			.open(wallet)
			.filter(({ instance }) => instance_id === undefined || instance === instance_id)
			.map(say);
		const one = { session: found.at(-1) ?? null };
		answer(response, context, context.variants.active === "list" ? { sessions: found } : one);
	});

	app.post("/api/external/workflows/:id/fetch", async (request, response) => {
		const product = request.params.id;
		const wallet = await sessions.authenticate(jsonOf(request), { action: "workflow_fetch", product });
		const mine = open.open(wallet).filter(({ workflow }) => workflow === product);
		answer(response, context, { workflow: find(product), sessions: mine.map(say) });
	});

	app.post("/api/external/workflows/:id/start", async (request, response) => {
		const product = request.params.id;
		const body = jsonOf(request);
		const { instance_id } = read(body, { instance_id: "string?" });
		const subject = { action: "workflow_start", product };
		const wallet = await sessions.authenticate(body, subject, sent(body, "instance_id"));
		answer(response, context, say(open.start(wallet, find(product).id, instance_id)));
	});

	app.post("/api/external/workflows/:id/end", async (request, response) => {
		const product = request.params.id;
		const body = jsonOf(request);
		const { workflow_session_id: id } = read(body, { workflow_session_id: "string?" });
		const subject = { action: "workflow_end", product };
		const wallet = await sessions.authenticate(body, subject, sent(body, "workflow_session_id"));
		const session = open
			.open(wallet)
			.findLast((each) => each.workflow === product && (id === undefined || each.id === id));
		if (!session) throw new Refusal(404, "WORKFLOW_SESSION_NOT_FOUND", "there is no such open session");
		session.endedAt = iso(clock.now());
		answer(response, context, say(session));
	});
}
