/**
 * A local AgentPMT: every operation of its external API, in the older and the newer dialect, settling on the local chain.
 * Signatures are checked by viem over the lines of the documents, payloads hashed by code of the market's own.
 *
 * @example
 * const market = await startAgentPmt(chain);
 * market.credits.add(wallet, 500);
 * market.script.next("/api/external/credits/balance", { name: "wire", at: "answer", does: "reset" });
 * market.faults.add("/api/external/tools/weather/actions/forecast/invoke", { name: "settle-lost", message: "lost" });
 * // … the device does its work at market.url …
 * t.deepEqual(market.credits.entries, [...]);
 * await market.stop();
 */
import type { Express, Response } from "express";
import type { Address } from "viem";
import type { Chain } from "../../chain.js";
import { Secrets } from "../../secret_log.js";
import { Clock } from "../clock.js";
import { openCheckout } from "../payanagent/shop/checkout.js";
import { type Site, startSite } from "../payanagent/shop/site.js";
import { type Job, newJobs, newTools, newWorkflows, type Workflow } from "./catalogue.js";
import { type Context, paymentHeaders, type Variants } from "./context.js";
import { Credits } from "./credits.js";
import { identityRoutes } from "./identity.js";
import { jobWorkflowRoutes, tokenInItsPlace } from "./job_workflows.js";
import { Board, jobRoutes, type Reservation } from "./jobs.js";
import { creditRoutes } from "./purchase.js";
import { Refusal } from "./refusal.js";
import { type Account, newAccount, type Schedule, scheduleRoutes } from "./schedules.js";
import { Sessions } from "./sessions.js";
import type { Tool } from "./tool.js";
import { type Execution, type ToolShop, toolRoutes } from "./tools.js";
import { type WorkflowSession, WorkflowSessions, workflowRoutes } from "./workflows.js";

/** The address at which AgentPMT is paid. */
export const treasury: Address = "0x90F79bf6EB2c4f870365E785982E1f101E93b906";

export interface AgentPmt extends Site {
	readonly variants: Variants;
	/** Moves sessions, reservations, workflow tokens and credits towards their end. */
	readonly clock: Clock;
	/** Every account, and every change of one. `add` gives credits without a payment. */
	readonly credits: Credits;
	/** `seconds` a new session lasts, `expire()`, `open(wallet, nonce)` with a nonce of a test's choice. */
	readonly sessions: Sessions;
	readonly tools: Tool[];
	/** Inputs and results of the tools, in order. */
	readonly executions: readonly Execution[];
	readonly workflows: Workflow[];
	readonly workflowSessions: readonly WorkflowSession[];
	readonly jobs: Job[];
	readonly reservations: readonly Reservation[];
	readonly schedules: Schedule[];
	/** The account whose bearer token the schedules need. */
	readonly account: Account;
	/** The proof of a job is accepted, and its credits are paid; or it is rejected. */
	judge(job: string, accepted: boolean): void;
	/** Session nonces, workflow tokens, private keys, the account's keys: none may be in a log. */
	secrets(): string[];
}

function sayRefusal(error: unknown, response: Response, { errors }: Variants): void {
	const unknown = new Refusal(404, "NOT_FOUND", "there is no such operation");
	const defect = new Refusal(500, "DEFECT", String((error as Error)?.stack ?? error));
	const { status, code, message, more } = error === undefined ? unknown : error instanceof Refusal ? error : defect;
	const { details, headers = {}, body } = more;
	const spoken = {
		flat: { success: false, error: message, code, ...details },
		details: { success: false, error: message, code, ...(details && { details }) },
		detail: { detail: { code, message, ...details } },
	}[errors];
	response
		.status(status)
		.set(headers)
		.json(body ?? spoken);
}

/** Starts it. The chain is the caller's to stop, later. */
export async function startAgentPmt(chain: Chain): Promise<AgentPmt> {
	const clock = new Clock();
	const variants: Variants = {
		dialects: ["older", "newer"],
		chainRequired: true,
		terms: "header and body",
		maxTimeoutSeconds: 240,
		confirmations: 1n,
		invokePaymentHeaders: ["x-payment"],
		answers: "flat",
		errors: "flat",
		active: "list",
	};
	const context: Context = {
		chain,
		clock,
		checkout: await openCheckout(chain),
		credits: new Credits(clock),
		sessions: new Sessions(clock),
		variants,
		treasury,
		quoted: new Set(),
		inProgress: new Set(),
		secrets: new Secrets(),
	};
	const [tools, workflows, jobs, schedules] = [newTools(), newWorkflows(), newJobs(), [] as Schedule[]];
	const executions: Execution[] = [];
	const open = new WorkflowSessions(clock);
	const board = new Board(clock);
	const account = newAccount();
	for (const secret of Object.values(account)) context.secrets.add(secret);
	const shop: ToolShop = {
		tools,
		executions,
		session: (wallet, id) => open.open(wallet).find((session) => session.id === id),
	};

	const routes = (app: Express): void => {
		app.use(tokenInItsPlace(board));
		identityRoutes(app, context);
		creditRoutes(app, context);
		toolRoutes(app, context, shop);
		workflowRoutes(app, context, workflows, open);
		jobRoutes(app, context, jobs, board);
		jobWorkflowRoutes(app, context, board, workflows);
		scheduleRoutes(app, context, account, schedules);
	};
	const refuse = (error: unknown, response: Response): void => sayRefusal(error, response, variants);
	const site = await startSite({ paymentHeaders, routes, refuse });
	return {
		...site,
		variants,
		clock,
		credits: context.credits,
		sessions: context.sessions,
		tools,
		executions,
		workflows,
		workflowSessions: open.all,
		jobs,
		reservations: board.reservations,
		schedules,
		account,
		judge: (job, accepted) => {
			const reservation = board.current(job);
			if (reservation?.status !== "submitted") throw new Error(`no proof was submitted for ${job}`);
			reservation.status = accepted ? "paid" : "rejected";
			const { credits } = jobs.find(({ id }) => id === job)!;
			if (accepted) context.credits.add(reservation.wallet, credits, "reward", job);
		},
		secrets: () => [...context.secrets],
	};
}
