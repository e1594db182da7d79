/** Terms that are longer than a record: what a payment echoes lies in entries beside it, and comes back byte for byte. */
import test from "ava";
import { configuration, entry, FakeSeller } from "../agent/fake_seller.js";
import { Device } from "../support/device.js";

const ECHO_KEYS = ["e0", "e1", "e2", "e3"];

/** A device in front of a seller with terms of about `size` bytes. */
function shop(extensions: unknown, accepts: unknown[] = [entry()]) {
	const device = new Device();
	const seller = new FakeSeller(device);
	Object.assign(seller, { extensions, accepts });
	const echoed = () => JSON.parse(Buffer.from(seller.payments[0]!.header, "base64").toString());
	const kept = () => ECHO_KEYS.filter((key) => device.flash.entries.has(key));
	return { device, seller, echoed, kept, text: configuration() };
}

const sellers: Readonly<Record<string, { readonly extensions?: unknown; readonly accepts?: unknown[] }>> = {
	"extensions of 3,400 bytes, the most that a record takes": { extensions: { a: "x".repeat(3_150) } },
	"extensions that need one entry": { extensions: { a: "x".repeat(3_500) } },
	"extensions that fill entries to the byte": { extensions: { a: "x".repeat(2 * 3_990) } },
	"extensions of 11 kB": { extensions: { a: "é".repeat(5_500), "payment-identifier": { info: {} } } },
	"an entry of 9 kB": { accepts: [entry({ extra: { name: "USDC", version: "2", note: "x".repeat(9_000) } })] },
	"an entry with a name that only the owner knows, and 5 kB": {
		accepts: [entry({ extra: { note: "€".repeat(1_700) } })],
	},
	"fifty entries, the last of which is the owner's": {
		accepts: [...Array.from({ length: 49 }, (_, i) => entry({ network: `eip155:${i + 1}` })), entry()],
	},
	"40 levels": { extensions: JSON.parse(`${'{"a":['.repeat(20)}1${"]}".repeat(20)}`) },
};

for (const [name, { extensions, accepts = [entry()] }] of Object.entries(sellers)) {
	test(`bought: ${name}`, async (t) => {
		const { device, seller, echoed, kept, text } = shop(extensions, accepts);
		let most = 0;
		device.log = () => {
			most = Math.max(most, kept().length);
		};
		const [ended] = await device.purchases(text);
		t.is(`${ended!.state} ${ended!.outcome}`, "delivered paid", String(ended!.detail));
		t.is(seller.moved, 10_000n);
		t.deepEqual(echoed().accepted, accepts.at(-1));
		const id = extensions && (extensions as Record<string, unknown>)["payment-identifier"];
		if (id === undefined) t.deepEqual(echoed().extensions, extensions);
		else t.regex(echoed().extensions["payment-identifier"].info.id, /^[0-9a-f]{64}$/);
		t.deepEqual(kept(), [], "they go when the purchase has ended");
	});
}

test("terms of more than four entries are not signed", async (t) => {
	const { device, seller, text, kept } = shop({ a: "x".repeat(16_500) });
	const [ended] = await device.purchases(text);
	// The fake seller has no head: a header can have no more than 12,288 bytes of terms.
	t.is(`${ended!.state} ${ended!.outcome}`, "refused TermsTooLarge");
	t.is(seller.payments.length, 0);
	t.deepEqual(kept(), []);
});

for (const key of ECHO_KEYS.slice(0, 3)) {
	for (const state of ["intended", "authorized"] as const) {
		test(`${key} is lost while a purchase is ${state}: no other payment is signed for it`, async (t) => {
			const { device, seller, text } = shop({ a: "x".repeat(9_000) });
			// Three entries, the record, and so on: the power fails after the record's first or second write.
			device.flash.cut = { at: state === "intended" ? 4 : 6, side: "after" };
			await device.run(text);
			device.flash.boot();
			t.is(device.records()[0]!.state, state);
			device.flash.entries.set(
				key,
				device.flash.entries.get(key)!.map((byte, i) => (i === 100 ? byte ^ 1 : byte)),
			);
			const before = new Set(seller.payments.map(({ nonce }) => nonce));
			const [ended] = await device.purchases(text);
			const distinct = new Set([...before, ...seller.payments.map(({ nonce }) => nonce)]).size;
			if (state === "intended") {
				t.is(`${ended!.state} ${ended!.outcome}`, "delivered paid", "nothing had left: it is begun again");
				t.is(distinct, 1);
			} else {
				t.is(`${ended!.state} ${ended!.outcome}`, "unknown EchoLost");
				t.is(seller.payments.length, 0);
			}
			t.deepEqual(device.wallet(text).openPurchases(), []);
			t.is(device.spent()[0]!.total, 10_000n);
		});
	}
}

test("a second purchase with long terms waits for the first, which is open", async (t) => {
	const { device, seller, text, kept } = shop({ a: "x".repeat(5_000) });
	device.flash.cut = { at: 6, side: "after" };
	await device.run(text);
	device.flash.boot();
	t.is(device.records()[0]!.state, "authorized");
	// The first plan's turn is put off; the second's comes.
	const other = configuration([{}, { name: "other" }]);
	device.marks.entries.clear();
	const wallet = device.wallet(other);
	const order = {
		plan: "other",
		period: 0,
		seller: { origin: "http://seller.test", path: "/data" },
		cap: new Uint8Array(32).fill(255),
		request: new Uint8Array(32),
	};
	const { paymentRequiredFromJson } = await import("../../src/x402/payment_required.js");
	const json = JSON.stringify({ x402Version: 2, accepts: seller.accepts, extensions: seller.extensions });
	const terms = () => paymentRequiredFromJson(Buffer.from(json));
	t.throws(() => wallet.purchase(order).pay(terms()), { name: "LedgerFull" });
	t.is(kept().length, 2, "what the first needs is still there");
	const [ended] = await device.purchases(text);
	t.is(`${ended!.state} ${ended!.outcome}`, "delivered paid");
	t.notThrows(() => device.wallet(other).purchase(order).pay(terms()));
});

test("entries of a purchase that ended before they could be deleted go with the next start", (t) => {
	const { device, text, kept } = shop({ a: "x".repeat(5_000) });
	for (const key of ["e0", "e1"]) device.flash.entries.set(key, new Uint8Array(4_000));
	device.wallet(text);
	t.deepEqual(kept(), []);
});
