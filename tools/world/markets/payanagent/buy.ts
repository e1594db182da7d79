/** `/x402/:offerId`, and the older `/api/v1/offers/:id/buy`: native offers are charged here, others are relayed. */
import type { Express, Request, Response } from "express";
import type { Agent } from "./agents.js";
import { charge } from "./charge.js";
import { type Context, countPublic } from "./context.js";
import { faultsOf } from "./input_schema.js";
import type { Offer } from "./offers.js";
import { jsonOf, Refusal } from "./refusal.js";
import { relay } from "./relay.js";
import { bodyOf, reply, troubleAtWork } from "./shop/site.js";

type Input = Readonly<Record<string, unknown>>;

/** The input is the body: a query is not passed on to the seller. @throws {Refusal} 400 */
const inputOf = (request: Request): Input => (request.method === "GET" ? {} : jsonOf(request));

/**
 * What the seller answers. As lib/deliver-offer.ts of the market itself (derNif/payanagent, commit 31ce5fa): the buyer's body
 * goes along whatever the offer's method is, and a GET with a body is no request that Node's fetch makes.
 *
 * @throws {Error} with its words, if it does not serve
 */
async function serve(
	{ endpoint, httpMethod = "POST", inputSchema }: Offer,
	input: Input,
	rawBody: string,
): Promise<unknown> {
	const faults = faultsOf(inputSchema ?? {}, input);
	if (faults.length > 0) throw new Error(`the seller refused the input: ${faults.join("; ")}`);
	const status = await troubleAtWork();
	if (status !== undefined && status >= 400) throw new Error(`the seller answered ${status}`);
	const headers = { "content-type": "application/json" };
	const answered = await fetch(endpoint!, { method: httpMethod, headers, body: rawBody || null }).catch(() => {
		throw new Error("the offer failed: Failed to reach offer endpoint");
	});
	if (!answered.ok) throw new Error(`the seller answered ${answered.status}`);
	return answered.json();
}

/** @throws {Refusal} 502 once the payment has settled and the seller has not served */
async function buyNative(context: Context, offer: Offer, input: Input, request: Request, response: Response) {
	const { receipts, variants } = context;
	const faults = faultsOf(offer.inputSchema ?? {}, input);
	if (variants.inputCheckedBy === "market" && faults.length > 0)
		throw new Refusal(400, `Invalid input: ${faults.join("; ")}`);
	const seller = (offer.seller as Agent).profile.walletAddress;
	const { title: description, price: amount } = offer;
	const { payer: buyer, txHash } = await charge(context, request, response, { amount, payTo: seller, description });
	const { id: receiptId } = receipts.add({ type: "purchase", subject: offer.id, buyer, seller, amount, txHash });
	response.set({ "X-Receipt-Id": receiptId, "X-Tx-Hash": txHash });
	if (offer.offerType === "download") return reply(response, { receiptId, fileUrl: offer.fileUrl, txHash });
	try {
		reply(response, await serve(offer, input, bodyOf(request).toString()));
	} catch (error) {
		throw new Refusal(502, `Payment settled but ${(error as Error).message}`, { receiptId, txHash });
	}
}

export function buyRoutes(app: Express, context: Context): void {
	const { agents, offers } = context;

	const buy = async (request: Request<{ id: string }>, response: Response): Promise<void> => {
		const offer = offers.all.find(({ id }) => id === request.params.id);
		if (!offer) {
			countPublic(context, request);
			throw new Refusal(404, "Offer not found");
		}
		const input = inputOf(request);
		if (typeof offer.seller === "string") return relay(context, offer, input, request, response);
		return buyNative(context, offer, input, request, response);
	};
	app.get("/x402/:id", buy);
	app.post("/x402/:id", buy);

	app.post("/api/v1/offers/:id/buy", async (request, response) => {
		agents.authenticate(request);
		const offer = offers.find(request.params.id);
		const buyUrl = `/x402/${offer.id}`;
		if (typeof offer.seller === "string")
			throw new Refusal(409, `Ecosystem offers are bought at ${buyUrl}`, { buyUrl });
		await buyNative(context, offer, inputOf(request), request, response);
	});
}
