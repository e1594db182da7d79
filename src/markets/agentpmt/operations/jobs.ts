/** Works on the jobs board, which pays in credits: one worker reserves a job for 30 minutes, then hands in a proof. */
import type { JsonValue } from "../../../../modules/encoding/json/canonical.js";
import { leafText, numberOf } from "../../kit/fields.js";
import { elements, walkBySkip } from "../../kit/pages.js";
import { ENVELOPE, numberAt, readFields, requiredText, textAt } from "../answer.js";
import { type Api, type SignedRequest, segment, signedAction } from "../api.js";
import { JobWorkflow } from "./job_workflow.js";

export interface Job {
	readonly id: string;
	readonly kind: string;
	readonly title: string;
	/** The reward, if the list has one. */
	readonly credits: number | undefined;
}

export interface Reservation {
	readonly id: string;
	/** As the market writes it. */
	readonly expiresAt: string;
	/** Only for this wallet. */
	readonly instructions: string;
	/** Creates the workflow that the job asks for, while the reservation lasts. */
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
	/** Only for a social_share job. */
	readonly socialPosts?: readonly SocialPost[];
	/** Only for a workflow_creation job: the published workflow. */
	readonly workflow?: string;
}

/** Jobs on a page, as documented. */
const PAGE = 50;
const LIST = {
	member: "jobs",
	envelope: ENVELOPE,
	names: ["id", "job_id", "_id", "kind", "type", "job_type", "title", "name", "credits", "reward_credits"],
};

export class Jobs {
	readonly #api: Api;
	readonly #itemBytes: number;

	constructor(api: Api, itemBytes: number) {
		this.#api = api;
		this.#itemBytes = itemBytes;
	}

	/** POST /external/jobs/list. Throws `AgentPmtError`, `ItemsError`, `HttpError`. */
	async *list(limit = PAGE): AsyncGenerator<Job, void> {
		const [api, shape] = [this.#api, { ...LIST, itemBytes: this.#itemBytes }];
		const list = walkBySkip(api.deps.clock, limit, async function* (skip) {
			const request = signedAction("/external/jobs/list", "job_list", "-", "always", { limit, skip });
			yield* elements(await api.askSigned(request), shape);
		});
		for await (const item of list) {
			yield {
				id: textAt(item, "id", "job_id", "_id"),
				kind: textAt(item, "kind", "type", "job_type"),
				title: textAt(item, "title", "name"),
				credits: numberAt(item, "credits", "reward_credits"),
			};
		}
	}

	/**
	 * POST /external/jobs/{id}/reserve. Reserve again after a restart: the workflow's token is not stored. Throws
	 * `AgentPmtError` `Conflict` if another worker has the job.
	 */
	async reserve(job: string): Promise<Reservation> {
		const names = ["reservation_id", "expires_at", "instructions", "workflow_access"];
		const response = await this.#api.askSigned(actionOn(job, "reserve", "when refused"));
		const [id, expiresAt, instructions, access] = await readFields(response, ...names);
		const token = leafText(access?.members("access_token")[0]);
		return {
			id: requiredText(id, "reservation_id"),
			expiresAt: leafText(expiresAt),
			instructions: leafText(instructions),
			workflow: token === "" ? undefined : new JobWorkflow(this.#api, job, token),
		};
	}

	/** POST /external/jobs/{id}/status. */
	async status(job: string): Promise<JobStatus> {
		const response = await this.#api.askSigned(actionOn(job, "status", "always"));
		const [status, reservation, credits] = await readFields(response, "status", "reservation_id", "credits");
		return {
			status: requiredText(status, "status"),
			reservation: leafText(reservation),
			credits: numberOf(credits?.leaf),
		};
	}

	/**
	 * POST /external/jobs/{id}/complete: exactly the given fields are hashed and sent. If the answer is lost, `status` shows
	 * whether the proof arrived. Throws `AgentPmtError` `Conflict` if the reservation has expired.
	 */
	async complete(job: string, { proofText, reservation, socialPosts, workflow }: Completion): Promise<void> {
		const path = `/external/jobs/${segment(job)}/complete`;
		const fields = {
			proof_text: proofText,
			...(reservation !== undefined && { reservation_id: reservation }),
			...(socialPosts !== undefined && { social_posts: socialPosts.map(postFields) }),
			...(workflow !== undefined && { workflow_id: workflow }),
		};
		const request = signedAction(path, "job_complete", job, "when refused", fields);
		await (await this.#api.askSigned(request)).discard();
	}
}

function actionOn(job: string, operation: "reserve" | "status", repeat: SignedRequest["repeat"]): SignedRequest {
	return signedAction(`/external/jobs/${segment(job)}/${operation}`, `job_${operation}`, job, repeat, {});
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
