/**
 * Lists the schedules that are due, and advances them once they are handled: the market itself runs nothing. They belong to
 * an account, whose bearer token (API key and budget key, base64) is a secret.
 */
import { elements } from "../../kit/pages.js";
import { queryOf } from "../../kit/request.js";
import { ENVELOPE, readFields, textAt } from "../answer.js";
import { type Api, type PlainRequest, segment } from "../api.js";
import type { Row } from "../refusals.js";

export interface DueSchedule {
	readonly id: string;
	readonly workflow: string;
	/** The due time, as the market writes it. */
	readonly dueAt: string;
}

/** Schedules in one list, as documented. */
const LIMIT = 50;
const LIST = {
	member: "items",
	envelope: ENVELOPE,
	names: ["id", "schedule_id", "_id", "workflow_id", "due_at", "next_due_at", "next_run_at"],
};
const REFUSALS: readonly Row[] = [
	{
		status: 401,
		name: "AccountUnauthorized",
		advice: "set the account's bearer token, made from API key and budget key",
	},
	{ status: 409, name: "DueTimeMismatch", advice: "list the due schedules again and advance those" },
];

export class Schedules {
	readonly #api: Api;
	readonly #itemBytes: number;
	readonly #account: string;

	/** `account`: the bearer token; "" for none. */
	constructor(api: Api, itemBytes: number, account: string) {
		this.#api = api;
		this.#itemBytes = itemBytes;
		this.#account = account;
	}

	/** GET /external/workflow-schedules/due. Throws `AgentPmtError` `AccountUnauthorized`, `ItemsError`, `HttpError`. */
	async *due(limit = LIMIT, asOf?: string): AsyncGenerator<DueSchedule, void> {
		const path = `/external/workflow-schedules/due${queryOf({ limit, as_of: asOf })}`;
		const response = await this.#api.ask(this.#request("GET", path));
		for await (const item of elements(response, { ...LIST, itemBytes: this.#itemBytes })) {
			yield {
				id: textAt(item, "id", "schedule_id", "_id"),
				workflow: textAt(item, "workflow_id"),
				dueAt: textAt(item, "due_at", "next_due_at", "next_run_at"),
			};
		}
	}

	/**
	 * POST /external/workflow-schedules/{id}/advance, after the occurrence was handled. A repetition is a no-op. Returns true
	 * if it had been advanced before. Throws `AgentPmtError` `DueTimeMismatch`.
	 */
	async advance({ id, dueAt }: Pick<DueSchedule, "id" | "dueAt">, outcome: string): Promise<boolean> {
		const path = `/external/workflow-schedules/${segment(id)}/advance`;
		const body = JSON.stringify({ due_at: dueAt, outcome });
		const [before] = await readFields(
			await this.#api.ask({ ...this.#request("POST", path), body }),
			"already_advanced",
		);
		return before?.leaf === true;
	}

	#request(method: PlainRequest["method"], path: string): PlainRequest {
		const credentials = [["Authorization", `Bearer ${this.#account}`]] as const;
		return { method, path, credentials, repeat: "always", refusals: REFUSALS, secrets: [this.#account] };
	}
}
