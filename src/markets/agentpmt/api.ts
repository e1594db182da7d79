/**
 * Asking AgentPMT: plain requests, and requests signed under a session. A session's nonce is a secret of this run; it is
 * renewed when its time is over, and once when the market says so.
 */

import * as hex from "../../../modules/encoding/hex.js";
import * as canonicalJson from "../../../modules/encoding/json/canonical.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import { addressOfPublicKey } from "../../../modules/signer/address.js";
import { signPersonalMessage } from "../../../modules/signer/eip191.js";
import { HttpError } from "../../http/errors.js";
import type { Header, HttpRequest } from "../../http/request.js";
import type { HttpResponse } from "../../http/response.js";
import { pause } from "../kit/pause.js";
import type { MarketDeps } from "../market.js";
import { malformed, readFields, requiredText } from "./answer.js";
import { AgentPmtError, type Names, readRefusal } from "./errors.js";
import { messageText, type Subject } from "./message.js";

/** What may be said of any request. */
interface Asking {
	/** Below `/api`: what is signed, where a path is. */
	readonly path: string;
	/** Whether it may be made again when its answer is lost: it changes nothing, or nothing the second time. */
	readonly isSafe?: boolean;
	readonly names?: Names;
	/** What it carries that no error may repeat. */
	readonly secrets?: readonly string[];
}

export interface Plain extends Asking {
	readonly method: "GET" | "POST" | "PUT";
	readonly credentials?: readonly Header[];
	/** JSON. */
	readonly body?: string;
}

export interface Signed extends Asking {
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

/** A session is not used any more this close to its end. */
const MARGIN_MS = 5_000;

export class Api {
	readonly means: MarketDeps;
	/** The key that signs. */
	readonly slot: number;
	readonly #host: string;
	#wallet: string | undefined;
	#session: Session | undefined;

	constructor(means: MarketDeps, host: string, slot: number) {
		this.means = means;
		this.#host = host;
		this.slot = slot;
	}

	/** The address of the slot's key, lower case. Throws `SignerError` `KeyMissing`. */
	get wallet(): string {
		const { keys } = this.means;
		this.#wallet ??= addressOfPublicKey(keys, keys.publicKey(this.slot)).toLowerCase();
		return this.#wallet;
	}

	url(path: string): string {
		return `${this.#host}/api${path}`;
	}

	/** A 2xx answer, its body still to be read. Throws `AgentPmtError`, `HttpError`. */
	async ask(asking: Plain): Promise<HttpResponse> {
		const tries = new Tries(this, asking.isSafe ?? false);
		for (;;) {
			try {
				const response = await this.means.http.request(this.#request(asking));
				if (isOk(response)) return response;
				throw await this.refusal(response, asking);
			} catch (error) {
				await tries.again(error);
			}
		}
	}

	/** The like, signed. A new session and a fresh request id are had once where the market wants them. */
	async askSigned(asking: Signed): Promise<HttpResponse> {
		const tries = new Tries(this, asking.isSafe ?? false);
		for (;;) {
			try {
				const response = await this.sendSigned(asking, this.newRequestId());
				if (isOk(response)) return response;
				throw await this.refusal(response, asking);
			} catch (error) {
				await tries.again(error);
			}
		}
	}

	/** Sends a signed request once; whatever comes back is the caller's. */
	async sendSigned(asking: Signed, request: string): Promise<HttpResponse> {
		const { nonce } = await this.openSession();
		const { subject, payload, members, path, isSafe } = asking;
		const { keys } = this.means;
		const message = messageText(keys, { wallet: this.wallet, session: nonce, request, subject, payload });
		const four = {
			wallet_address: this.wallet,
			session_nonce: nonce,
			request_id: request,
			signature: signPersonalMessage(keys, this.slot, message),
		};
		const body = `${JSON.stringify(four).slice(0, -1)}${members === "" ? "" : ","}${members}}`;
		return this.means.http.request(
			this.#request({ method: "POST", path, body, ...(isSafe !== undefined && { isSafe }) }),
		);
	}

	/** What an answer that is no 2xx means. The session's nonce is never in it. */
	refusal(response: HttpResponse, { path, names, secrets = [] }: Asking): Promise<AgentPmtError> {
		return readRefusal(
			response,
			path,
			this.#session === undefined ? secrets : [...secrets, this.#session.nonce],
			names,
		);
	}

	/** 32 hexadecimal digits that were never used before. */
	newRequestId(): string {
		const bytes = new Uint8Array(16);
		this.means.random(bytes);
		return hex.encode(bytes);
	}

	/** The market does not know the session any more. */
	forgetSession(): void {
		this.#session = undefined;
	}

	/** Waits, and says so. */
	wait(milliseconds: number, { name }: Error): Promise<void> {
		this.means.log({ event: "waiting", for: "agentpmt", reason: name, milliseconds });
		return pause(this.means.timer, milliseconds);
	}

	/** POST /external/auth/session, when there is no session or its time is over. Throws `AgentPmtError`, `HttpError`. */
	async openSession(): Promise<Session> {
		const wall = this.means.clock.wall();
		const { nonce, expiresAt } = this.#session ?? {};
		const isOver = expiresAt !== undefined && wall !== undefined && wall >= expiresAt - MARGIN_MS;
		if (nonce !== undefined && !isOver) return { nonce, expiresAt };
		this.#session = undefined;
		const response = await this.ask({
			method: "POST",
			path: "/external/auth/session",
			body: JSON.stringify({ wallet_address: this.wallet }),
			isSafe: true,
		});
		const [field, end] = await readFields(response, "session_nonce", "expires_at");
		const fresh = requiredText(field, "session_nonce");
		// It becomes a line of what is signed.
		if (fresh.length > 512 || /[^!-~]/.test(fresh)) throw malformed("a session_nonce of visible ASCII");
		this.#session = { nonce: fresh, expiresAt: momentOf(end?.leaf) };
		return this.#session;
	}

	#request({ method, path, credentials = [], body, isSafe }: Plain): HttpRequest {
		const request = { method, url: this.url(path), credentials, replayable: isSafe ?? false };
		if (body === undefined) return request;
		return { ...request, headers: [["Content-Type", "application/json"]], body: utf8.encode(body) };
	}
}

/** What is tried again, each once: a new session, a fresh request id, a wait that the market asks for, a lost answer. */
class Tries {
	readonly #api: Api;
	readonly #isSafe: boolean;
	#left = ["session", "request", "wait", "answer"];

	constructor(api: Api, isSafe: boolean) {
		this.#api = api;
		this.#isSafe = isSafe;
	}

	/** Returns when the request may be made again; else throws the error. */
	async again(error: unknown): Promise<void> {
		if (error instanceof HttpError && this.#isSafe && this.#take("answer")) return;
		if (!(error instanceof AgentPmtError)) throw error;
		const { name, afterMs } = error;
		if (isSessionOver(error) && this.#take("session")) this.#api.forgetSession();
		else if (afterMs !== undefined && this.#take("wait")) await this.#api.wait(afterMs, error);
		else if (name !== "RequestReplayed" || !this.#take("request")) throw error;
	}

	#take(what: string): boolean {
		const isLeft = this.#left.includes(what);
		this.#left = this.#left.filter((each) => each !== what);
		return isLeft;
	}
}

export function isOk({ status }: HttpResponse): boolean {
	return status >= 200 && status <= 299;
}

export function isSessionOver({ name }: AgentPmtError): boolean {
	return name === "SessionInvalid" || name === "SessionExpired";
}

/** A signed request of the action and product lines; `fields` are hashed and sent, if there are any. */
export function signedAction(
	path: string,
	action: string,
	product: string,
	fields?: { readonly [name: string]: canonicalJson.JsonValue },
): Signed {
	const payload = fields === undefined ? undefined : canonicalJson.encode(fields);
	return { path, subject: { action, product }, payload, members: payload === undefined ? "" : payload.slice(1, -1) };
}

/** An id or slug as it stands in a path, and in a signed line. Throws `IdInvalid`. */
export function segment(id: string): string {
	if (/^[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,127}$/.test(id)) return id;
	const shown = JSON.stringify(id.slice(0, 40));
	throw new AgentPmtError(
		"IdInvalid",
		`expected an id of letters, digits and "-._~" as the market has them, got ${shown}`,
	);
}

/** `?a=b&c=d` of what is given, or "". */
export function queryOf(fields: Readonly<Record<string, string | number | undefined>>): string {
	const parts: string[] = [];
	for (const name of Object.keys(fields)) {
		const value = fields[name];
		if (value !== undefined && value !== "") parts.push(`${name}=${encodeURIComponent(String(value))}`);
	}
	return parts.length === 0 ? "" : `?${parts.join("&")}`;
}

/** A time as ISO 8601, or as seconds or milliseconds since the epoch. */
function momentOf(value: unknown): number | undefined {
	const moment = typeof value === "number" ? value : typeof value === "string" ? Date.parse(value) : Number.NaN;
	if (!(moment > 0)) return undefined;
	return typeof value === "number" && moment < 1e11 ? moment * 1_000 : moment;
}
