/**
 * A market as a web site: every request is recorded, suffers what a test asked for, and else goes to the market's routes.
 * A route throws its refusals.
 */
import express, { type Express, type Request, type Response } from "express";
import { Faults, faultMiddleware, faultNamed } from "../../../faults.js";
import { record, type SeenRequest, type Served, serve } from "../../../requests.js";
import { Script } from "../../script.js";

export interface Site extends Served {
	/** Faults of the market's work, its facilitator and its chain: for the next paid request, unless told otherwise. */
	readonly faults: Faults;
	/** Scripted answers, which may be slow, doubled, cut or missing: for the next request of any kind. */
	readonly script: Script;
	/** The requests to one path, in order. */
	seen(path: string, method?: string): SeenRequest[];
}

export interface SiteOptions {
	/** Lower case; the first one present is recorded as the payment. */
	readonly paymentHeaders: readonly string[];
	routes(app: Express): void;
	/** Says what a route has thrown, or nothing for a path that no route has. */
	refuse(error: unknown, response: Response): void;
}

/** Starts it on a free port of the loopback interface; it is gone with the process. */
export async function startSite({ paymentHeaders, routes, refuse }: SiteOptions): Promise<Site> {
	const faults = new Faults();
	const script = new Script();
	const requests: SeenRequest[] = [];
	const app = express();
	app.disable("x-powered-by").disable("etag");
	app.use(express.raw({ type: () => true, limit: "1mb" }));
	app.use((request, response, next) => {
		const header = paymentHeaders.find((name) => name in request.headers) ?? paymentHeaders[0]!;
		record(requests, header)(request, response, next);
	});
	app.use(faultMiddleware(faults, (headers) => paymentHeaders.some((name) => name in headers)));
	app.use(script.middleware);
	routes(app);
	app.use((_request: Request, response: Response) => refuse(undefined, response));
	app.use((error: unknown, _request: Request, response: Response, _next: () => void) => refuse(error, response));
	const served = await serve(app, requests);
	const seen = (path: string, method?: string): SeenRequest[] =>
		requests.filter((each) => each.path === path && (method === undefined || each.method === method));
	return { ...served, faults, script, seen };
}

/** The body as it came; empty if there was none. */
export function bodyOf(request: Request): Buffer {
	return Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
}

/** The address under which the market itself was asked, with the path and query. */
export function urlOf(request: Request): string {
	return `${request.protocol}://${request.headers.host}${request.originalUrl}`;
}

/** Answers what was asked for. */
export function reply(response: Response, body: unknown, status = 200): void {
	(response.locals.seen as SeenRequest).handled = true;
	response.status(status).json(body);
}

/** Carries out `handler-waits` and `handler-status` for a route: waits, and returns the status to fail with. */
export async function troubleAtWork(): Promise<number | undefined> {
	const wait = faultNamed("handler-waits");
	if (wait) await new Promise((resolve) => setTimeout(resolve, wait.milliseconds));
	return faultNamed("handler-status")?.status;
}

/** ISO 8601 in UTC. */
export const iso = (milliseconds: number): string => new Date(milliseconds).toISOString();
