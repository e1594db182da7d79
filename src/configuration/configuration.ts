/**
 * The owner's configuration: networks, assets, rules and plans, as JSON. Any error is refused before anything runs, even an
 * unknown member: it may be a cap with a typo in its name.
 */
import type { Hashes } from "../../modules/signer/signer.js";
import { hidesDotSegment } from "../http/path.js";
import { checkRequest, type Header } from "../http/request.js";
import { parseUrl, type Url } from "../http/url.js";
import type { Asset, PaymentMethod, Rule } from "../wallet/rule.js";
import { SCHEMES, schemeOfNetwork } from "../x402/schemes/list.js";
import { ConfigurationError } from "./errors.js";
import { Field } from "./field.js";
import type { FromMarket, FromSeller, Plan, SinkChoice } from "./plan.js";
import { type Brake, type PlanWaits, readBrake, readWaits } from "./plan_limits.js";

export interface Configuration {
	/** The key slot that pays. */
	readonly slot: number;
	readonly networks: readonly Network[];
	readonly assets: readonly NamedAsset[];
	readonly rules: readonly Rule[];
	readonly plans: readonly Plan[];
	/** By market name: the owner's settings for it, which contain secrets. */
	readonly markets: ReadonlyMap<string, Field>;
	/** The agent stops after this many purchases; 0: no limit. */
	readonly count: number;
}

export interface Network {
	/** For a person. */
	readonly name: string;
	/** CAIP-2. */
	readonly id: string;
	/** The JSON-RPC address to ask for balances. Nothing is spent on the basis of its answers. */
	readonly rpc: string | undefined;
}

export interface NamedAsset extends Asset {
	/** The name that rules use. */
	readonly id: string;
}

/** A part of a configuration whose elements have names. */
export type Kind = "networks" | "assets" | "rules" | "plans";

/** The source of a configuration: read one part at a time, so that it need not be in memory as a whole. */
export interface Source {
	readonly slot: Field;
	readonly count: Field;
	readonly markets: ReadonlyMap<string, Field>;
	parts(kind: Kind): Iterable<Field>;
	/** Reads a plan again, by its name. Plans then hold what they buy, which may be long, only during the purchase. */
	plan?(name: string): Field;
}

/** The most elements of each kind. */
export const LIMITS: Readonly<Record<Kind, number>> = Object.freeze({ networks: 8, assets: 8, rules: 8, plans: 16 });

/** The fields of a plan that buys from a seller, and of one that buys at a market. */
export const OF_SELLERS = Object.freeze(["url", "method", "headers", "body"] as const);
export const OF_MARKETS = Object.freeze(["offer", "input"] as const);

const NAME_LIMIT = 32;
const METHODS: readonly PaymentMethod[] = Object.freeze([...SCHEMES.flatMap(({ methods }) => methods), "account"]);
/** Prefix of an asset that is no token but the unit of an account at a market. */
const ACCOUNT = "account:";
const YEAR = 31_622_400;

/**
 * Parses a configuration. `builtIn`: the names of this firmware's markets. Throws `ConfigurationError`, whose message begins
 * with the path of the field.
 */
export function parseConfiguration(text: string, hashes: Hashes, builtIn: readonly string[]): Configuration {
	const names = ["slot", "networks", "assets", "rules", "plans", "markets", "count"] as const;
	const value = parseJson(text);
	const fields = new Field(value, "").members(...names);
	const { slot, count } = fields;
	// Wrapped again, so that no message shows a value.
	const secrets = new Field((value as { readonly markets?: unknown }).markets, fields.markets.path, true);
	const markets = readMarkets(secrets, builtIn);
	return readConfiguration({ slot, count, markets, parts: (kind) => fields[kind].list(LIMITS[kind]) }, hashes);
}

/** Reads a configuration from its parts. Throws `ConfigurationError`. */
export function readConfiguration(source: Source, hashes: Hashes): Configuration {
	const { slot, count, markets } = source;
	const networks = unique(source.parts("networks"), readNetwork, "id");
	const chains = networks.map(({ id }) => id);
	for (const market of markets.keys()) chains.push(`${ACCOUNT}${market}`);
	const assets = unique(source.parts("assets"), (field) => readAsset(field, chains, hashes), "id");
	const assetOf = (field: Field) => {
		const wanted = field.oneOf(assets.map(({ id }) => id));
		return assets.find(({ id }) => id === wanted)!;
	};
	const sinks: SinkChoice[] = [];
	const rules = unique(source.parts("rules"), (field) => readRule(field, assetOf, hashes), "name");
	return {
		slot: slot.isMissing ? 0 : slot.integer(0, 3),
		networks,
		assets,
		rules,
		plans: unique(source.parts("plans"), (field) => planOf(source, field, markets, sinks), "name"),
		markets,
		count: count.isMissing ? 0 : count.integer(1, 1_000_000),
	};
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		// Without the text that an engine quotes, which may be a secret.
		const why = (error as Error).message.replace(/, (\.{3})?".*/s, "");
		throw new ConfigurationError("ConfigurationInvalid", `the configuration: expected JSON, found ${why}`);
	}
}

function readMarkets(field: Field, builtIn: readonly string[]): ReadonlyMap<string, Field> {
	const markets = new Map<string, Field>();
	if (field.isMissing) return markets;
	const members = field.members(...builtIn);
	for (const name of builtIn) if (members[name]?.isMissing === false) markets.set(name, members[name]);
	return markets;
}

function readNetwork(field: Field): Network {
	const { id, name, rpc } = field.members("id", "name", "rpc");
	const network = id.text(40);
	if (schemeOfNetwork(network) === undefined) {
		const forms = SCHEMES.map(({ namespace }) => `${namespace}:…`).join(" or ");
		throw id.wrong(`a chain in CAIP-2 form (${forms}), such as eip155:8453`);
	}
	return { id: network, name: name.text(NAME_LIMIT), rpc: rpc.isMissing ? undefined : readRpc(rpc) };
}

function readAsset(field: Field, networks: readonly string[], hashes: Hashes): NamedAsset {
	const names = ["id", "network", "address", "name", "version", "symbol", "decimals"] as const;
	const { id, network, address, name, version, symbol, decimals } = field.members(...names);
	const where = network.oneOf(networks);
	const isAccount = where.startsWith(ACCOUNT);
	return {
		id: id.text(NAME_LIMIT),
		network: where,
		address: isAccount ? address.text(NAME_LIMIT) : address.address(schemeOfNetwork(where)!, hashes),
		name: isAccount && name.isMissing ? "" : name.text(64),
		version: isAccount && version.isMissing ? "" : version.text(64),
		symbol: symbol.text(12),
		decimals: decimals.integer(0, 36),
	};
}

function readRule(field: Field, assetOf: (field: Field) => Asset, hashes: Hashes): Rule {
	const names = ["name", "origin", "asset", "methods", "payTo", "resource", "maxPerPayment", "maxPerWindow"] as const;
	const more = [
		"maxCountPerWindow",
		"windowSeconds",
		"maxForLife",
		"maxValiditySeconds",
		"prepay",
		"payFirst",
	] as const;
	const fields = field.members(...names, ...more);
	const hidden = fields.origin.hidden();
	const origin = readUrl(hidden);
	if (origin.target !== "/") throw hidden.wrong("an origin without a path, such as https://api.example.com");
	const asset = assetOf(fields.asset);
	// An account's unit is on no network: no pinned address can match there.
	const scheme = schemeOfNetwork(asset.network) ?? SCHEMES[0]!;
	const payTo = fields.payTo.isMissing ? [] : fields.payTo.list(8).map((each) => each.address(scheme, hashes));
	if (origin.scheme === "http" && payTo.length === 0 && !asset.network.startsWith(ACCOUNT)) {
		throw fields.payTo.wrong("the payees, because without TLS nothing authenticates the seller's terms");
	}
	if (fields.methods.isMissing && asset.network.startsWith(ACCOUNT)) {
		throw fields.methods.wrong('["account"], because the asset is the unit of an account');
	}
	return {
		name: fields.name.text(NAME_LIMIT),
		origin: origin.origin,
		asset,
		methods: fields.methods.isMissing ? ["eip3009"] : fields.methods.list(3).map((each) => each.oneOf(METHODS)),
		payTo,
		resource: fields.resource.isMissing ? "/" : readPath(fields.resource),
		maxPerPayment: fields.maxPerPayment.amount(),
		maxPerWindow: fields.maxPerWindow.amount(),
		maxForLife: fields.maxForLife.amount(),
		maxCountPerWindow: fields.maxCountPerWindow.integer(1, 1_000_000),
		windowSeconds: fields.windowSeconds.integer(1, YEAR),
		maxValiditySeconds: fields.maxValiditySeconds.integer(10, 86_400),
		prepay: readPrepay(fields),
	};
}

/** Reads `prepay`. Its former name was `payFirst`: rules in flash may still have it. */
function readPrepay({ prepay, payFirst }: Readonly<Record<"prepay" | "payFirst", Field>>): boolean {
	if (!prepay.isMissing && !payFirst.isMissing) throw payFirst.wrong('"prepay" alone, its current name');
	const field = prepay.isMissing ? payFirst : prepay;
	return field.isMissing ? false : field.boolean();
}

function planOf(source: Source, field: Field, markets: ReadonlyMap<string, Field>, sinks: SinkChoice[]): Plan {
	const plan = readPlan(field, markets, sinks);
	return source.plan === undefined ? plan : new StoredPlan(plan, source.plan, markets);
}

/** Returns an equal element of `sinks`, or adds it: sixteen plans that log then take a kilobyte less. */
function shared(sinks: SinkChoice[], sink: SinkChoice): SinkChoice {
	const { kind, key, limit } = sink;
	const known = sinks.find((each) => each.kind === kind && each.key === key && each.limit === limit);
	if (known === undefined) sinks.push(sink);
	return known ?? sink;
}

/** A plan that reads what it buys on each use. A class, so that sixteen of them have no closures of their own. */
class StoredPlan implements Plan {
	readonly name: string;
	readonly maxAmount: Plan["maxAmount"];
	readonly everySeconds: number;
	readonly sink: SinkChoice;
	readonly waits: PlanWaits;
	readonly brake: Brake;
	readonly #read: (name: string) => Field;
	readonly #markets: ReadonlyMap<string, Field>;

	constructor(
		{ name, maxAmount, everySeconds, sink, waits, brake }: Plan,
		read: (name: string) => Field,
		markets: ReadonlyMap<string, Field>,
	) {
		this.name = name;
		this.maxAmount = maxAmount;
		this.everySeconds = everySeconds;
		this.sink = sink;
		this.waits = waits;
		this.brake = brake;
		this.#read = read;
		this.#markets = markets;
	}

	get buys(): FromSeller | FromMarket {
		return readPlan(this.#read(this.name), this.#markets).buys;
	}
}

function readPlan(field: Field, markets: ReadonlyMap<string, Field>, sinks: SinkChoice[] = []): Plan {
	const names = ["name", "maxAmount", "everySeconds", "sink", "expect", "url", "method", "headers", "body"] as const;
	const fields = field.members(...names, "market", "offer", "input", "waits", "brake");
	if (!fields.expect.isMissing) throw fields.expect.refused("no longer used: remove it");
	const [unused, why] = fields.market.isMissing
		? ([OF_MARKETS, 'a plan with "market"'] as const)
		: ([OF_SELLERS, 'a plan with "url", and this one has "market"'] as const);
	for (const name of unused) if (!fields[name].isMissing) throw fields[name].refused(`it is for ${why}: remove it`);
	return {
		name: fields.name.text(NAME_LIMIT),
		buys: fields.market.isMissing ? readFromSeller(fields) : readFromMarket(fields, [...markets.keys()]),
		maxAmount: fields.maxAmount.amount(),
		everySeconds: fields.everySeconds.isMissing ? 0 : fields.everySeconds.integer(1, YEAR),
		sink: shared(sinks, fields.sink.isMissing ? { kind: "log", key: "", limit: 256 } : readSink(fields.sink)),
		waits: readWaits(fields.waits),
		brake: readBrake(fields.brake),
	};
}

function readFromSeller({ url, method, headers, body }: Readonly<Record<keyof FromSeller, Field>>): FromSeller {
	return {
		url: readPlanUrl(url),
		method: method.isMissing ? "GET" : method.oneOf(["GET", "POST", "PUT"]),
		headers: headers.isMissing ? [] : readHeaders(headers.hidden()),
		body: body.isMissing ? undefined : body.hidden().text(4_096),
	};
}

function readFromMarket(
	{ market, offer, input }: Readonly<Record<keyof FromMarket, Field>>,
	markets: readonly string[],
): FromMarket {
	return {
		market: market.oneOf(markets),
		offer: offer.hidden().text(256),
		input: input.isMissing ? "" : input.hidden().json(4_096),
	};
}

/** Reads headers, credentials among them. The values are never in a message: one may be a secret. */
function readHeaders(field: Field): Header[] {
	const headers = field.texts();
	try {
		// As credentials any of them may be sent: a plan's request goes to its own origin alone.
		checkRequest({ method: "GET", url: "", credentials: headers });
	} catch (error) {
		throw field.wrong(`headers of a request (${(error as Error).message})`);
	}
	return headers;
}

function readSink(field: Field): SinkChoice {
	const { kind, key, limit } = field.members("kind", "key", "limit");
	if (kind.oneOf(["log", "storage"]) === "log") return { kind: "log", key: "", limit: limit.integer(0, 1_024) };
	const name = key.text(13);
	if (!/^[a-z0-9_-]+$/.test(name)) throw key.wrong("1 to 13 characters of a-z, 0-9, _ and -");
	return { kind: "storage", key: `d.${name}`, limit: limit.integer(1, 4_000) };
}

/** Reads an address that no server can read as one outside its folder, since a rule allows a seller's resource by path. */
function readPlanUrl(field: Field): string {
	const hidden = field.hidden();
	const url = readUrl(hidden);
	const [path] = hidden.text(1_024).split(/[?#]/, 1);
	if (hidesDotSegment(path!)) {
		throw hidden.wrong(
			"an address without hidden dot segments (such as ..%2f, %2e%2e or ..;), which servers read in different ways",
		);
	}
	return url.href;
}

/** Reads an address. The value is never in a message: its query, or a misplaced part, may be a secret. */
function readUrl(field: Field): Url {
	const hidden = field.hidden();
	const text = hidden.text(1_024);
	try {
		return parseUrl(text);
	} catch (error) {
		throw hidden.wrong(`an http or https address (${(error as Error).message})`);
	}
}

/** Reads an address. The value is never in a message: providers put keys into it. */
function readRpc(field: Field): string {
	try {
		return parseUrl(field.text(256)).href;
	} catch {
		throw field.wrong("an http or https address of at most 256 characters", "something else");
	}
}

function readPath(field: Field): string {
	const path = field.text(256);
	if (!path.startsWith("/") || path.includes("?")) throw field.wrong("a path that begins with / and has no query");
	return path;
}

/** Reads each field; refuses two results with the same name. */
function unique<Key extends string, Value extends { readonly [key in Key]: string }>(
	fields: Iterable<Field>,
	read: (field: Field) => Value,
	key: Key,
): Value[] {
	const values: Value[] = [];
	for (const field of fields) {
		const value = read(field);
		if (values.some((each) => each[key] === value[key]))
			throw field.wrong(`a ${key} of its own`, `"${value[key]}" again`);
		values.push(value);
	}
	return values;
}
