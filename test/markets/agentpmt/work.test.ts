/** AgentPMT's client: workflows, jobs, schedules and wallets. */
import { addressOfPublicKey } from "../../../modules/signer/address.js";
import { API, all, BALANCE, bodyOf, chain, lost, refusal, withRig } from "./kit.js";
import { AgentPmtRig as Rig } from "./rig.js";

for (const answers of ["flat", "data"] as const) {
	withRig(`workflows are listed, fetched, read, started, found and ended (${answers})`, async (t, rig) => {
		rig.local.variants.answers = answers;
		const boot = rig.boot();
		const { workflows } = boot.market;
		const listed = await all(workflows.list());
		t.deepEqual(
			listed.map(({ id }) => id),
			rig.local.workflows.map(({ id }) => id),
		);
		t.deepEqual(
			rig.local.seen(`${API}/workflows`).map(({ url }) => url.split("?")[1]),
			["limit=20&skip=0", "limit=20&skip=20", "limit=20&skip=40"],
		);
		const filter = { query: "ticket", categories: "support", industryTags: "software", publisher: "agentpmt" };
		t.deepEqual(
			(await all(workflows.list({ ...filter, limit: 1 }))).map(({ name }) => name),
			["Handle inbound support ticket"],
		);
		await workflows.fetch("wf-1", boot.deliver);
		t.regex(boot.delivered[0]!, /"nodes":\[/);
		await workflows.markdown("wf-0", boot.deliver);
		t.regex(boot.delivered[1]!, /^---\nname: Handle inbound support ticket\n/);

		const first = await workflows.start("wf-1");
		const second = await workflows.start("wf-1", "b");
		t.is((await workflows.start("wf-1")).id, first.id);
		t.deepEqual(await workflows.active(), [
			{ id: first.id, workflow: "wf-1", instance: "" },
			{ id: second.id, workflow: "wf-1", instance: "b" },
		]);
		t.deepEqual(await workflows.active("b"), [{ id: second.id, workflow: "wf-1", instance: "b" }]);
		rig.local.variants.active = "one";
		t.like(await workflows.active(), [{ id: second.id }]);
		await workflows.end("wf-1", first.id);
		await workflows.end("wf-1");
		t.deepEqual(await workflows.active(), []);
		rig.local.variants.active = "list";
		t.deepEqual(await workflows.active(), []);
		t.is((await rig.error(workflows.end("wf-1"))).name, "NotFound");
		t.is((await rig.error(workflows.fetch("no", boot.deliver))).name, "NotFound");
		t.is((await rig.error(workflows.start("a/b"))).name, "IdInvalid");
	});
}

for (const answers of ["flat", "data"] as const) {
	withRig(`jobs are listed, reserved, proven and paid (${answers})`, async (t, rig) => {
		rig.local.variants.answers = answers;
		const { jobs, credits } = rig.boot().market;
		const listed = await all(jobs.list());
		t.is(listed.length, 60);
		t.deepEqual(listed[1], { id: "job-share", kind: "social_share", title: "Share a tool", credits: 100 });
		t.deepEqual(
			rig.local.seen(`${API}/jobs/list`).map((request) => {
				const { limit, skip } = bodyOf(request);
				return [limit, skip];
			}),
			[
				[50, 0],
				[50, 50],
			],
		);
		t.is((await jobs.status("job-ticket")).status, "none");
		const reservation = await jobs.reserve("job-ticket");
		t.like(reservation, { instructions: "File ticket #12345.", workflow: undefined });
		t.is((await jobs.reserve("job-ticket")).id, reservation.id);
		await jobs.complete("job-ticket", { proofText: "ticket #12345", reservation: reservation.id });
		t.deepEqual(await jobs.status("job-ticket"), { status: "submitted", reservation: reservation.id, credits: 50 });
		rig.local.judge("job-ticket", true);
		t.is((await jobs.status("job-ticket")).status, "paid");
		t.is(await credits.balance(), 50);
		t.is((await rig.error(jobs.complete("job-ticket", { proofText: "again" }))).name, "Conflict");
		t.is((await rig.error(jobs.reserve("no-job"))).name, "NotFound");
		const other = new Rig(chain, rig.local).boot().market;
		t.is((await rig.error(other.jobs.reserve("job-ticket"))).name, "Conflict");
	});
}

withRig("social posts of a job are hashed as they are sent", async (t, rig) => {
	const { jobs } = rig.boot().market;
	await jobs.reserve("job-share");
	t.is((await rig.error(jobs.complete("job-share", { proofText: "Posted." }))).name, "RequestInvalid");
	const post = {
		platform: "twitter",
		postUrl: "https://x.com/agent/status/1",
		targetUrlUsed: "https://www.agentpmt.com/marketplace/example?utm_source=x",
		messageText: "Paid AgentPMT share: ☂",
	};
	await jobs.complete("job-share", { proofText: "Posted.", socialPosts: [post, { ...post, postedAt: "2026-11-21" }] });
	t.is((await jobs.status("job-share")).status, "submitted");
	t.like(bodyOf(rig.local.seen(`${API}/jobs/job-share/complete`).at(-1)!), {
		social_posts: [{ post_url: post.postUrl }, { posted_at: "2026-11-21" }],
	});
	t.false("reservation_id" in bodyOf(rig.local.seen(`${API}/jobs/job-share/complete`).at(-1)!));
});

withRig(
	"a job's workflow is drafted, changed and published with the job's token, which goes nowhere else",
	async (t, rig) => {
		const { jobs } = rig.boot().market;
		const reservation = await jobs.reserve("job-workflow");
		const workflow = reservation.workflow!;
		rig.said.push(JSON.stringify(reservation), String(Object.entries(workflow)));
		const draft = { name: "Two gauges", description: "Reads two", nodes: [{ id: 1, at: 0.5 }], edges: [] };
		const id = await workflow.create(draft);
		t.is((await rig.error(workflow.create(draft))).name, "Conflict");
		await workflow.update(id, { description: "Tested" });
		t.is((await rig.error(jobs.complete("job-workflow", { proofText: "built", workflow: id }))).name, "RequestInvalid");
		await workflow.publish(id);
		await jobs.complete("job-workflow", { proofText: "built", workflow: id, reservation: reservation.id });
		t.is((await jobs.status("job-workflow")).status, "submitted");
		t.like(rig.local.workflows.at(-1), { name: "Two gauges", description: "Tested", visibility: "private" });
		const carriers = rig.local.requests.filter(({ headers }) => "x-job-workflow-token" in headers);
		t.is(carriers.length, 4);
		t.true(carriers.every(({ path }) => path.startsWith(`${API}/jobs/job-workflow/workflow/`)));
		t.true(carriers.every(({ headers }) => !("authorization" in headers)));
		t.is((await rig.error(workflow.update("no", {}))).name, "NotFound");
		rig.local.script.next(`${API}/jobs/job-workflow/workflow/${id}/publish`, refusal(403, { code: "PUBLIC" }));
		t.is((await rig.error(workflow.publish(id))).name, "Forbidden");
		rig.local.clock.advance(1_801);
		t.is((await rig.error(workflow.publish(id))).name, "WorkflowTokenInvalid");
	},
);

withRig("due schedules are listed and advanced with the account's token, once each", async (t, rig) => {
	const dueAt = new Date(Date.now() - 60_000).toISOString();
	const schedule = { every_seconds: 3_600, due_at: dueAt, handled_at: null, outcome: null };
	rig.local.schedules.push({ id: "sch-1", workflow_id: "wf-1", ...schedule });
	rig.local.schedules.push({ id: "sch-2", workflow_id: "wf-2", ...schedule });
	t.is((await rig.error(all(rig.boot().market.schedules.due()))).name, "AccountUnauthorized");
	rig.options = { account: rig.local.account.bearer };
	const { schedules } = rig.boot().market;
	const due = await all(schedules.due());
	t.deepEqual(due, [
		{ id: "sch-1", workflow: "wf-1", dueAt },
		{ id: "sch-2", workflow: "wf-2", dueAt },
	]);
	t.is((await all(schedules.due(1))).length, 1);
	t.is((await all(schedules.due(50, "2020-01-01T00:00:00Z"))).length, 0);
	const path = `${API}/workflow-schedules/sch-1/advance`;
	rig.local.script.next(path, lost("answer"));
	t.true(await schedules.advance(due[0]!, "success"), "advanced by the request whose answer was lost");
	t.false(await schedules.advance(due[1]!, "failure"));
	t.is(rig.local.schedules[1]!.outcome, "failure");
	t.is((await all(schedules.due())).length, 0);
	const wrong = { id: "sch-1", dueAt: "2026-05-15T13:00:00.000Z" };
	t.is((await rig.error(schedules.advance(wrong, "success"))).name, "DueTimeMismatch");
	t.is((await rig.error(schedules.advance({ id: "sch-9", dueAt }, "success"))).name, "NotFound");
	t.is((await rig.error(schedules.advance({ id: "nothing", dueAt }, "success"))).name, "RequestInvalid");
	const carriers = rig.local.requests.filter(({ headers }) => "authorization" in headers);
	t.true(carriers.every((request) => request.path.startsWith(`${API}/workflow-schedules/`)));
});

withRig("a wallet's key is made on the device, and agentaddress is never asked", async (t, rig) => {
	const taken = rig.boot().market;
	t.is(t.throws(() => taken.createWallet()).name, "SlotTaken");

	rig.options = { slot: 2 };
	const { market } = rig.boot();
	const wallet = market.createWallet();
	t.is(wallet, addressOfPublicKey(rig.keys, rig.keys.publicKey(2)).toLowerCase());
	t.is(rig.local.requests.length, 0);
	t.is(await market.credits.balance(), 0);
	t.is(bodyOf(rig.local.seen(BALANCE)[0]!).wallet_address, wallet);
});
