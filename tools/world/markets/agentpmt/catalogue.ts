/**
 * The tools, workflows and jobs of the local AgentPMT. A test may change the lists at any time. Real tools are in
 * `real_tools.ts`; the others are invented, each for what it shows.
 */
import { realTools } from "./real_tools.js";
import type { Action, Tool } from "./tool.js";

const action = (slug: string, credits: number, more: Partial<Action> = {}): Action => ({
	slug,
	name: slug.replaceAll("-", " "),
	credits,
	required: [],
	direct: true,
	run: (parameters) => ({ action: slug, parameters }),
	...more,
});

const tool = (number: number, slug: string, categories: readonly string[], actions: readonly Action[]): Tool => ({
	product_id: number.toString(16).padStart(24, "0"),
	slug,
	name: slug.replaceAll("-", " "),
	description: `The ${slug.replaceAll("-", " ")}`,
	categories,
	actions,
});

/** Some tools by name, and enough others for three pages of 100. */
export const newTools = (): Tool[] => [
	tool(1, "demo-tool", ["utilities"], [action("do-it", 10)]),
	tool(
		2,
		"weather",
		["data", "sensors"],
		[
			action("forecast", 5, { required: ["place"], run: ({ place }) => ({ place, temperature: 21.5, unit: "C" }) }),
			action("history", 200, { required: ["place", "days"] }),
		],
	),
	tool(
		3,
		"calendar",
		["office"],
		[action("next-event", 3, { credential: "google_oauth", run: () => ({ event: "tea at four" }) })],
	),
	tool(
		4,
		"unlucky",
		["utilities"],
		[
			action("fail", 20, {
				run: () => {
					throw new Error("the vendor does not answer");
				},
			}),
		],
	),
	tool(5, "credits-only", ["utilities"], [action("do-it", 10, { direct: false })]),
	tool(6, "twofold", ["utilities"], [action("same", 1), action("same", 2)]),
	...realTools.map(({ slug, name, actions }, index) => ({ ...tool(7 + index, slug, ["real"], actions), name })),
	...Array.from({ length: 239 }, (_, index) =>
		tool(100 + index, `gauge-${index}`, ["sensors"], [action("read", 1, { run: () => ({ gauge: index }) })]),
	),
];

export interface Workflow {
	readonly id: string;
	name: string;
	description: string;
	readonly categories: readonly string[];
	readonly industry_tags: readonly string[];
	readonly publisher: string;
	nodes: unknown;
	edges: unknown;
	visibility: "public" | "private" | "draft";
}

/** Enough for three pages of 20. */
export const newWorkflows = (): Workflow[] =>
	Array.from({ length: 45 }, (_, index) => ({
		id: `wf-${index}`,
		name: index === 0 ? "Handle inbound support ticket" : `Read gauge ${index}`,
		description: index === 0 ? "Creates ticket, triages, and posts summary" : "Reads a gauge and reports",
		categories: index === 0 ? ["support"] : ["sensors"],
		industry_tags: index === 0 ? ["software"] : ["utilities"],
		publisher: index < 5 ? "agentpmt" : "someone",
		nodes: [{ id: "first", tool: "weather", action: "forecast" }],
		edges: [],
		visibility: "public",
	}));

export interface Job {
	readonly id: string;
	readonly kind: "task" | "social_share" | "workflow_creation";
	readonly title: string;
	readonly credits: number;
	/** For the one who reserved it alone. */
	readonly instructions: string;
}

export const newJobs = (): Job[] => [
	{ id: "job-ticket", kind: "task", title: "File a ticket", credits: 50, instructions: "File ticket #12345." },
	{
		id: "job-share",
		kind: "social_share",
		title: "Share a tool",
		credits: 100,
		instructions: "Post the tracked link.",
	},
	{
		id: "job-workflow",
		kind: "workflow_creation",
		title: "Build a flow",
		credits: 500,
		instructions: "Read two gauges.",
	},
	...Array.from({ length: 57 }, (_, index) => ({
		id: `job-${index}`,
		kind: "task" as const,
		title: `Read meter ${index}`,
		credits: 10,
		instructions: `Meter ${index} hangs in the cellar.`,
	})),
];
