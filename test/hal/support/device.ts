/**
 * A device with seven things to do to the world, at least one of each kind, for tests that cut its power. It is a program of its
 * own: node device.cjs <port of a server> <folder> <n> <side>
 */
import { createNodePort } from "../../../hal/node/port.js";

const [server, flash, at, side] = process.argv.slice(2) as [string, string, string, "before" | "during" | "after"];
const port = createNodePort({
	flash,
	configuration: "{}",
	onEvent: (event) => console.log(JSON.stringify(event)),
	cut: { at: Number(at), side },
});
const bytes = (text: string) => new TextEncoder().encode(text);

port.storage.write("a", bytes("new"));
let sent = false;
const stream = port.connect({
	host: "127.0.0.1",
	port: Number(server),
	secure: false,
	onWritable() {
		if (!sent) {
			sent = true;
			stream.write(bytes("ping"));
			port.log({ event: "sent" });
		}
	},
	onReadable(count) {
		stream.read(count);
		stream.close();
		port.log({ event: "received" });
		port.timer.set(() => {
			port.log({ event: "fired" });
		}, 1);
		port.timer.set(() => {
			port.storage.delete("b");
			port.log({ event: "ended", operations: port.operations });
			process.exit(0);
		}, 20);
	},
	onError: (reason) => port.log({ event: "error", reason }),
});
