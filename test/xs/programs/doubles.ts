/** Hashes the canonical texts of as many doubles as the configuration says. */
import { createPort } from "../../../hal/xs/port.js";
import { digestsOf } from "../../encoding/doubles.js";

export default function (): void {
	const { keys, log, configuration } = createPort();
	const { seed, count } = JSON.parse(configuration ?? "{}") as { seed: number; count: number };
	for (let part = 0; part < count; part += 10_000) {
		log({ event: "digests", digests: digestsOf(keys, seed + part, 10_000) });
	}
}
