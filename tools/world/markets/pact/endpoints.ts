/** What can be called through the gateway, and the services behind it, which are functions here. */
/** What a service is asked; the gateway passes on method, path, query and body as they are. */
export interface UpstreamRequest {
	readonly method: string;
	/** From the slash after the endpoint's name, with the query. */
	readonly path: string;
	readonly body: Buffer;
}

export interface UpstreamAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | Buffer;
	/** How long the gateway is to think it took; nobody waits. */
	readonly latencyMs: number;
}

export interface Endpoint {
	readonly slug: string;
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
	readonly upstream: (request: UpstreamRequest) => UpstreamAnswer | "unreachable" | "timeout";
}

const json = (status: number, body: object, latencyMs = 40): UpstreamAnswer => ({
	status,
	headers: { "content-type": "application/json", "x-upstream": "quotes" },
	body: JSON.stringify(body),
	latencyMs,
});

/**
 * A service of stock quotes. `/quote/<symbol>`, `/echo`, `/big` (64 KiB) and `/slow` succeed; `/status/<code>` answers
 * that; `/unreachable` and `/timeout` do not; the rest is 404.
 */
function quotes({ method, path, body }: UpstreamRequest): UpstreamAnswer | "unreachable" | "timeout" {
	const [, operation, argument = ""] = path.split("?")[0]!.split("/");
	switch (operation) {
		case "quote":
			return json(200, { symbol: argument, price: "187.25" });
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

const quote: Endpoint = {
	slug: "dummy",
	network: "solana-mainnet",
	hostnames: ["dummy.pactnetwork.io"],
	premium: 1_000n,
	cover: 10_000n,
	slaMs: 1_200,
	upstream: quotes,
};

export const endpoints: readonly Endpoint[] = [
	quote,
	{ ...quote, slug: "helius", hostnames: ["api.helius.xyz"] },
	{ ...quote, slug: "helius", hostnames: ["api.helius.xyz"], network: "solana-devnet", premium: 500n },
	{ ...quote, slug: "base-data", hostnames: ["data.base.org"], network: "base-sepolia" },
	{ ...quote, slug: "paused", hostnames: ["paused.example.com"], paused: true },
	{ ...quote, slug: "unwritten", hostnames: ["unwritten.example.com"], unimplemented: true },
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
