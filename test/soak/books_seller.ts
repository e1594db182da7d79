/**
 * A seller with books of its own and no chain: it verifies each payment's signature, settles a nonce once, in memory, and
 * fails now and then in the ways that networks and servers do. Its books say what moved, whatever the device believes.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import {
	decodePaymentSignatureHeader,
	encodePaymentRequiredHeader,
	encodePaymentResponseHeader,
} from "@x402/core/http";
import { type Hex, recoverTypedDataAddress } from "viem";
import { usdc } from "../../tools/world/chain.js";
import { payTo } from "../../tools/world/resources.js";

/** What happens to the request without a payment. */
const UNPAID_FAULTS = ["connection reset", "head cut off", "503 before terms"] as const;
/** What happens to a payment, before or after it was settled. */
const PAID_FAULTS = [
	"payment lost",
	"answer lost",
	"answer cut off",
	"502 after settlement",
	"503 before settlement",
] as const;
export type Fault = (typeof UNPAID_FAULTS)[number] | (typeof PAID_FAULTS)[number];

export interface Sale {
	/** Of the plan: the last part of the path. */
	readonly product: string;
	readonly amount: bigint;
	/** Seconds since the epoch. */
	readonly settledAt: number;
}

export interface BooksSeller {
	readonly url: string;
	/** By nonce: what was settled, once each. */
	readonly sales: ReadonlyMap<string, Sale>;
	readonly faults: ReadonlyMap<Fault, number>;
	/** What a device must never send: a payment that does not verify, or another one under a nonce that was used. */
	readonly complaints: readonly string[];
	stop(): Promise<void>;
}

export interface BooksSellerOptions {
	readonly chainId: number;
	/** The only buyer. */
	readonly buyer: string;
	/** The share of requests that fail: 0 to 1. */
	readonly faultRate: number;
	/** Between 0 and 1, the same sequence for the same seed. */
	readonly random: () => number;
}

/** What a product costs, in base units: no two cost the same. */
export function priceOf(product: string): bigint {
	return 1_000n + 7n * BigInt(product);
}

const AUTHORIZATION = {
	TransferWithAuthorization: [
		{ name: "from", type: "address" },
		{ name: "to", type: "address" },
		{ name: "value", type: "uint256" },
		{ name: "validAfter", type: "uint256" },
		{ name: "validBefore", type: "uint256" },
		{ name: "nonce", type: "bytes32" },
	],
} as const;

/** Starts it on a free port of the loopback interface. */
export async function startBooksSeller(options: BooksSellerOptions): Promise<BooksSeller> {
	const books = new Books(options);
	const sockets = new Set<Socket>();
	const server: Server = createServer((request, response) => {
		books.answer(request, response).catch((error: Error) => {
			books.complaints.push(`the seller failed: ${error.message}`);
			request.socket.destroy();
		});
	});
	server.on("connection", (socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		sales: books.sales,
		faults: books.faults,
		complaints: books.complaints,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
}

class Books {
	readonly sales = new Map<string, Sale>();
	readonly faults = new Map<Fault, number>();
	readonly complaints: string[] = [];
	readonly #options: BooksSellerOptions;
	/** Nonces that were seen before: a fault comes to a payment's first send alone. */
	readonly #seen = new Set<string>();

	constructor(options: BooksSellerOptions) {
		this.#options = options;
	}

	async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const product = request.url!.split("/").at(-1)!;
		const header = request.headers["payment-signature"];
		if (header === undefined) this.#offer(product, request, response);
		else await this.#sell(product, String(header), request, response);
	}

	#offer(product: string, request: IncomingMessage, response: ServerResponse): void {
		const fault = this.#draw(UNPAID_FAULTS);
		if (fault === "connection reset") request.socket.resetAndDestroy();
		else if (fault === "head cut off") request.socket.end("HTTP/1.1 402 Payment Requ");
		else if (fault === "503 before terms") send(response, 503, {}, "the seller is busy");
		else this.#refuse(product, request, response);
	}

	async #sell(product: string, header: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { payload } = decodePaymentSignatureHeader(header) as unknown as { payload: Payment };
		const { nonce } = payload.authorization;
		const isFirst = !this.#seen.has(nonce);
		this.#seen.add(nonce);
		const problem = await this.#problemOf(product, payload);
		if (problem !== undefined) {
			this.complaints.push(`${product}: ${problem}`);
			this.#refuse(product, request, response, problem);
			return;
		}
		const fault = isFirst ? this.#draw(PAID_FAULTS) : undefined;
		if (fault === "payment lost") {
			request.socket.destroy();
			return;
		}
		if (fault === "503 before settlement") {
			send(response, 503, {}, "the seller is busy");
			return;
		}
		const isReplay = this.sales.has(nonce);
		// Some servers serve again what was paid, others say that the nonce is used.
		if (isReplay && this.#options.random() < 0.5) {
			this.#refuse(product, request, response, "invalid_exact_evm_nonce_already_used");
			return;
		}
		if (!isReplay) this.sales.set(nonce, { product, amount: priceOf(product), settledAt: Date.now() / 1_000 });
		if (fault === "answer lost") request.socket.destroy();
		else if (fault === "502 after settlement") send(response, 502, {}, "bad gateway");
		else this.#serve(product, nonce, fault === "answer cut off" ? request.socket : undefined, response);
	}

	#serve(product: string, nonce: string, cutOff: Socket | undefined, response: ServerResponse): void {
		const body = JSON.stringify({ product, temperature: 21.5, reading: "x".repeat(100) });
		const { chainId, buyer } = this.#options;
		const network = `eip155:${chainId}` as const;
		const settled = { success: true, transaction: nonce, network, payer: buyer };
		const headers = { "PAYMENT-RESPONSE": encodePaymentResponseHeader(settled) };
		if (cutOff === undefined) {
			send(response, 200, headers, body);
			return;
		}
		response.writeHead(200, { ...headers, "Content-Length": Buffer.byteLength(body) });
		response.write(body.slice(0, 40), () => cutOff.destroy());
	}

	/** 402 with the terms, and with the reason if a payment was refused. */
	#refuse(product: string, request: IncomingMessage, response: ServerResponse, error = "Payment required"): void {
		const { chainId } = this.#options;
		const terms = {
			x402Version: 2,
			error,
			resource: {
				url: `http://${request.headers.host}${request.url}`,
				description: "a reading",
				mimeType: "application/json",
			},
			accepts: [
				{
					scheme: "exact",
					network: `eip155:${chainId}` as const,
					amount: String(priceOf(product)),
					asset: usdc.address,
					payTo,
					maxTimeoutSeconds: 60,
					extra: { name: usdc.name, version: usdc.version },
				},
			],
		};
		send(response, 402, { "PAYMENT-REQUIRED": encodePaymentRequiredHeader(terms) }, "{}");
	}

	/** Why a payment is none; nothing if it is one. */
	async #problemOf(product: string, { authorization, signature }: Payment): Promise<string | undefined> {
		const { from, to, value, validAfter, validBefore, nonce } = authorization;
		const { buyer, chainId } = this.#options;
		const now = Date.now() / 1_000;
		if (from.toLowerCase() !== buyer.toLowerCase() || to.toLowerCase() !== payTo.toLowerCase()) return "another pair";
		if (BigInt(value) !== priceOf(product)) return `${value} for what costs ${priceOf(product)}`;
		if (Number(validAfter) > now || Number(validBefore) < now) return "not valid now";
		const sale = this.sales.get(nonce);
		if (sale !== undefined && sale.product !== product) return "a nonce of another purchase";
		const signer = await recoverTypedDataAddress({
			domain: { name: usdc.name, version: usdc.version, chainId, verifyingContract: usdc.address },
			types: AUTHORIZATION,
			primaryType: "TransferWithAuthorization",
			message: {
				from,
				to,
				value: BigInt(value),
				validAfter: BigInt(validAfter),
				validBefore: BigInt(validBefore),
				nonce,
			},
			signature,
		});
		return signer.toLowerCase() === buyer.toLowerCase() ? undefined : `signed by ${signer}`;
	}

	#draw<Kind extends Fault>(kinds: readonly Kind[]): Kind | undefined {
		const { random, faultRate } = this.#options;
		// A purchase asks and pays: half of its faults come to each.
		if (random() >= faultRate / 2) return undefined;
		const fault = kinds[Math.floor(random() * kinds.length)]!;
		this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
		return fault;
	}
}

interface Payment {
	readonly signature: Hex;
	readonly authorization: {
		readonly from: Hex;
		readonly to: Hex;
		readonly value: string;
		readonly validAfter: string;
		readonly validBefore: string;
		readonly nonce: Hex;
	};
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string>>, body: string): void {
	response.writeHead(status, { ...headers, "Content-Length": Buffer.byteLength(body) }).end(body);
}
