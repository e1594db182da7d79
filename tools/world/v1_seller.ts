/**
 * A small seller of x402 v1, after the `x402-express` 1.x middleware (not itself: its packages weigh 666 MB): terms in the
 * body of the 402, payment in `X-PAYMENT`, receipt in `X-PAYMENT-RESPONSE`. It verifies and settles through the same
 * official facilitator as the v2 seller, and takes the same faults.
 *
 * v1 differs in failures: both a refused verification and a failed settlement are a 402 whose body holds fresh
 * terms and the reason in `error`. Only the receipt header tells them apart, and it is missing if settling threw.
 */
import type { FacilitatorClient } from "@x402/core/server";
import type { PaymentPayload, PaymentRequirements } from "@x402/core/types";
import express, { type RequestHandler, type Response } from "express";
import type { Chain } from "./chain.js";
import { createFacilitator, v1NetworkName } from "./facilitator.js";
import { Faults, faultMiddleware } from "./faults.js";
import { record, type SeenRequest, type Served, serve } from "./requests.js";
import { type Offer, offer, type Resource, serveContents } from "./resources.js";

export interface V1Seller extends Served {
	readonly faults: Faults;
	readonly resources: Record<string, Resource>;
	/** v1's name of the chain. */
	readonly network: string;
}

/** The v1 seller's resources unless a test says otherwise. */
const v1Resources: Readonly<Record<string, Resource>> = {
	"/data": { description: "sensor data", offers: [offer] },
	"/free": { description: "sensor data for nothing", offers: [] },
	"/expensive": { description: "a photograph from orbit", offers: [{ ...offer, amount: "5000000" }] },
	"/echo": { description: "the digest of what was posted", offers: [offer] },
};

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64");
const decode = (value: string): unknown => JSON.parse(Buffer.from(value, "base64").toString());

/** An entry of v1's `accepts`. */
function requirements({ amount, token, payTo, maxTimeoutSeconds, extra }: Offer, network: string, resource: string) {
	return {
		scheme: "exact",
		network,
		maxAmountRequired: amount,
		resource,
		mimeType: "application/json",
		payTo,
		maxTimeoutSeconds,
		asset: token.address,
		extra: { name: token.name, version: token.version, ...extra },
	};
}

/** Holds an answer back until the payment is settled: returns its body once the handler has ended it. */
function holdBack(response: Response, next: () => void): Promise<Buffer> {
	const end = response.end;
	return new Promise((resolve) => {
		response.end = ((chunk: Buffer | string = "") => {
			response.end = end;
			resolve(Buffer.from(chunk as string));
			return response;
		}) as typeof response.end;
		next();
	});
}

function paymentRequired(facilitator: FacilitatorClient, network: string, resource: () => Resource): RequestHandler {
	return async (request, response, next) => {
		const { offers, description } = resource();
		if (offers.length === 0) return next();
		const url = `${request.protocol}://${request.headers.host}${request.originalUrl}`;
		const accepts = offers.map((each) => ({ ...requirements(each, network, url), description }));
		const refuse = (error: string): unknown => response.status(402).json({ x402Version: 1, error, accepts });

		const header = request.header("x-payment");
		if (header === undefined) return refuse("X-PAYMENT header is required");
		let payment: PaymentPayload & { scheme?: unknown; network?: unknown };
		try {
			payment = decode(header) as typeof payment;
		} catch {
			return refuse("Invalid or malformed payment header");
		}
		const chosen = accepts.find((each) => each.scheme === payment.scheme && each.network === payment.network);
		if (!chosen) return refuse("Unable to find matching payment requirements");
		const terms = chosen as unknown as PaymentRequirements;
		try {
			const verified = await facilitator.verify(payment, terms);
			if (!verified.isValid) return refuse(verified.invalidReason ?? "invalid_payment");
		} catch (error) {
			return refuse((error as Error).message);
		}

		const body = await holdBack(response, next);
		if (response.statusCode >= 400) return response.end(body);
		response.removeHeader("content-length");
		try {
			const settled = await facilitator.settle(payment, terms);
			response.setHeader("X-PAYMENT-RESPONSE", encode(settled));
			if (!settled.success) return refuse(settled.errorReason ?? "settlement failed");
		} catch (error) {
			return refuse((error as Error).message);
		}
		response.setHeader("content-length", body.length);
		return response.end(body);
	};
}

/**
 * Starts a v1 seller on a free port of the loopback interface.
 *
 * @param chain - must have a name in v1, as 84532 has
 */
export async function startV1Seller(chain: Chain, more: Readonly<Record<string, Resource>> = {}): Promise<V1Seller> {
	const network = v1NetworkName(chain.chainId);
	if (!network) throw new Error(`x402 v1 has no name for chain ${chain.chainId}; 84532 is base-sepolia`);
	const sold: Record<string, Resource> = { ...v1Resources, ...more };
	const facilitator = createFacilitator(chain);
	const faults = new Faults();
	const requests: SeenRequest[] = [];

	const app = express();
	app.use(express.raw({ type: () => true, limit: "1mb" }));
	app.use(record(requests, "x-payment"));
	app.use(faultMiddleware(faults, (headers) => "x-payment" in headers));
	for (const path of Object.keys(sold))
		app.all(
			[path, `${path}/*below`],
			paymentRequired(facilitator, network, () => sold[path]!),
			serveContents,
		);
	return { ...(await serve(app, requests)), faults, resources: sold, network };
}
