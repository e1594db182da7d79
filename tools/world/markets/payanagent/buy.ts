/**
 * `/x402/:offerId`, and the older `/api/v1/offers/:id/buy`: native offers are charged here, others are relayed.
 *
 * | what | source (derNif/payanagent 31ce5fa) |
 * |---|---|
 * | which of the two, 404, the buyer's own offer | app/x402/[offerId]/route.ts |
 * | the check of the input before anything settles | lib/deliver-offer.ts `readOfferInput`, lib/validate-input.ts |
 * | the seller's answer as it is; 502 if there is none; a download | lib/deliver-offer.ts `deliverOffer` |
 * | 409 for an offer of the ecosystem | app/api/v1/offers/[offerId]/buy/route.ts |
 */
import type { Express, Request, Response } from "express";
import type { SeenRequest } from "../../requests.js";
import type { Agent } from "./agents.js";
import { charge } from "./charge.js";
import type { Context } from "./context.js";
import { faultsOf, shallowFault } from "./input_schema.js";
import type { Offer } from "./offers.js";
import { Refusal } from "./refusal.js";
import { relay } from "./relay.js";
import { bodyOf, reply, troubleAtWork } from "./shop/site.js";

type Input = Readonly<Record<string, unknown>>;

/** The input is the body: a query is not passed on to the seller. @throws {Refusal} 400 */
function inputOf(request: Request): Input {
	const text = bodyOf(request).toString();
	try {
		return text === "" ? {} : (JSON.parse(text) as Input);
	} catch {
		throw new Refusal(400, "Request body must be valid JSON");
	}
}

/**
 * Returns the seller's answer, whatever its status. The buyer's body is sent whatever the offer's method is, and a GET with
 * a body is no request that Node's fetch makes.
 *
 * @throws if there is no answer
 */
async function serve({ endpoint, httpMethod = "POST", inputSchema }: Offer, input: Input, rawBody: string) {
	const json = (status: number, body: object) => ({ status, type: "application/json", body: JSON.stringify(body) });
	// A seller looks at more of an input than the market does.
	const faults = typeof inputSchema === "object" ? faultsOf(inputSchema, input) : [];
	if (faults.length > 0) return json(400, { error: `the input is refused: ${faults.join("; ")}` });
	const status = await troubleAtWork();
	if (status !== undefined) return json(status, { error: `the seller answers ${status}` });
	const headers = { "content-type": "application/json" };
	const answered = await fetch(endpoint!, { method: httpMethod, headers, body: rawBody || null });
	const type = answered.headers.get("content-type") || "application/json";
	return { status: answered.status, type, body: await answered.text() };
}

/** @throws {Refusal} 502 once the payment has settled and nothing came from the seller */
async function buyNative(context: Context, offer: Offer, request: Request, response: Response) {
	const { receipts } = context;
	const seller = (offer.seller as Agent).profile.walletAddress;
	const { title, price: amount } = offer;
	let input: Input = {};
	const check = (): void => {
		input = inputOf(request);
		const fault = shallowFault(offer.inputSchema, input);
		if (fault !== undefined) throw new Refusal(400, `Invalid input: ${fault}`);
	};
	const what = { amount, payTo: seller, description: `Payment for offer: ${title}`, check };
	const { payer: buyer, txHash } = await charge(context, request, what);
	const receipt = receipts.add({ settlementType: "direct", subject: offer.id, buyer, seller, amount, txHash });
	if (offer.offerType === "download") return reply(response, { receiptId: receipt.id, fileUrl: offer.fileUrl, txHash });
	let served: Awaited<ReturnType<typeof serve>>;
	try {
		served = await serve(offer, input, bodyOf(request).toString());
	} catch {
		const message = "Payment settled but the offer call failed.";
		throw new Refusal(502, "Failed to reach offer endpoint", { receiptId: receipt.id, message });
	}
	(response.locals.seen as SeenRequest).handled = true;
	response.set({ "X-Receipt-Id": receipt.id, "X-Tx-Hash": txHash });
	return response.status(served.status).type(served.type).end(served.body);
}

export function buyRoutes(app: Express, context: Context): void {
	const { agents, offers } = context;

	const buy = async (request: Request<{ id: string }>, response: Response): Promise<void> => {
		const offer = offers.all.find(({ id }) => id === request.params.id);
		if (!offer || offer.isActive === false) throw new Refusal(404, "Offer not found or inactive");
		if (typeof offer.seller === "string") return relay(context, offer, request, response);
		await buyNative(context, offer, request, response);
	};
	app.get("/x402/:id", buy);
	app.post("/x402/:id", buy);

	app.post("/api/v1/offers/:id/buy", async (request, response) => {
		agents.authenticate(request);
		const offer = offers.all.find(({ id }) => id === request.params.id);
		if (!offer || offer.isActive === false) throw new Refusal(404, "Offer not found or inactive");
		if (typeof offer.seller === "string")
			throw new Refusal(409, `Buy this offer at /x402/${offer.id} (wallet payment)`);
		await buyNative(context, offer, request, response);
	});
}
