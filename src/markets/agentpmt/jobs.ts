/** The jobs board: work that the platform pays for in credits. One worker a job, 30 minutes for it, then proof. */
import type { JsonValue } from "../../../modules/encoding/json/canonical.js";
import { numberAt, numberOf, readFields, requiredText, textAt, textOf } from "./answer.js";
import { type Api, segment, signedAction } from "./api.js";
import type { Names } from "./errors.js";
import { JobWorkflow } from "./job_workflow.js";
import { bySkip } from "./pages.js";

export interface Job {
	readonly id: string;
	readonly kind: string;
	readonly title: string;
	/** What it pays, if the list says so. */
	readonly credits: number | undefined;
}

export interface Reservation {
	readonly id: string;
	/** As the market writes it. */
	readonly expiresAt: string;
	/** For this wallet alone. */
	readonly instructions: string;
	/** Of a job that is to make a workflow: what makes it, for as long as the reservation lasts. */
	readonly workflow: JobWorkflow | undefined;
}

export interface JobStatus {
	readonly status: string;
	readonly reservation: string;
	readonly credits: number | undefined;
}

export interface SocialPost {
	readonly platform: string;
	readonly postUrl: string;
	readonly targetUrlUsed: string;
	readonly messageText: string;
	readonly postedAt?: string;
}

export interface Completion {
	readonly proofText: string;
	readonly reservation?: string;
	/** Of a social_share job. */
	readonly socialPosts?: readonly SocialPost[];
	/** Of a workflow_creation job: the workflow that was published. */
	readonly workflow?: string;
}

/** Of a page: what the documents have. */
const PAGE = 50;
const LIST = Object.freeze({
	member: "jobs",
	names: Object.freeze([
		"id",
		"job_id",
		"_id",
		"kind",
		"type",
		"job_type",
		"title",
		"name",
		"credits",
		"reward_credits",
	]),
});
const NAMES: Names = Object.freeze({ 409: "Conflict" });

export class Jobs {
	readonly #api: Api;
	readonly #itemBytes: number;

	constructor(api: Api, itemBytes: number) {
		this.#api = api;
		this.#itemBytes = itemBytes;
	}

	/** POST /external/jobs/list. Throws `AgentPmtError`, `ItemsError`, `HttpError`. */
	async *list(limit = PAGE): AsyncGenerator<Job, void> {
		const page = (skip: number) =>
			this.#api.askSigned({ ...signedAction("/external/jobs/list", "job_list", "-", { limit, skip }), isSafe: true });
		for await (const item of bySkip({ ...LIST, itemBytes: this.#itemBytes }, limit, page)) {
			yield {
				id: textAt(item, "id", "job_id", "_id"),
				kind: textAt(item, "kind", "type", "job_type"),
				title: textAt(item, "title", "name"),
				credits: numberAt(item, "credits", "reward_credits"),
			};
		}
	}

	/**
	 * POST /external/jobs/{id}/reserve. To be asked again after a restart: the workflow's token is not kept. Throws
	 * `AgentPmtError` `Conflict` when somebody else has the job.
	 */
	async reserve(job: string): Promise<Reservation> {
		const names = ["reservation_id", "expires_at", "instructions", "workflow_access"];
		const response = await this.#api.askSigned(this.#ofJob(job, "reserve", "job_reserve"));
		const [id, expiresAt, instructions, access] = await readFields(response, ...names);
		const token = textOf(access?.members("access_token")[0]);
		return {
			id: requiredText(id, "reservation_id"),
			expiresAt: textOf(expiresAt),
			instructions: textOf(instructions),
			workflow: token === "" ? undefined : new JobWorkflow(this.#api, job, token),
		};
	}

	/** POST /external/jobs/{id}/status. */
	async status(job: string): Promise<JobStatus> {
		const response = await this.#api.askSigned({ ...this.#ofJob(job, "status", "job_status"), isSafe: true });
		const [status, reservation, credits] = await readFields(response, "status", "reservation_id", "credits");
		return {
			status: requiredText(status, "status"),
			reservation: textOf(reservation),
			credits: numberOf(credits),
		};
	}

	/**
	 * POST /external/jobs/{id}/complete: exactly the fields that are given are hashed and sent. When its answer is lost,
	 * `status` says whether the proof has come in. Throws `AgentPmtError` `Conflict` when the reservation is over.
	 */
	async complete(job: string, { proofText, reservation, socialPosts, workflow }: Completion): Promise<void> {
		const path = `/external/jobs/${segment(job)}/complete`;
		const fields = {
			proof_text: proofText,
			...(reservation !== undefined && { reservation_id: reservation }),
			...(socialPosts !== undefined && { social_posts: socialPosts.map(postFields) }),
			...(workflow !== undefined && { workflow_id: workflow }),
		};
		const asking = { ...signedAction(path, "job_complete", job, fields), names: NAMES };
		await (await this.#api.askSigned(asking)).discard();
	}

	#ofJob(job: string, operation: string, action: string) {
		return { ...signedAction(`/external/jobs/${segment(job)}/${operation}`, action, job, {}), names: NAMES };
	}
}

function postFields({ platform, postUrl, targetUrlUsed, messageText, postedAt }: SocialPost): JsonValue {
	return {
		platform,
		post_url: postUrl,
		target_url_used: targetUrlUsed,
		message_text: messageText,
		...(postedAt !== undefined && { posted_at: postedAt }),
	};
}
