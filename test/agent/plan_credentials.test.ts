/** A plan's credentials reach its seller, and nobody and nothing else. */
import test from "ava";
import { NetworkDevice } from "../support/network_device.js";
import { httpAnswer, startRawSeller, termsAnswer } from "../world/raw_seller.js";
import { configuration, entry } from "./fake_seller.js";

const sellers: Readonly<Record<string, readonly [name: string, value: string, secret: string]>> = {
	"a bearer token": ["authorization", "Bearer t0ken", "t0ken"],
	"a cookie": ["Cookie", "session=s3cr3t", "s3cr3t"],
	"an API key": ["X-API-Key", "key-12345678", "key-12345678"],
};

for (const [what, [name, value, secret]] of Object.entries(sellers)) {
	test(`${what} is sent with both requests, and not to a store`, async (t) => {
		const store = await startRawSeller(() => httpAnswer("200 OK", {}, "data"));
		const seller = await startRawSeller(({ headers }) => {
			if (headers[name.toLowerCase()] !== value) return httpAnswer("401 No", {});
			if (!("payment-signature" in headers)) return termsAnswer({ x402Version: 2, accepts: [entry()] });
			return httpAnswer("302 Found", { Location: `${store.url}/file` });
		});
		t.teardown(store.stop);
		t.teardown(seller.stop);
		const device = new NetworkDevice();
		const plan = { url: `${seller.url}/data`, headers: { [name]: value } };
		const [ended] = await device.purchases(configuration([plan], { origin: seller.url }));
		t.is(`${ended!.state} ${ended!.data}`, "delivered data", String(ended!.detail));
		t.is(seller.requests.length, 2);
		t.false(name.toLowerCase() in store.requests[0]!.headers);
	});

	test(`${what} is in no event, whatever a seller repeats, and in no record`, async (t) => {
		const echo = (status: string) =>
			httpAnswer(status, { Location: `/x?${secret}` }, `your ${name} is ${value}, that is ${secret}`);
		for (const unpaid of [echo("400 No"), echo("302 No"), echo("402 No")]) {
			const seller = await startRawSeller(() => unpaid);
			t.teardown(seller.stop);
			const device = new NetworkDevice();
			const plan = { url: `${seller.url}/data`, headers: { [name]: value } };
			const events = await device.run(configuration([plan], { origin: seller.url }));
			t.false(JSON.stringify(events).includes(secret), JSON.stringify(events));
			for (const bytes of device.flash.entries.values()) t.false(Buffer.from(bytes).includes(secret));
		}
	});
}

test("the client's own headers are still refused, and no value is in the message", (t) => {
	const plan = { headers: { "content-length": "secret-77" } };
	const error = t.throws(() => new NetworkDevice().configuration(configuration([plan])));
	t.regex(error!.message, /content-length/);
	t.notRegex(error!.message, /secret-77/);
});
