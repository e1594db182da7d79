/** The services behind the native offers, on a port of their own: what a seller sees once the market was paid. */
import express, { type Request, type Response } from "express";
import { record, type SeenRequest, type Served, serve } from "../../requests.js";
import { bodyOf } from "./shop/site.js";

export type Upstream = Served;

export const dataset = "time,temperature\n2026-11-21T00:00:00Z,21.5\n";

/** Starts it on a free port of the loopback interface. */
export function startUpstream(): Promise<Upstream> {
	const requests: SeenRequest[] = [];
	const app = express();
	app.use(express.raw({ type: () => true, limit: "1mb" }));
	app.use(record(requests, "payment-signature"));
	app.all("/temperature", (request: Request, response: Response) => {
		const body = bodyOf(request).toString();
		const { place = null } = (body === "" ? {} : JSON.parse(body)) as { place?: string };
		response.json({ place, temperature: 21.5, unit: "C" });
	});
	app.post("/scrape", (request: Request, response: Response) => {
		const { url, format = "text" } = JSON.parse(bodyOf(request).toString()) as { url: string; format?: string };
		response.json({ url, format, content: "# Example" });
	});
	app.post("/labs-read", (request: Request, response: Response) => {
		const { url } = JSON.parse(bodyOf(request).toString()) as { url: string };
		response.json({ url, title: "Example Domain", markdown: "# Example Domain\n" });
	});
	app.all("/broken", (_request: Request, response: Response) => {
		response.status(500).json({ error: "the service does not answer" });
	});
	app.get("/files/dataset.csv", (_request: Request, response: Response) => {
		response.type("text/csv").send(dataset);
	});
	return serve(app, requests);
}
