/** A client of the local Pact Network Market, written with fetch and node:crypto alone. */
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { toBase58 } from "../../../../tools/world/markets/pact/base58.js";
import { startPact } from "../../../../tools/world/markets/pact/market.js";
import { bodyHash, signedText } from "../../../../tools/world/markets/pact/signature.js";

/** RFC 8032's first test key, and what it signs at 1700000000000 for `POST /v1/dummy/quote/AAPL?x=1`. */
export const vector = {
	seed: "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
	agent: "FVen3X669xLzsi6N2V91DoiyzHzg1uAgqiT8jZ9nS96Z",
	path: "/v1/dummy/quote/AAPL?x=1",
	timestamp: 1_700_000_000_000,
	nonce: "8DfbjXLth7APvt3qQPgtf",
	body: '{"limit":10}',
	bodyHash: "ca502dec04523cdc33afece69a9b600d5b9bd022d453791cc693b6b372f808ad",
	v1: "2Weu1qWbvB3iWAm4HaDvQYcEui9cLij6e5mfdA8RyMjKVLbLkGbZHAnJVkvue5UqvLmfXb3CYfhV887qvQs9iRQG",
	v2: "45oMHm81GqB65SnNyg5tuvZFzCvFJkGC6r4jJL9XxvaCT1Hue8wjNddVhs5Mqtx9PL2n2aFTrX1WZxp3d4JdCYnb",
};

export interface Answer {
	readonly status: number;
	readonly body: Readonly<Record<string, unknown>>;
	readonly headers: Headers;
}

export type HeaderFields = Readonly<Record<string, string | undefined>>;

export const uncompressed = "identity;q=1, *;q=0";

export async function call(url: string, method: string, headers: HeaderFields = {}, body?: string): Promise<Answer> {
	const given = Object.entries({ "accept-encoding": uncompressed, ...headers });
	const fields = given.filter((field): field is [string, string] => field[1] !== undefined);
	const init: RequestInit = { method, headers: Object.fromEntries(fields) };
	if (body !== undefined) init.body = body;
	const response = await fetch(url, init);
	const text = await response.text();
	return { status: response.status, body: text ? JSON.parse(text) : {}, headers: response.headers };
}

export const errorOf = ({ body }: Answer): unknown =>
	typeof body.error === "object" ? (body.error as { code: string }).code : body.error;
export const inWords = (answer: Answer): string => `${answer.status} ${errorOf(answer) ?? ""}`.trim();
export const pactHeaders = ({ headers }: Answer) =>
	Object.fromEntries([...headers].filter(([name]) => name.startsWith("x-pact-")));

export interface Signing {
	readonly version?: "v1" | "v2";
	readonly network?: string;
	/** Milliseconds from the market's time. */
	readonly offset?: number;
	readonly nonce?: string;
	/** Headers replaced, or left out, after signing. */
	readonly over?: HeaderFields;
}

/** A market with a beta key, and a funded agent that signs. */
export async function newMarket(t: { teardown(end: () => unknown): void }) {
	const market = await startPact();
	t.teardown(market.stop);
	market.clock.stopAt(1_800_000_000_000);
	const key = market.newKey();
	const { privateKey, publicKey } = generateKeyPairSync("ed25519");
	const agent = agentOf(publicKey);
	market.fund(agent, { balance: 100_000n, allowance: 50_000n });
	let nonces = 0;
	const signedHeaders = (method: string, path: string, body = "", signing: Signing = {}): HeaderFields => {
		const { version = "v2", network, over } = signing;
		const timestamp = String(market.clock.now() + (signing.offset ?? 0));
		const nonce = signing.nonce ?? `nonce-${++nonces}`;
		const signed = { method, path, network: network ?? "", timestamp, nonce, bodyHash: bodyHash(Buffer.from(body)) };
		return {
			authorization: `Bearer ${key}`,
			"x-pact-agent": agent,
			"x-pact-timestamp": timestamp,
			"x-pact-nonce": nonce,
			"x-pact-signature": toBase58(sign(null, Buffer.from(signedText(version, signed)), privateKey)),
			"x-pact-project": "a test",
			"x-pact-network": network,
			...over,
		};
	};
	const insured = (path: string, signing?: Signing): Promise<Answer> =>
		call(market.gateway.url + path, "GET", signedHeaders("GET", path, "", signing));
	const unsigned = (path: string, headers: HeaderFields = {}): Promise<Answer> =>
		call(market.gateway.url + path, "GET", { authorization: `Bearer ${key}`, ...headers });
	return { market, key, agent, signedHeaders, insured, unsigned };
}

export const agentOf = (key: KeyObject): string =>
	toBase58(Buffer.from(key.export({ format: "jwk" }).x as string, "base64url"));

/** A call that the service answers. */
export const path = "/v1/dummy/quote/AAPL?x=1";
