/** Requests: work that a buyer asks for, bids, delivery and payment, with the money in escrow or paid at the end. */
import type { Express, Request, Response } from "express";
import { type Address, type Hex, parseAbi } from "viem";
import { usdc } from "../../chain.js";
import type { Agent } from "./agents.js";
import { charge } from "./charge.js";
import { type Context, countPublic } from "./context.js";
import { inCents, type Micros, ofCents } from "./money.js";
import { bool, cents, limitOf, Refusal, readFields, text } from "./refusal.js";
import { iso, reply, troubleAtWork } from "./shop/site.js";

/** How long a delivered request cannot be cancelled. */
const cancelAfterSeconds = 7 * 86_400;

export interface Bid {
	readonly id: string;
	readonly provider: Agent;
	readonly priceCents: number;
	readonly estimatedDurationSeconds?: number;
	readonly message?: string;
	status: "open" | "accepted";
}

export interface Job {
	readonly id: string;
	readonly buyer: Agent;
	readonly title: string;
	readonly description: string;
	readonly budgetMaxCents: number;
	readonly inputPayload: string | null;
	/** What is in escrow, and whose it was. */
	readonly escrow: { readonly amount: Micros; readonly payer: Address } | undefined;
	readonly bids: Bid[];
	provider: Agent | undefined;
	agreedPriceCents: number | null;
	status: "open" | "in_progress" | "fulfilled" | "approved" | "cancelled";
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
	const party = viewer !== undefined && (viewer === job.buyer || viewer === job.provider);
	return {
		id: job.id,
		title: job.title,
		description: job.description,
		budgetMaxCents: job.budgetMaxCents,
		agreedPriceCents: job.agreedPriceCents,
		escrow: job.escrow !== undefined,
		buyerId: job.buyer.id,
		providerId: job.provider?.id ?? null,
		inputPayload: job.inputPayload,
		outputPayload: variants.outputPayload === "public" || party ? job.outputPayload : null,
		status: job.status,
		fulfilledAt: job.fulfilledAt === undefined ? null : iso(job.fulfilledAt),
		cancelReason: job.cancelReason,
	};
};

const sayBid = ({ id, provider, priceCents, estimatedDurationSeconds, message, status }: Bid): object => ({
	id,
	providerId: provider.id,
	priceCents,
	estimatedDurationSeconds: estimatedDurationSeconds ?? null,
	message: message ?? null,
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

/** @throws {Refusal} 409 */
function expect(job: Job, ...states: readonly Job["status"][]): void {
	if (job.settling) throw new Refusal(409, "The request is settling");
	if (!states.includes(job.status)) throw new Refusal(409, `The request is ${job.status}`);
}

/** @throws {Refusal} 409 if it is already so */
async function whileSettling<T>(job: Job, work: () => Promise<T>): Promise<T> {
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
	const asBuyer = (request: OfJob): Job => {
		const self = agents.authenticate(request);
		const job = find(request);
		if (job.buyer !== self) throw new Refusal(403, "Only the buyer may do this");
		return job;
	};

	app.get("/api/v1/requests", (request, response) => {
		countPublic(context, request);
		const { status = "open", q = "" } = request.query as Record<string, string>;
		const found = jobs.filter(
			(job) => job.status === status && `${job.title} ${job.description}`.toLowerCase().includes(q.toLowerCase()),
		);
		reply(response, { requests: found.slice(0, limitOf(request)).map((job) => say(job, context)) });
	});

	app.get("/api/v1/requests/:id", (request, response) => {
		const viewer = agents.of(request);
		if (!viewer) countPublic(context, request);
		const job = find(request);
		reply(response, { request: say(job, context, viewer), bids: job.bids.map(sayBid) });
	});

	app.post("/api/v1/requests", async (request, response) => {
		const buyer = agents.authenticate(request);
		const sent = readFields<SentJob>(
			request,
			{ title: text, description: text, budgetMaxCents: cents },
			{ escrow: bool, inputPayload: text, providerId: text, agreedPriceCents: cents },
		);
		const { providerId, agreedPriceCents } = sent;
		if ((providerId === undefined) !== (agreedPriceCents === undefined))
			throw new Refusal(400, "providerId and agreedPriceCents go together");
		const provider = providerId === undefined ? undefined : agents.find(providerId);
		const escrow = sent.escrow ? await deposit(request, response, sent) : undefined;
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
			status: provider ? "in_progress" : "open",
			outputPayload: null,
			fulfilledAt: undefined,
			cancelReason: null,
			settling: false,
		};
		jobs.push(job);
		reply(response, { requestId: job.id, request: say(job, context, buyer) }, 201);
	});

	const deposit = async (request: Request, response: Response, sent: SentJob) => {
		const amount = ofCents(sent.agreedPriceCents ?? sent.budgetMaxCents);
		const description = `Escrow: ${sent.title}`;
		const { payer } = await charge(context, request, response, { amount, payTo: context.escrow, description });
		return { amount, payer };
	};

	app.post("/api/v1/requests/:id/bid", (request, response) => {
		const provider = agents.authenticate(request);
		const job = find(request);
		if (job.buyer === provider) throw new Refusal(403, "A buyer does not bid");
		const optional = { estimatedDurationSeconds: cents, message: text };
		const sent = readFields<Pick<Bid, "priceCents">>(request, { priceCents: cents }, optional);
		expect(job, "open");
		if (sent.priceCents > job.budgetMaxCents) throw new Refusal(400, "The bid exceeds the budget");
		const bid: Bid = { ...sent, id: `${job.id}-bid-${job.bids.length + 1}`, provider, status: "open" };
		job.bids.push(bid);
		reply(response, { bidId: bid.id, bid: sayBid(bid) }, 201);
	});

	app.post("/api/v1/requests/:id/accept", (request, response) => {
		const job = asBuyer(request);
		const { bidId } = readFields<{ bidId: string }>(request, { bidId: text });
		expect(job, "open");
		const bid = job.bids.find(({ id }) => id === bidId);
		if (!bid) throw new Refusal(404, "Bid not found");
		bid.status = "accepted";
		job.provider = bid.provider;
		job.agreedPriceCents = bid.priceCents;
		job.status = "in_progress";
		reply(response, { request: say(job, context, job.buyer) });
	});

	app.post("/api/v1/requests/:id/fulfill", (request, response) => {
		const self = agents.authenticate(request);
		const job = find(request);
		if (job.provider !== self) throw new Refusal(403, "Only the provider may do this");
		const { outputPayload } = readFields<{ outputPayload: string }>(request, { outputPayload: text });
		expect(job, "in_progress");
		job.outputPayload = outputPayload;
		job.status = "fulfilled";
		job.fulfilledAt = clock.now();
		reply(response, { request: say(job, context, self) });
	});

	/** The provider gets what was agreed, the payer what is left. */
	const release = async (job: Job, { amount, payer }: NonNullable<Job["escrow"]>) => {
		const seller = job.provider!.profile.walletAddress;
		const agreed = ofCents(job.agreedPriceCents!);
		const txHash = await payOut(context, seller, agreed);
		if (amount > agreed) await payOut(context, payer, amount - agreed);
		return receipts.add({ type: "escrow_release", subject: job.id, buyer: payer, seller, amount: agreed, txHash });
	};

	const payDirectly = async (job: Job, request: Request, response: Response) => {
		const seller = job.provider!.profile.walletAddress;
		const amount = ofCents(job.agreedPriceCents!);
		const what = { amount, payTo: seller, description: job.title };
		const { payer: buyer, txHash } = await charge(context, request, response, what);
		return receipts.add({ type: "direct", subject: job.id, buyer, seller, amount, txHash });
	};

	app.post("/api/v1/requests/:id/approve", async (request, response) => {
		const job = asBuyer(request);
		readFields(request, {});
		expect(job, "fulfilled");
		const receipt = await whileSettling(job, async () => {
			await troubleAtWork();
			return job.escrow ? release(job, job.escrow) : payDirectly(job, request, response);
		});
		job.status = "approved";
		const { id: receiptId, txHash } = receipt;
		reply(response, { request: say(job, context, job.buyer), receiptId, txHash });
	});

	app.post("/api/v1/requests/:id/cancel", async (request, response) => {
		const job = asBuyer(request);
		const { reason } = readFields<{ reason?: string }>(request, {}, { reason: text });
		expect(job, "open", "in_progress", "fulfilled");
		if (job.fulfilledAt !== undefined && clock.now() < job.fulfilledAt + cancelAfterSeconds * 1000)
			throw new Refusal(403, "A fulfilled request cannot be cancelled within 7 days");
		const receipt = await whileSettling(job, async () => {
			await troubleAtWork();
			if (!job.escrow) return undefined;
			const { amount, payer } = job.escrow;
			const parties = { buyer: payer, seller: job.provider?.profile.walletAddress ?? context.escrow };
			const txHash = await payOut(context, payer, amount);
			return receipts.add({ type: "escrow_refund", subject: job.id, ...parties, amount, txHash });
		});
		job.status = "cancelled";
		job.cancelReason = reason ?? null;
		const refund = receipt && { receiptId: receipt.id, txHash: receipt.txHash, refundedCents: inCents(receipt.amount) };
		reply(response, { request: say(job, context, job.buyer), ...refund });
	});
}
