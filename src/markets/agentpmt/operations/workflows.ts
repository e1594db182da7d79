/**
 * Reads workflows, which are published chains of skills, and opens the sessions in which this wallet uses them. All of it is
 * free.
 */
import type { HttpResponse } from "../../../http/response.js";
import type { Deliver } from "../../../x402/client.js";
import { leafText } from "../../kit/fields.js";
import { elements, walkBySkip } from "../../kit/pages.js";
import { queryOf } from "../../kit/request.js";
import { ENVELOPE, readFields, requiredText, textAt } from "../answer.js";
import { type Api, segment, signedAction } from "../api.js";

export interface Workflow {
	readonly id: string;
	readonly name: string;
	readonly description: string;
	readonly publisher: string;
}

export interface WorkflowQuery {
	readonly query?: string;
	/** Names, comma-separated, as `industryTags`. */
	readonly categories?: string;
	readonly industryTags?: string;
	readonly publisher?: string;
	/** Workflows on a page; 20 by default. */
	readonly limit?: number;
}

export interface WorkflowSession {
	/** Attributes a tool call to the session: `Input.workflowSession`. */
	readonly id: string;
	readonly workflow: string;
	/** "" if it was started without one. */
	readonly instance: string;
}

const PAGE = 20;
const LIST = {
	member: "workflows",
	envelope: ENVELOPE,
	names: ["id", "workflow_id", "_id", "name", "title", "description", "publisher"],
};
/** Upper bound on sessions of one answer. */
const ACTIVE_LIMIT = 32;

export class Workflows {
	readonly #api: Api;
	readonly #itemBytes: number;

	constructor(api: Api, itemBytes: number) {
		this.#api = api;
		this.#itemBytes = itemBytes;
	}

	/** GET /external/workflows. Throws `AgentPmtError`, `ItemsError`, `HttpError`. */
	async *list({ industryTags, limit = PAGE, ...query }: WorkflowQuery = {}): AsyncGenerator<Workflow, void> {
		const [api, shape] = [this.#api, { ...LIST, itemBytes: this.#itemBytes }];
		const list = walkBySkip(api.deps.clock, limit, async function* (skip) {
			const path = `/external/workflows${queryOf({ ...query, industry_tags: industryTags, limit, skip })}`;
			yield* elements(await api.ask({ method: "GET", path, repeat: "always" }), shape);
		});
		for await (const item of list) {
			yield {
				id: textAt(item, "id", "workflow_id", "_id"),
				name: textAt(item, "name", "title"),
				description: textAt(item, "description"),
				publisher: textAt(item, "publisher"),
			};
		}
	}

	/** POST /external/workflows/{id}/fetch: delivers the whole graph. */
	async fetch(workflow: string, deliver: Deliver): Promise<void> {
		const path = `/external/workflows/${segment(workflow)}/fetch`;
		await deliver(await this.#api.askSigned(signedAction(path, "workflow_fetch", workflow, "always")));
	}

	/** GET /skill-chains/{id}/latest: delivers the workflow as SKILL.md. */
	async markdown(workflow: string, deliver: Deliver): Promise<void> {
		const path = `/skill-chains/${segment(workflow)}/latest?target=mcp`;
		await deliver(await this.#api.ask({ method: "GET", path, repeat: "always" }));
	}

	/** POST /external/workflows/{id}/start: a new session, or the open one of the same workflow and instance. */
	async start(workflow: string, instance?: string): Promise<WorkflowSession> {
		const path = `/external/workflows/${segment(workflow)}/start`;
		const request = signedAction(path, "workflow_start", workflow, "when refused", instanceField(instance));
		const response = await this.#api.askSigned(request);
		return readSession(response, workflow, instance);
	}

	/** POST /external/workflows/active: this wallet's open sessions, all or those of one instance. */
	async active(instance?: string): Promise<WorkflowSession[]> {
		const path = "/external/workflows/active";
		const request = signedAction(path, "workflow_active", "-", "always", instanceField(instance));
		const response = await this.#api.askSigned(request);
		// The newer reference has a list, the older document a single session.
		const [list, one] = await readFields(response, "sessions", "session");
		const sessions = list?.elements(ACTIVE_LIMIT) ?? (one?.isObject ? [one] : []);
		return sessions.map((session) => {
			const [id, workflow, instanceId] = session.members("workflow_session_id", "workflow_id", "instance_id");
			return {
				id: requiredText(id, "workflow_session_id"),
				workflow: leafText(workflow),
				instance: leafText(instanceId),
			};
		});
	}

	/** POST /external/workflows/{id}/end: this session, or the open one. */
	async end(workflow: string, session?: string): Promise<void> {
		const path = `/external/workflows/${segment(workflow)}/end`;
		const fields = session === undefined ? undefined : { workflow_session_id: session };
		const request = signedAction(path, "workflow_end", workflow, "when refused", fields);
		await (await this.#api.askSigned(request)).discard();
	}
}

/** Without an instance nothing is hashed. */
function instanceField(instance: string | undefined) {
	return instance === undefined ? undefined : { instance_id: instance };
}

async function readSession(response: HttpResponse, workflow: string, instance = ""): Promise<WorkflowSession> {
	const [id] = await readFields(response, "workflow_session_id");
	return { id: requiredText(id, "workflow_session_id"), workflow, instance };
}
