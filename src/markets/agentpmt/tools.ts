/** Lists the market's tools page by page, and calls their actions: with credits, or paid directly by x402. */
import * as canonicalJson from "../../../modules/encoding/json/canonical.js";
import { redacted } from "../../http/shown.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Purchase } from "../../wallet/purchase.js";
import { buy, type Deliver, type Outcome } from "../../x402/client.js";
import { objectOf } from "../kit/fields.js";
import { elements, walk } from "../kit/pages.js";
import { jsonRequest, queryOf } from "../kit/request.js";
import { ENVELOPE, numberAt, textAt } from "./answer.js";
import { type Api, type SignedRequest, segment } from "./api.js";
import type { Credits } from "./credits.js";
import { AgentPmtError } from "./errors.js";
import { Invocation } from "./invocation.js";
import { type Input, type Parameters, readParameters } from "./parameters.js";
import type { Row } from "./refusals.js";
import { MarketPayer, x402Dialect } from "./x402_payment.js";

export interface Action {
	readonly slug: string;
	readonly name: string;
	/** The price of a call; `undefined` if the list has none. */
	readonly credits: number | undefined;
}

export interface Tool {
	/** The id that the older dialect uses. */
	readonly id: string;
	/** The name that the newer dialect uses. */
	readonly slug: string;
	readonly name: string;
	readonly description: string;
	readonly actions: readonly Action[];
}

export interface ToolQuery {
	readonly query?: string;
	/** Names, comma-separated. */
	readonly categories?: string;
	/** By default 100; at most 1,000. */
	readonly pageSize?: number;
}

export interface ToolOptions {
	readonly dialect: "newer" | "older";
	readonly paymentHeader: string;
	readonly itemBytes: number;
}

const LIST = Object.freeze({
	member: "tools",
	envelope: ENVELOPE,
	names: Object.freeze([
		...["product_id", "id", "_id", "slug", "product_slug", "name", "title", "description"],
		...["actions", "action_slug", "credits", "credit_cost", "price_credits", "pagination", "next_page"],
	]),
});
const REFUSALS: readonly Row[] = Object.freeze([
	{
		status: 409,
		name: "ActionAmbiguous",
		advice: "several actions have this slug: ask the vendor to name one differently",
	},
]);

export class Tools {
	readonly #api: Api;
	readonly #credits: Credits;
	readonly #options: ToolOptions;

	constructor(api: Api, credits: Credits, options: ToolOptions) {
		this.#api = api;
		this.#credits = credits;
		this.#options = options;
	}

	/** GET /external/tools, page by page. Throws `AgentPmtError`, `ItemsError`, `HttpError`. */
	list({ query, categories, pageSize }: ToolQuery = {}): AsyncGenerator<Tool, void> {
		const shape = { ...LIST, itemBytes: this.#options.itemBytes };
		const api = this.#api;
		return walk(api.deps.clock, 1, async function* (page: number): AsyncGenerator<Tool, number | undefined, void> {
			const path = `/external/tools${queryOf({ query, categories, page, page_size: pageSize })}`;
			const list = elements(await api.ask({ method: "GET", path, repeat: "always" }), shape);
			let next = await list.next();
			try {
				for (; next.done !== true; next = await list.next()) yield toolOf(next.value);
			} finally {
				await list.return({});
			}
			const following = objectOf(next.value.pagination).next_page;
			return typeof following === "number" && following > page ? following : undefined;
		});
	}

	/**
	 * Returns the most that an offer costs in credits: `tool/action`, or a product's id in the older dialect. `undefined` if
	 * the list has no price. Throws `AgentPmtError` `NotFound`, and what `list` throws.
	 */
	async price(offer: string): Promise<{ readonly name: string; readonly credits: number | undefined }> {
		const [slug, action] = this.#parts(offer);
		// A search for the slug's words usually finds it on the first page; the whole list always does.
		const queries = action === undefined ? [""] : [slug.replaceAll("-", " "), ""];
		for (const query of queries) {
			for await (const tool of this.list({ query })) {
				if ((action === undefined ? tool.id : tool.slug) !== slug) continue;
				const actions = tool.actions.filter((each) => action === undefined || each.slug === action);
				if (actions.length > 0) return { name: tool.name, credits: dearest(actions) };
			}
		}
		throw new AgentPmtError("NotFound", `the market has no tool ${offer}: look it up in its list`);
	}

	/**
	 * POST /external/tools/{product}/actions/{action}/invoke, or the older /external/tools/{product}/invoke: signed, and
	 * charged to the balance. Resumes a call that a restart interrupted. Before anything that costs money has left, throws the
	 * error that stopped it; after that the outcome says what is known.
	 */
	async invoke(offer: string, input: Input, account: AccountCharge, deliver: Deliver): Promise<Outcome> {
		const parameters = readParameters(input);
		const call = {
			offer,
			signed: this.#signed(offer, parameters),
			price: async () => (await this.price(offer)).credits,
		};
		return new Invocation(this.#api, this.#credits, call, account, deliver).run();
	}

	/**
	 * Calls the newer path and pays by x402: the parameters are the body, with the same bytes in each request. Throws as `buy`
	 * of x402 does.
	 */
	async invokeDirectly(offer: string, input: Input, purchase: Purchase, deliver: Deliver): Promise<Outcome> {
		const [product, action] = this.#parts(offer);
		if (action === undefined || input.workflowSession !== undefined) {
			throw new AgentPmtError(
				"OfferInvalid",
				"only tool/action of the newer dialect, outside workflow sessions, can be paid by x402: use credits",
			);
		}
		const { value, secrets } = readParameters(input);
		const path = pathOf(product, action);
		const request = jsonRequest("POST", this.#api.url(path), JSON.stringify(value));
		const dialect = x402Dialect(this.#api, { path, secrets, refusals: REFUSALS }, this.#options.paymentHeader);
		const outcome = await buy(this.#api.deps, request, new MarketPayer(purchase), deliver, dialect);
		return { ...outcome, detail: redacted(outcome.detail, secrets) };
	}

	#signed(offer: string, { value, secrets }: Parameters): SignedRequest {
		const [product, action] = this.#parts(offer);
		const payload = canonicalJson.encode(value);
		const shared = {
			payload,
			members: `"parameters":${payload}`,
			secrets,
			refusals: REFUSALS,
			repeat: "never",
		} as const;
		if (action === undefined) {
			return { ...shared, path: `/external/tools/${product}/invoke`, subject: { action: "invoke", product } };
		}
		const path = pathOf(product, action);
		return { ...shared, path, subject: { method: "POST", path } };
	}

	/**
	 * Splits an offer into product and action. Each dialect names calls in its own way; they are never mixed. Throws
	 * `OfferInvalid`, `IdInvalid`.
	 */
	#parts(offer: string): readonly [product: string, action: string | undefined] {
		const [product = "", action, ...more] = offer.split("/");
		const isNewer = this.#options.dialect === "newer";
		if (more.length > 0 || (action !== undefined) !== isNewer) {
			const expected = isNewer ? "tool/action" : "a product's id";
			throw new AgentPmtError("OfferInvalid", `expected ${expected} in this dialect, got ${JSON.stringify(offer)}`);
		}
		return [segment(product), action === undefined ? undefined : segment(action)];
	}
}

function pathOf(product: string, action: string): string {
	return `/external/tools/${product}/actions/${action}/invoke`;
}

function dearest(actions: readonly Action[]): number | undefined {
	let most = 0;
	for (const { credits } of actions) {
		if (credits === undefined) return undefined;
		most = Math.max(most, credits);
	}
	return most;
}

/** Reads the fields under their likely names, since no document names them. */
function toolOf(item: unknown): Tool {
	const { actions } = objectOf(item);
	return {
		id: textAt(item, "product_id", "id", "_id"),
		slug: textAt(item, "slug", "product_slug"),
		name: textAt(item, "name", "title"),
		description: textAt(item, "description"),
		actions: Array.isArray(actions) ? actions.map(actionOf) : [],
	};
}

function actionOf(item: unknown): Action {
	return {
		slug: textAt(item, "slug", "action_slug"),
		name: textAt(item, "name"),
		credits: numberAt(item, "credits", "credit_cost", "price_credits"),
	};
}
