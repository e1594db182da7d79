/** Numbers are written alike by XS and by Node, to the last digit: what is hashed here is hashed there. */
import { hashes } from "../../modules/signer/portable.js";
import { digestsOf } from "../encoding/doubles.js";
import { runProgram, xsTest } from "./device.js";

const COUNT = 100_000;
const SEED = 20_261_128;

xsTest(`${COUNT} doubles have the same canonical text on XS and on Node`, async (t) => {
	const { events, result } = await runProgram(t, "doubles", { seed: SEED, count: COUNT });
	t.is(result.reason, undefined);
	const expected = Array.from({ length: COUNT / 10_000 }, (_, i) =>
		digestsOf(hashes, SEED + i * 10_000, 10_000),
	).flat();
	t.deepEqual(
		events.flatMap(({ digests }) => digests as string[]),
		expected,
	);
	t.is(new Set(expected).size, COUNT / 100);
});
