/** A seller made of the official x402 v2 server: `@x402/express` in front of `@x402/core` and `@x402/evm`. */
import { x402ResourceServer } from "@x402/core/server";
import { ExactEvmScheme } from "@x402/evm/exact/server";
import { paymentMiddleware } from "@x402/express";
import express from "express";
import type { Chain } from "./chain.js";
import { createFacilitator } from "./facilitator.js";
import { Faults, faultMiddleware } from "./faults.js";
import { record, type SeenRequest, type Served, serve } from "./requests.js";
import { type Offer, type Resource, resources, serveContents } from "./resources.js";

export interface Seller extends Served {
	/** The faults to come; see `Fault`. */
	readonly faults: Faults;
	/** The resources and their prices. To change the terms of a path, replace its resource: the next request sees it. */
	readonly resources: Record<string, Resource>;
}

type Routes = Exclude<Parameters<typeof paymentMiddleware>[0], { accepts: unknown }>;
type Route = Routes[string];

const scheme = "exact";

/** The route of a path as the official middleware wants it; it reads it anew on each request, so it may change. */
function route(chain: Chain, current: () => Resource): Route {
	const option = ({ amount, token, payTo, maxTimeoutSeconds, extra }: Offer) => ({
		scheme,
		network: chain.network,
		payTo,
		maxTimeoutSeconds,
		price: { amount, asset: token.address, extra: { name: token.name, version: token.version } },
		...(extra && { extra: { ...extra } }),
	});
	return {
		get accepts() {
			return current().offers.map(option);
		},
		get description() {
			return current().description;
		},
		get extensions() {
			return current().extensions ?? {};
		},
		mimeType: "application/json",
	};
}

/**
 * Starts a seller on a free port of the loopback interface.
 *
 * @param more - resources beside, or instead of, the usual ones; a path must have its offers from the start, or none
 */
export async function startSeller(chain: Chain, more: Readonly<Record<string, Resource>> = {}): Promise<Seller> {
	const sold: Record<string, Resource> = { ...resources, ...more };
	const paid = Object.keys(sold).filter((path) => sold[path]!.offers.length > 0);
	const routes: Routes = Object.fromEntries(paid.map((path) => [`${path}/*`, route(chain, () => sold[path]!)]));
	const server = new x402ResourceServer(createFacilitator(chain)).register(chain.network, new ExactEvmScheme());
	const faults = new Faults();
	const requests: SeenRequest[] = [];

	const app = express();
	app.use(express.raw({ type: () => true, limit: "1mb" }));
	app.use(record(requests, "payment-signature"));
	app.use(faultMiddleware(faults, (headers) => "payment-signature" in headers));
	app.use(paymentMiddleware(routes, server));
	for (const path of Object.keys(sold)) app.all([path, `${path}/*below`], serveContents);
	return { ...(await serve(app, requests)), faults, resources: sold };
}
