import test from "ava";
import { WifiSupervisor } from "../../hal/esp32/wifi.js";
import { FakeRadio, FakeTimer, MemoryStorage } from "./fakes.js";

/** A supervisor that has just started. `chance` is what the generator gives. */
function start({ chance = 0, storage = new MemoryStorage() } = {}) {
	const timer = new FakeTimer();
	const radio = new FakeRadio();
	const events: object[] = [];
	let connections = 0;
	const random = (buffer: Uint8Array) => buffer.fill(chance);
	const onConnected = () => connections++;
	const wifi = new WifiSupervisor({ radio, timer, random, storage, onConnected, log: (event) => events.push(event) });
	radio.onChanged = () => wifi.changed();
	wifi.start();
	return { wifi, timer, radio, storage, events, connections: () => connections };
}

/** A supervisor in its network. */
function startConnected() {
	const device = start();
	device.wifi.set("home", "correct horse");
	device.radio.become("up");
	device.radio.asked.length = 0;
	return device;
}

test("without a network Wi-Fi does nothing", (t) => {
	const { wifi, timer, radio } = start();
	t.is(wifi.state, "unset");
	t.is(wifi.ssid, "");
	radio.become("joining");
	radio.become("down");
	t.deepEqual([radio.asked, timer.waits], [[], []]);
});

test("a network that is set is stored and connected to", (t) => {
	const { wifi, radio, timer, storage, connections } = start();
	wifi.set("home", "correct horse");
	t.is(wifi.state, "connecting");
	t.deepEqual(radio.asked, ["disconnect", "connect home correct horse"]);
	radio.become("joining");
	t.is(wifi.state, "connecting");
	radio.become("up");
	t.is(wifi.state, "connected");
	t.is(connections(), 1);
	t.deepEqual(timer.waits, []);

	const again = start({ storage });
	t.deepEqual(again.radio.asked, ["connect home correct horse"]);
	t.is(again.wifi.ssid, "home");
});

test("name and password are stored as they were: UTF-8, an open network, a raw key", (t) => {
	for (const [ssid, password] of [
		["Zürich 7", "größer als acht"],
		["café", ""],
		["n".repeat(32), "p".repeat(63)],
		["key", "0f".repeat(32)],
	] as const) {
		const { wifi, storage } = start();
		wifi.set(ssid, password);
		t.deepEqual(start({ storage }).radio.asked, [`connect ${ssid} ${password}`.trim()]);
	}
});

const REFUSED: readonly [what: string, ssid: string, password: string, name: string][] = [
	["a name of 33 bytes", "n".repeat(33), "correct horse", "NetworkName"],
	["a name of 11 characters and 33 bytes", "語".repeat(11), "correct horse", "NetworkName"],
	["a name with a zero in it", "a\0b", "correct horse", "NetworkName"],
	["a password of 7 bytes", "home", "1234567", "NetworkPassword"],
	["one of 64 bytes that is no key", "home", "p".repeat(64), "NetworkPassword"],
	["one of 65", "home", "p".repeat(65), "NetworkPassword"],
	["one with a zero in it", "home", "correct\0horse", "NetworkPassword"],
];
for (const [what, ssid, password, name] of REFUSED) {
	test(`${what} is refused, and the stored network stays`, (t) => {
		const { wifi, radio, storage } = startConnected();
		const error = t.throws(() => wifi.set(ssid, password), { name });
		t.false(error?.message.includes(password));
		t.deepEqual([wifi.state, wifi.ssid, radio.asked], ["connected", "home", []]);
		t.is(start({ storage }).wifi.ssid, "home");
	});
}

test("a network that flash refuses is not connected to", (t) => {
	const storage = new MemoryStorage();
	storage.write = () => {
		throw new Error("full");
	};
	const { wifi, radio } = start({ storage });
	t.throws(() => wifi.set("home", "correct horse"), { message: "full" });
	t.deepEqual([wifi.state, radio.asked], ["unset", []]);
});

test("an empty name forgets the network", (t) => {
	const { wifi, radio, timer, storage } = startConnected();
	wifi.set("", "");
	t.deepEqual([wifi.state, wifi.ssid, radio.asked, timer.waits], ["unset", "", ["disconnect"], []]);
	t.is(start({ storage }).wifi.state, "unset");
});

test("another network replaces the first", (t) => {
	const { wifi, radio } = startConnected();
	wifi.set("office", "battery staple");
	t.deepEqual(radio.asked, ["disconnect", "connect office battery staple"]);
	t.is(wifi.state, "connecting");
});

test("after each failure the wait doubles, up to five minutes", (t) => {
	const { wifi, radio, timer } = start({ chance: 255 });
	wifi.set("home", "correct horse");
	const waits: number[] = [];
	for (let failures = 0; failures < 20; failures++) {
		radio.become("down");
		t.is(timer.waits.length, 1);
		waits.push(timer.waits[0]!);
		timer.pass(timer.waits[0]!);
	}
	const longest = [1, 2, 4, 8, 16, 32, 64, 128, 256, ...Array<number>(11).fill(300)].map((seconds) => seconds * 1_000);
	t.true(waits.every((wait, at) => wait <= longest[at]! && wait >= longest[at]! * 0.999));
});

test("jitter shortens a wait by up to half", (t) => {
	const waits = [0, 127, 255].map((chance) => {
		const { wifi, radio, timer } = start({ chance });
		wifi.set("home", "correct horse");
		radio.become("down");
		return timer.waits[0];
	});
	t.deepEqual(waits, [500, 749, 999]);
});

test("a lost link is reconnected, and the first wait is short again", (t) => {
	const { wifi, radio, timer, connections, events } = startConnected();
	radio.become("down");
	t.is(wifi.state, "connecting");
	t.deepEqual(timer.waits, [500]);
	timer.pass(500);
	t.is(radio.asked.at(-1), "connect home correct horse");
	radio.become("down");
	t.deepEqual(timer.waits, [1_000]);
	timer.pass(1_000);
	radio.become("up");
	t.is(wifi.state, "connected");
	t.is(connections(), 2);
	radio.become("down");
	t.deepEqual(timer.waits, [500]);
	t.deepEqual(
		events.map((event) => (event as { state: string }).state),
		["connected", "lost", "connected", "lost"],
	);
});

test("a lost address counts as a lost link", (t) => {
	const { wifi, radio } = startConnected();
	radio.become("joining");
	t.is(wifi.state, "connecting");
	t.deepEqual(radio.asked, ["disconnect"]);
});

test("an attempt without an address ends after half a minute", (t) => {
	const { wifi, radio, timer } = start();
	wifi.set("home", "correct horse");
	radio.become("joining");
	timer.pass(29_999);
	t.is(radio.asked.at(-1), "connect home correct horse");
	timer.pass(1);
	t.is(radio.asked.at(-1), "disconnect");
	timer.pass(500);
	t.is(radio.asked.at(-1), "connect home correct horse");
});

test("a radio that fails to start is tried again later", (t) => {
	const { wifi, radio, timer } = start();
	radio.cannotBegin = true;
	wifi.set("home", "correct horse");
	t.deepEqual([wifi.state, timer.waits], ["connecting", [500]]);
	radio.cannotBegin = false;
	timer.pass(500);
	radio.become("up");
	t.is(wifi.state, "connected");
});

test("a link-down event during a wait changes nothing", (t) => {
	const { radio, timer } = startConnected();
	radio.become("down");
	radio.become("down");
	t.deepEqual(timer.waits, [500]);
});

test("no event has the password in it", (t) => {
	const { radio, timer, events } = startConnected();
	radio.become("down");
	timer.pass(60_000);
	t.true(events.length > 0);
	t.false(JSON.stringify(events).includes("correct horse"));
});

test("a second address is no second connection", (t) => {
	const { radio, connections, events } = startConnected();
	radio.become("up");
	t.is(connections(), 1);
	t.is(events.length, 1);
});

test("a network that the owner sets ends a long wait", (t) => {
	const { wifi, radio, timer } = start();
	wifi.set("home", "wrong password");
	for (let failures = 0; failures < 9; failures++) {
		radio.become("down");
		timer.pass(timer.waits[0]!);
	}
	wifi.set("home", "correct horse");
	t.is(radio.asked.at(-1), "connect home correct horse");
	radio.become("down");
	t.deepEqual(timer.waits, [500]);
});
