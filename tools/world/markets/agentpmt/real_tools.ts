/**
 * Tools that AgentPMT has, with their actions' prices, parameter schemas and whether x402 pays for them on its own. Source:
 * AgentPMT/agent-skills d2bfe0d, the file schema.md of the skills air-quality-pollen-information,
 * elevation-data-point-path-charts-statistics, rss-reader, recent-news-article-aggregator and
 * infrastructure-mobility-and-housing-data-hub; descriptions and defaults are left out. What the tools answer is made up.
 */
import { faultsOf, type InputSchema } from "../payanagent/input_schema.js";
import type { Action } from "./tool.js";

/** A parameter as the vendor writes its schema: `required` is a member of each. */
interface Parameter {
	readonly type: NonNullable<InputSchema["type"]>;
	readonly required?: boolean;
	readonly enum?: readonly unknown[];
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minItems?: number;
	readonly maxItems?: number;
	readonly items?: Parameter;
	readonly properties?: Readonly<Record<string, Parameter>>;
}

type Parameters = Readonly<Record<string, Parameter>>;

const text: Parameter = { type: "string" };
const needed: Parameter = { type: "string", required: true };
const flag: Parameter = { type: "boolean" };
const integer = (minimum: number, maximum?: number): Parameter => ({
	...{ type: "integer", minimum },
	...(maximum !== undefined && { maximum }),
});
const listOf = (...values: readonly string[]): Parameter => ({
	type: "array",
	items: { type: "string", enum: values },
});

const place: Parameter = {
	type: "object",
	properties: {
		address: text,
		latitude: { type: "number", minimum: -90, maximum: 90 },
		longitude: { type: "number", minimum: -180, maximum: 180 },
		name: text,
	},
};
const locations: Parameter = { type: "array", required: true, minItems: 1, maxItems: 10, items: place };
const point: Parameter = {
	type: "object",
	properties: { latitude: { type: "number", required: true }, longitude: { type: "number", required: true } },
};
const topics = ["general", "science", "sports", "business", "health", "entertainment", "tech", "politics"];
const categories = listOf(...topics, "food", "travel");

type Run = Action["run"];

const action = (slug: string, credits: number, parameters: Parameters, direct: boolean, run: Run): Action => ({
	slug,
	name: slug.replaceAll("-", " "),
	credits,
	required: Object.keys(parameters).filter((name) => parameters[name]!.required),
	direct,
	fault: (given) => faultOf(parameters, given),
	run,
});

const each = (run: (place: Readonly<Record<string, unknown>>) => object): Run => {
	return ({ locations }) => ({ results: (locations as Readonly<Record<string, unknown>>[]).map(run) });
};

export interface RealTool {
	readonly slug: string;
	readonly name: string;
	readonly actions: readonly Action[];
}

export const realTools: readonly RealTool[] = [
	{
		slug: "air-quality-pollen-information",
		name: "Air Quality & Pollen Information",
		actions: [
			action(
				"get-current-conditions",
				5,
				{
					locations,
					universal_aqi: flag,
					include_items: listOf("co", "no2", "o3", "so2", "pm25", "pm10"),
					extra_computations: listOf(
						...["HEALTH_RECOMMENDATIONS", "DOMINANT_POLLUTANT_CONCENTRATION", "POLLUTANT_ADDITIONAL_INFO"],
					),
				},
				false,
				each((location) => ({ location, aqi: 42, category: "Good air quality" })),
			),
			action(
				"get-forecast",
				5,
				{
					locations,
					forecast_days: integer(1, 5),
					include_items: listOf("tree pollen", "grass pollen", "weed pollen"),
				},
				false,
				each((location) => ({ location, grass: 2 })),
			),
		],
	},
	{
		slug: "elevation-data-point-path-charts-statistics",
		name: "Elevation Data - Point, Path, Charts & Statistics",
		actions: [
			action(
				"get-elevation",
				10,
				{ locations: { type: "array", required: true, maxItems: 512, items: point } },
				false,
				each((location) => ({ location, elevation_meters: 5.25 })),
			),
		],
	},
	{
		slug: "rss-reader",
		name: "RSS Reader",
		actions: [
			action(
				"read",
				5,
				{ feed_url: needed, include_raw: flag, max_items: integer(1, 200), timeout_seconds: integer(1, 120) },
				false,
				({ feed_url }) => ({ feed: { link: feed_url }, entries: [] }),
			),
		],
	},
	{
		slug: "recent-news-article-aggregator",
		name: "Recent News Article Aggregator",
		actions: [
			action(
				"search",
				10,
				{
					...{ categories, exclude_categories: categories, country: text, language: text, topic: text },
					...{ max_age_in_days: integer(1), news_type: { type: "string", enum: ["top_stories", "all_news"] } },
				},
				false,
				({ topic }) => ({ topic, articles: [] }),
			),
		],
	},
	{
		slug: "infrastructure-urban-development",
		name: "Infrastructure, Mobility, and Housing Data Hub",
		actions: [
			action(
				"query-infrastructure-data",
				5,
				{
					country_or_region: needed,
					infrastructure_type: {
						type: "string",
						enum: ["electricity", "internet", "water", "roads", "urban", "all"],
					},
					...{ time_period: text, include_access_gaps: flag, include_logistics_performance: flag },
					...{ include_regional_comparison: flag, include_sdg_targets: flag, urban_rural_breakdown: flag },
				},
				true,
				({ country_or_region }) => ({ country: country_or_region, access_percent: 99.5 }),
			),
		],
	},
];

/** Returns the fault of parameters, with its place; nothing if they match the schema. */
export function faultOf(parameters: Parameters, given: Readonly<Record<string, unknown>>): string | undefined {
	return faultsOf(schemaOf({ type: "object", properties: parameters }), given, "parameters")[0];
}

function schemaOf({
	required: _,
	minItems: _least,
	maxItems: _most,
	items,
	properties,
	...rest
}: Parameter): InputSchema {
	if (items) return { ...rest, items: schemaOf(items) };
	if (!properties) return rest;
	const names = Object.keys(properties);
	return {
		...rest,
		required: names.filter((name) => properties[name]!.required),
		properties: Object.fromEntries(names.map((name) => [name, schemaOf(properties[name]!)])),
		additionalProperties: false,
	};
}
