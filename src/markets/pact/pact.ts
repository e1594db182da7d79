/**
 * Pact Network Market: calls of paid services through a gateway that insures them. A failed or slow call is paid back.
 *
 * | operation | method |
 * |---|---|
 * | any method `/v1/<endpoint>/<path>` | `call`, `buy` |
 * | GET `/.well-known/endpoints` | `endpoints`, `find`, `quote` |
 * | GET `/v1/agents/:key` | `agent` |
 * | indexer GET `/api/calls/:id`, GET `/v1/calls/:id` | `callRecord`, `refund` |
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { AccountCharge } from "../../wallet/account_charge.js";
import type { Deliver, Outcome } from "../../x402/client.js";
import type { Market, MarketDeps, MarketOrder, MarketPayers, Offer } from "../market.js";
import { Call } from "./call.js";
import { PactError } from "./errors.js";
import {
	type AgentFunds,
	agentFunds,
	type CallRecord,
	callRecord,
	type Endpoint,
	endpoints,
	follow,
} from "./lookups.js";
import type { PactRequest } from "./request.js";
import { type PactOptions, type PactSettings, settingsOf } from "./settings.js";
import { agentOf, type SignatureVersion } from "./signature.js";

/** Before an offer that is not to be signed. */
const UNINSURED = "uninsured:";

export class Pact implements Market {
	readonly name = "pact";
	readonly #means: MarketDeps;
	readonly #settings: PactSettings;
	/** What the market has taken a signature over last. */
	#version: SignatureVersion = "v2";

	constructor(means: MarketDeps, options: PactOptions) {
		this.#means = means;
		this.#settings = settingsOf(options);
	}

	/** What can be called. Returns how long the list holds, in seconds. */
	endpoints(): AsyncGenerator<Endpoint, number> {
		return endpoints(this.#means, this.#settings);
	}

	/** Whether an agent can be charged; the one of the key slot, if none is given. Throws `PactError` `SlotUnset`. */
	agent(agent?: string): Promise<AgentFunds> {
		return agentFunds(this.#means, this.#settings, agent ?? this.#agent());
	}

	/** A call as it was settled, `undefined` before it is. */
	callRecord(callId: string, source: "indexer" | "gateway" = "indexer"): Promise<CallRecord | undefined> {
		return callRecord(this.#means, this.#settings, callId, source);
	}

	/** Follows a call until its refund is posted, or for about a minute; the last that was seen of it. */
	refund(callId: string): Promise<CallRecord | undefined> {
		return follow(this.#means, this.#settings, callId, this.#settings.refundPolls);
	}

	/** One call, its premium in the ledger; see `call.ts`. It ends the account's purchase itself. */
	async call(request: PactRequest, account: AccountCharge, deliver: Deliver): Promise<Outcome> {
		const call = new Call(this.#means, this.#settings, account, deliver, this.#version);
		const outcome = await call.run(request);
		this.#version = call.version;
		return outcome;
	}

	/** Endpoints whose name or host has `query` in it. */
	async *find(query: string): AsyncGenerator<Offer, void> {
		const wanted = query.toLowerCase();
		for await (const endpoint of this.endpoints()) {
			const isNamed = [endpoint.slug, ...endpoint.hostnames].some((name) => name.toLowerCase().includes(wanted));
			if (isNamed && !endpoint.isPaused && this.#isOnNetwork(endpoint)) yield offerOf(endpoint.slug, endpoint);
		}
	}

	/** The endpoint of `offer`, which may have a path. Throws `PactError` `EndpointNotFound`, `EndpointPaused`. */
	async quote(offer: string): Promise<Offer> {
		const { endpoint } = requestOf(offer, "");
		for await (const each of this.endpoints()) {
			if (each.slug !== endpoint || !this.#isOnNetwork(each)) continue;
			if (each.isPaused) throw new PactError("EndpointPaused", `endpoint ${endpoint} is paused: try again later`);
			return offerOf(offer, each);
		}
		throw new PactError("EndpointNotFound", `no endpoint ${endpoint} on this network: list the endpoints`);
	}

	/**
	 * Calls `<endpoint>/<path>`, by GET or, with an input, POST. Before it there may stand another method, and, where there
	 * is a key slot, that the call is not to be insured: `uninsured:PUT <endpoint>/<path>`.
	 */
	async buy({ offer, input }: MarketOrder, { account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		return this.call(requestOf(offer, input), account, deliver);
	}

	/** As far as it is said. */
	#isOnNetwork({ network }: Endpoint): boolean {
		return this.#settings.network === "" || network === "" || network === this.#settings.network;
	}

	#agent(): string {
		const { slot } = this.#settings;
		if (slot === undefined) throw new PactError("SlotUnset", "expected a key slot that the agent is known by");
		return agentOf(this.#means.keys, slot);
	}
}

function requestOf(offer: string, input: string): PactRequest {
	const isUninsured = offer.startsWith(UNINSURED);
	const called = isUninsured ? offer.slice(UNINSURED.length) : offer;
	const [, method, endpoint = "", path] = /^(?:([A-Z]+) )?([^/ ]+)(\/[^ ]*)?$/.exec(called) ?? [];
	if (endpoint === "") {
		throw new PactError("RequestMalformed", "expected <endpoint>/<path>, with a method before it or not");
	}
	return {
		method: method ?? (input === "" ? "GET" : "POST"),
		endpoint,
		path: path ?? "/",
		...(isUninsured && { isInsured: false }),
		...(input !== "" && { body: utf8.encode(input) }),
	};
}

function offerOf(id: string, { hostnames, network, premium }: Endpoint): Offer {
	const name = [hostnames.join(", "), network].filter((part) => part !== "").join(" on ");
	return { id, name, price: premium === undefined ? undefined : dollars(premium) };
}

/** Millionths of a dollar as dollars. */
function dollars(amount: Uint8Array): string {
	const digits = uint256.toDecimal(amount).padStart(7, "0");
	const fraction = digits.slice(-6).replace(/0+$/, "");
	return fraction === "" ? digits.slice(0, -6) : `${digits.slice(0, -6)}.${fraction}`;
}
