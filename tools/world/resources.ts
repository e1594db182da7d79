/** The resources of the sellers, their contents and their prices. */
import { createHash } from "node:crypto";
import type { RequestHandler } from "express";
import type { Address } from "viem";
import { eurc, type Token, usdc } from "./chain.js";
import { faultNamed } from "./faults.js";
import type { SeenRequest } from "./requests.js";

/** One way to pay for a resource: an entry of `accepts`. */
export interface Offer {
	/** In the token's smallest unit: 10000 is 0.01 of a token with 6 decimals. */
	readonly amount: string;
	readonly token: Token;
	readonly payTo: Address;
	readonly maxTimeoutSeconds: number;
	/** Added to the token's `name` and `version`, which it may override, also with `undefined`. */
	readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Resource {
	readonly description: string;
	/** The offers, in this order; none for a free resource. */
	readonly offers: readonly Offer[];
	/** Advertised beside the offers (v2 only). */
	readonly extensions?: Readonly<Record<string, unknown>>;
}

/** The address that the sellers are paid at. */
export const payTo: Address = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC";

/** 0.01 USDC by EIP-3009. */
export const offer: Offer = { amount: "10000", token: usdc, payTo, maxTimeoutSeconds: 60 };
const permit2Offer: Offer = { ...offer, extra: { assetTransferMethod: "permit2" } };

const paymentIdentifier = {
	info: { required: true },
	schema: {
		$schema: "https://json-schema.org/draft/2020-12/schema",
		type: "object",
		properties: {
			required: { type: "boolean" },
			id: { type: "string", minLength: 16, maxLength: 128, pattern: "^[a-zA-Z0-9_-]+$" },
		},
		required: ["required"],
	},
};

/** The resources a seller has unless a test says otherwise. Each is served under its path and under all paths below. */
export const resources: Readonly<Record<string, Resource>> = {
	"/data": { description: "sensor data", offers: [offer] },
	"/permit2": { description: "sensor data, paid by Permit2", offers: [permit2Offer] },
	"/either": { description: "sensor data, paid by Permit2 or EIP-3009", offers: [permit2Offer, offer] },
	"/eurc": { description: "sensor data, paid in EURC", offers: [{ ...offer, token: eurc }] },
	"/free": { description: "sensor data for nothing", offers: [] },
	"/expensive": { description: "a photograph from orbit", offers: [{ ...offer, amount: "5000000" }] },
	"/upfront": { description: "sensor data, paid first", offers: [{ ...offer, extra: { paymentFlow: "upfront" } }] },
	"/identified": {
		description: "sensor data, once per payment-identifier",
		offers: [offer],
		extensions: { "payment-identifier": paymentIdentifier },
	},
	"/misnamed": {
		description: "terms whose EIP-712 name is wrong",
		offers: [{ ...offer, extra: { name: "USD Coin" } }],
	},
	"/nameless": { description: "terms without an EIP-712 name", offers: [{ ...offer, extra: { name: undefined } }] },
	"/big": { description: "64 KiB of text", offers: [offer] },
	"/chunked": { description: "four readings, chunked", offers: [offer] },
	"/echo": { description: "the digest of what was posted", offers: [offer] },
};

/** The contents of `/big`. */
export const bigBody: Buffer = Buffer.from("0123456789abcdef".repeat(4096));

/** Serves a resource that is paid or free: the same each time. */
export const serveContents: RequestHandler = async (request, response) => {
	(response.locals.seen as SeenRequest).handled = true;
	const wait = faultNamed("handler-waits");
	if (wait) await new Promise((resolve) => setTimeout(resolve, wait.milliseconds));
	const status = faultNamed("handler-status")?.status ?? 200;
	response.status(status);
	const root = `/${request.path.split("/")[1]}`;
	if (status >= 400) response.json({ error: "the sensor does not answer" });
	else if (root === "/big") response.type("text/plain").send(bigBody);
	else if (root === "/chunked") {
		for (const reading of [21.1, 21.2, 21.3]) response.write(`${reading}\n`);
		response.end("21.4\n");
	} else if (root === "/echo") {
		const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
		response.json({ bytes: body.length, sha256: createHash("sha256").update(body).digest("hex") });
	} else response.json({ resource: request.path, temperature: 21.5, unit: "C" });
};
