/**
 * The rest of AgentPMT's external API: operations that no plan and no console command reaches. Not in a firmware's image.
 *
 * @example
 * const market = new AgentPmtOperations(deps, { slot: 0 });
 * for await (const offer of market.find("weather")) show(offer);
 */
import * as units from "../../../../modules/encoding/units.js";
import type { MarketDeps } from "../../market.js";
import { AgentPmt, type AgentPmtOptions, packOf, parseOffer } from "../agentpmt.js";
import { claim } from "./claim.js";
import { Jobs } from "./jobs.js";
import { Schedules } from "./schedules.js";
import { Workflows } from "./workflows.js";

/** An offer of the market. */
export interface Offer {
	/** The id that plans use. */
	readonly id: string;
	readonly name: string;
	/** US dollars; `undefined` if the market's list has no price. */
	readonly price: string | undefined;
}

const ITEM_BYTES = 8_192;
/** 100 credits are one dollar. */
const CREDIT_DECIMALS = 2;

export class AgentPmtOperations extends AgentPmt {
	readonly workflows: Workflows;
	readonly jobs: Jobs;
	readonly schedules: Schedules;
	readonly #dialect: "newer" | "older";

	constructor(deps: MarketDeps, options: AgentPmtOptions) {
		super(deps, options);
		const { dialect = "newer", itemBytes = ITEM_BYTES, account = "" } = options;
		this.#dialect = dialect;
		this.workflows = new Workflows(this.api, itemBytes);
		this.jobs = new Jobs(this.api, itemBytes);
		this.schedules = new Schedules(this.api, itemBytes, account);
	}

	/**
	 * Creates a key in this client's empty slot; its address is a new wallet at the market, which needs no registration. The
	 * market can also create keys itself (POST /external/agentaddress). A device never uses that: such a key has been on the
	 * market's machines and in transit. `npm run console` fetches and imports one for an owner who wants it. Throws
	 * `SignerError` `SlotTaken`.
	 */
	createWallet(): string {
		this.api.deps.keys.create(this.api.slot, "secp256k1");
		return this.api.wallet;
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

	/** Returns an offer with its price. Throws `AgentPmtError` `NotFound`, `OfferInvalid`, and what a list throws. */
	async quote(offer: string): Promise<Offer> {
		const { kind, rest } = parseOffer(offer);
		if (kind === "credits") return { id: offer, name: `${rest} AgentPMT credits`, price: dollars(packOf(rest)) };
		const { name, credits } = await this.tools.price(rest);
		return { id: offer, name, price: dollars(credits) };
	}

	/** Claims the credits that a transaction on the chain has paid for, whoever sent it. Costs nothing itself. */
	claim(order: Parameters<typeof claim>[2], transactionHash: string) {
		return claim(this.api, this.credits, order, transactionHash);
	}
}

function dollars(credits: number | undefined): string | undefined {
	return credits === undefined ? undefined : units.formatDigits(String(credits), CREDIT_DECIMALS);
}
