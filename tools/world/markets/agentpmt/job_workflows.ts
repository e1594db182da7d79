/** The workflow of a reserved job: drafted, changed and privately published with the job's own token and nothing else. */
import type { Express, Request, RequestHandler } from "express";
import { plain } from "./canonical_json.js";
import type { Workflow } from "./catalogue.js";
import { answer, type Context, jsonOf } from "./context.js";
import type { Board, Reservation } from "./jobs.js";
import { Refusal, read } from "./refusal.js";

const itsPlace = /^\/api\/external\/jobs\/[^/]+\/workflow\//;

/** Middleware: refuses the token in any other place, and as a bearer of any kind. */
export function tokenInItsPlace(board: Board): RequestHandler {
	return ({ path, headers }, _response, next) => {
		if ("x-job-workflow-token" in headers && !itsPlace.test(path))
			throw new Refusal(400, "JOB_WORKFLOW_TOKEN_MISPLACED", "X-Job-Workflow-Token is for job workflows alone");
		const bearer = headers.authorization ?? "";
		if (board.reservations.some(({ token }) => token !== undefined && bearer.includes(token)))
			throw new Refusal(401, "JOB_WORKFLOW_TOKEN_MISPLACED", "the workflow token is not a bearer token");
		next();
	};
}

export function jobWorkflowRoutes(app: Express, context: Context, board: Board, workflows: Workflow[]): void {
	const reservationOf = ({ params, headers }: Request<{ job: string }>): Reservation =>
		board.byToken(params.job, headers["x-job-workflow-token"] as string | undefined);
	/** @throws {Refusal} 404 */
	const draftOf = (reservation: Reservation, id: string): Workflow => {
		if (reservation.workflow?.id !== id)
			throw new Refusal(404, "WORKFLOW_NOT_FOUND", "the reservation has no such workflow");
		return reservation.workflow;
	};
	const say = ({ id, name, description, visibility }: Workflow) => ({ workflow_id: id, name, description, visibility });

	app.post("/api/external/jobs/:job/workflow/create", (request, response) => {
		const reservation = reservationOf(request);
		const body = jsonOf(request);
		const { name, description } = read(body, { name: "string", description: "string" });
		const { nodes, edges } = plain(body) as { nodes?: unknown; edges?: unknown };
		if (!Array.isArray(nodes) || !Array.isArray(edges))
			throw new Refusal(400, "WORKFLOW_GRAPH", "nodes and edges must be arrays");
		if (reservation.workflow) throw new Refusal(409, "WORKFLOW_EXISTS", "the reservation has its workflow");
		const by = { categories: [], industry_tags: [], publisher: reservation.wallet };
		const id = `wf-${crypto.randomUUID()}`;
		reservation.workflow = { id, name, description, ...by, nodes, edges, visibility: "draft" };
		workflows.push(reservation.workflow);
		answer(response, context, say(reservation.workflow));
	});

	app.put("/api/external/jobs/:job/workflow/:id", (request, response) => {
		const draft = draftOf(reservationOf(request), request.params.id);
		const { name, description, nodes, edges } = plain(jsonOf(request)) as Partial<Workflow>;
		Object.assign(draft, JSON.parse(JSON.stringify({ name, description, nodes, edges })));
		answer(response, context, say(draft));
	});

	app.post("/api/external/jobs/:job/workflow/:id/publish", (request, response) => {
		const draft = draftOf(reservationOf(request), request.params.id);
		const { visibility = "private" } = plain(jsonOf(request)) as { visibility?: string };
		if (visibility !== "private")
			throw new Refusal(403, "PUBLIC_PUBLISH_BLOCKED", "a job's workflow is published as private");
		draft.visibility = "private";
		answer(response, context, say(draft));
	});
}
