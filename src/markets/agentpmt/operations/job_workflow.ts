/**
 * Drafts, changes and publishes the workflow of a reserved job. Each request has the job's own token in a header of its own.
 * The token is a secret and goes nowhere else: it is in no field that could be printed or stored.
 */
import type { JsonValue } from "../../../../modules/encoding/json/canonical.js";
import type { Repeat } from "../../kit/ask.js";
import { readFields, requiredText } from "../answer.js";
import { type Api, type PlainRequest, segment } from "../api.js";
import type { Row } from "../refusals.js";

export interface WorkflowDraft {
	readonly name: string;
	readonly description: string;
	/** In the workflow builder's format. */
	readonly nodes: readonly JsonValue[];
	readonly edges: readonly JsonValue[];
}

const REFUSALS: readonly Row[] = [
	{ status: 401, name: "WorkflowTokenInvalid", advice: "a token lasts 30 minutes: reserve the job again" },
];

export class JobWorkflow {
	readonly #api: Api;
	readonly #path: string;
	readonly #token: string;

	constructor(api: Api, job: string, token: string) {
		this.#api = api;
		this.#path = `/external/jobs/${segment(job)}/workflow`;
		this.#token = token;
	}

	/** POST /external/jobs/{id}/workflow/create. Returns the workflow's id. Throws `AgentPmtError` `WorkflowTokenInvalid`. */
	async create(draft: WorkflowDraft): Promise<string> {
		const response = await this.#ask("POST", "/create", draft);
		const [workflowId, id] = await readFields(response, "workflow_id", "id");
		return requiredText(workflowId ?? id, "workflow_id");
	}

	/** PUT /external/jobs/{id}/workflow/{workflowId}. */
	async update(workflow: string, changes: Partial<WorkflowDraft>): Promise<void> {
		await (await this.#ask("PUT", `/${segment(workflow)}`, changes, "always")).discard();
	}

	/**
	 * POST /external/jobs/{id}/workflow/{workflowId}/publish, as private: the market allows nothing else for a job's workflow.
	 */
	async publish(workflow: string): Promise<void> {
		await (await this.#ask("POST", `/${segment(workflow)}/publish`, {}, "always")).discard();
	}

	#ask(method: PlainRequest["method"], path: string, body: object, repeat: Repeat = "when refused") {
		return this.#api.ask({
			method,
			path: this.#path + path,
			credentials: [["X-Job-Workflow-Token", `Bearer ${this.#token}`]],
			body: JSON.stringify(body),
			repeat,
			refusals: REFUSALS,
			secrets: [this.#token],
		});
	}
}
