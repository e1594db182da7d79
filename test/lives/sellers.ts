/**
 * Sellers and markets that tell every lie about money: each answer is drawn by type, whatever was done with the payment. What
 * reaches them is what the witness sees. An honest one serves what was paid.
 */
import type { HttpRequest } from "../../src/http/request.js";
import type { Reply, Server, Way } from "../support/answers.js";
import { credentialOf } from "../support/credentials.js";
import type { Drawn } from "../support/drawn.js";
import { lightSigner } from "../support/light_signer.js";
import type { SeenCharge, SeenPayment } from "./witness.js";

export const USDC = "0x036cbd53842c5426634e7929541ec2318f3dcf7e";
export const EURC = "0x808456652fdb597867f38412077a9182bf77359f";
export const NETWORK = "eip155:84532";
export const RECEIVERS = [
	"0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc",
	"0x90f79bf6eb2c4f870365e785982e1f101e93b906",
] as const;
const STRANGER = "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65";
export const SELLERS = ["https://one.test", "https://two.test"] as const;
export const AGENTPMT = "https://agentpmt.test";
export const PACT = "https://pact.test";
export const PACT_INDEXER = "https://indexer.test";
export const PACTUM = "https://pactum.test";
export const PACTUM_WALLET = "https://wallet.test";
export const PAYANAGENT = "https://payan.test";
/** Pactum's contract. */
export const ESCROW = "0x9965507d1a55bcc2695c58ba16fb37d819b0a4dc";

/** Credits of a call at AgentPMT, millionths of a dollar of an order at Pactum, and the most of a premium at Pact. */
export const CREDITS = 5n;
export const ORDER = 10_000n;
export const PREMIUM = 10_000n;
const GREATEST = (2n ** 256n - 1n).toString();

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
	status,
	headers,
	body: JSON.stringify(value),
});

/** Who is asked, in one run of a device. */
export interface Mood {
	readonly drawn: Drawn;
	/** Of how many answers one is a lie; 0: none. */
	readonly lies: number;
}

/** Notes what reaches a seller. */
export interface Watcher {
	pay(payment: SeenPayment): void;
	charge(charge: SeenCharge): void;
}

abstract class Liar implements Server {
	protected readonly witness: Watcher;
	readonly #mood: () => Mood;

	constructor(witness: Watcher, mood: () => Mood) {
		this.witness = witness;
		this.#mood = mood;
	}

	protected get drawn(): Drawn {
		return this.#mood().drawn;
	}

	protected isLying(): boolean {
		const { drawn, lies } = this.#mood();
		return lies > 0 && drawn.once(lies);
	}

	way(): Way {
		if (!this.isLying() || !this.drawn.once(4)) return "arrives";
		return this.drawn.pick(["unreachable", "lost"]);
	}

	abstract serve(request: HttpRequest): Reply;

	/** An answer that says nothing of money. */
	protected failure(): Reply {
		const { drawn } = this;
		const status = drawn.pick([302, 400, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504]);
		const headers = drawn.once(2) ? { "retry-after": String(drawn.pick([0, 1, 30, 9_999])) } : {};
		return drawn.once(6) ? "answer lost" : json(status, { error: "no" }, headers);
	}
}

/** A seller of x402, version 2 and, below /v1, 1. */
export class LyingSeller extends Liar {
	protected readonly origin: string;
	/** What it asks for at present: it changes from time to time. */
	price = 10_000n;
	payTo: string = RECEIVERS[0];

	constructor(origin: string, witness: Watcher, mood: () => Mood) {
		super(witness, mood);
		this.origin = origin;
	}

	serve({ url, credentials }: HttpRequest): Reply {
		return this.sell(url, url.includes("/v1") ? 1 : 2, credentials);
	}

	/** Sells `resource`: what the buyer's plan names. */
	sell(resource: string, version: 1 | 2, credentials: HttpRequest["credentials"] = []): Reply {
		const header = credentialOf(credentials, "payment-signature", "x-payment");
		if (header === undefined) {
			if (this.isLying() && this.drawn.once(4)) return this.failure();
			if (this.isLying() && this.drawn.once(8)) return json(200, "free");
			return this.#terms(version, "Payment required");
		}
		this.#see(resource, header);
		return this.isLying() ? this.lie(version) : this.served();
	}

	#see(resource: string, header: string): void {
		const { payload, accepted } = JSON.parse(Buffer.from(header, "base64").toString());
		const { authorization: signed, permit2Authorization: permit } = payload;
		const method = signed === undefined ? "permit2" : "eip3009";
		this.witness.pay({
			origin: this.origin,
			resource,
			method,
			asset: String(accepted?.asset).toLowerCase() === EURC ? "eurc" : "usdc",
			from: String(signed?.from ?? permit.from).toLowerCase(),
			payTo: signed?.to ?? permit.witness.to,
			nonce: BigInt(signed?.nonce ?? permit.nonce).toString(16),
			value: BigInt(signed?.value ?? permit.permitted.amount),
			validBefore: Number(signed?.validBefore ?? permit.deadline),
		});
	}

	protected served(): Reply {
		const receipt = { success: true, transaction: `0x${"ab".repeat(32)}`, network: NETWORK, payer: STRANGER };
		return { status: 200, headers: { "payment-response": encode(receipt) }, body: "21.5" };
	}

	protected lie(version: 1 | 2): Reply {
		const { drawn } = this;
		switch (drawn.integer(9)) {
			case 0:
				return "answer lost";
			case 1:
				return { ...(this.served() as object), status: 200, isCut: true };
			case 2:
				return this.#terms(version, this.#reason());
			case 3:
			case 4:
				// Other terms than those that were signed.
				this.#change();
				return this.#terms(version, this.#reason());
			case 5:
				return this.#receipt(drawn.pick(["settlement_pending", "insufficient_funds", "transaction_failed", ""]));
			case 6:
				return { status: 402, body: "{}" };
			default:
				return this.failure();
		}
	}

	#reason(): string {
		return this.drawn.pick([
			"Payment required",
			"No matching payment requirements",
			"invalid_exact_evm_payload_authorization_valid_before",
			"invalid_exact_evm_nonce_already_used",
			"insufficient_funds",
			"transaction_failed",
			"unexpected_settle_error",
			"the facilitator is away",
			"",
		]);
	}

	#receipt(errorReason: string): Reply {
		const status = this.drawn.pick([402, 500, 503, 404]);
		const success = this.drawn.once(4);
		return json(
			status,
			{},
			{ "payment-response": encode({ success, errorReason, transaction: "", network: NETWORK }) },
		);
	}

	#change(): void {
		this.price = BigInt(this.drawn.pick([1, 5_000, 10_000, 20_000, 49_999]));
		this.payTo = this.drawn.pick(RECEIVERS);
	}

	#terms(version: 1 | 2, error: string): Reply {
		if (this.isLying() && this.drawn.once(3)) this.#change();
		const accepts = [this.#entry(version)];
		// Whoever pays in the other asset may.
		if (version === 2) accepts.push({ ...accepts[0], asset: EURC, extra: { name: "EURC", version: "2" } });
		if (this.isLying()) accepts.unshift(this.#entry(version, true));
		const terms = { x402Version: version, error, accepts, ...(version === 2 && { resource: { url: this.origin } }) };
		return version === 1 ? json(402, terms) : json(402, {}, { "payment-required": encode(terms) });
	}

	#entry(version: 1 | 2, isLie = false): object {
		const { drawn } = this;
		const amount = isLie ? drawn.pick(["0", "50001", GREATEST, "40000"]) : this.price.toString();
		const extra = { name: "USDC", version: "2", ...(isLie && drawn.once(2) && { assetTransferMethod: "permit2" }) };
		return {
			scheme: "exact",
			network: version === 1 ? "base-sepolia" : NETWORK,
			...(version === 1
				? { maxAmountRequired: amount, resource: this.origin, description: "", mimeType: "" }
				: { amount }),
			asset: isLie && drawn.once(4) ? STRANGER : USDC,
			payTo: isLie ? drawn.pick([...RECEIVERS, STRANGER]) : this.payTo,
			maxTimeoutSeconds: isLie ? drawn.pick([10, 60, 86_400]) : 60,
			extra,
		};
	}
}

/** AgentPMT: calls that credits pay. Each request id may cost what the list says. */
export class LyingAgentPmt extends Liar {
	#balance = 1_000n;
	/** Sells the same calls by x402. */
	readonly #direct: LyingSeller;

	constructor(witness: Watcher, mood: () => Mood) {
		super(witness, mood);
		this.#direct = new LyingSeller(AGENTPMT, witness, mood);
	}

	serve({ url, body, credentials }: HttpRequest): Reply {
		const path = url.slice(AGENTPMT.length);
		if (path.startsWith("/api/external/tools?")) return this.#tools();
		if (path === "/api/external/auth/session") {
			if (this.isLying() && this.drawn.once(3)) return this.failure();
			return json(200, { session_nonce: `s-${this.drawn.integer(1e9)}` });
		}
		if (path === "/api/external/credits/balance") return this.#balanceOf();
		const { request_id } = JSON.parse(new TextDecoder().decode(body)) as { request_id?: string };
		if (request_id === undefined) return this.#direct.sell("x402:weather/forecast", 1, credentials);
		this.witness.charge({ origin: AGENTPMT, asset: "agentpmt", id: request_id, cost: CREDITS });
		this.#balance -= CREDITS;
		return this.isLying() ? this.#lie() : json(200, { result: 1 });
	}

	#tools(): Reply {
		const actions = [{ slug: "forecast", credits: Number(CREDITS) }];
		return json(200, {
			data: { tools: [{ product_id: "p", slug: "weather", name: "Weather", actions }], pagination: {} },
		});
	}

	/** The balance lags, or is another. */
	#balanceOf(): Reply {
		if (!this.isLying()) return json(200, { balance: Number(this.#balance) });
		const { drawn } = this;
		if (drawn.once(4)) return this.failure();
		return json(200, { balance: Number(this.#balance) + drawn.pick([0, 5, 10, -5, 100]) });
	}

	#lie(): Reply {
		const { drawn } = this;
		const code = (status: number, name: string) => json(status, { details: { code: name } });
		switch (drawn.integer(6)) {
			case 0:
				return "answer lost";
			case 1:
				return { status: 200, body: "{}", isCut: true };
			case 2:
				return code(
					401,
					drawn.pick(["external_signature_session_nonce_invalid", "external_signature_session_nonce_expired"]),
				);
			case 3:
				return code(409, "external_signature_request_replay");
			default:
				return this.failure();
		}
	}
}

/** Pact: each request is a call of its own, whose premium is taken whatever is said of it. */
export class LyingPact extends Liar {
	#calls = 0;

	serve({ url }: HttpRequest): Reply {
		const isCall = url.startsWith(`${PACT}/v1/dummy/`);
		if (!isCall) return this.isLying() ? this.failure() : json(404, { error: "not yet" });
		const { drawn } = this;
		const isLying = this.isLying();
		const taken = isLying ? BigInt(drawn.integer(Number(PREMIUM) + 1)) : PREMIUM;
		const id = `call-${++this.#calls}`;
		this.witness.charge({ origin: PACT, asset: "pact", id, cost: taken });
		return isLying ? this.#lie(id) : this.#answer(200, "ok", id, taken.toString());
	}

	#answer(status: number, outcome: string, id: string, premium: string | undefined): Reply {
		const headers = {
			"x-pact-outcome": outcome,
			"x-pact-call-id": id,
			...(premium !== undefined && { "x-pact-premium": premium }),
		};
		return { status, headers, body: "{}" };
	}

	#lie(id: string): Reply {
		const { drawn } = this;
		const premium = drawn.pick(["0", "1", PREMIUM.toString(), GREATEST, "-1", undefined]);
		switch (drawn.integer(8)) {
			case 0:
				return "answer lost";
			case 1:
				return { ...(this.#answer(200, "ok", id, premium) as object), status: 200, isCut: true };
			case 2:
				return this.#answer(
					drawn.pick([500, 502, 503, 504]),
					drawn.pick(["server_error", "network_error"]),
					id,
					premium,
				);
			case 3:
				return this.#answer(drawn.pick([400, 404, 429]), "client_error", id, premium);
			case 4:
				return json(401, { error: drawn.pick(["pact_auth_bad_sig", "pact_auth_stale", "pact_auth_replay"]) });
			case 5:
				return json(503, { error: drawn.pick(["balance_check_failed", "endpoint_paused"]) });
			case 6:
				return json(429, { error: { code: "RATE_LIMIT" } }, { "retry-after": "1" });
			default:
				return this.failure();
		}
	}
}

/** Pactum: each order that credit pays may cost its price. */
export class LyingPactum extends Liar {
	readonly #orders: string[] = [];
	#deposits = 0;

	serve({ method, url, body, credentials = [] }: HttpRequest): Reply {
		if (url.startsWith(PACTUM_WALLET)) return this.#deposit(JSON.parse(new TextDecoder().decode(body)));
		const path = url.slice(PACTUM.length);
		if (path === "/market/auth/wallet") return json(200, { token: "token" });
		if (path === "/market/discover") return json(200, { items: [{ item_id: "item", price: "0.01", required: {} }] });
		if (path === "/market/address") return json(200, {});
		if (path.startsWith("/market/buy/")) {
			if (credentials.some(([name]) => name === "X-Payment-Proof")) return json(200, { status: "paid" });
			const { payment_method } = JSON.parse(new TextDecoder().decode(body)) as { payment_method?: string };
			return payment_method === "escrow" ? this.#ask() : this.#buy();
		}
		if (this.isLying() && this.drawn.once(3)) return this.failure();
		if (path === "/market/orders") return json(200, { orders: this.#orders.map((id) => this.#order(id)) });
		const id = path.split("/")[3] ?? "";
		if (method === "POST" && path.endsWith("/retry")) return json(200, this.#order(id));
		if (method === "POST") return json(200, {});
		return json(200, { ...this.#order(id), result: "21.5" });
	}

	#order(id: string): object {
		const { drawn } = this;
		const isLying = this.isLying();
		const status = isLying
			? drawn.pick(["created", "paid", "failed", "refunded", "disputed", "completed"])
			: "delivered";
		const amount = isLying ? drawn.pick(["0", "0.01", "100", 0.001]) : "0.01";
		return { order_id: id, item_id: "item", status, amount, ...(isLying && { retries_left: drawn.integer(3) }) };
	}

	#buy(): Reply {
		const id = `order-${this.#orders.length + 1}`;
		this.#orders.push(id);
		this.witness.charge({ origin: PACTUM, asset: "pactum", id, cost: ORDER });
		if (!this.isLying()) return json(200, this.#order(id));
		const { drawn } = this;
		switch (drawn.integer(6)) {
			case 0:
				return "answer lost";
			case 1:
				return json(401, { error: "token expired" });
			case 2:
				return json(400, { error: "shipping address missing", code: "shipping_address_required" });
			case 3:
				return json(429, { error: "rate limit" }, { "retry-after": "1" });
			case 4:
				return json(402, { error: "insufficient credit" });
			default:
				return this.failure();
		}
	}
	/** Terms of an escrow. */
	#ask(): Reply {
		const { drawn } = this;
		const id = `order-${this.#orders.length + 1}`;
		this.#orders.push(id);
		if (this.isLying() && drawn.once(3)) return this.failure();
		const isLying = this.isLying();
		const amount = isLying ? drawn.pick(["0", "1", "20001", "19999", GREATEST]) : ORDER.toString();
		const contract = isLying ? drawn.pick([ESCROW, STRANGER]) : ESCROW;
		const named = isLying && drawn.once(3) ? "order-0" : id;
		const escrow = {
			contract,
			usdc_contract: isLying ? drawn.pick([USDC, USDC, EURC, STRANGER]) : USDC,
			order_id_bytes32: `0x${Buffer.from(lightSigner.keccak256(Buffer.from(named))).toString("hex")}`,
		};
		return json(402, { order_id: id, recipient: STRANGER, amount_units: amount, escrow });
	}

	/** The hosted wallet pays whatever it is asked for, and each time it is asked. */
	#deposit(asked: { escrow_contract: string; usdc_contract: string; amount: number }): Reply {
		const { drawn } = this;
		const cost = BigInt(Math.round(asked.amount * 1e6));
		const asset = asked.usdc_contract === USDC ? "usdc" : "another asset";
		const id = `deposit-${++this.#deposits}`;
		this.witness.charge({ origin: PACTUM, asset, payTo: asked.escrow_contract, id, cost });
		const deposited = json(200, { deposit_tx: `0x${this.#deposits.toString(16).padStart(64, "0")}` });
		if (!this.isLying()) return deposited;
		switch (drawn.integer(5)) {
			case 0:
				return "answer lost";
			case 1:
				return json(401, { error: "Invalid API key" });
			case 2:
				return json(400, { error: "insufficient balance" });
			case 3:
				return json(200, { deposit_tx: "pending" });
			default:
				return this.failure();
		}
	}
}

/** PayanAgent: offers that a payment of x402 buys, in the market's own words for what went wrong. */
export class LyingPayanAgent extends LyingSeller {
	constructor(witness: Watcher, mood: () => Mood) {
		super(PAYANAGENT, witness, mood);
		this.payTo = RECEIVERS[1];
	}

	override serve({ url, credentials }: HttpRequest): Reply {
		const { drawn } = this;
		if (!url.includes("/x402/")) {
			if (this.isLying() && drawn.once(3)) return this.failure();
			const inputSchema = this.isLying() ? drawn.pick(["prose", { type: "array" }, { required: ["day"] }]) : {};
			return json(200, { offer: { offerType: "api", inputSchema, httpMethod: "POST" } });
		}
		return this.sell("temperature", 2, credentials);
	}

	protected override served(): Reply {
		return { status: 200, headers: { "x-tx-hash": `0x${"cd".repeat(32)}`, "x-receipt-id": "receipt" }, body: "21.5" };
	}

	protected override lie(version: 1 | 2): Reply {
		const { drawn } = this;
		switch (drawn.integer(5)) {
			case 0:
				return json(502, { error: "Payment settled but the seller failed", receiptId: "receipt" });
			case 1:
				return json(drawn.pick([400, 404, 409, 500]), { error: "no" }, { "x-receipt-id": "receipt" });
			case 2:
				return json(402, { error: "Payment verification failed" });
			default:
				return super.lie(version);
		}
	}
}
