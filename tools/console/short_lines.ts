/**
 * Expands console lines in their short form (tools/configuration): `buy {…}` becomes a network, an asset, a rule and a plan,
 * one after the other. The device says what each would allow, and asks for a code.
 */
import { findPreset, PRESETS } from "../configuration/presets.js";
import { type Parts, writeOutPlan, writeOutRule, writeOutShort } from "../configuration/short_form.js";
import type { Answer } from "./conversation.js";

type Ask = (line: string) => Promise<Answer>;
type Json = Readonly<Record<string, unknown>>;

/**
 * @param ask asks the device for what it already has
 *
 * @returns the lines to send to the device
 *
 * @throws ShortFormError
 */
export async function writeOutLine(line: string, ask: Ask): Promise<string[]> {
	const [, command, rest] = /^\s*(buy|network set|asset set|rule set|plan set)\s+(\S.*)$/s.exec(line) ?? [];
	if (command === undefined || rest === undefined) return [line];
	if (command === "network set") {
		const network = PRESETS.map((preset) => preset.network).find(({ name }) => name === rest.trim().toLowerCase());
		return [network === undefined ? line : setting("network", network)];
	}
	if (command === "asset set") {
		const preset = findPreset(rest.trim());
		if (preset === undefined) return [line];
		return await linesOf({ networks: [preset.network], assets: [preset.asset], rules: [], plans: [] }, ask);
	}
	const value = jsonOf(rest);
	// Invalid JSON is left for the device to report.
	if (value === undefined) return [line];
	const assets = await entries("asset", ask);
	if (command === "plan set") return [setting("plan", writeOutPlan(value, assets))];
	return await linesOf(command === "buy" ? writeOutShort(value, "", assets) : writeOutRule(value, assets), ask);
}

/** Networks on the device are left unchanged: an owner may have given them an rpc. */
async function linesOf({ networks, assets, rules, plans }: Parts, ask: Ask): Promise<string[]> {
	const known = networks.length === 0 ? [] : await names("network", ask);
	return [
		...networks.filter(({ id }) => !known.includes(id)).map((network) => setting("network", network)),
		...assets.map((asset) => setting("asset", asset)),
		...rules.map((rule) => setting("rule", rule)),
		...plans.map((plan) => setting("plan", plan)),
	];
}

function setting(kind: string, value: object): string {
	return `${kind} set ${JSON.stringify(value)}`;
}

async function names(kind: string, ask: Ask): Promise<unknown[]> {
	const { [`${kind}s`]: list } = await ask(kind);
	return Array.isArray(list) ? list.map(({ name }: { name?: unknown }) => name) : [];
}

async function entries(kind: string, ask: Ask): Promise<Json[]> {
	const found: Json[] = [];
	for (const name of await names(kind, ask)) {
		const { [kind]: entry } = await ask(`${kind} show ${JSON.stringify(name)}`);
		if (typeof entry === "object" && entry !== null) found.push(entry as Json);
	}
	return found;
}

function jsonOf(text: string): Json | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : undefined;
	} catch {
		return undefined;
	}
}
