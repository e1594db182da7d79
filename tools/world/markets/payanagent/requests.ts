/**
 * Requests: work that a buyer asks for, bids, delivery and payment, with the money in escrow or paid at the end.
 *
 * | operation | source (derNif/payanagent 31ce5fa) |
 * |---|---|
 * | GET, POST `/requests`: open ones, or by words and status; made, 402 for escrow | app/api/v1/requests/route.ts |
 * | GET `/requests/:id`: payloads for the parties alone, the work for the buyer once it is approved | app/api/v1/requests/[requestId]/route.ts |
 * | `bid`, `accept`, `fulfill`: 400 for all that they do not take | app/api/v1/requests/[requestId], convex/requests.ts |
 * | `approve`, `cancel`: 400 in another state, 409 while money is on its way, the same answer again once approved | app/api/v1/requests/[requestId], lib/escrow-release.ts |
 */
import type { Express, Request } from "express";
import { type Address, type Hex, parseAbi } from "viem";
import { usdc } from "../../chain.js";
import type { Agent } from "./agents.js";
import { charge, paymentOf } from "./charge.js";
import { type Context, countPublic } from "./context.js";
import { type Micros, ofCents } from "./money.js";
import { bool, cents, invalid, limitOf, Refusal, readFields, text } from "./refusal.js";
import { reply, troubleAtWork } from "./shop/site.js";

/** The time for which a delivered request cannot be cancelled. */
const cancelAfterSeconds = 7 * 86_400;

export interface Bid {
	readonly id: string;
	readonly provider: Agent;
	readonly priceCents: number;
	readonly estimatedDurationSeconds?: number;
	readonly message?: string;
	status: "pending" | "accepted" | "rejected";
}

export interface Job {
	readonly id: string;
	readonly buyer: Agent;
	readonly title: string;
	readonly description: string;
	readonly budgetMaxCents: number;
	readonly inputPayload: string | null;
	/** The amount in escrow, and its owner. */
	readonly escrow: { readonly amount: Micros; readonly payer: Address } | undefined;
	readonly bids: Bid[];
	/** Milliseconds since 1970. */
	readonly createdAt: number;
	provider: Agent | undefined;
	agreedPriceCents: number | null;
	status: "open" | "accepted" | "fulfilled" | "approved" | "cancelled";
	settlementReceiptId: string | undefined;
	outputPayload: string | null;
	/** Milliseconds since 1970. */
	fulfilledAt: number | undefined;
	cancelReason: string | null;
	/** Money of it is on its way: nothing else is done meanwhile. */
	settling: boolean;
}

interface SentJob {
	readonly title: string;
	readonly description: string;
	readonly budgetMaxCents: number;
	readonly escrow?: boolean;
	readonly inputPayload?: string;
	readonly providerId?: string;
	readonly agreedPriceCents?: number;
}

const say = (job: Job, { variants }: Context, viewer?: Agent): object => {
	const isProvider = viewer !== undefined && viewer === job.provider;
	const isParty = isProvider || (viewer !== undefined && viewer === job.buyer);
	const isDelivered = isProvider || (isParty && job.status === "approved");
	return {
		[variants.id]: job.id,
		_creationTime: job.createdAt,
		title: job.title,
		description: job.description,
		budgetMaxCents: job.budgetMaxCents,
		...(job.agreedPriceCents !== null && { agreedPriceCents: job.agreedPriceCents }),
		escrow: job.escrow !== undefined,
		buyerId: job.buyer.id,
		...(job.provider && { providerId: job.provider.id }),
		...(isParty && job.inputPayload !== null && { inputPayload: job.inputPayload }),
		...(isDelivered && job.outputPayload !== null && { outputPayload: job.outputPayload }),
		status: job.settling ? "completing" : job.status,
		...(job.fulfilledAt !== undefined && { fulfilledAt: job.fulfilledAt }),
		...(job.settlementReceiptId !== undefined && { settlementReceiptId: job.settlementReceiptId }),
		...(job.cancelReason !== null && { cancelReason: job.cancelReason }),
	};
};

const sayBid = ({ id, provider, status, ...bid }: Bid, { variants }: Context): object => ({
	[variants.id]: id,
	bidderId: provider.id,
	...bid,
	status,
});

/** Pays out of escrow. */
async function payOut({ chain, escrow }: Context, to: Address, amount: Micros): Promise<Hex> {
	const hash = await chain.client.writeContract({
		account: escrow,
		address: usdc.address,
		abi: parseAbi(["function transfer(address to, uint256 value) returns (bool)"]),
		functionName: "transfer",
		args: [to, amount],
		gasPrice: 0n,
	});
	const { status } = await chain.client.waitForTransactionReceipt({ hash });
	if (status !== "success") throw new Error("the escrow could not pay");
	return hash;
}

/** @throws {Refusal} 400 */
function expect(job: Job, verb: string, ...states: readonly Job["status"][]): void {
	const status = job.settling && verb === "cancel" ? "completing" : job.status;
	if (!states.some((each) => each === status)) throw new Refusal(400, `Cannot ${verb} a request in status: ${status}`);
}

/** @throws {Refusal} 409 if money of it is on its way already */
async function whileSettling<T>(job: Job, work: () => Promise<T>): Promise<T> {
	if (job.settling) throw new Refusal(409, "Request is already being settled");
	job.settling = true;
	try {
		return await work();
	} finally {
		job.settling = false;
	}
}

type OfJob = Request<{ id: string }>;

export function requestRoutes(app: Express, context: Context, jobs: Job[]): void {
	const { agents, clock, receipts } = context;
	/** @throws {Refusal} 404 */
	const find = ({ params }: OfJob): Job => {
		const job = jobs.find(({ id }) => id === params.id);
		if (!job) throw new Refusal(404, "Request not found");
		return job;
	};
	/** @throws {Refusal} 401, 403, 404 */
	const asBuyer = (request: OfJob, verb: string): Job => {
		const self = agents.authenticate(request);
		const job = find(request);
		if (job.buyer !== self) throw new Refusal(403, `Only the buyer can ${verb}`);
		return job;
	};

	app.get("/api/v1/requests", (request, response) => {
		countPublic(context, request);
		const { status, q = "" } = request.query as Record<string, string | undefined>;
		// Without words only the open ones are listed, whatever the status.
		const wanted = q === "" ? "open" : status;
		const found = jobs.filter(
			(job) =>
				(wanted === undefined || job.status === wanted) &&
				`${job.title} ${job.description}`.toLowerCase().includes(q.toLowerCase()),
		);
		reply(response, { requests: found.slice(0, limitOf(request)).map((job) => say(job, context)) });
	});

	app.get("/api/v1/requests/:id", (request, response) => {
		const viewer = request.headers.authorization === undefined ? undefined : agents.authenticate(request);
		if (!viewer) countPublic(context, request);
		const job = find(request);
		reply(response, { request: say(job, context, viewer), bids: job.bids.map((each) => sayBid(each, context)) });
	});

	app.post("/api/v1/requests", async (request, response) => {
		const buyer = agents.authenticate(request);
		const sent = readFields<SentJob>(
			request,
			{ title: text, description: text, budgetMaxCents: cents },
			{ escrow: bool, inputPayload: text, providerId: text, agreedPriceCents: cents },
		);
		const { providerId, agreedPriceCents } = sent;
		if (providerId !== undefined && agreedPriceCents === undefined)
			throw invalid("agreedPriceCents: direct hire requires agreedPriceCents");
		if (providerId === buyer.id) throw new Refusal(400, "Cannot hire yourself");
		const escrow = sent.escrow ? await deposit(request, sent) : undefined;
		// Only now is it looked for: what was paid for a provider that does not exist stays in escrow.
		const provider = providerId === undefined ? undefined : agents.find(providerId);
		const job: Job = {
			id: `request-${jobs.length + 1}`,
			buyer,
			title: sent.title,
			description: sent.description,
			budgetMaxCents: sent.budgetMaxCents,
			inputPayload: sent.inputPayload ?? null,
			escrow,
			bids: [],
			provider,
			agreedPriceCents: agreedPriceCents ?? null,
			status: provider ? "accepted" : "open",
			settlementReceiptId: undefined,
			createdAt: clock.now(),
			outputPayload: null,
			fulfilledAt: undefined,
			cancelReason: null,
			settling: false,
		};
		jobs.push(job);
		const amount = sent.escrow ? { escrowAmountCents: agreedPriceCents ?? sent.budgetMaxCents } : {};
		reply(response, { requestId: job.id, status: job.status, escrow: sent.escrow ?? false, ...amount }, 201);
	});

	const deposit = async (request: Request, sent: SentJob) => {
		const amount = ofCents(sent.agreedPriceCents ?? sent.budgetMaxCents);
		const description = `Escrow for request: ${sent.title}`;
		const { payer } = await charge(context, request, { amount, payTo: context.escrow, description });
		return { amount, payer };
	};

	app.post("/api/v1/requests/:id/bid", (request, response) => {
		const provider = agents.authenticate(request);
		const optional = { estimatedDurationSeconds: cents, message: text };
		const sent = readFields<Pick<Bid, "priceCents">>(request, { priceCents: cents }, optional);
		const job = find(request);
		if (job.status !== "open") throw new Refusal(400, "Request is not open for bids");
		if (job.buyer === provider) throw new Refusal(400, "Cannot bid on your own request");
		const bid: Bid = { ...sent, id: `${job.id}-bid-${job.bids.length + 1}`, provider, status: "pending" };
		job.bids.push(bid);
		reply(response, { bidId: bid.id }, 201);
	});

	app.post("/api/v1/requests/:id/accept", (request, response) => {
		const job = asBuyer(request, "accept a bid");
		const { bidId } = readFields<{ bidId: string }>(request, { bidId: text });
		expect(job, "accept bid on", "open");
		const bid = job.bids.find(({ id }) => id === bidId);
		if (!bid) throw new Refusal(400, "Bid not found");
		for (const each of job.bids) each.status = "rejected";
		bid.status = "accepted";
		job.provider = bid.provider;
		job.agreedPriceCents = bid.priceCents;
		job.status = "accepted";
		reply(response, { ok: true });
	});

	app.post("/api/v1/requests/:id/fulfill", (request, response) => {
		const self = agents.authenticate(request);
		const { outputPayload } = readFields<{ outputPayload: string }>(request, { outputPayload: text });
		const job = find(request);
		if (job.provider !== self) throw new Refusal(400, "Only the assigned provider can fulfill");
		expect(job, "fulfill", "accepted");
		job.outputPayload = outputPayload;
		job.status = "fulfilled";
		job.fulfilledAt = clock.now();
		reply(response, { ok: true });
	});

	/** The provider gets what was agreed, the payer what is left. */
	const release = async (job: Job, { amount, payer }: NonNullable<Job["escrow"]>) => {
		const seller = job.provider!.profile.walletAddress;
		const agreed = ofCents(job.agreedPriceCents!);
		const txHash = await payOut(context, seller, agreed);
		if (amount > agreed) await payOut(context, payer, amount - agreed);
		return receipts.add({
			settlementType: "escrow_release",
			subject: job.id,
			buyer: payer,
			seller,
			amount: agreed,
			txHash,
		});
	};

	const payDirectly = async (job: Job, request: Request) => {
		const seller = job.provider!.profile.walletAddress;
		const amount = ofCents(job.agreedPriceCents!);
		const what = { amount, payTo: seller, description: `Payment for request: ${job.title}` };
		const { payer: buyer, txHash } = await charge(context, request, what);
		return receipts.add({ settlementType: "direct", subject: job.id, buyer, seller, amount, txHash });
	};

	app.post("/api/v1/requests/:id/approve", async (request, response) => {
		const job = asBuyer(request, "approve");
		expect(job, "approve", "fulfilled");
		// Who only asks for the terms takes no lock.
		const isAsking = !job.escrow && paymentOf(request) === undefined;
		if (isAsking) await payDirectly(job, request);
		const receipt = await whileSettling(job, async () => {
			await troubleAtWork();
			return job.escrow ? release(job, job.escrow) : payDirectly(job, request);
		});
		job.status = "approved";
		const { id: receiptId, txHash } = receipt;
		job.settlementReceiptId = receiptId;
		reply(response, { ok: true, receiptId, txHash });
	});

	app.post("/api/v1/requests/:id/cancel", async (request, response) => {
		const job = asBuyer(request, "cancel");
		const { reason } = readFields<{ reason?: string }>(request, {}, { reason: text });
		expect(job, "cancel", "open", "accepted", "fulfilled");
		if (job.fulfilledAt !== undefined && clock.now() < job.fulfilledAt + cancelAfterSeconds * 1000) {
			const words = "approve it, or wait out the 7-day provider-protection window before cancelling.";
			throw new Refusal(403, `Work has been delivered — ${words}`);
		}
		const receipt = await whileSettling(job, async () => {
			await troubleAtWork();
			if (!job.escrow) return undefined;
			const { amount, payer } = job.escrow;
			const parties = { buyer: payer, seller: job.provider?.profile.walletAddress ?? context.escrow };
			const txHash = await payOut(context, payer, amount);
			return receipts.add({ settlementType: "escrow_refund", subject: job.id, ...parties, amount, txHash });
		});
		job.status = "cancelled";
		job.cancelReason = reason ?? null;
		job.settlementReceiptId = receipt?.id;
		const refund = receipt && { receiptId: receipt.id, txHash: receipt.txHash };
		reply(response, { ok: true, refunded: receipt !== undefined, ...refund });
	});
}
