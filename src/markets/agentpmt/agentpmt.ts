/**
 * Buys at AgentPMT: tool calls charged to a balance of credits or paid by x402, and credits. The account is a wallet whose
 * key signs the requests; there are no API keys. `operations/` has what no plan reaches.
 *
 * The market has two documents. The newer reference is the default; the older one calls tools and pays for credits
 * in another way. A client speaks one of these dialects, never both.
 *
 * @example
 * const market = new AgentPmt(deps, { slot: 0 });
 * await market.buy({ offer: "rss-reader/read", input: '{"feed_url":"https://example.com/feed"}' }, payers, deliver);
 */

import type { Deliver, Outcome } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers } from "../market.js";
import { Api } from "./api.js";
import { Credits } from "./credits.js";
import { AgentPmtError } from "./errors.js";
import { type JsonObject, objectIn } from "./parameters.js";
import { Tools } from "./tools.js";

export interface AgentPmtOptions {
	/** The slot of the secp256k1 key whose address is the wallet at the market. */
	readonly slot: number;
	/** Scheme, host and port; https://www.agentpmt.com by default. */
	readonly host?: string;
	/** "newer" by default. */
	readonly dialect?: "newer" | "older";
	/** The chain and token that pay for credits; USDC on Base (8453) by default. */
	readonly chainId?: number;
	readonly token?: "USDC" | "EURC";
	/** The address that pays for credits, if it is not the wallet's own. */
	readonly payer?: string;
	/** Credentials for this run, by tool (its slug, or its id in the older dialect). Secrets. */
	readonly credentials?: Readonly<Record<string, JsonObject>>;
	/** The bearer token of the account that owns the schedules. A secret. */
	readonly account?: string;
	/** The limit on an element of a list, in bytes; 8,192 by default. */
	readonly itemBytes?: number;
}

const HOST = "https://www.agentpmt.com";
const BASE = 8_453;
const ITEM_BYTES = 8_192;

/**
 * Offers, as plans name them:
 *
 * | offer | what is bought |
 * |---|---|
 * | `rss-reader/read` | a call, charged to the balance |
 * | `x402:infrastructure-urban-development/query-infrastructure-data` | a call, paid by x402 |
 * | `credits:1000` | credits, paid by x402; the input may have an `email` |
 * | `65f0…`, in the older dialect | a call of the product with this id, charged to the balance |
 */
export class AgentPmt implements Market {
	readonly name = "agentpmt";
	readonly credits: Credits;
	readonly tools: Tools;
	protected readonly api: Api;
	readonly #credentials: Readonly<Record<string, JsonObject>>;

	constructor(deps: MarketDeps, options: AgentPmtOptions) {
		const { slot, host = HOST, dialect = "newer", chainId = BASE, token = "USDC", payer } = options;
		const { itemBytes = ITEM_BYTES, credentials = {} } = options;
		const paymentHeader = dialect === "newer" ? "X-PAYMENT" : "PAYMENT-SIGNATURE";
		this.api = new Api(deps, host, slot);
		this.#credentials = credentials;
		this.credits = new Credits(this.api, { dialect, paymentHeader, chainId, token, payer });
		this.tools = new Tools(this.api, this.credits, { dialect, paymentHeader, itemBytes });
	}

	/** The wallet at the market: the address of the slot's key, lower case. Throws `SignerError` `KeyMissing`. */
	get wallet(): string {
		return this.api.wallet;
	}

	buy({ offer, input }: MarketOrder, { x402, account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		const { kind, rest } = parseOffer(offer);
		if (kind === "credits") return this.credits.purchase({ credits: packOf(rest), ...mailIn(input) }, x402, deliver);
		const given = { parameters: input, credentials: this.#credentialsOf(rest) };
		if (kind === "x402") return this.tools.invokeDirectly(rest, given, x402, deliver);
		return this.tools.invoke(rest, given, account, deliver);
	}

	/** Returns the tool's own credentials, and no other tool's. */
	#credentialsOf(offer: string): JsonObject | undefined {
		const tool = offer.split("/")[0]!;
		return Object.hasOwn(this.#credentials, tool) ? this.#credentials[tool] : undefined;
	}
}

/** Throws `AgentPmtError` `OfferInvalid`. */
export function parseOffer(offer: string): { readonly kind: "call" | "credits" | "x402"; readonly rest: string } {
	const colon = offer.indexOf(":");
	const kind = colon < 0 ? "call" : offer.slice(0, colon);
	if (kind === "call" || kind === "credits" || kind === "x402") return { kind, rest: offer.slice(colon + 1) };
	throw new AgentPmtError(
		"OfferInvalid",
		`expected tool/action, x402:tool/action or credits:500, got ${JSON.stringify(offer)}`,
	);
}

/** Returns the number of credits in a pack's offer. Throws `AgentPmtError` `OfferInvalid`. */
export function packOf(text: string): number {
	if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
	throw new AgentPmtError("OfferInvalid", `expected credits: and their number, got ${JSON.stringify(text)}`);
}

function mailIn(input: string): { readonly email?: string } {
	if (input === "") return {};
	const { email, ...others } = objectIn(input);
	if (Object.keys(others).length === 0 && typeof email === "string") return { email };
	throw new AgentPmtError("ParametersInvalid", 'expected "" or an object with an email as the input of credits');
}
