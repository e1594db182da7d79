/** For the XS host: asks for data, "pays" with a header of `headerBytes`, and reads the body piece by piece. */
import { createPort } from "../../../hal/xs/port.js";
import { HttpClient } from "../../../src/http/client.js";
import { HttpError } from "../../../src/http/errors.js";

export default async function (): Promise<void> {
	const port = createPort();
	const { url, headerBytes } = JSON.parse(port.configuration ?? "{}") as { url: string; headerBytes: number };
	const client = new HttpClient({ connect: port.connect, timer: port.timer });
	try {
		const required = await client.request({ method: "GET", url });
		const terms = required.headers.get("payment-required");
		await required.discard();
		const paid = await client.request({
			method: "GET",
			url,
			credentials: [["PAYMENT-SIGNATURE", "s".repeat(headerBytes)]],
		});
		let length = 0;
		let sum = 0;
		for (let piece = await paid.read(); piece !== undefined; piece = await paid.read()) {
			length += piece.length;
			for (const byte of piece) sum = (Math.imul(sum, 31) + byte) >>> 0;
		}
		port.log({ terms: terms?.length, statuses: [required.status, paid.status], length, sum, ...client.counters });
	} catch (error) {
		if (!(error instanceof HttpError)) throw error;
		port.log({ error: error.name, sent: error.sent });
	}
	client.close();
}
