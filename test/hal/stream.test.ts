import { once } from "node:events";
import net, { type AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { nodePort } from "./support/node_port.js";

/** A stream to a server that is given the other end of it, and what the stream told. */
async function talk(t: ExecutionContext, serve: (socket: net.Socket) => void) {
	const server = net.createServer((socket) => {
		socket.on("error", () => {});
		serve(socket);
	});
	await once(server.listen(0, "127.0.0.1"), "listening");
	const connected = once(server, "connection") as Promise<[net.Socket]>;
	const told: (readonly [what: string, value: number | string | undefined])[] = [];
	let changed = () => {};
	const tell = (what: string, value: number | string | undefined) => {
		told.push([what, value]);
		changed();
	};
	const stream = nodePort(t).connect({
		host: "127.0.0.1",
		port: (server.address() as AddressInfo).port,
		secure: false,
		onReadable: (count) => tell("readable", count),
		onWritable: (count) => tell("writable", count),
		onError: (reason) => tell("end", reason),
	});
	t.teardown(() => {
		stream.close();
		server.close();
	});
	const [socket] = await connected;
	/** Waits until something is true of what was told. */
	const until = async (done: () => boolean) => {
		while (!done()) {
			await new Promise<void>((resolve) => {
				changed = resolve;
			});
		}
	};
	return { stream, socket, told, until };
}

const has = (told: readonly (readonly [string, unknown])[], what: string) => told.some(([name]) => name === what);

for (const [how, reason] of [
	["ends", undefined],
	["resets", "ECONNRESET"],
] as const) {
	test(`all bytes of a peer that ${how} the connection can be read before its end is reported`, async (t) => {
		const { stream, socket, told, until } = await talk(t, () => {});
		socket.write("0123456789");
		await until(() => has(told, "readable"));
		const gone = once(socket, "close");
		if (how === "ends") socket.end();
		else socket.resetAndDestroy();
		t.is(Buffer.from(stream.read(3)!).toString(), "012");
		await Promise.race([gone, new Promise((resolve) => setTimeout(resolve, 20))]);
		t.false(has(told, "end"));
		t.is(Buffer.from(stream.read(100)!).toString(), "3456789");
		t.is(stream.read(1), undefined);
		await until(() => has(told, "end"));
		t.deepEqual(told.at(-1), ["end", reason]);
	});
}

test("writable bytes are announced, and a write of more is refused", async (t) => {
	const { stream, told, until } = await talk(t, (socket) => socket.resume());
	await until(() => has(told, "writable"));
	const room = told[0]![1] as number;
	t.throws(() => stream.write(new Uint8Array(room + 1)), { instanceOf: RangeError });
	stream.write(new Uint8Array(room));
	t.throws(() => stream.write(new Uint8Array(1)), { instanceOf: RangeError });
	await until(() => told.length > 1);
	t.deepEqual(told[1], ["writable", room]);
});

test("a closed stream reports nothing, and can be closed again", async (t) => {
	const { stream, socket, told, until } = await talk(t, () => {});
	await until(() => has(told, "writable"));
	const gone = once(socket, "close");
	stream.close();
	stream.close();
	socket.resume();
	await gone;
	t.is(stream.read(1), undefined);
	t.throws(() => stream.write(new Uint8Array(1)), { instanceOf: RangeError });
	t.deepEqual(
		told.map(([what]) => what),
		["writable"],
	);
});

test("a reader that does not read holds the sender back", async (t) => {
	const { socket, told, until } = await talk(t, () => {});
	const megabytes = 64 << 20;
	socket.end(Buffer.alloc(megabytes));
	await until(() => has(told, "readable"));
	for (let turn = 0; turn < 100; turn++) await new Promise((resolve) => setImmediate(resolve));
	const waiting = Math.max(...told.map(([what, value]) => (what === "readable" ? Number(value) : 0)));
	t.true(waiting <= 2_048 + 65_536, `${waiting} bytes waited`);
	t.true(socket.writableLength > megabytes / 2);
});
