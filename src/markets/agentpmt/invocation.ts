/**
 * A call that is charged to the balance. The market takes a request id once, so a call whose answer was lost is sent again
 * under the same id, and before that the balance says whether it was charged. A fresh id is a new call: it is used only
 * where the one before is known not to have been executed.
 *
 * | answer | what is done |
 * |---|---|
 * | 2xx | delivered; the balance says what it cost |
 * | none | balance: as before → the same again; less → unknown, `charged_undelivered` |
 * | 401, the session is over | a new session, once; under a fresh id unless an answer is missing |
 * | 409, the request id was used | balance: as before → a fresh id, once; less → unknown, `charged_undelivered` |
 * | 429, 503 with `Retry-After` | waited for, then as with no answer |
 * | other 5xx | balance: as before → refused; less → unknown, `charged_undelivered` |
 * | other 4xx | refused |
 *
 * A session is gone with a restart, and who knows whether request ids are a session's or a wallet's: so after a restart,
 * too, the balance is asked first.
 */
import * as cbor from "../../../modules/encoding/cbor.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import { HttpError } from "../../http/errors.js";
import type { HttpResponse } from "../../http/response.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import { isSuccess } from "../kit/ask.js";
import type { Api, SignedRequest } from "./api.js";
import type { Credits } from "./credits.js";
import { AgentPmtError } from "./errors.js";

/** What the ledger counts. */
export const NETWORK = "account:agentpmt";
export const ASSET = "credit";

export interface Call {
	readonly offer: string;
	readonly signed: SignedRequest;
	/** What it costs, in credits; `undefined` when the market does not say. */
	price(): Promise<number | undefined>;
}

/** Where the call is: what the ledger keeps of it. */
interface Note {
	readonly requestId: string;
	/** Before the call, in credits, as the market wrote it. */
	readonly balance: number;
	/** Whether the result has been delivered. */
	readonly isServed: boolean;
	/** Whether a fresh id has already been used in place of one that was taken. */
	readonly isRenewed: boolean;
}

/** What is sent next, and what has to be waited out before. */
interface Step {
	readonly note: Note;
	readonly waitMs: number;
	readonly error: Error | undefined;
}

/** How often the call is sent in one run, at most, and the wait before the second; each further one is twice as long. */
const SENDS = 4;
const FIRST_WAIT_MS = 1_000;

export class Invocation {
	readonly #api: Api;
	readonly #credits: Credits;
	readonly #call: Call;
	readonly #account: AccountCharge;
	readonly #deliver: Deliver;
	/** Whether some send has had no answer: it may have been executed. */
	#inDoubt = false;
	#mayOpenSession = true;

	constructor(api: Api, credits: Credits, call: Call, account: AccountCharge, deliver: Deliver) {
		this.#api = api;
		this.#credits = credits;
		this.#call = call;
		this.#account = account;
		this.#deliver = deliver;
	}

	async run(): Promise<Outcome> {
		if (this.#account.record?.state !== "authorized") return this.#send(await this.#begin());
		const kept = readNote(this.#account.progress);
		if (kept === undefined) return this.#end("unknown", "progress_unreadable", "the ledger's note is no call's");
		if (kept.isServed) return this.#endServed(kept);
		this.#inDoubt = true;
		return this.#send(kept);
	}

	/** Takes the budget: what the list says, or all that the plan allows. Throws: then nothing costs anything. */
	async #begin(): Promise<Note> {
		const account = this.#account;
		// Of what was only intended nothing has left: it is begun anew, by the present price and balance.
		if (account.record !== undefined) account.abandon("expired");
		const price = await this.#call.price();
		const balance = await this.#credits.balance();
		if (price !== undefined && balance < price) {
			throw new AgentPmtError(
				"CreditsInsufficient",
				`${this.#call.offer} costs ${price} credits, the balance is ${balance}: buy credits first`,
			);
		}
		const requestId = this.#api.newRequestId();
		const note: Note = { requestId, balance, isServed: false, isRenewed: false };
		const amount = price === undefined ? account.cap : inUnits(price);
		account.begin({ network: NETWORK, asset: ASSET, payTo: "", amount }, noteBytes(note));
		return note;
	}

	async #send(note: Note): Promise<Outcome> {
		let step: Step = { note, waitMs: 0, error: undefined };
		for (let sends = 1; ; sends++) {
			if (step.error !== undefined) await this.#api.wait(step.waitMs, step.error);
			const charged = this.#inDoubt ? await this.#charged(step.note) : 0;
			if (charged === undefined) return this.#end("unknown", "answer_lost", "the balance could not be asked");
			if (charged !== 0) return this.#endCharged(charged);
			this.#account.advance(noteBytes(step.note));
			const answer = await this.#ask(step.note);
			if (!(answer instanceof Error)) return this.#serve(step.note, answer);
			const next = sends < SENDS ? this.#next(step.note, answer, sends) : undefined;
			if (next === undefined) return this.#refused(step.note, answer);
			step = next;
		}
	}

	/** What was called for, or what came instead. */
	async #ask({ requestId }: Note): Promise<HttpResponse | Error> {
		const { signed } = this.#call;
		try {
			await this.#api.openSession();
		} catch (error) {
			// Nothing of the call has left.
			return error as Error;
		}
		try {
			const response = await this.#api.sendSigned(signed, requestId);
			if (isSuccess(response)) return response;
			// A call that has failed is given back: the balance says so.
			if (response.status >= 500) this.#inDoubt = true;
			return await this.#api.refusal(response, signed);
		} catch (error) {
			if (error instanceof HttpError) this.#inDoubt ||= error.sent;
			return error as Error;
		}
	}

	/** What is sent next after this error, and when; `undefined` when it is the end. */
	#next(note: Note, error: Error, sends: number): Step | undefined {
		const waitMs = FIRST_WAIT_MS * 2 ** (sends - 1);
		if (error instanceof HttpError) return { note, waitMs, error };
		if (!(error instanceof AgentPmtError)) return undefined;
		if (error.isSessionOver && this.#mayOpenSession) {
			this.#mayOpenSession = false;
			this.#api.forgetSession();
			const next = this.#inDoubt ? note : { ...note, requestId: this.#api.newRequestId() };
			return { note: next, waitMs: 0, error: undefined };
		}
		if (error.name === "RequestReplayed" && !note.isRenewed) {
			this.#inDoubt = true;
			return { note: { ...note, requestId: this.#api.newRequestId(), isRenewed: true }, waitMs, error };
		}
		return error.afterMs === undefined ? undefined : { note, waitMs: error.afterMs, error };
	}

	async #serve(note: Note, response: HttpResponse): Promise<Outcome> {
		try {
			await this.#deliver(response);
		} catch (error) {
			const { name, message } = error as Error;
			// The call was executed and charged; its result is not to be had again.
			const outcome = error instanceof HttpError ? "answer_lost" : name;
			return this.#end("unknown", outcome, message, await this.#charged(note));
		}
		const served = { ...note, isServed: true };
		this.#account.advance(noteBytes(served));
		return this.#endServed(served);
	}

	async #endServed(note: Note): Promise<Outcome> {
		return this.#end("delivered", "paid", "", await this.#charged(note));
	}

	/** A refusal counts as one only when no send is in doubt, or the call has failed and was not charged. */
	async #refused(note: Note, error: Error): Promise<Outcome> {
		const { name, message } = error;
		const outcome = error instanceof HttpError ? "answer_lost" : name;
		if (!this.#inDoubt && name !== "RequestReplayed") return this.#end("refused", outcome, message);
		const charged = await this.#charged(note);
		if (charged !== undefined && charged !== 0) return this.#endCharged(charged);
		return this.#end(charged === 0 && name === "ServerFailed" ? "refused" : "unknown", outcome, message);
	}

	/** What the balance has lost since before the call; `undefined` when it cannot be had. */
	async #charged({ balance }: Note): Promise<number | undefined> {
		try {
			return balance - (await this.#credits.balance());
		} catch (error) {
			if (error instanceof HttpError || error instanceof AgentPmtError) return undefined;
			throw error;
		}
	}

	/** Below 0: credits have come in meanwhile, and nobody can say what went. */
	#endCharged(credits: number): Outcome {
		if (credits < 0) return this.#end("unknown", "answer_lost", "credits have come in since the call was made");
		return this.#end("unknown", "charged_undelivered", `${credits} credits are gone, and no result came`, credits);
	}

	/** A refusal counts nothing, else what the balance has lost does; if that is not known, what was taken for it. */
	#end(state: Outcome["state"], outcome: string, detail: string, charged = 0): Outcome {
		const ended: Outcome = { state, outcome, detail, transaction: "" };
		const amount = state === "refused" || charged > 0 ? inUnits(charged) : undefined;
		this.#account.end(ended, amount);
		return ended;
	}
}

/** Credits as the ledger counts them: whole ones. */
function inUnits(credits: number): Uint8Array {
	return uint256.fromNumber(Math.ceil(credits));
}

function noteBytes({ requestId, balance, isServed, isRenewed }: Note): Uint8Array {
	return cbor.encode([requestId, String(balance), isServed, isRenewed]);
}

/** What another market's client has written is none. */
function readNote(bytes: Uint8Array | undefined): Note | undefined {
	if (bytes === undefined) return undefined;
	const value = cbor.decode(bytes);
	const [requestId, balance, isServed, isRenewed] = Array.isArray(value) ? value : [];
	if (typeof requestId !== "string" || typeof balance !== "string") return undefined;
	return { requestId, balance: Number(balance), isServed: isServed === true, isRenewed: isRenewed === true };
}
