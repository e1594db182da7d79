/** The host that delivered files come from: another origin, whose signed URLs are good for an hour and need no token. */
import { createHmac } from "node:crypto";
import express, { type Express } from "express";
import type { Clock } from "../clock.js";
import type { Orders } from "./orders.js";

const URL_SECONDS = 60 * 60;

const mac = (path: string, expires: string): string =>
	createHmac("sha256", "the file host's own secret").update(`${path} ${expires}`).digest("hex");

/** Path and query of a fresh signed URL for the file of an order. */
export function signedPath(orderId: string, name: string, clock: Clock): string {
	const path = `/deliveries/${orderId}/${name}`;
	const expires = String(clock.now() + URL_SECONDS * 1000);
	return `${path}?expires=${expires}&signature=${mac(path, expires)}`;
}

/**
 * Serves the files. A request that brings credentials, in whatever header or in its URL, is refused and noted in `leaks`.
 *
 * @param secrets - what must not come here
 */
export function fileHost(orders: Orders, clock: Clock, secrets: () => string[], leaks: string[]): Express {
	const app = express();
	app.use((request, response, next) => {
		const all = `${request.originalUrl}\n${request.rawHeaders.join("\n")}`;
		const leaked = ["authorization", "cookie", "x-payment-proof", "x-order-id"].filter(
			(name) => name in request.headers,
		);
		if (secrets().some((secret) => all.includes(secret))) leaked.push("a secret");
		if (leaked.length === 0) return next();
		leaks.push(`${request.path}: ${leaked.join(", ")}`);
		response.status(400).json({ error: "credentials were sent to the file host" });
	});
	app.get("/deliveries/:order/:name", async (request, response) => {
		const { expires = "", signature } = request.query as Record<string, string | undefined>;
		if (mac(request.path, expires) !== signature || Number(expires) <= clock.now())
			return response.status(403).json({ error: "the URL is not signed, or has expired" });
		const { item } = await orders.find(request.params.order);
		return response.type("application/octet-stream").send(item.file!.contents);
	});
	return app;
}
