/** The local AgentPMT runs workflows, jobs and schedules. */
import test from "ava";
import { type Answer, send } from "../send.js";
import { api, code, type Lines, locs, open, type Signer, signer } from "./by_hand.js";

test("workflows are listed by limit, skip and filter, and one is read as markdown", async (t) => {
	const market = await open(t);
	const list = async (query: string) => (await send(market, "GET", `${api}/workflows${query}`)).body;
	const ids = (body: Answer["body"]) => (body.workflows as { id: string }[]).map(({ id }) => id);
	const all = [0, 20, 40].map(async (skip) => ids(await list(`?limit=20&skip=${skip}`)));
	const pages = await Promise.all(all);
	t.deepEqual(
		pages.map(({ length }) => length),
		[20, 20, 5],
	);
	t.is(new Set(pages.flat()).size, 45);
	t.deepEqual(ids(await list("?query=ticket")), ["wf-0"]);
	t.deepEqual(ids(await list("?industry_tags=software,none")), ["wf-0"]);
	t.deepEqual(ids(await list("?categories=support")), ["wf-0"]);
	t.is(ids(await list("?publisher=agentpmt")).length, 5);
	const [listed] = (await list("?limit=1")).workflows as object[];
	t.false("nodes" in listed!);
	t.deepEqual(locs(await send(market, "GET", `${api}/workflows?skip=-1`)), ["query.skip"]);
	const skill = await send(market, "GET", "/api/skill-chains/wf-0/latest?target=mcp");
	t.regex(skill.body.text as string, /^---\nname: Handle inbound support ticket\n/);
	t.is((await send(market, "GET", "/api/skill-chains/wf-0/latest")).status, 400);
	t.is((await send(market, "GET", "/api/skill-chains/no/latest?target=mcp")).status, 404);
});

test("a workflow is fetched, started, resumed, listed while active, and ended", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	const post = (operation: string, id: string, fields?: object) => {
		const lines: Lines = [`action:workflow_${operation}`, `product:${operation === "active" ? "-" : id}`];
		const path = operation === "active" ? "active" : `${id}/${operation}`;
		return agent.post(`${api}/workflows/${path}`, lines, fields && JSON.stringify(fields), fields);
	};
	const fetched = await post("fetch", "wf-1");
	t.like(fetched.body, { workflow: { id: "wf-1", edges: [] }, sessions: [] });
	t.is(code(await post("fetch", "no")), "404 WORKFLOW_NOT_FOUND");
	t.is(code(await post("start", "no")), "404 WORKFLOW_NOT_FOUND");

	const first = await post("start", "wf-1");
	const again = await post("start", "wf-1");
	const second = await post("start", "wf-1", { instance_id: "b" });
	t.is(again.body.workflow_session_id, first.body.workflow_session_id);
	t.not(second.body.workflow_session_id, first.body.workflow_session_id);
	const count = async (fields?: object) => ((await post("active", "", fields)).body.sessions as unknown[]).length;
	t.is(await count(), 2);
	t.is(await count({ instance_id: "b" }), 1);
	market.variants.active = "one";
	t.like((await post("active", "")).body, { session: { workflow_session_id: second.body.workflow_session_id } });
	market.variants.active = "list";

	t.is(code(await post("end", "wf-2")), "404 WORKFLOW_SESSION_NOT_FOUND");
	t.is(code(await post("end", "wf-1", { workflow_session_id: "no" })), "404 WORKFLOW_SESSION_NOT_FOUND");
	const ended = await post("end", "wf-1", { workflow_session_id: first.body.workflow_session_id });
	t.is(ended.body.status as string, "ended");
	t.is(code(await post("end", "wf-1")), "200 success");
	t.is(await count(), 0);

	// A field that is sent is hashed; an empty line is for none.
	const unhashed: Lines = ["action:workflow_start", "product:wf-1"];
	const refused = await agent.post(`${api}/workflows/wf-1/start`, unhashed, undefined, { instance_id: "c" });
	t.is(code(refused), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	const braces = await agent.post(`${api}/workflows/wf-1/start`, unhashed, "{}");
	t.is(code(braces), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
});

const job = (agent: Signer, operation: string, id: string, fields?: object): Promise<Answer> => {
	const payload = JSON.stringify(Object.fromEntries(Object.entries(fields ?? {}).sort()));
	return agent.post(`${api}/jobs/${id}/${operation}`, [`action:job_${operation}`, `product:${id}`], payload, fields);
};

const listJobs = (agent: Signer, payload: string, fields: object): Promise<Answer> =>
	agent.post(`${api}/jobs/list`, ["action:job_list", "product:-"], payload, fields);

test("a job is reserved for 30 minutes, completed with a proof, and paid in credits when the proof is accepted", async (t) => {
	const market = await open(t);
	const [agent, other] = [await signer(market), await signer(market)];
	const listed = await listJobs(agent, '{"limit":50,"skip":0}', { limit: 50, skip: 0 });
	t.is((listed.body.jobs as unknown[]).length, 50);
	t.is(((await listJobs(agent, '{"limit":50,"skip":50}', { limit: 50, skip: 50 })).body.jobs as unknown[]).length, 10);
	t.is(code(await listJobs(agent, "{}", {})), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(code(await listJobs(agent, '{"limit":50,"skip":0}', {})), "200 success");
	t.deepEqual(locs(await listJobs(agent, '{"limit":0,"skip":0}', { limit: 0 })), ["body.limit"]);

	t.is((await job(agent, "status", "job-ticket")).body.status as string, "none");
	const reserved = await job(agent, "reserve", "job-ticket");
	t.like(reserved.body, { instructions: "File ticket #12345." });
	t.false("workflow_access" in reserved.body);
	const minutes = (Date.parse(reserved.body.expires_at as string) - market.clock.now()) / 60_000;
	t.true(minutes > 29.9 && minutes <= 30);
	t.is((await job(agent, "reserve", "job-ticket")).body.reservation_id, reserved.body.reservation_id);
	t.is(code(await job(other, "reserve", "job-ticket")), "409 JOB_RESERVED");
	t.is(code(await job(agent, "reserve", "no")), "404 JOB_NOT_FOUND");

	market.clock.advance(1_801);
	t.is((await job(agent, "status", "job-ticket")).body.status as string, "expired");
	t.is(code(await job(agent, "complete", "job-ticket", { proof_text: "late" })), "409 JOB_NOT_RESERVED");
	const second = await job(other, "reserve", "job-ticket");
	t.is(second.status, 200);
	const proof = { proof_text: "ticket #12345" };
	t.is(
		code(await job(other, "complete", "job-ticket", { ...proof, reservation_id: reserved.body.reservation_id })),
		"409 RESERVATION_MISMATCH",
	);
	t.deepEqual(locs(await job(other, "complete", "job-ticket", {})), ["body.proof_text"]);
	const done = await job(other, "complete", "job-ticket", { ...proof, reservation_id: second.body.reservation_id });
	t.is(done.body.status as string, "submitted");
	t.is(code(await job(other, "complete", "job-ticket", proof)), "409 JOB_NOT_RESERVED");
	t.is(code(await job(agent, "reserve", "job-ticket")), "409 JOB_RESERVED");
	market.judge("job-ticket", true);
	t.is((await job(other, "status", "job-ticket")).body.status as string, "paid");
	t.is((await other.balance()).body.balance as number, 50);
});

test("a job to share wants social posts, hashed exactly as sent", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	await job(agent, "reserve", "job-share");
	const post = {
		message_text: "Paid share",
		platform: "twitter",
		post_url: "https://x.com/1",
		target_url_used: "https://a",
	};
	const complete = (fields: object) => job(agent, "complete", "job-share", fields);
	const proof = { proof_text: "Posted." };
	t.is(code(await complete(proof)), "400 SOCIAL_POSTS_REQUIRED");
	t.is(code(await complete({ ...proof, social_posts: [] })), "400 SOCIAL_POSTS_REQUIRED");
	t.deepEqual(locs(await complete({ ...proof, social_posts: [{ ...post, platform: 1 }] })), [
		"body.social_posts.0.platform",
	]);
	const lines: Lines = ["action:job_complete", "product:job-share"];
	const filled = JSON.stringify({ ...proof, social_posts: [{ ...post, posted_at: null }] });
	const refused = await agent.post(`${api}/jobs/job-share/complete`, lines, filled, { ...proof, social_posts: [post] });
	t.is(code(refused), "401 EXTERNAL_SIGNATURE_WALLET_MISMATCH");
	t.is(code(await complete({ ...proof, social_posts: [post] })), "200 success");
	market.judge("job-share", false);
	t.is((await job(agent, "status", "job-share")).body.status as string, "rejected");
	t.is((await agent.balance()).body.balance as number, 0);
});

test("a job's workflow is drafted, changed and published privately with the token of that job alone", async (t) => {
	const market = await open(t);
	const agent = await signer(market);
	const reserved = await job(agent, "reserve", "job-workflow");
	const { access_token } = reserved.body.workflow_access as { access_token: string };
	t.true(market.secrets().includes(access_token));
	const token = { "X-Job-Workflow-Token": `Bearer ${access_token}` };
	const base = `${api}/jobs/job-workflow/workflow`;
	const draft = { name: "Two gauges", description: "Reads two", nodes: [{ id: 1 }], edges: [] };
	const create = (headers: Record<string, string>, path = base) =>
		send(market, "POST", `${path}/create`, draft, headers);

	t.is(code(await create({})), "401 JOB_WORKFLOW_TOKEN_MISSING");
	t.is(code(await create({ "X-Job-Workflow-Token": access_token })), "401 JOB_WORKFLOW_TOKEN_INVALID");
	t.is(code(await create({ Authorization: `Bearer ${access_token}` })), "401 JOB_WORKFLOW_TOKEN_MISPLACED");
	t.is(code(await create(token, `${api}/jobs/job-ticket/workflow`)), "401 JOB_WORKFLOW_TOKEN_INVALID");
	t.is(code(await send(market, "GET", `${api}/tools`, undefined, token)), "400 JOB_WORKFLOW_TOKEN_MISPLACED");
	t.is(code(await send(market, "POST", `${base}/create`, { ...draft, nodes: 1 }, token)), "400 WORKFLOW_GRAPH");
	const created = await create(token);
	const id = created.body.workflow_id as string;
	t.is(code(await create(token)), "409 WORKFLOW_EXISTS");

	const complete = (workflow_id: string) =>
		job(agent, "complete", "job-workflow", { proof_text: "built", workflow_id });
	t.is(code(await complete(id)), "400 WORKFLOW_NOT_PUBLISHED");
	t.is(
		(await send(market, "PUT", `${base}/${id}`, { description: "Tested" }, token)).body.description as string,
		"Tested",
	);
	t.is(code(await send(market, "PUT", `${base}/no`, {}, token)), "404 WORKFLOW_NOT_FOUND");
	const publish = (body: object) => send(market, "POST", `${base}/${id}/publish`, body, token);
	t.is(code(await publish({ visibility: "public" })), "403 PUBLIC_PUBLISH_BLOCKED");
	t.is((await publish({})).body.visibility as string, "private");
	t.is((await send(market, "GET", `${api}/workflows?query=gauges`)).body.total as number, 0);
	t.is(code(await complete("another")), "400 WORKFLOW_NOT_PUBLISHED");
	t.is(code(await complete(id)), "200 success");
	market.clock.advance(1_801);
	t.is(code(await publish({})), "401 JOB_WORKFLOW_TOKEN_INVALID");
});

test("a schedule that is due is advanced once, with the account's bearer token", async (t) => {
	const market = await open(t);
	const due_at = new Date(Date.now() - 60_000).toISOString();
	market.schedules.push(
		{ id: "sch-1", workflow_id: "wf-1", every_seconds: 3_600, due_at, handled_at: null, outcome: null },
		{ id: "sch-2", workflow_id: "wf-2", every_seconds: 3_600, due_at, handled_at: null, outcome: null },
	);
	const bearer = { Authorization: `Bearer ${market.account.bearer}` };
	t.is(Buffer.from(market.account.bearer, "base64").toString(), `${market.account.apiKey}:${market.account.budgetKey}`);
	const due = (query = "", headers: Record<string, string> = bearer) =>
		send(market, "GET", `${api}/workflow-schedules/due${query}`, undefined, headers);
	const advance = (id: string, body: object) =>
		send(market, "POST", `${api}/workflow-schedules/${id}/advance`, body, bearer);
	t.is(code(await due("", {})), "401 UNAUTHORIZED");
	t.is(code(await due("", { Authorization: `Bearer ${market.account.apiKey}` })), "401 UNAUTHORIZED");
	t.is(code(await due("?limit=x")), "400 QUERY");
	const listed = await due("?limit=50");
	t.deepEqual(Object.keys(listed.body), ["success", "data", "request_id", "help_url", "help_doc"]);
	t.like(listed.body.data, { count: 2, items: [{ id: "sch-1", due_at }, { id: "sch-2" }] });
	t.like((await due("?limit=1")).body.data, { count: 1 });

	t.is(code(await advance("sch-1", { due_at: "2026-05-15T13:00:00.000Z", outcome: "success" })), "409 DUE_AT_MISMATCH");
	t.is(code(await advance("sch-1", { due_at })), "400 BODY");
	t.is(code(await advance("nothing", { due_at, outcome: "success" })), "400 SCHEDULE_ID");
	t.is(code(await advance("sch-9", { due_at, outcome: "success" })), "404 SCHEDULE_NOT_FOUND");
	const advanced = await advance("sch-1", { due_at, outcome: "success" });
	t.like(advanced.body.data, {
		already_advanced: false,
		schedule: { handled_at: due_at, outcome: "success" },
	});
	t.like((await advance("sch-1", { due_at, outcome: "success" })).body.data, { already_advanced: true });
	t.like((await due()).body.data, { count: 1 });
	market.clock.advance(3_600);
	t.like((await due()).body.data, { count: 2 });
});
