/** One operation of each kind in a fixed order, for cuts at each. The test has the same list. */
import { createPort } from "../../../hal/xs/port.js";

export default function (): void {
	const port = createPort();
	const { serverPort } = JSON.parse(port.configuration ?? "{}") as { serverPort: number };
	port.storage.write("a", Uint8Array.of(1)); // 1
	port.storage.write("a", Uint8Array.of(2)); // 2
	port.timer.set(talk, 1); // 3

	function talk(): void {
		let sent = false;
		// 4
		const stream = port.connect({
			host: "127.0.0.1",
			port: serverPort,
			secure: false,
			onWritable() {
				if (sent) return;
				sent = true;
				stream.write(Uint8Array.of(112, 105, 110, 103)); // 5
			},
			onReadable(count) {
				stream.read(count); // 6
				stream.close();
				port.storage.write("b", Uint8Array.of(3)); // 7
				port.storage.delete("a"); // 8
			},
			onError(reason) {
				port.log({ event: "error", reason });
			},
		});
	}
}
