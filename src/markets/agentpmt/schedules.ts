/**
 * Schedules of workflows that agents of one's own carry out: what is due is listed, and moved on once it has been handled.
 * The market runs nothing. They belong to an account, whose bearer token (API key and budget key, base64) is a secret.
 */
import { items } from "../../../modules/encoding/json/items.js";
import { pick } from "../../../modules/encoding/json/pick.js";
import { ENVELOPE, readFields, textAt } from "./answer.js";
import { type Api, type Plain, queryOf, segment } from "./api.js";
import type { Names } from "./errors.js";

export interface DueSchedule {
	readonly id: string;
	readonly workflow: string;
	/** The occurrence that is due, as the market writes it. */
	readonly dueAt: string;
}

/** Of one list: what the document has. */
const LIMIT = 50;
const LIST_NAMES: readonly string[] = Object.freeze([
	...["id", "schedule_id", "_id", "workflow_id", "due_at", "next_due_at", "next_run_at"],
]);
const NAMES: Names = Object.freeze({ 401: "AccountUnauthorized", 409: "DueTimeMismatch" });

export class Schedules {
	readonly #api: Api;
	readonly #itemBytes: number;
	readonly #account: string;

	/** `account`: the bearer token, "" for none. */
	constructor(api: Api, itemBytes: number, account: string) {
		this.#api = api;
		this.#itemBytes = itemBytes;
		this.#account = account;
	}

	/** GET /external/workflow-schedules/due. Throws `AgentPmtError` `AccountUnauthorized`, `ItemsError`, `HttpError`. */
	async *due(limit = LIMIT, asOf?: string): AsyncGenerator<DueSchedule, void> {
		const path = `/external/workflow-schedules/due${queryOf({ limit, as_of: asOf })}`;
		const response = await this.#api.ask(this.#asking("GET", path));
		for await (const each of items(response, "items", this.#itemBytes, ENVELOPE, LIST_NAMES)) {
			const item = pick(each, LIST_NAMES);
			yield {
				id: textAt(item, "id", "schedule_id", "_id"),
				workflow: textAt(item, "workflow_id"),
				dueAt: textAt(item, "due_at", "next_due_at", "next_run_at"),
			};
		}
	}

	/**
	 * POST /external/workflow-schedules/{id}/advance, after the occurrence was handled. The same twice does nothing more.
	 * Returns whether it had been advanced before. Throws `AgentPmtError` `DueTimeMismatch`.
	 */
	async advance({ id, dueAt }: Pick<DueSchedule, "id" | "dueAt">, outcome: string): Promise<boolean> {
		const path = `/external/workflow-schedules/${segment(id)}/advance`;
		const body = JSON.stringify({ due_at: dueAt, outcome });
		const [before] = await readFields(await this.#api.ask({ ...this.#asking("POST", path), body }), "already_advanced");
		return before?.leaf === true;
	}

	#asking(method: Plain["method"], path: string): Plain {
		const credentials = [["Authorization", `Bearer ${this.#account}`]] as const;
		return { method, path, credentials, isSafe: true, names: NAMES, secrets: [this.#account] };
	}
}
