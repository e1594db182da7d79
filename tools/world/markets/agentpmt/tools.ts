/**
 * The list of tools, and invoke: signed with credits in both dialects, or paid by x402 alone. What a call is answered with is
 * as AgentPMT/agent-skills d2bfe0d describes it (the skill agentpmt-no-account-agentaddress-x402, "Direct x402 Flow"), but
 * for `credit_source`, whose values nothing says.
 */
import type { Express, Request, Response } from "express";
import type { Address } from "viem";
import { usdc } from "../../chain.js";
import { reply, troubleAtWork, urlOf } from "../payanagent/shop/site.js";
import { type Json, type JsonObject, plain } from "./canonical_json.js";
import { answer, type Context, jsonOf, paymentHeaders, paymentOf } from "./context.js";
import { baseUnitsPerCredit } from "./credits.js";
import { demand, type Sale, settle, whilePaying } from "./payment.js";
import { queryInteger, Refusal, read, wordsOf } from "./refusal.js";
import { signedFields } from "./sessions.js";
import type { Action, Tool } from "./tool.js";
import type { WorkflowSession } from "./workflows.js";

const defaultPageSize = 100;
const maxPageSize = 1_000;

/** One run of a tool: what it was given, after `_workflow_session_id` was taken out. */
export interface Execution {
	readonly tool: string;
	readonly action: string;
	readonly parameters: Readonly<Record<string, unknown>>;
	readonly wallet: Address | undefined;
	readonly workflowSession: string | undefined;
	/** The result; nothing if it failed. */
	readonly result: object | undefined;
}

export interface ToolShop {
	readonly tools: Tool[];
	readonly executions: Execution[];
	/** A session of this wallet that is still open. */
	session(wallet: Address, id: string): WorkflowSession | undefined;
}

/** Reserved by the market among a tool's parameters. */
const sessionParameter = "_workflow_session_id";
const credentialsParameter = "_credentials";

const refuse = (status: number, code: string, message: string): Refusal => new Refusal(status, code, message);

/** @throws {Refusal} 404, or 409 where two actions have the slug */
function findAction(tools: readonly Tool[], productSlug: string, actionSlug: string): [Tool, Action] {
	const tool = tools.find(({ slug }) => slug === productSlug);
	if (!tool) throw refuse(404, "PRODUCT_NOT_FOUND", `there is no product ${productSlug}`);
	const [found, ...others] = tool.actions.filter(({ slug }) => slug === actionSlug);
	if (!found) throw refuse(404, "ACTION_NOT_FOUND", `${productSlug} has no action ${actionSlug}`);
	if (others.length > 0) throw refuse(409, "ACTION_AMBIGUOUS", `${productSlug} has several actions ${actionSlug}`);
	return [tool, found];
}

/** @throws {Refusal} 400 for what the action cannot do with these parameters */
function checkParameters(action: Action, parameters: JsonObject): void {
	const missing = action.required.filter((name) => !parameters.has(name));
	if (missing.length > 0) throw refuse(400, "ACTION_PARAMETERS", `missing: ${missing.join(", ")}`);
	const given = plain(parameters) as Readonly<Record<string, unknown>>;
	const { [sessionParameter]: _session, [credentialsParameter]: _credentials, ...own } = given;
	const fault = action.fault?.(own);
	if (fault !== undefined) throw refuse(400, "ACTION_PARAMETERS", fault);
	const credentials = parameters.get(credentialsParameter);
	if (credentials !== undefined && !(credentials instanceof Map))
		throw refuse(400, "ACTION_PARAMETERS", "_credentials must be an object");
	if (action.credential !== undefined && !credentials?.has(action.credential))
		throw refuse(400, "CREDENTIALS_REQUIRED", `_credentials must have ${action.credential}`);
}

/** A tool's output as the market passes it on. */
const envelope = (output: object) => ({ status_code: 200, data: { success: true, output }, success: true });

function listTool({ product_id, slug, name, description, categories, actions }: Tool) {
	const listed = actions.map(({ slug, name, credits, required, credential, direct }) => ({
		slug,
		name,
		credits,
		required_parameters: required,
		required_credentials: credential === undefined ? [] : [credential],
		x402_direct: direct,
	}));
	return { product_id, slug, name, description, categories, actions: listed };
}

export function toolRoutes(app: Express, context: Context, shop: ToolShop): void {
	const { sessions, credits, variants, treasury } = context;

	app.get("/api/external/tools", (request, response) => {
		const { query } = request;
		const page = queryInteger(query, "page", { least: 1, most: 1_000_000, otherwise: 1 });
		const size = { least: 1, most: maxPageSize, otherwise: defaultPageSize };
		const page_size = queryInteger(query, "page_size", size);
		const text = String(query.query ?? "").toLowerCase();
		const categories = wordsOf(query.categories);
		const found = shop.tools.filter(
			(tool) =>
				`${tool.slug} ${tool.name} ${tool.description}`.toLowerCase().includes(text) &&
				(categories.length === 0 || tool.categories.some((category) => categories.includes(category))),
		);
		const has_more = page * page_size < found.length;
		const pagination = {
			page,
			page_size,
			total_count: found.length,
			total_pages: Math.ceil(found.length / page_size),
			has_more,
			next_page: has_more ? page + 1 : null,
			default_page_size: defaultPageSize,
			max_page_size: maxPageSize,
		};
		answer(response, context, {
			tools: found.slice((page - 1) * page_size, page * page_size).map(listTool),
			pagination,
		});
	});

	/** @throws {Refusal} with the status of the fault, or 502: the call failed */
	const run = async (tool: Tool, action: Action, parameters: JsonObject, wallet?: Address): Promise<object> => {
		const { [sessionParameter]: workflowSession, ...rest } = plain(parameters) as Record<string, unknown>;
		const about = { tool: tool.slug, action: action.slug, parameters: rest, wallet };
		const execution = { ...about, workflowSession: workflowSession as string | undefined };
		try {
			const status = await troubleAtWork();
			if (status !== undefined && status >= 400) throw refuse(status, "TOOL_FAILED", "the tool call failed");
			const result = action.run(rest);
			shop.executions.push({ ...execution, result });
			return result;
		} catch (error) {
			shop.executions.push({ ...execution, result: undefined });
			if (error instanceof Refusal) throw error;
			throw refuse(502, "TOOL_FAILED", (error as Error).message);
		}
	};

	/** Charges, runs, and gives the credits back if it fails. */
	const invokeWithCredits = async (
		response: Response,
		[tool, action]: [Tool, Action],
		wallet: Address,
		parameters: JsonObject,
	): Promise<void> => {
		checkParameters(action, parameters);
		const id = parameters.get(sessionParameter);
		if (id !== undefined && (typeof id !== "string" || !shop.session(wallet, id)))
			throw refuse(400, "WORKFLOW_SESSION_INVALID", `${sessionParameter} is no open session of this wallet`);
		const refund = credits.charge(wallet, action.credits, `${tool.slug}/${action.slug}`);
		if (!refund) {
			const details = { required_credits: action.credits, balance: credits.balance(wallet) };
			throw new Refusal(402, "INSUFFICIENT_CREDITS", "Insufficient credits", { details });
		}
		try {
			const result = await run(tool, action, parameters, wallet);
			const balance = credits.balance(wallet);
			reply(response, {
				success: true,
				response: envelope(result),
				warnings: [],
				price_credits: action.credits,
				charged_credits: action.credits,
				balance_credits: balance,
				balance_usd: balance / 100,
			});
		} catch (error) {
			refund();
			throw error;
		}
	};

	const invokeDirectly = async (
		request: Request,
		response: Response,
		[tool, action]: [Tool, Action],
		parameters: JsonObject,
		header: string | undefined,
	): Promise<void> => {
		if (!action.direct) throw refuse(404, "X402_NOT_AVAILABLE", "this action cannot be paid by x402 directly");
		if (parameters.has(sessionParameter)) throw refuse(400, "X402_MIXED", `${sessionParameter} needs a signed request`);
		checkParameters(action, parameters);
		const amount = String(action.credits * baseUnitsPerCredit);
		const { maxTimeoutSeconds } = variants;
		const sale: Sale = {
			offers: [{ amount, token: usdc, payTo: treasury, maxTimeoutSeconds }],
			resource: { url: urlOf(request), description: `${tool.name}: ${action.name}` },
		};
		if (header === undefined) throw await demand(context, request, sale);
		await whilePaying(context, request, sale, header, async (payment) => {
			const result = await run(tool, action, parameters);
			const { transaction, network } = await settle(context, response, payment);
			const x402 = {
				settled: true,
				transaction,
				network,
				resource_url: sale.resource.url,
				settlement_recorded: true,
				payment: {
					token: "USDC",
					asset: usdc.address,
					amount_base_units: amount,
					amount_usd: action.credits / 100,
					payer_wallet_address: payment.payer,
					pay_to: treasury,
				},
			};
			reply(response, { success: true, response: envelope(result), warnings: [], x402 });
		});
	};

	app.post("/api/external/tools/:productId/invoke", async (request, response, next) => {
		if (!variants.dialects.includes("older")) return next();
		const product = request.params.productId;
		const { body, parameters } = readSigned(request);
		const wallet = await sessions.authenticate(body, { action: "invoke", product }, parameters);
		const tool = shop.tools.find(({ product_id }) => product_id === product);
		if (!tool) throw refuse(404, "PRODUCT_NOT_FOUND", `there is no product ${product}`);
		await invokeWithCredits(response, [tool, tool.actions[0]!], wallet, parameters);
	});

	app.post("/api/external/tools/:product/actions/:action/invoke", async (request, response, next) => {
		if (!variants.dialects.includes("newer")) return next();
		const { product, action } = request.params;
		const found = findAction(shop.tools, product, action);
		const body = jsonOf(request);
		if (!(body instanceof Map)) throw refuse(400, "MALFORMED", "the body must be a JSON object");
		const header = paymentOf(request, variants.invokePaymentHeaders);
		const signed = Object.keys(signedFields).filter((name) => body.has(name));
		if (signed.length === 0) return invokeDirectly(request, response, found, body, header);
		const { parameters } = readSigned(request);
		const path = `/external/tools/${product}/actions/${action}/invoke`;
		const wallet = await sessions.authenticate(body, { method: "POST", path }, parameters);
		await invokeWithCredits(response, found, wallet, parameters);
	});
}

/** @throws {Refusal} 422; 400 for anything of the other way to pay: a payment header, parameters outside of `parameters` */
function readSigned(request: Request): { body: Json; parameters: JsonObject } {
	const body = jsonOf(request);
	const { parameters } = read(body, { ...signedFields, parameters: "object" });
	const extra = [...(body as JsonObject).keys()].filter((name) => !(name in signedFields) && name !== "parameters");
	if (paymentHeaders.some((name) => name in request.headers) || extra.length > 0)
		throw refuse(
			400,
			"X402_MIXED",
			`a signed request has no payment and no parameters of its own: ${extra.join(", ")}`,
		);
	return { body, parameters };
}
