/** The least a program does: says what it sees of the port, and ends. */
import { createPort } from "../../../hal/xs/port.js";

export default function (): void {
	const port = createPort();
	const bytes = new Uint8Array(16);
	port.random(bytes);
	port.log({
		event: "hello",
		wall: port.clock.wall(),
		monotonic: typeof port.clock.monotonic(),
		random: bytes.join(),
		configuration: JSON.parse(port.configuration),
	});
}
