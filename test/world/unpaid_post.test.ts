/** A request that costs nothing may still do something: after a lost answer only an idempotent one is repeated. */
import test from "ava";
import { configuration } from "../agent/fake_seller.js";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, type RawAnswer, startRawSeller } from "./raw_seller.js";

const cut = { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", close: true };
const lost = { bytes: "", close: true };

const table: readonly (readonly [what: string, method: string, first: RawAnswer, requests: number, ends: string])[] = [
	["the answer to a GET is lost", "GET", lost, 2, "delivered free"],
	["the answer to a PUT is lost", "PUT", lost, 2, "delivered free"],
	["the answer to a POST is lost", "POST", lost, 1, "refused NoResponse"],
	["the head of a POST's answer is cut", "POST", { bytes: "HTTP/1.1 20", close: true }, 1, "refused HeadCut"],
	["the body of a POST's answer is cut", "POST", cut, 1, "refused BodyCut"],
	["the body of a GET's answer is cut", "GET", cut, 2, "delivered free"],
];

for (const [what, method, first, requests, ends] of table) {
	test(`${what}: ${requests} of it reach the seller, ${ends}`, async (t) => {
		const seller = await startRawSeller(() =>
			seller.requests.length === 1 ? first : httpAnswer("200 OK", {}, "data"),
		);
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		device.isPatient = true;
		const body = method === "GET" ? {} : { body: "x" };
		const plans = [{ url: `${seller.url}/a`, method, ...body }];
		const ended = (await device.purchases(configuration(plans, { origin: seller.url }))).at(-1);
		t.is(`${ended!.state} ${ended!.outcome}`, ends);
		t.is(seller.requests.length, requests);
	});
}

test("a POST that was never sent is repeated", async (t) => {
	const seller = await startRawSeller(() => httpAnswer("200 OK", {}, "data"));
	const { url } = seller;
	await seller.stop();
	const device = new NetworkDevice();
	const [ended] = await device.purchases(configuration([{ url: `${url}/a`, method: "POST" }], { origin: url }));
	t.is(ended!.outcome, "ConnectFailed");
	t.true(Number(ended!.retryInSeconds) < 2);
});
