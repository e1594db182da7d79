/** Schedules of the account's own agents: due ones are listed, and moved on once handled. API key and budget key. */
import type { Express, Request } from "express";
import { iso, reply } from "../payanagent/shop/site.js";
import { plain } from "./canonical_json.js";
import { type Context, jsonOf } from "./context.js";
import { Refusal } from "./refusal.js";

export interface Account {
	readonly apiKey: string;
	readonly budgetKey: string;
	/** The token that follows `Bearer `. */
	readonly bearer: string;
}

export interface Schedule {
	readonly id: string;
	readonly workflow_id: string;
	readonly every_seconds: number;
	due_at: string;
	/** The occurrence that was handled last. */
	handled_at: string | null;
	outcome: string | null;
}

export function newAccount(): Account {
	const [apiKey, budgetKey] = [`ak_${crypto.randomUUID()}`, `bk_${crypto.randomUUID()}`];
	return { apiKey, budgetKey, bearer: Buffer.from(`${apiKey}:${budgetKey}`).toString("base64") };
}

const help = { help_url: "/docs/api-reference", help_doc: "workflow-schedules" };

export function scheduleRoutes(app: Express, { clock }: Context, account: Account, schedules: Schedule[]): void {
	/** @throws {Refusal} 401 */
	const authenticate = ({ headers }: Request<Record<string, string>>): void => {
		if (headers.authorization !== `Bearer ${account.bearer}`)
			throw new Refusal(401, "UNAUTHORIZED", "expected a bearer token of API key and budget key");
	};
	const say = (data: unknown) => ({ success: true, data, request_id: crypto.randomUUID(), ...help });

	app.get("/api/external/workflow-schedules/due", (request, response) => {
		authenticate(request);
		const { limit = "50", as_of = iso(clock.now()) } = request.query as Record<string, string>;
		if (!/^[1-9]\d{0,2}$/.test(limit) || Number.isNaN(Date.parse(as_of)))
			throw new Refusal(400, "QUERY", "limit must be from 1 to 999, as_of a date");
		const due = schedules.filter(({ due_at }) => Date.parse(due_at) <= Date.parse(as_of));
		const items = due.slice(0, Number(limit));
		reply(response, say({ items, count: items.length, as_of }));
	});

	app.post("/api/external/workflow-schedules/:id/advance", (request, response) => {
		authenticate(request);
		const { due_at, outcome } = plain(jsonOf(request)) as { due_at?: unknown; outcome?: unknown };
		if (typeof due_at !== "string" || Number.isNaN(Date.parse(due_at)) || typeof outcome !== "string")
			throw new Refusal(400, "BODY", "expected due_at, a date, and outcome");
		if (!/^sch-/.test(request.params.id)) throw new Refusal(400, "SCHEDULE_ID", "this is no schedule id");
		const schedule = schedules.find(({ id }) => id === request.params.id);
		if (!schedule) throw new Refusal(404, "SCHEDULE_NOT_FOUND", "the budget has no such schedule");
		const same = (when: string | null): boolean => when !== null && Date.parse(when) === Date.parse(due_at);
		const already_advanced = same(schedule.handled_at);
		if (!already_advanced) {
			if (!same(schedule.due_at)) throw new Refusal(409, "DUE_AT_MISMATCH", "due_at is not the current due time");
			schedule.handled_at = schedule.due_at;
			schedule.outcome = outcome;
			schedule.due_at = iso(Date.parse(schedule.due_at) + schedule.every_seconds * 1000);
		}
		reply(response, say({ schedule, already_advanced }));
	});
}
