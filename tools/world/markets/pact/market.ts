/**
 * A local Pact Network Market: the gateway and the indexer, each on a free port of the loopback interface.
 *
 * | operation                                 | checked                                                            | source (pactnetwork/pact-monitor fdf317d) |
 * |-------------------------------------------|--------------------------------------------------------------------|---|
 * | any `/v1/<endpoint>/<path>`               | see `gateway.ts` and `signature.ts`                                | |
 * | GET `/v1/agents/:key`                     | a key without an account is `no_ata`                               | market-proxy/src/routes/agents.ts |
 * | GET `/v1/calls/:id`                       | 400 if `id` is no UUID of version 4, 404 until settled             | market-proxy/src/routes/calls.ts |
 * | GET `/.well-known/endpoints`              | no premiums; an endpoint without hostnames is left out             | market-proxy/src/routes/well-known.ts |
 * | indexer GET `/api/endpoints?network=`     | premiums; 400 for a network that it does not know                  | indexer/src/api/endpoints.controller.ts |
 * | indexer GET `/api/endpoints/:slug`        | likewise, and 404; devnet if no network is given                   | indexer/src/lib/network-filter.ts |
 * | indexer GET `/api/calls/:id?network=`     | likewise; 404 until settled, and on another network                | indexer/src/api/calls.controller.ts |
 *
 * @example
 * const market = await startPact();
 * const key = market.newKey();
 * market.fund(agent, { balance: 1_000_000n, allowance: 1_000_000n });
 * // … the device calls `${market.gateway.url}/v1/dummy/status/503` …
 * market.settle();
 * // … and finds its refund at `${market.indexer.url}/api/calls/<id>?network=solana-mainnet`
 */
import { createHash } from "node:crypto";
import express, { type Express, type Request, type Response } from "express";
import { record, type SeenRequest, type Served, serve } from "../../requests.js";
import { secret } from "../../secret_log.js";
import { Clock } from "../clock.js";
import { Script, type Step } from "../script.js";
import { type Agent, type Call, Calls } from "./calls.js";
import { type Endpoint, endpoints, networks } from "./endpoints.js";
import { proxy } from "./gateway.js";
import { type RefusalName, refusalBody, refusals } from "./refusals.js";
import { SignatureCheck } from "./signature.js";
import type { PactVariant } from "./variant.js";

/** A server of the market, which can be told what to do with its next requests. */
export interface Part extends Served {
	readonly script: Script;
}

export interface PactMarket {
	readonly gateway: Part;
	readonly indexer: Part;
	readonly variant: PactVariant;
	/** The clock of timestamps and nonces. */
	readonly clock: Clock;
	/** The endpoints; may be changed. */
	readonly endpoints: Endpoint[];
	/** A beta key, good for so many calls. */
	newKey(calls?: number): string;
	/** Sets the number of calls that the key has left. */
	limit(key: string, calls: number): void;
	revoke(key: string): void;
	/** Every beta key given out so far: none may be in a log. */
	secrets(): string[];
	/** Gives an agent (base58, or 0x in any case) an account and an allowance, in micro-USDC. */
	fund(agent: string, funds: Agent): void;
	/** Returns an agent's funds. */
	funds(agent: string): Agent | undefined;
	/** The insured calls so far. */
	calls(): Call[];
	/** The settler runs: premiums and refunds are posted; `unsigned`, before their transaction is known. */
	settle(options?: { readonly unsigned?: boolean }): void;
	/** A step for `script`: one of the gateway's own refusals, in the dialect of now. */
	refusal(name: RefusalName, headers?: Readonly<Record<string, string>>): Step;
	/** Closes all connections. May be called again. */
	stop(): Promise<void>;
}

/** Addresses are told apart without regard to case, keys with it. */
const agentName = (agent: string): string => (agent.startsWith("0x") ? agent.toLowerCase() : agent);

const DEVNET = "solana-devnet";

/** An exception in the form of NestJS. */
const notFound = (message: string) => ({ message, error: "Not Found", statusCode: 404 });

/** The network of a query, "" for none; `undefined` if the indexer does not know it, which has then been answered. */
function networkOf(request: Request, response: Response): string | undefined {
	const { network = "" } = request.query as { network?: string };
	if (network === "" || networks.includes(network)) return network;
	const message = `Unknown network "${network}". Known: ${networks.join(", ")}`;
	response.status(400).json({ message, error: "Bad Request", statusCode: 400 });
	return undefined;
}

function viewOf({ network, slug, premium, slaMs, cover, paused = false, upstreamBase, displayName }: Endpoint) {
	const registered = "2026-05-05T00:00:00.000Z";
	return {
		...{ network, slug, flatPremiumLamports: String(premium), percentBps: 0, slaLatencyMs: slaMs },
		...{ imputedCostLamports: String(cover), exposureCapPerHourLamports: "1000000", paused, upstreamBase },
		...{ displayName, logoUrl: null, registeredAt: registered, lastUpdated: registered, pool: null, feeRecipients: [] },
	};
}

function indexer(calls: Calls, all: readonly Endpoint[]): Express {
	const app = express();
	app.get("/api/endpoints", (request, response) => {
		const network = networkOf(request, response);
		if (network === undefined) return;
		response.json(all.filter((each) => network === "" || each.network === network).map(viewOf));
	});
	app.get("/api/endpoints/:slug", (request, response) => {
		const network = networkOf(request, response);
		if (network === undefined) return;
		const { slug } = request.params;
		const found = all.find((each) => each.slug === slug && each.network === (network || DEVNET));
		response.status(found ? 200 : 404).json(found ? viewOf(found) : notFound(`Endpoint not found: ${slug}`));
	});
	app.get("/api/calls/:id", (request, response) => {
		const network = networkOf(request, response);
		if (network === undefined) return;
		const found = calls.view(request.params.id, network || DEVNET);
		response.status(found ? 200 : 404).json(found ?? notFound(`Call not found: ${request.params.id}`));
	});
	return app;
}

const UUID_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;

function lookups(app: Express, calls: Calls, all: readonly Endpoint[]): void {
	app.get("/v1/calls/:id", (request, response) => {
		if (!UUID_4.test(request.params.id)) {
			response.status(400).json({ error: "invalid call id" });
			return;
		}
		const found = calls.view(request.params.id);
		response.status(found ? 200 : 404).json(found ?? { error: "call not found" });
	});
	app.get("/v1/agents/:key", (request, response) => {
		const agent = agentName(request.params.key);
		const { balance, allowance } = calls.agents.get(agent) ?? { balance: 0n, allowance: 0n };
		const reason = calls.cannotPay(agent, 1n);
		const amounts = { ata_balance_lamports: String(balance), allowance_lamports: String(allowance) };
		response.json({ pubkey: request.params.key, reason, ...amounts, eligible: reason === undefined });
	});
	app.get("/.well-known/endpoints", (_request, response) => {
		// A premium in basis points, of a price that nobody names; the flat one is the indexer's.
		const list = all.filter(({ hostnames }) => hostnames.length > 0);
		const viewed = list.map(({ slug, network, hostnames, paused = false }) => {
			return { slug, network, hostnames, premiumBps: 0, paused };
		});
		response.json({ cacheTtlSec: 3600, endpoints: viewed });
	});
}

/** Serves `app` behind what notes requests and what the script does with them. */
async function servePart(app: Express): Promise<Part> {
	const requests: SeenRequest[] = [];
	const script = new Script();
	const outer = express().disable("x-powered-by").disable("etag");
	outer.use(express.raw({ type: () => true, limit: "1mb", inflate: false }));
	outer.use(record(requests, "x-pact-signature"), script.middleware, app);
	return { ...(await serve(outer, requests)), script };
}

export async function startPact(): Promise<PactMarket> {
	const clock = new Clock();
	const now = () => clock.now();
	const calls = new Calls(now);
	const keys = new Map<string, number>();
	const issued: string[] = [];
	const all = [...endpoints];
	const variant: PactVariant = {
		errors: "guide",
		headers: "guide",
		unsigned: "uninsured",
		signatures: ["v2", "v1"],
	};
	const app = express().disable("etag");
	lookups(app, calls, all);
	const front = { variant, endpoints: all, calls, signatures: new SignatureCheck(now), keys };
	app.all("/v1/*path", (request, response) => proxy(front, request, response));
	const gateway = await servePart(app);
	const index = await servePart(indexer(calls, all));
	return {
		gateway,
		indexer: index,
		variant,
		clock,
		endpoints: all,
		newKey: (calls = Number.POSITIVE_INFINITY) => {
			const key = `pact_beta_${createHash("sha256").update(`key ${issued.length}`).digest("hex").slice(0, 32)}`;
			issued.push(secret(key));
			keys.set(key, calls);
			return key;
		},
		limit: (key, calls) => {
			keys.set(key, calls);
		},
		revoke: (key) => {
			keys.delete(key);
		},
		secrets: () => [...issued],
		fund: (agent, funds) => {
			calls.agents.set(agentName(agent), { ...funds });
		},
		funds: (agent) => calls.agents.get(agentName(agent)),
		calls: () => calls.all(),
		settle: (options) => calls.settle(options),
		refusal: (name, headers = {}) => {
			const body = refusalBody(name, variant.errors, calls.nextId());
			return { name: "answer", status: refusals[name].status, headers, body };
		},
		stop: async () => {
			await Promise.all([gateway.stop(), index.stop()]);
		},
	};
}
