/**
 * Honest sellers that the campaign buys from: each verifies a payment, serves and settles by the token's book, as the
 * reference server and facilitator do. What goes wrong is said when one is made.
 */

import type { HttpRequest } from "../../src/http/request.js";
import { AGENTPMT, PACTUM, PACTUM_WALLET } from "../lives/sellers.js";
import type { Reply, Way } from "../support/answers.js";
import { credentialOf } from "../support/credentials.js";
import type { Later, TimedServer } from "../support/memory_stream.js";
import type { Books } from "./books.js";
import { NETWORK, type SignedPayment, USDC } from "./token_book.js";

export const SELLER = "https://seller.test";
export const PAYANAGENT = "https://payanagent.test";
export const PAY_TO = "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc";
export const PRICE = 10_000n;
const TRANSACTION = `0x${"ab".repeat(32)}`;

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
export const json = (status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply => ({
	status,
	headers,
	body: JSON.stringify(value),
});

export interface SellerOptions {
	readonly version?: 1 | 2;
	readonly method?: "eip3009" | "permit2";
	/** It settles before it serves. */
	readonly isUpfront?: boolean;
	/** It asks for nothing. */
	readonly isFree?: boolean;
	readonly maxTimeoutSeconds?: number;
	/** Base units. */
	readonly price?: bigint;
	/** What it asks for, in the place of all these. */
	readonly entry?: object;
	/** What the first sends of its first payment meet in the place of an answer. Then it is served. */
	readonly troubles?: readonly ("busy" | "lost")[];
	/** It takes each payment, and its answer is lost. */
	readonly isLossy?: boolean;
	/** How long it cannot be reached, and then how long it is overloaded, at the beginning: seconds. */
	readonly awaySeconds?: number;
	readonly overloadedSeconds?: number;
	/** How long it works for what was paid. */
	readonly worksMs?: number;
	/** Where what was paid is fetched, without a payment. */
	readonly goodsAt?: string;
	/** It makes them first, for so long after the payment: seconds. */
	readonly makesSeconds?: number;
	/** Headers of what it serves. */
	readonly served?: Readonly<Record<string, string>>;
}

/** A seller of x402 at every path of its origin. */
export class BookSeller implements TimedServer {
	readonly #books: Books;
	readonly #options: SellerOptions;
	/** Seconds since the epoch. */
	readonly #since: number;
	/** Seconds since the epoch. */
	#madeAt = 0;
	#first: string | undefined;
	/** Sends of the first payment. */
	#sends = 0;

	constructor(books: Books, options: SellerOptions = {}) {
		this.#books = books;
		this.#options = options;
		this.#since = books.now;
	}

	way(): Way {
		return this.#books.now - this.#since < (this.#options.awaySeconds ?? 0) ? "unreachable" : "arrives";
	}

	serve({ url, credentials = [] }: HttpRequest): Reply | Later {
		const { goodsAt, worksMs, isLossy } = this.#options;
		if (goodsAt !== undefined && url.endsWith(goodsAt)) return this.#made(goodsAt);
		const header = credentialOf(credentials, "payment-signature", "x-payment");
		const { awaySeconds = 0, overloadedSeconds = 0 } = this.#options;
		const isOverloaded = this.#books.now - this.#since < awaySeconds + overloadedSeconds;
		if (isOverloaded) return json(503, { error: "overloaded" }, { "retry-after": "20" });
		if (this.#options.isFree) return this.#goods();
		if (header === undefined) return this.#terms(url, "Payment required");
		const payment = this.#books.signed(url, header);
		if (payment.accepted !== "" && payment.accepted !== JSON.stringify(this.#entry(url))) {
			return this.#terms(url, "No matching payment requirements");
		}
		const reason = this.#books.token.verify(payment, this.#books.now);
		if (reason !== undefined) return this.#terms(url, reason);
		const trouble = this.#troubleOf(payment);
		if (trouble === "busy") return json(503, { error: "the sensor does not answer" }, { "retry-after": "2" });
		const settle = () => this.#settle(url, payment, trouble === "lost" || isLossy === true);
		return worksMs === undefined ? settle() : { afterMs: worksMs, reply: settle };
	}

	#troubleOf({ nonce }: SignedPayment): NonNullable<SellerOptions["troubles"]>[number] | undefined {
		this.#first ??= nonce;
		return nonce === this.#first ? this.#options.troubles?.[this.#sends++] : undefined;
	}

	#settle(url: string, payment: SignedPayment, isLost: boolean): Reply {
		const errorReason = this.#books.token.settle(payment, url, this.#books.now);
		if (isLost) return "answer lost";
		const { version = 2, goodsAt, makesSeconds, served } = this.#options;
		const receipt = {
			success: errorReason === undefined,
			transaction: TRANSACTION,
			network: NETWORK,
			payer: payment.from,
		};
		const name = version === 1 ? "x-payment-response" : "payment-response";
		const headers = { [name]: encode({ ...receipt, ...(errorReason !== undefined && { errorReason }) }) };
		if (errorReason !== undefined) return json(402, {}, headers);
		this.#madeAt = this.#books.now + (makesSeconds ?? 0);
		const status = makesSeconds === undefined ? 303 : 202;
		if (goodsAt !== undefined) return { status, headers: { ...headers, location: goodsAt } };
		return { ...(this.#goods() as object), status: 200, headers: { ...headers, ...served } };
	}

	#made(goodsAt: string): Reply {
		if (this.#books.now >= this.#madeAt) return this.#goods();
		return { status: 202, headers: { location: goodsAt, "retry-after": "5" } };
	}

	#goods(): Reply {
		return json(200, { temperature: 21.5 });
	}

	#terms(url: string, error: string): Reply {
		const accepts = [this.#entry(url)];
		if (this.#options.version === 1) return json(402, { x402Version: 1, error, accepts });
		const terms = { x402Version: 2, error, resource: { url }, accepts };
		return json(402, {}, { "payment-required": encode(terms) });
	}

	#entry(resource: string): object {
		const { version = 2, method, maxTimeoutSeconds = 60, price = PRICE, entry, isUpfront } = this.#options;
		if (entry !== undefined) return entry;
		const amount = price.toString();
		return {
			scheme: "exact",
			network: version === 1 ? "base-sepolia" : NETWORK,
			...(version === 1 ? { maxAmountRequired: amount, resource, description: "", mimeType: "" } : { amount }),
			asset: USDC,
			payTo: PAY_TO,
			maxTimeoutSeconds,
			extra: {
				name: "USDC",
				version: "2",
				...(method === "permit2" && { assetTransferMethod: "permit2" }),
				...(isUpfront && { paymentFlow: "upfront" }),
			},
		};
	}
}

/** PayanAgent: an offer, and its x402 address. */
export class BookPayanAgent implements TimedServer {
	readonly #seller: BookSeller;

	constructor(books: Books) {
		this.#seller = new BookSeller(books, { served: { "x-tx-hash": TRANSACTION, "x-receipt-id": "receipt-1" } });
	}

	way(): Way {
		return "arrives";
	}

	serve(request: HttpRequest): Reply | Later {
		if (request.url.startsWith(`${PAYANAGENT}/x402/`)) return this.#seller.serve(request);
		return json(200, { offer: { offerType: "api", httpMethod: "GET" } });
	}
}

export const ESCROW = "0x90f79bf6eb2c4f870365e785982e1f101e93b906";

/** Pactum, by escrow: the gateway and the hosted wallet, which deposits as often as it is asked. */
export class BookPactumEscrow implements TimedServer {
	readonly #books: Books;
	readonly #hashes: { keccak256(data: Uint8Array): Uint8Array };
	readonly #orders = new Map<string, { status: string; transaction: string | undefined }>();

	constructor(books: Books, hashes: { keccak256(data: Uint8Array): Uint8Array }) {
		this.#books = books;
		this.#hashes = hashes;
	}

	way(): Way {
		return "arrives";
	}

	serve({ method, url, body, credentials = [] }: HttpRequest): Reply {
		const header = (name: string) => credentialOf(credentials, name);
		const path = url.replace(PACTUM, "").replace(PACTUM_WALLET, "");
		if (path === "/market/auth/wallet") return json(200, { token: "token" });
		if (path === "/v1/escrow-deposit") return this.#deposit(JSON.parse(Buffer.from(body!).toString()));
		if (path.startsWith("/market/buy/")) {
			const proof = header("x-payment-proof");
			return proof === undefined ? this.#order() : this.#prove(header("x-order-id") ?? "", proof);
		}
		const id = path.split("/")[3] ?? "";
		if (method !== "GET" || !this.#orders.has(id)) return json(404, { error: "no such order" });
		const { status } = this.#orders.get(id)!;
		return json(200, {
			order_id: id,
			item_id: "item",
			status,
			amount: "0.01",
			...(status === "delivered" && { result: "21.5" }),
		});
	}

	#order(): Reply {
		const id = `order-${this.#orders.size + 1}-${this.#books.now}`;
		this.#orders.set(id, { status: "created", transaction: undefined });
		const escrow = { contract: ESCROW, usdc_contract: USDC, order_id_bytes32: this.#hashOf(id) };
		return json(402, {
			error: "PAYMENT_REQUIRED",
			order_id: id,
			recipient: PAY_TO,
			amount_units: Number(PRICE),
			escrow,
		});
	}

	#deposit({ order_id_bytes32 }: { order_id_bytes32: string }): Reply {
		const [id, order] = [...this.#orders].find(([each]) => this.#hashOf(each) === order_id_bytes32)!;
		const charged = `${id}, ${this.#books.arrivals.length}`;
		this.#books.charge({ origin: PACTUM, asset: "usdc", id: charged, cost: PRICE }, ESCROW);
		order.transaction = TRANSACTION;
		return json(200, { status: "completed", deposit_tx: TRANSACTION });
	}

	#prove(id: string, proof: string): Reply {
		const order = this.#orders.get(id);
		if (order === undefined || order.transaction !== proof) return json(400, { error: "INVALID_REQUEST" });
		order.status = "delivered";
		return json(200, { order_id: id, status: order.status });
	}

	#hashOf(id: string): string {
		return `0x${Buffer.from(this.#hashes.keccak256(Buffer.from(id))).toString("hex")}`;
	}
}

/** AgentPMT, paid by x402 in the place of credits. */
export const agentPmtDirect = (books: Books): ReadonlyMap<string, TimedServer> =>
	new Map([[AGENTPMT, new BookSeller(books, { maxTimeoutSeconds: 240 })]]);
