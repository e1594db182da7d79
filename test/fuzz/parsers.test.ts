/** A fixed few random inputs for each parser; `npm run fuzz` has many more. */
import test from "ava";
import { fuzz } from "./fuzz.js";
import { TARGETS } from "./targets.js";

for (const [name, target] of Object.entries(TARGETS)) {
	test(`random inputs for ${name} are accepted or refused by a named error`, async (t) => {
		const { accepted, faults } = await fuzz(target, 1_500, 1);
		t.deepEqual(faults, []);
		t.true(accepted >= target.corpus.length, "a valid input is refused");
	});
}

test("a parser that throws an error of the language is found", async (t) => {
	const parse = (input: Uint8Array) => (input.length > 9 ? (undefined as unknown as Uint8Array).length : 0);
	const { faults } = await fuzz({ corpus: [new Uint8Array(8)], parse }, 1_000, 1);
	t.regex(faults[0]!, /^TypeError/);
});
