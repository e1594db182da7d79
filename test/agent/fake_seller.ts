/**
 * Sellers in the test's own memory, in the place of the HTTP client: they verify a payment as the reference facilitator
 * does, as far as the state machine of a purchase is concerned, and note every signature they ever saw.
 */
import type { HttpClient } from "../../src/http/client.js";
import { HttpError } from "../../src/http/errors.js";
import type { HttpRequest } from "../../src/http/request.js";
import type { HttpResponse } from "../../src/http/response.js";
import { credentialOf } from "../support/credentials.js";
import type { Device } from "../support/device.js";

/** What becomes of one request. */
export type Fate =
	| "answered"
	/** Never arrives. */
	| "request lost"
	/** Arrives and is served and settled; the answer is lost. */
	| "answer lost"
	/** The connection is refused: certainly not sent. */
	| "unreachable"
	| { readonly status: number; readonly headers?: Readonly<Record<string, string>> };

interface Signed {
	readonly payer: string;
	readonly nonce: string;
	readonly value: bigint;
	readonly payTo: string;
	readonly validBefore: number;
	/** As it came. */
	readonly header: string;
}

export const USDC = "0x036cbd53842c5426634e7929541ec2318f3dcf7e";
export const PAY_TO = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";
export const ORIGIN = "http://seller.test";

/** An entry of `accepts`. */
export const entry = (fields: object = {}): Record<string, unknown> => ({
	scheme: "exact",
	network: "eip155:84532",
	amount: "10000",
	asset: USDC,
	payTo: PAY_TO,
	maxTimeoutSeconds: 60,
	extra: { name: "USDC", version: "2" },
	...fields,
});

export class FakeSeller {
	readonly #device: Device;
	/** What is asked for now. */
	accepts: unknown[] = [entry()];
	/** Which a payment echoes. */
	extensions: unknown;
	/** Of the next requests, in order; then "answered". */
	fates: Fate[] = [];
	requests = 0;
	/** Every payment that reached the seller, in order. */
	readonly payments: Signed[] = [];
	/** What the chain moved: by payer and nonce, once each. */
	readonly settled = new Map<string, Signed>();

	constructor(device: Device) {
		this.#device = device;
		const counters = { connections: 0, requests: 0, bytesSent: 0, bytesReceived: 0 };
		const request = (asked: HttpRequest) => this.#request(asked);
		device.http = { request, counters } as unknown as HttpClient;
	}

	/** How many payments the chain could take of all that was ever signed and sent. */
	get distinct(): number {
		return new Set(this.payments.map(({ payer, nonce }) => `${payer} ${nonce}`)).size;
	}

	get moved(): bigint {
		return [...this.settled.values()].reduce((sum, { value }) => sum + value, 0n);
	}

	async #request(request: HttpRequest): Promise<HttpResponse> {
		await Promise.resolve();
		const fate = this.#device.flash.isDead ? "unreachable" : (this.fates.shift() ?? "answered");
		if (fate === "unreachable") throw failure("ConnectFailed", false);
		if (fate === "request lost") throw failure("NoResponse", true);
		this.requests++;
		const answer = this.#serve(request, fate);
		if (fate === "answer lost") throw failure("NoResponse", true);
		return answer;
	}

	#serve({ credentials = [] }: HttpRequest, fate: Fate): HttpResponse {
		const header = credentialOf(credentials, "payment-signature");
		if (header === undefined) return this.#terms("Payment required");
		const { payload, accepted } = JSON.parse(Buffer.from(header, "base64").toString());
		const { from, nonce, value, to, validBefore } = payload.authorization;
		const signed = { payer: from, nonce, value: BigInt(value), payTo: to, validBefore: Number(validBefore), header };
		this.payments.push(signed);
		if (typeof fate === "object") return response(fate.status, fate.headers ?? {}, "");
		if (!this.accepts.some((each) => JSON.stringify(each) === JSON.stringify(accepted))) {
			return this.#terms("No matching payment requirements");
		}
		const key = `${from} ${nonce}`;
		if (this.settled.has(key)) return this.#terms("invalid_exact_evm_nonce_already_used");
		if (signed.validBefore < (this.#device.wall() ?? 0) / 1_000 + 6) {
			return this.#terms("invalid_exact_evm_payload_authorization_valid_before");
		}
		this.settled.set(key, signed);
		const receipt = { success: true, transaction: `0x${"ab".repeat(32)}`, network: "eip155:84532", payer: from };
		return response(200, { "payment-response": encode(receipt) }, "21.5");
	}

	#terms(error: string): HttpResponse {
		const terms = {
			x402Version: 2,
			error,
			resource: { url: ORIGIN },
			accepts: this.accepts,
			extensions: this.extensions,
		};
		return response(402, { "payment-required": encode(terms) }, "{}");
	}
}

/** A 402 that finds fault with a payment, by the terms it was made by. */
export const refusal = (error: string): Fate => ({
	status: 402,
	headers: { "payment-required": encode({ x402Version: 2, error, accepts: [entry()] }) },
});

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");

function failure(name: "ConnectFailed" | "NoResponse", sent: boolean): HttpError {
	const error = new HttpError(name, "the fake seller's fate");
	error.sent = sent;
	return error;
}

/** An answer as the HTTP client gives it. */
export function response(status: number, headers: Readonly<Record<string, string>>, body: string): HttpResponse {
	let rest: Uint8Array | undefined = new TextEncoder().encode(body);
	return {
		status,
		headers: {
			get: (name: string) => headers[name.toLowerCase()],
			take: (name: string) => {
				const value = headers[name.toLowerCase()];
				return value === undefined ? undefined : new TextEncoder().encode(value);
			},
			isTooLong: () => false,
		},
		bytes: async () => new TextEncoder().encode(body),
		read: async () => {
			const piece = rest;
			rest = undefined;
			return piece?.length === 0 ? undefined : piece;
		},
		text: async () => body,
		discard: async () => {},
		close: () => {},
		release: () => {},
	} as unknown as HttpResponse;
}

/** A configuration for the fake seller. */
export function configuration(
	plans: readonly object[] = [{}],
	rule: object = {},
	rest: object = {},
	rules?: readonly object[],
): string {
	const whole = {
		name: "seller",
		origin: ORIGIN,
		asset: "usdc",
		methods: ["eip3009", "permit2"],
		payTo: [PAY_TO],
		maxPerPayment: "50000",
		maxPerWindow: "100000",
		maxCountPerWindow: 20,
		windowSeconds: 3_600,
		maxForLife: "1000000",
		maxValiditySeconds: 120,
		...rule,
	};
	return JSON.stringify({
		networks: [{ id: "eip155:84532", name: "Base Sepolia" }],
		assets: [
			{
				id: "usdc",
				network: "eip155:84532",
				address: USDC,
				name: "USDC",
				version: "2",
				symbol: "USDC",
				decimals: 6,
			},
		],
		rules: rules ?? [whole],
		plans: plans.map((plan, i) => ({ name: `plan ${i}`, url: `${ORIGIN}/data`, maxAmount: "50000", ...plan })),
		...rest,
	});
}
