/** The jobs board: one worker a job, a reservation of 30 minutes, proof, and credits once the proof is accepted. */
import type { Express, Request } from "express";
import type { Address } from "viem";
import type { Clock } from "../clock.js";
import { iso } from "../payanagent/shop/site.js";
import { JsonNumber, type JsonObject } from "./canonical_json.js";
import type { Job, Workflow } from "./catalogue.js";
import { answer, type Context, jsonOf } from "./context.js";
import { invalid, Refusal, read } from "./refusal.js";
import { sent } from "./workflows.js";

const reservationSeconds = 1_800;

export interface Reservation {
	readonly id: string;
	readonly job: string;
	readonly wallet: Address;
	/** Milliseconds since 1970; the workflow token's too. */
	readonly expiresAt: number;
	/** Only for a workflow_creation job. */
	readonly token: string | undefined;
	status: "reserved" | "submitted" | "paid" | "rejected";
	proof: string | undefined;
	workflow: Workflow | undefined;
}

export class Board {
	readonly reservations: Reservation[] = [];
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	/** The reservation that stands: one whose time has run out without proof does not, nor one that was rejected. */
	current(job: string): Reservation | undefined {
		return this.reservations.find(
			(each) =>
				each.job === job &&
				each.status !== "rejected" &&
				(each.status !== "reserved" || each.expiresAt > this.#clock.now()),
		);
	}

	/** A job's own token is good for as long as its reservation. @throws {Refusal} 401 */
	byToken(job: string, header: string | undefined): Reservation {
		const found = this.current(job);
		if (header === undefined) throw new Refusal(401, "JOB_WORKFLOW_TOKEN_MISSING", "X-Job-Workflow-Token is required");
		if (!found?.token || header !== `Bearer ${found.token}` || found.expiresAt <= this.#clock.now())
			throw new Refusal(401, "JOB_WORKFLOW_TOKEN_INVALID", "the token is not this reservation's, or has expired");
		return found;
	}
}

const posts = ["platform", "post_url", "target_url_used", "message_text"] as const;

/** @throws {Refusal} 422 for a post that is not as described */
function checkPosts(body: JsonObject): number {
	const { social_posts = [] } = read(body, { social_posts: "array?" });
	for (const [index, post] of social_posts.entries()) {
		const wrong = posts.filter((name) => !(post instanceof Map) || typeof post.get(name) !== "string");
		const detail = (name: string) => ({
			loc: ["body", "social_posts", String(index), name],
			msg: "Field required",
			type: "missing",
			input: null,
		});
		if (wrong.length > 0) throw invalid(...wrong.map(detail));
	}
	return social_posts.length;
}

export function jobRoutes(app: Express, context: Context, jobs: Job[], board: Board): void {
	const { sessions, clock, secrets } = context;
	/** @throws {Refusal} 404 */
	const find = (id: string): Job => {
		const job = jobs.find((each) => each.id === id);
		if (!job) throw new Refusal(404, "JOB_NOT_FOUND", `there is no job ${id}`);
		return job;
	};
	/** Signed over an empty object, for one job. */
	const authenticate = (request: Request<{ id: string }>, action: string): Promise<Address> =>
		sessions.authenticate(jsonOf(request), { action, product: request.params.id }, new Map());

	app.post("/api/external/jobs/list", async (request, response) => {
		const body = jsonOf(request);
		const { limit = 50, skip = 0 } = read(body, { limit: "integer?", skip: "integer?" });
		for (const [name, value, least] of [["limit", limit, 1] as const, ["skip", skip, 0] as const]) {
			const msg = `Input should be at least ${least}`;
			if (value < least) throw invalid({ loc: ["body", name], msg, type: "greater_than_equal", input: value });
		}
		const payload = new Map([
			["limit", new JsonNumber(String(limit))],
			["skip", new JsonNumber(String(skip))],
		]);
		await sessions.authenticate(body, { action: "job_list", product: "-" }, payload);
		const open = jobs.filter(({ id }) => !board.current(id));
		const listed = open.slice(skip, skip + limit).map(({ instructions: _, ...job }) => job);
		answer(response, context, { jobs: listed, total: open.length, limit, skip });
	});

	app.post("/api/external/jobs/:id/reserve", async (request, response) => {
		const wallet = await authenticate(request, "job_reserve");
		const job = find(request.params.id);
		let reservation = board.current(job.id);
		if (reservation && (reservation.wallet !== wallet || reservation.status !== "reserved"))
			throw new Refusal(409, "JOB_RESERVED", "the job is taken");
		if (!reservation) {
			const token = job.kind === "workflow_creation" ? `jwt-${crypto.randomUUID()}` : undefined;
			if (token) secrets.add(token);
			const expiresAt = clock.now() + reservationSeconds * 1000;
			const id = `res-${crypto.randomUUID()}`;
			const fresh = { status: "reserved" as const, proof: undefined, workflow: undefined };
			reservation = { id, job: job.id, wallet, expiresAt, token, ...fresh };
			board.reservations.push(reservation);
		}
		const expires_at = iso(reservation.expiresAt);
		answer(response, context, {
			job_id: job.id,
			reservation_id: reservation.id,
			expires_at,
			instructions: job.instructions,
			...(reservation.token && { workflow_access: { access_token: reservation.token, expires_at } }),
		});
	});

	app.post("/api/external/jobs/:id/status", async (request, response) => {
		const wallet = await authenticate(request, "job_status");
		const job = find(request.params.id);
		const reservation = board.reservations.findLast((each) => each.job === job.id && each.wallet === wallet);
		const late = reservation?.status === "reserved" && reservation.expiresAt <= clock.now();
		answer(response, context, {
			job_id: job.id,
			status: late ? "expired" : (reservation?.status ?? "none"),
			reservation_id: reservation?.id ?? null,
			expires_at: reservation ? iso(reservation.expiresAt) : null,
			credits: job.credits,
		});
	});

	app.post("/api/external/jobs/:id/complete", async (request, response) => {
		const product = request.params.id;
		const body = jsonOf(request) as JsonObject;
		const fields = read(body, { proof_text: "string", reservation_id: "string?", workflow_id: "string?" });
		const shared = checkPosts(body);
		const payload = sent(body, "proof_text", "reservation_id", "social_posts", "workflow_id");
		const wallet = await sessions.authenticate(body, { action: "job_complete", product }, payload);
		const job = find(product);
		const reservation = board.current(job.id);
		if (reservation?.wallet !== wallet || reservation.status !== "reserved")
			throw new Refusal(409, "JOB_NOT_RESERVED", "this wallet has no reservation of the job that is open");
		if (fields.reservation_id !== undefined && fields.reservation_id !== reservation.id)
			throw new Refusal(409, "RESERVATION_MISMATCH", "reservation_id is not that of the open reservation");
		if (job.kind === "social_share" && shared === 0)
			throw new Refusal(400, "SOCIAL_POSTS_REQUIRED", "a social_share job needs social_posts");
		const workflow = reservation.workflow;
		if (job.kind === "workflow_creation" && (workflow?.visibility !== "private" || workflow.id !== fields.workflow_id))
			throw new Refusal(400, "WORKFLOW_NOT_PUBLISHED", "workflow_id must be the workflow published for this job");
		reservation.status = "submitted";
		reservation.proof = fields.proof_text;
		answer(response, context, { job_id: job.id, reservation_id: reservation.id, status: "submitted" });
	});
}
