/** Two of the sizes of `test/fuzz/large_answers.ts`; the fuzzing has them all. */
import { buildXs } from "../../tools/xs/build.js";
import { LIGHT_PLANS, PLANS } from "../fuzz/full_machine.js";
import { buyLarge, type LargeCase, largeCases } from "../fuzz/large_answers.js";
import { makeFolder } from "../support/folder.js";
import { xsTest } from "../xs/device.js";

/** What fits is held most of; of what is refused for its length, which takes long, each eighth case. */
const cases: readonly LargeCase[] = [...largeCases([8_000]), ...largeCases([20_000]).filter((_, i) => i % 8 === 0)];

for (let first = 0; first < cases.length; first += PLANS) {
	const some = cases.slice(first, first + PLANS);
	xsTest(`a full machine outlives large answers: ${some[0]!.name} to ${some.at(-1)!.name}`, async (t) => {
		const { failures, peak } = await buyLarge(await buildXs(), makeFolder(t), some);
		t.deepEqual(failures, []);
		t.log(`peak ${peak} bytes`);
	});
}

/** As long as the reference client takes, 16 kB of header. */
const longTerms = largeCases([11_500]).filter(({ name }) => /^(terms|402 after payment), /.test(name));

for (let first = 0; first + LIGHT_PLANS <= longTerms.length; first += LIGHT_PLANS) {
	const some = longTerms.slice(first, first + LIGHT_PLANS);
	xsTest(`a machine with four plans outlives long terms: ${some[0]!.name} to ${some.at(-1)!.name}`, async (t) => {
		const { failures, peak } = await buyLarge(await buildXs(), makeFolder(t), some);
		t.deepEqual(failures, []);
		t.log(`peak ${peak} bytes`);
	});
}
