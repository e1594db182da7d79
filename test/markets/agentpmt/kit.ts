/** What the tests of AgentPMT's client share: a market and a device for each, at whose end nothing secret was said or kept. */
import test, { type ExecutionContext } from "ava";
import { type Chain, startChain } from "../../../tools/world/chain.js";
import type { SeenRequest } from "../../../tools/world/requests.js";
import { open, type AgentPmtRig as Rig } from "./rig.js";

export const API = "/api/external";
export const BALANCE = `${API}/credits/balance`;
export const PURCHASE = `${API}/credits/purchase`;
export const SESSION = `${API}/auth/session`;
export const DO_IT = `${API}/tools/demo-tool/actions/do-it/invoke`;
export const FORECAST = `${API}/tools/weather/actions/forecast/invoke`;
export const KIEL = '{"place":"Kiel"}';

export let chain: Chain;
test.before(async () => {
	chain = await startChain();
});
test.after.always(() => chain?.stop());

/** A test with a market and a device of its own; at its end nothing secret was said or kept. */
export function withRig(title: string, run: (t: ExecutionContext, rig: Rig) => Promise<void>): void {
	test(title, async (t) => {
		const rig = await open(t, chain);
		await run(t, rig);
		rig.isSilent(t);
		t.deepEqual(rig.local.script.left(), []);
	});
}

export const bodyOf = ({ body }: SeenRequest): Record<string, unknown> => JSON.parse(body.toString());
export const idsOf = (requests: readonly SeenRequest[]): unknown[] =>
	requests.map((request) => bodyOf(request).request_id);

export async function all<T>(list: AsyncIterable<T>): Promise<T[]> {
	const items: T[] = [];
	for await (const item of list) items.push(item);
	return items;
}

/** What the market refuses with, in one answer. */
export const refusal = (status: number, body: object | string = {}, headers = {}) =>
	({ name: "answer", status, body, headers }) as const;
export const replay = refusal(409, { success: false, error: "used", code: "EXTERNAL_SIGNATURE_REQUEST_REPLAY" });
/** An answer that does not come. */
export const lost = (at: "request" | "answer" | "headers" | "body") => ({ name: "wire", at, does: "reset" }) as const;
