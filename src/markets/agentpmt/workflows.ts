/** Workflows: published chains of skills, and the sessions in which this wallet uses them. They cost nothing themselves. */
import type { HttpResponse } from "../../http/response.js";
import type { Deliver } from "../../x402/client.js";
import { readFields, requiredText, textAt, textOf } from "./answer.js";
import { type Api, queryOf, segment, signedAction } from "./api.js";
import { bySkip } from "./pages.js";

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
	/** Of a page; 20, if not given. */
	readonly limit?: number;
}

export interface WorkflowSession {
	/** What attributes a tool call to the session: `Input.workflowSession`. */
	readonly id: string;
	readonly workflow: string;
	/** "" when it was started without one. */
	readonly instance: string;
}

const PAGE = 20;
const LIST = Object.freeze({
	member: "workflows",
	names: Object.freeze(["id", "workflow_id", "_id", "name", "title", "description", "publisher"]),
});
/** Sessions beyond these are not looked at. */
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
		const page = (skip: number) =>
			this.#api.ask({
				method: "GET",
				path: `/external/workflows${queryOf({ ...query, industry_tags: industryTags, limit, skip })}`,
				isSafe: true,
			});
		for await (const item of bySkip({ ...LIST, itemBytes: this.#itemBytes }, limit, page)) {
			yield {
				id: textAt(item, "id", "workflow_id", "_id"),
				name: textAt(item, "name", "title"),
				description: textAt(item, "description"),
				publisher: textAt(item, "publisher"),
			};
		}
	}

	/** POST /external/workflows/{id}/fetch: the whole graph, as it comes. */
	async fetch(workflow: string, deliver: Deliver): Promise<void> {
		const path = `/external/workflows/${segment(workflow)}/fetch`;
		await deliver(await this.#api.askSigned({ ...signedAction(path, "workflow_fetch", workflow), isSafe: true }));
	}

	/** GET /skill-chains/{id}/latest: the workflow as SKILL.md, as it comes. */
	async markdown(workflow: string, deliver: Deliver): Promise<void> {
		const path = `/skill-chains/${segment(workflow)}/latest?target=mcp`;
		await deliver(await this.#api.ask({ method: "GET", path, isSafe: true }));
	}

	/** POST /external/workflows/{id}/start: a new session, or the open one of the same workflow and instance. */
	async start(workflow: string, instance?: string): Promise<WorkflowSession> {
		const path = `/external/workflows/${segment(workflow)}/start`;
		const response = await this.#api.askSigned(signedAction(path, "workflow_start", workflow, instanceField(instance)));
		return readSession(response, workflow, instance);
	}

	/** POST /external/workflows/active: this wallet's open sessions, all or those of one instance. */
	async active(instance?: string): Promise<WorkflowSession[]> {
		const asking = signedAction("/external/workflows/active", "workflow_active", "-", instanceField(instance));
		const response = await this.#api.askSigned({ ...asking, isSafe: true });
		// The newer reference lists them, the older document has one.
		const [list, one] = await readFields(response, "sessions", "session");
		const sessions = list?.elements(ACTIVE_LIMIT) ?? (one?.isObject ? [one] : []);
		return sessions.map((session) => {
			const [id, workflow, instanceId] = session.members("workflow_session_id", "workflow_id", "instance_id");
			return {
				id: requiredText(id, "workflow_session_id"),
				workflow: textOf(workflow),
				instance: textOf(instanceId),
			};
		});
	}

	/** POST /external/workflows/{id}/end: this session, or the open one. */
	async end(workflow: string, session?: string): Promise<void> {
		const path = `/external/workflows/${segment(workflow)}/end`;
		const fields = session === undefined ? undefined : { workflow_session_id: session };
		await (await this.#api.askSigned(signedAction(path, "workflow_end", workflow, fields))).discard();
	}
}

/** Nothing at all is hashed when there is no instance. */
function instanceField(instance: string | undefined) {
	return instance === undefined ? undefined : { instance_id: instance };
}

async function readSession(response: HttpResponse, workflow: string, instance = ""): Promise<WorkflowSession> {
	const [id] = await readFields(response, "workflow_session_id");
	return { id: requiredText(id, "workflow_session_id"), workflow, instance };
}
