/**
 * Lists, shows, sets and removes networks, assets, rules and plans. Each change is checked as part of the configuration that
 * it would produce, and is one atomic write.
 *
 * Setting a network, an asset or a rule can let more money out, so it asks for a code. So does removing a rule if another may
 * then apply to the same seller. A plan spends only what the rules allow, so it needs no code.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import { type Configuration, type Kind, readConfiguration } from "../../configuration/configuration.js";
import { RememberedTerms } from "../../wallet/remembered_terms.js";
import { page } from "../answer.js";
import type { Arguments } from "../arguments.js";
import type { Command, Session } from "../command.js";
import { assetInWords, networkInWords, ruleInWords, withoutSecrets } from "../describe.js";
import { ConsoleError } from "../errors.js";
import { checkNotFixed } from "../fixed.js";
import { money } from "../money.js";
import { nameOf } from "../settings.js";
import { sinkOf } from "../sink.js";

export const network = entryCommand("network", "networks", "chains, and where to ask for balances", [
	'  network set {"id":"eip155:8453","name":"Base","rpc":"https://…"}  an EVM chain by its CAIP-2 name; rpc is optional',
]);
export const asset = entryCommand("asset", "assets", "tokens that rules refer to", [
	'  asset set {"id":"usdc","network":"eip155:8453","address":"0x…","name":"USD Coin","version":"2","symbol":"USDC","decimals":6}',
	"    name and version are the token's EIP-712 domain.",
]);
export const rule = entryCommand("rule", "rules", "who may be paid, and how much", [
	'  rule set {"name":"weather","origin":"https://api.example.com","asset":"usdc","maxPerPayment":"20000",',
	'    "maxPerWindow":"200000","maxCountPerWindow":24,"windowSeconds":86400,"maxForLife":"50000000","maxValiditySeconds":120}',
	"    on one line, amounts in base units; methods, payTo, resource and prepay are optional: see docs/configuration.md.",
]);
export const plan = entryCommand("plan", "plans", "what to buy, and when", [
	'  plan set {"name":"forecast","url":"https://api.example.com/forecast","maxAmount":"20000","everySeconds":3600}',
	"    method, headers, body and sink are optional; market, offer and input replace url: see docs/configuration.md.",
]);

function entryCommand(name: string, kind: Kind, what: string, set: readonly string[]): Command {
	const isPlan = kind === "plans";
	return Object.freeze({
		name,
		isLight: false,
		help: Object.freeze([
			`${name} [show|set|remove] …  ${what}. Alone: lists their names`,
			`  ${name} show <name>      shows one of them${isPlan ? ", without its headers, body and input" : ""}`,
			...set,
			`    Adds it, or replaces the one of that name${isPlan ? "" : "; asks for a code"}.`,
			`  ${name} remove <name>    ${isPlan ? "removes it and the data it bought last" : "removes it, if nothing refers to it"}`,
		]),
		run(args, session) {
			const action = args.next();
			checkNotFixed(session);
			if (action === undefined) return { [kind]: list(session, kind) };
			if (action === "show") return { [name]: show(args, session, kind) };
			if (action === "set") return change(args, session, kind);
			if (action === "remove") return remove(args, session, kind);
			throw new ConsoleError("WordExpected", `expected show, set or remove, or nothing: see "help ${name}"`);
		},
	} satisfies Command);
}

function list({ settings }: Session, kind: Kind): object[] {
	const names: object[] = [];
	for (const { key, name, value } of settings.entries(kind))
		names.push(value === undefined ? { damaged: key } : { name });
	return page(names, 0).items;
}

function show(args: Arguments, { settings }: Session, kind: Kind): unknown {
	const { value } = settings.find(kind, args.expect("a name"));
	args.end();
	return withoutSecrets(value as Readonly<Record<string, unknown>>);
}

function change(args: Arguments, session: Session, kind: Kind): object {
	const { settings, keys, confirmation, scheduleRestart } = session;
	const change = settings.changeTo(kind, args.json(`one of the ${kind}`));
	const configuration = readConfiguration(settings.source(change), keys);
	confirmation.drop();
	const act = () => {
		settings.commit(change);
		scheduleRestart("configuration changed");
		return { set: nameOf(kind, change.value) };
	};
	if (kind === "plans") return act();
	const would = inWords(session, configuration, kind, nameOf(kind, change.value));
	return { would, ...confirmation.ask(session, `${change.key} ${JSON.stringify(change.value)}`, act) };
}

function remove(args: Arguments, session: Session, kind: Kind): object {
	const { settings, keys, confirmation, scheduleRestart } = session;
	const { key, name, value } = settings.find(kind, args.expect("a name"));
	args.end();
	const change = { key, value: undefined };
	// Nothing refers to a rule or a plan. A network or an asset that is still referred to is refused here.
	if (kind === "networks" || kind === "assets") readConfiguration(settings.source(change), keys);
	confirmation.drop();
	const shown = value === undefined ? key : name;
	const act = () => {
		if (kind === "plans") forget(session, name, value);
		settings.commit(change);
		scheduleRestart("configuration changed");
		return { removed: shown };
	};
	const others = kind === "rules" ? othersFor(session, key, value) : [];
	if (others.length === 0) return act();
	const would = [`remove rule "${shown}"; rules that may then apply to its seller: ${others.join(", ")}`];
	return { would, ...confirmation.ask(session, `${key} removed`, act) };
}

/** Lists the rules that may apply where `removed` did: all others if it is damaged, since its seller is then unknown. */
function othersFor({ settings }: Session, removed: string, value: unknown): string[] {
	const originOf = (rule: unknown) => (rule as { readonly origin?: unknown } | undefined)?.origin;
	const names: string[] = [];
	for (const other of settings.entries("rules")) {
		const isOther = other.key !== removed && other.value !== undefined;
		if (isOther && (value === undefined || originOf(other.value) === originOf(value))) names.push(`"${other.name}"`);
	}
	return names;
}

/** Deletes what a plan leaves in flash beside the ledger: the terms it last bought by, and the data it bought last. */
function forget({ storage, keys, settings }: Session, name: string, value: unknown): void {
	new RememberedTerms(storage, keys).forget(name);
	const sink = sinkOf(value);
	if (sink === undefined) return;
	for (const other of settings.entries("plans")) if (other.name !== name && sinkOf(other.value) === sink) return;
	storage.delete(sink);
}

function part<K extends Kind>(
	configuration: Configuration,
	kind: K,
	name: string,
): Configuration[K][number] | undefined {
	const parts: readonly Configuration[Kind][number][] = configuration[kind];
	return parts.find((each) => ("id" in each ? each.id : each.name) === name) as Configuration[K][number] | undefined;
}

/** Describes what would be allowed, one statement a line. */
function inWords({ device }: Session, configuration: Configuration, kind: Kind, name: string): string[] {
	if (kind === "networks") return networkInWords(part(configuration, "networks", name)!);
	if (kind === "assets") {
		const asset = part(configuration, "assets", name)!;
		const rules = configuration.rules.filter((rule) => rule.asset === asset).map((rule) => `"${rule.name}"`);
		return [...assetInWords(asset), ...(rules.length === 0 ? [] : [`rules that use it: ${rules.join(", ")}`])];
	}
	const rule = part(configuration, "rules", name)!;
	const before = device.configuration === undefined ? undefined : part(device.configuration, "rules", name);
	const used = device.wallet?.spending(rule).life;
	return [
		...ruleInWords(rule),
		...(used === undefined || uint256.isZero(used) ? [] : [`${money(used, rule.asset)} of it are spent or reserved`]),
		...(before === undefined ? [] : ["it replaces:", ...ruleInWords(before)]),
	];
}
