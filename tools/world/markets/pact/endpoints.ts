/**
 * The endpoints of the gateway, and the services behind them, which are functions here.
 *
 * Sources, all in pactnetwork/pact-monitor fdf317d:
 *
 * | here | there |
 * |---|---|
 * | `dummy`: premium, cover, latency; `/quote/:symbol` and its `?fail`, `?status`, `?latency`, `?body` | packages/db/seeds/dummy-endpoint.sql, packages/dummy-upstream/src/app.ts |
 * | `helius` on mainnet: premium, cover, latency | scripts/mainnet/endpoint-config.json |
 * | `helius`: calls that are insured, JSON-RPC errors inside a 200 | packages/market-proxy/src/endpoints/helius.ts and lib/classifiers.ts |
 * | hostnames | packages/market-proxy/src/lib/hostnames.ts |
 * | `base-data`, `paused`, `unwritten`, `unserved` | invented: each shows one refusal of routes/proxy.ts |
 */
/** A request to a service; the gateway forwards method, path, query and body unchanged. */
export interface UpstreamRequest {
	readonly method: string;
	/** Begins with the slash after the endpoint's name; includes the query. */
	readonly path: string;
	readonly body: Buffer;
}

export interface UpstreamAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
	/** The latency that the gateway is to assume; nobody waits. */
	readonly latencyMs: number;
}

export interface Endpoint {
	readonly slug: string;
	readonly displayName: string;
	readonly upstreamBase: string;
	readonly network: string;
	readonly hostnames: readonly string[];
	/** In micro-USDC, as all amounts. */
	readonly premium: bigint;
	/** Paid back beside the premium when the service fails. */
	readonly cover: bigint;
	/** An answer that takes longer is a breach. */
	readonly slaMs: number;
	readonly paused?: boolean;
	/** The gateway has no code for it: 501. */
	readonly unimplemented?: boolean;
	/** Its network is not enabled on the gateway: 503 in plain text. */
	readonly unserved?: boolean;
	/** Tells whether a request is insured; all are if not given. Another one is passed on as if it were unsigned. */
	readonly insures?: (request: UpstreamRequest) => boolean;
	/** Reads an answer's body: a failure in a 200 is refunded without its premium, a caller's mistake costs nothing. */
	readonly classifies?: (answer: UpstreamAnswer) => "server_error" | "client_error" | undefined;
	readonly upstream: (request: UpstreamRequest) => UpstreamAnswer | "unreachable" | "timeout";
}

const json = (status: number, body: object, latencyMs = 40): UpstreamAnswer => ({
	status,
	headers: { "content-type": "application/json", "x-upstream": "quotes" },
	body: JSON.stringify(body),
	latencyMs,
});

/** `GET /quote/:symbol` of the vendor's demonstration service: latency first, then status, failure, body, the quote. */
function quote(symbol: string, query: URLSearchParams): UpstreamAnswer {
	const about = { symbol: symbol.toUpperCase(), source: "pact-dummy-upstream", ts: Date.now() };
	const latencyMs = /^\d+$/.test(query.get("latency") ?? "") ? Math.min(Number(query.get("latency")), 10_000) : 40;
	const status = Number(query.get("status"));
	if (Number.isInteger(status) && status >= 200 && status <= 599) return json(status, { status, ...about }, latencyMs);
	if (query.get("fail") === "1") return json(503, { error: "upstream_unavailable", ...about }, latencyMs);
	const body = query.get("body");
	if (body !== null) return { status: 200, headers: { "content-type": "text/plain" }, body, latencyMs };
	return json(200, { ...about, price: "287.90", currency: "USD" }, latencyMs);
}

/**
 * The demonstration service of stock quotes, with more ways to fail than it has: `/echo`, `/big` (64 KiB) and `/slow`
 * succeed; `/status/<code>` answers that; `/unreachable` and `/timeout` do not; the rest is 404.
 */
function quotes({ method, path, body }: UpstreamRequest): UpstreamAnswer | "unreachable" | "timeout" {
	const { pathname, searchParams } = new URL(path, "http://upstream");
	const [, operation, argument = ""] = pathname.split("/");
	switch (operation) {
		case "quote":
			return quote(argument, searchParams);
		case "echo":
			return json(200, { method, path, body: body.toString() });
		case "big":
			return { ...json(200, {}), body: "0123456789abcdef".repeat(4096) };
		case "slow":
			return json(200, { symbol: "SLOW", price: "1.00" }, 5_000);
		case "status":
			return json(Number(argument), { error: `the service says ${argument}` });
		case "unreachable":
		case "timeout":
			return operation;
		default:
			return json(404, { error: "no such quote" });
	}
}

interface JsonRpc {
	readonly id?: number;
	readonly method?: string;
	readonly error?: { readonly code: number };
}

function jsonOf(body: string | Buffer): JsonRpc {
	try {
		return (JSON.parse(body.toString()) ?? {}) as JsonRpc;
	} catch {
		return {};
	}
}

/** A Solana node: `getBalance` succeeds, `sendTransaction` fails inside a 200, the rest is unknown to it. */
function node({ body }: UpstreamRequest): UpstreamAnswer {
	const { id = null, method } = jsonOf(body);
	const failed = (code: number, message: string) => json(200, { jsonrpc: "2.0", error: { code, message }, id });
	if (method === "getBalance") return json(200, { jsonrpc: "2.0", result: { context: { slot: 1 }, value: 0 }, id });
	return method === "sendTransaction" ? failed(-32_603, "Internal error") : failed(-32_601, "Method not found");
}

const INSURED_METHODS =
	/^(getAccountInfo|sendTransaction|getTransaction|getBalance|getSignatureStatuses|getProgramAccounts)$/;

const dummy: Endpoint = {
	slug: "dummy",
	displayName: "Pact Dummy Upstream (demo)",
	upstreamBase: "https://dummy.pactnetwork.io",
	network: "solana-mainnet",
	hostnames: ["dummy.pactnetwork.io"],
	premium: 1_000n,
	cover: 10_000n,
	slaMs: 2_000,
	upstream: quotes,
};

const helius: Endpoint = {
	slug: "helius",
	displayName: "Helius RPC",
	upstreamBase: "https://mainnet.helius-rpc.com",
	network: "solana-mainnet",
	hostnames: ["api.helius.xyz", "mainnet.helius-rpc.com"],
	premium: 1_000n,
	cover: 5_000n,
	slaMs: 1_500,
	upstream: node,
	insures: ({ body }) => INSURED_METHODS.test(jsonOf(body).method ?? ""),
	classifies: ({ body }) => {
		const code = jsonOf(body).error?.code;
		if (code === undefined) return undefined;
		return code === -32_603 || (code <= -32_000 && code >= -32_099) ? "server_error" : "client_error";
	},
};

export const endpoints: readonly Endpoint[] = [
	dummy,
	helius,
	{ ...helius, network: "solana-devnet", premium: 500n },
	{ ...dummy, slug: "base-data", hostnames: ["data.base.org"], network: "base-sepolia" },
	{ ...dummy, slug: "paused", hostnames: ["paused.example.com"], paused: true },
	{ ...dummy, slug: "unwritten", hostnames: ["unwritten.example.com"], unimplemented: true },
	{ ...dummy, slug: "unserved", hostnames: ["unserved.example.com"], unserved: true },
];

/** The networks that the indexer knows (packages/shared/src/chains.ts), some of them. */
export const networks: readonly string[] = [
	"arbitrum-sepolia",
	"base-mainnet",
	"base-sepolia",
	"solana-devnet",
	"solana-mainnet",
];

/**
 * True if a service may compress its answer for this `accept-encoding` (RFC 9110 §12.5.3). The gateway decompresses such
 * an answer and leaves its Content-Encoding as it was, so that a client must not let it: `identity;q=1, *;q=0`.
 */
export function allowsGzip(acceptEncoding: string | undefined): boolean {
	if (acceptEncoding === undefined) return true;
	const weights = new Map<string, number>();
	for (const each of acceptEncoding.split(",")) {
		const [coding = "", weight] = each.split(";").map((part) => part.trim().toLowerCase());
		weights.set(coding, weight === undefined ? 1 : Number(/^q=([\d.]+)$/.exec(weight)?.[1] ?? 0));
	}
	return (weights.get("gzip") ?? weights.get("*") ?? 0) > 0;
}
