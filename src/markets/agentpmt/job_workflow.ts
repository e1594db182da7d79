/**
 * The workflow of a reserved job: drafted, changed and published, each with the job's own token in a header of its own.
 * The token is a secret that goes nowhere else: it is in no field that could be printed or kept.
 */
import type { JsonValue } from "../../../modules/encoding/json/canonical.js";
import { readFields, requiredText } from "./answer.js";
import { type Api, type Plain, segment } from "./api.js";
import type { Names } from "./errors.js";

export interface WorkflowDraft {
	readonly name: string;
	readonly description: string;
	/** As the workflow builder has them. */
	readonly nodes: readonly JsonValue[];
	readonly edges: readonly JsonValue[];
}

const NAMES: Names = Object.freeze({ 401: "WorkflowTokenInvalid" });

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
		await (await this.#ask("PUT", `/${segment(workflow)}`, changes, true)).discard();
	}

	/** POST /external/jobs/{id}/workflow/{workflowId}/publish, as private: the market has no other way for a job's. */
	async publish(workflow: string): Promise<void> {
		await (await this.#ask("POST", `/${segment(workflow)}/publish`, {}, true)).discard();
	}

	#ask(method: Plain["method"], path: string, body: object, isSafe = false) {
		return this.#api.ask({
			method,
			path: this.#path + path,
			credentials: [["X-Job-Workflow-Token", `Bearer ${this.#token}`]],
			body: JSON.stringify(body),
			isSafe,
			names: NAMES,
			secrets: [this.#token],
		});
	}
}
