/**
 * AgentPMT's external API: tools called with credits or paid directly by x402, workflows, jobs and schedules. A wallet is
 * the account: its key signs, there are no API keys but for schedules.
 *
 * Two documents describe it. The newer reference is the default; the older one has another way to call a tool and to pay.
 * A client speaks one of the two dialects, never both.
 *
 * @example
 * const market = new AgentPmt(means, { slot: 0 });
 * for await (const offer of market.find("weather")) show(offer);
 * await market.buy({ offer: "weather/forecast", input: '{"place":"Kiel"}' }, payers, deliver);
 */

import type { Deliver, Outcome } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers, Offer } from "../market.js";
import { Api } from "./api.js";
import { Credits } from "./credits.js";
import { AgentPmtError } from "./errors.js";
import { Jobs } from "./jobs.js";
import { type JsonObject, objectIn } from "./parameters.js";
import { Schedules } from "./schedules.js";
import { Tools } from "./tools.js";
import { Workflows } from "./workflows.js";

export interface AgentPmtOptions {
	/** The slot of the secp256k1 key whose address is the wallet at the market. */
	readonly slot: number;
	/** Scheme, host and port, if not https://www.agentpmt.com. */
	readonly host?: string;
	/** "newer", if not given. */
	readonly dialect?: "newer" | "older";
	/** What credits are paid with: USDC on Base (8453), if not given. */
	readonly chainId?: number;
	readonly token?: "USDC" | "EURC";
	/** The address that pays for credits, where it is not the wallet's own. */
	readonly payer?: string;
	/** Credentials for this run, by tool (its slug, or id in the older dialect). Secrets. */
	readonly credentials?: Readonly<Record<string, JsonObject>>;
	/** The bearer token of the account that the schedules belong to. A secret. */
	readonly account?: string;
	/** The longest element of a list, in bytes: 8,192, if not given. */
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
 * | `weather/forecast` | a call, charged to the balance |
 * | `x402:weather/forecast` | a call, paid on the spot |
 * | `credits:1000` | credits, paid by x402; the input may have an `email` |
 * | `65f0…`, in the older dialect | a call of the product with this id, charged to the balance |
 */
export class AgentPmt implements Market {
	readonly name = "agentpmt";
	readonly credits: Credits;
	readonly tools: Tools;
	readonly workflows: Workflows;
	readonly jobs: Jobs;
	readonly schedules: Schedules;
	readonly #api: Api;
	readonly #dialect: "newer" | "older";
	readonly #credentials: Readonly<Record<string, JsonObject>>;

	constructor(means: MarketDeps, options: AgentPmtOptions) {
		const { slot, host = HOST, dialect = "newer", chainId = BASE, token = "USDC", payer } = options;
		const { itemBytes = ITEM_BYTES, account = "", credentials = {} } = options;
		const paymentHeader = dialect === "newer" ? "X-PAYMENT" : "PAYMENT-SIGNATURE";
		this.#api = new Api(means, host, slot);
		this.#dialect = dialect;
		this.#credentials = credentials;
		this.credits = new Credits(this.#api, { dialect, paymentHeader, chainId, token, payer });
		this.tools = new Tools(this.#api, this.credits, { dialect, paymentHeader, itemBytes });
		this.workflows = new Workflows(this.#api, itemBytes);
		this.jobs = new Jobs(this.#api, itemBytes);
		this.schedules = new Schedules(this.#api, itemBytes, account);
	}

	/** The wallet at the market: the address of the slot's key, lower case. Throws `SignerError` `KeyMissing`. */
	get wallet(): string {
		return this.#api.wallet;
	}

	/**
	 * A key for the empty slot of this client; its address is a wallet at the market, which need not be told. The market
	 * offers to make keys as well (POST /external/agentaddress), and a device does not take them: one would have been on the
	 * market's machines, on the way and in this one's memory. An owner who wants such a wallet has it fetched on the host,
	 * and imports its key. Throws `SignerError` `SlotTaken`.
	 */
	createWallet(): string {
		this.#api.means.keys.create(this.#api.slot, "secp256k1");
		return this.#api.wallet;
	}

	async *find(query: string): AsyncGenerator<Offer, void> {
		for await (const tool of this.tools.list({ query })) {
			if (this.#dialect === "older") yield { id: tool.id, name: tool.name, price: undefined };
			else {
				for (const { slug, name, credits } of tool.actions) {
					yield { id: `${tool.slug}/${slug}`, name: `${tool.name}: ${name}`, price: dollars(credits) };
				}
			}
		}
	}

	/** Throws `AgentPmtError` `NotFound`, `OfferInvalid`, and as a list does. */
	async quote(offer: string): Promise<Offer> {
		const { kind, rest } = kindOf(offer);
		if (kind === "credits") return { id: offer, name: `${rest} AgentPMT credits`, price: dollars(packOf(rest)) };
		const { name, credits } = await this.tools.price(rest);
		return { id: offer, name, price: dollars(credits) };
	}

	buy({ offer, input }: MarketOrder, { x402, account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		const { kind, rest } = kindOf(offer);
		if (kind === "credits") return this.credits.purchase({ credits: packOf(rest), ...mailIn(input) }, x402, deliver);
		const given = { parameters: input, credentials: this.#credentialsOf(rest) };
		if (kind === "x402") return this.tools.invokeDirectly(rest, given, x402, deliver);
		return this.tools.invoke(rest, given, account, deliver);
	}

	/** A tool is given its own credentials and no other's. */
	#credentialsOf(offer: string): JsonObject | undefined {
		const tool = offer.split("/")[0]!;
		return Object.hasOwn(this.#credentials, tool) ? this.#credentials[tool] : undefined;
	}
}

function kindOf(offer: string): { readonly kind: "call" | "credits" | "x402"; readonly rest: string } {
	const colon = offer.indexOf(":");
	const kind = colon < 0 ? "call" : offer.slice(0, colon);
	if (kind === "call" || kind === "credits" || kind === "x402") return { kind, rest: offer.slice(colon + 1) };
	throw new AgentPmtError(
		"OfferInvalid",
		`expected tool/action, x402:tool/action or credits:500, got ${JSON.stringify(offer)}`,
	);
}

function packOf(text: string): number {
	if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
	throw new AgentPmtError("OfferInvalid", `expected credits: and a number of them, got ${JSON.stringify(text)}`);
}

function mailIn(input: string): { readonly email?: string } {
	if (input === "") return {};
	const { email, ...others } = objectIn(input);
	if (Object.keys(others).length === 0 && typeof email === "string") return { email };
	throw new AgentPmtError("ParametersInvalid", 'expected "" or an object with an email as the input of credits');
}

/** 100 credits are one dollar. */
function dollars(credits: number | undefined): string | undefined {
	return credits === undefined ? undefined : String(credits / 100);
}
