/**
 * Makes AgentPMT's requests: plain ones, and ones signed in a session. A session's nonce is a secret of this run. A new
 * session is opened when the old one expires, and at most once per request if the market refuses the old one.
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

/** Fields that plain and signed requests share. */
interface AnyRequest {
	/** The path below `/api`; it is what is signed, if a path is. */
	readonly path: string;
	readonly repeat: Repeat;
	/** The meaning of statuses for this operation. */
	readonly refusals?: readonly Row[];
	/** Secrets in the request that no error may repeat. */
	readonly secrets?: readonly string[];
}

export interface PlainRequest extends AnyRequest {
	readonly method: "GET" | "POST" | "PUT";
	readonly credentials?: readonly Header[];
	/** JSON text. */
	readonly body?: string;
}

export interface SignedRequest extends AnyRequest {
	readonly subject: Subject;
	/** The canonical JSON that is hashed, or `undefined` for an empty payload. */
	readonly payload: string | undefined;
	/** JSON of the members in addition to the four of every signed request, without braces. */
	readonly members: string;
}

interface Session {
	readonly nonce: string;
	/** Milliseconds since the epoch; `undefined` if the market did not say. */
	readonly expiresAt: number | undefined;
}

/** Milliseconds before its expiry at which a session is replaced. */
const MARGIN_MS = 5_000;
const NONCE_LIMIT = 512;

export class Api {
	readonly deps: MarketDeps;
	/** The slot of the signing key. */
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

	/** Makes a request and returns its 2xx answer, with the body unread. Throws `AgentPmtError`, `HttpError`. */
	ask(request: PlainRequest): Promise<HttpResponse> {
		return this.#repeat(request, async () => {
			const response = await this.#send(request);
			if (isSuccess(response)) return response;
			throw await this.refusal(response, request);
		});
	}

	/** Makes a signed request. A refused session and a used request id are each replaced once: such a request costs nothing. */
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

	/** Sends a signed request once and returns any answer. */
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

	/** Builds the error for an answer that is no 2xx. It never contains the session's nonce. */
	refusal(
		response: HttpResponse,
		{ path, refusals, secrets = [] }: Omit<AnyRequest, "repeat">,
	): Promise<AgentPmtError> {
		const all = this.#session === undefined ? secrets : [...secrets, this.#session.nonce];
		return readRefusal(response, path, all, refusals);
	}

	/** Returns a fresh id of 32 hexadecimal digits. */
	newRequestId(): string {
		const bytes = new Uint8Array(16);
		this.deps.random(bytes);
		return hex.encode(bytes);
	}

	/** Drops the session: the next signed request opens a new one. */
	forgetSession(): void {
		this.#session = undefined;
	}

	/** Waits, and logs the wait. */
	wait(milliseconds: number, error: Error): Promise<void> {
		this.#report(milliseconds, error);
		return pause(this.deps.timer, milliseconds);
	}

	/** POST /external/auth/session, unless a session is still valid. Throws `AgentPmtError`, `HttpError`. */
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
		// It becomes a line of the signed text.
		if (fresh.length > NONCE_LIMIT || !isVisible(fresh)) throw malformed("a session_nonce of visible ASCII");
		this.#session = { nonce: fresh, expiresAt: momentOf(end?.leaf) };
		return this.#session;
	}

	#repeat<T>({ repeat }: AnyRequest, attempt: () => Promise<T>): Promise<T> {
		return ask(this.deps.timer, repeat, attempt, this.#attempts);
	}

	#send({ method, path, credentials, body, repeat }: PlainRequest): Promise<HttpResponse> {
		const request = jsonRequest(method, this.url(path), body, credentials);
		// If a kept connection turned out dead, it would be unknown whether a request that costs money has left.
		return this.deps.http.request({ ...request, replayable: repeat === "always", isFresh: repeat === "never" });
	}

	#report(milliseconds: number, { name }: Error): void {
		this.deps.log({ event: "waiting", for: "agentpmt", reason: name, milliseconds });
	}
}

/** Builds a signed request with the action and product lines; `fields`, if any, are hashed and sent. */
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

/** Checks an id or slug for use in a path and in a signed line. Throws `IdInvalid`. */
export function segment(id: string): string {
	const shown = JSON.stringify(id.slice(0, 40));
	if (isSegment(id)) return id;
	throw new AgentPmtError(
		"IdInvalid",
		`expected an id of letters, digits and "-._~" as the market lists it, got ${shown}`,
	);
}

/** Parses a time: ISO 8601, or seconds or milliseconds since the epoch. */
function momentOf(value: unknown): number | undefined {
	const moment = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
	if (!(moment > 0)) return undefined;
	return typeof value === "number" && moment < 1e11 ? moment * 1_000 : moment;
}
