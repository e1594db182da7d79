/**
 * Makes AgentPMT's requests: plain ones, and ones signed under a session. A session's nonce is a secret of this run; a new
 * session is opened when the old one expires, and once per request when the market refuses it.
 */
import * as hex from "../../../modules/encoding/hex.js";
import * as canonicalJson from "../../../modules/encoding/json/canonical.js";
import { addressOfPublicKey } from "../../../modules/signer/address.js";
import { signPersonalMessage } from "../../../modules/signer/eip191.js";
import type { Header } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { type Attempts, ask, isSuccess, type Repeat } from "../kit/ask.js";
import { isVisible } from "../kit/fields.js";
import { pause } from "../kit/pause.js";
import { isSegment, jsonRequest } from "../kit/request.js";
import type { MarketDeps } from "../market.js";
import { malformed, readFields, requiredText } from "./answer.js";
import { AgentPmtError } from "./errors.js";
import { messageText, type Subject } from "./message.js";
import { type Row, readRefusal } from "./refusals.js";

/** What plain and signed requests have in common. */
interface AnyRequest {
	/** Below `/api`: what is signed, where a path is. */
	readonly path: string;
	readonly repeat: Repeat;
	/** What a status means for this operation. */
	readonly refusals?: readonly Row[];
	/** What it carries that no error may repeat. */
	readonly secrets?: readonly string[];
}

export interface PlainRequest extends AnyRequest {
	readonly method: "GET" | "POST" | "PUT";
	readonly credentials?: readonly Header[];
	/** JSON. */
	readonly body?: string;
}

export interface SignedRequest extends AnyRequest {
	readonly subject: Subject;
	/** Canonical JSON of what is hashed, or `undefined` for an empty payload. */
	readonly payload: string | undefined;
	/** JSON of the members beside the four of every signed request, without braces. */
	readonly members: string;
}

interface Session {
	readonly nonce: string;
	/** Milliseconds since the epoch; `undefined` when the market did not say. */
	readonly expiresAt: number | undefined;
}

/** Milliseconds before its end at which a session is replaced. */
const MARGIN_MS = 5_000;
const NONCE_LIMIT = 512;

export class Api {
	readonly deps: MarketDeps;
	/** The key that signs. */
	readonly slot: number;
	readonly #host: string;
	readonly #attempts: Attempts;
	#wallet: string | undefined;
	#session: Session | undefined;

	constructor(deps: MarketDeps, host: string, slot: number) {
		this.deps = deps;
		this.#host = host;
		this.slot = slot;
		this.#attempts = { limit: 2, firstWaitMs: 0, onWait: (milliseconds, error) => this.#report(milliseconds, error) };
	}

	/** The address of the slot's key, lower case. Throws `SignerError` `KeyMissing`. */
	get wallet(): string {
		const { keys } = this.deps;
		this.#wallet ??= addressOfPublicKey(keys, keys.publicKey(this.slot)).toLowerCase();
		return this.#wallet;
	}

	url(path: string): string {
		return `${this.#host}/api${path}`;
	}

	/** A 2xx answer, its body still to be read. Throws `AgentPmtError`, `HttpError`. */
	ask(request: PlainRequest): Promise<HttpResponse> {
		return this.#repeat(request, async () => {
			const response = await this.#send(request);
			if (isSuccess(response)) return response;
			throw await this.refusal(response, request);
		});
	}

	/** The like, signed. A refused session and a used request id are each replaced once: such a request costs nothing. */
	askSigned(request: SignedRequest): Promise<HttpResponse> {
		let canRenew = true;
		let canReplace = true;
		return this.#repeat(request, async () => {
			for (;;) {
				const response = await this.sendSigned(request, this.newRequestId());
				if (isSuccess(response)) return response;
				const error = await this.refusal(response, request);
				if (error.isSessionOver && canRenew) {
					canRenew = false;
					this.forgetSession();
				} else if (error.name === "RequestReplayed" && canReplace) canReplace = false;
				else throw error;
			}
		});
	}

	/** Sends a signed request once; whatever comes back is the caller's. */
	async sendSigned({ subject, payload, members, path, repeat }: SignedRequest, id: string): Promise<HttpResponse> {
		const { nonce } = await this.openSession();
		const { keys } = this.deps;
		const message = messageText(keys, { wallet: this.wallet, session: nonce, request: id, subject, payload });
		const four = {
			wallet_address: this.wallet,
			session_nonce: nonce,
			request_id: id,
			signature: signPersonalMessage(keys, this.slot, message),
		};
		const body = `${JSON.stringify(four).slice(0, -1)}${members === "" ? "" : ","}${members}}`;
		return this.#send({ method: "POST", path, body, repeat });
	}

	/** What an answer that is no 2xx means. The session's nonce is never in it. */
	refusal(
		response: HttpResponse,
		{ path, refusals, secrets = [] }: Omit<AnyRequest, "repeat">,
	): Promise<AgentPmtError> {
		const all = this.#session === undefined ? secrets : [...secrets, this.#session.nonce];
		return readRefusal(response, path, all, refusals);
	}

	/** 32 hexadecimal digits that were never used before. */
	newRequestId(): string {
		const bytes = new Uint8Array(16);
		this.deps.random(bytes);
		return hex.encode(bytes);
	}

	/** The next signed request opens a new session. */
	forgetSession(): void {
		this.#session = undefined;
	}

	/** Waits, and logs the wait. */
	wait(milliseconds: number, error: Error): Promise<void> {
		this.#report(milliseconds, error);
		return pause(this.deps.timer, milliseconds);
	}

	/** POST /external/auth/session, unless there is a session that has not expired. Throws `AgentPmtError`, `HttpError`. */
	async openSession(): Promise<Session> {
		const wall = this.deps.clock.wall();
		const { nonce, expiresAt } = this.#session ?? {};
		const isOver = expiresAt !== undefined && wall !== undefined && wall >= expiresAt - MARGIN_MS;
		if (nonce !== undefined && !isOver) return { nonce, expiresAt };
		this.#session = undefined;
		const response = await this.ask({
			method: "POST",
			path: "/external/auth/session",
			body: JSON.stringify({ wallet_address: this.wallet }),
			repeat: "always",
		});
		const [field, end] = await readFields(response, "session_nonce", "expires_at");
		const fresh = requiredText(field, "session_nonce");
		// It becomes a line of what is signed.
		if (fresh.length > NONCE_LIMIT || !isVisible(fresh)) throw malformed("a session_nonce of visible ASCII");
		this.#session = { nonce: fresh, expiresAt: momentOf(end?.leaf) };
		return this.#session;
	}

	#repeat<T>({ repeat }: AnyRequest, attempt: () => Promise<T>): Promise<T> {
		return ask(this.deps.timer, repeat, attempt, this.#attempts);
	}

	#send({ method, path, credentials, body, repeat }: PlainRequest): Promise<HttpResponse> {
		const request = jsonRequest(method, this.url(path), body, credentials);
		// On a kept connection that has died nobody could tell whether a request that costs has left.
		return this.deps.http.request({ ...request, replayable: repeat === "always", isFresh: repeat === "never" });
	}

	#report(milliseconds: number, { name }: Error): void {
		this.deps.log({ event: "waiting", for: "agentpmt", reason: name, milliseconds });
	}
}

/** A signed request of the action and product lines; `fields` are hashed and sent, if there are any. */
export function signedAction(
	path: string,
	action: string,
	product: string,
	repeat: Repeat,
	fields?: { readonly [name: string]: canonicalJson.JsonValue },
): SignedRequest {
	const payload = fields === undefined ? undefined : canonicalJson.encode(fields);
	return {
		path,
		repeat,
		subject: { action, product },
		payload,
		members: payload === undefined ? "" : payload.slice(1, -1),
	};
}

/** An id or slug as it stands in a path, and in a signed line. Throws `IdInvalid`. */
export function segment(id: string): string {
	const shown = JSON.stringify(id.slice(0, 40));
	if (isSegment(id)) return id;
	throw new AgentPmtError(
		"IdInvalid",
		`expected an id of letters, digits and "-._~" as the market lists it, got ${shown}`,
	);
}

/** A time as ISO 8601, or as seconds or milliseconds since the epoch. */
function momentOf(value: unknown): number | undefined {
	const moment = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
	if (!(moment > 0)) return undefined;
	return typeof value === "number" && moment < 1e11 ? moment * 1_000 : moment;
}
