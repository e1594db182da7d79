/** At most one payment, whatever the power does: on XS, for each way to pay. */
import test from "ava";
import { startWorld, type World } from "../../tools/world/world.js";
import { buildXs, type XsBuild } from "../../tools/xs/build.js";
import { campaign, decayCampaign } from "./campaign.js";

let world: World;
let build: XsBuild;
test.before(async () => {
	build = await buildXs();
	world = await startWorld();
});
test.after.always(() => world?.stop());

for (const kind of ["v2", "v1", "permit2"] as const) {
	test.serial(`${kind}: cut before, in and after every operation, paid once`, async (t) => {
		const { operations, lives, failures } = await campaign(world, kind, "xs", build);
		t.deepEqual(failures, []);
		// Open, two requests, two answers, three records: less would mean that something is not counted.
		t.true(operations >= 8, `${operations} operations`);
		t.log(`${operations} operations, ${lives} devices`);
	});
}

test.serial("v2: cut at every operation, and the power stays away for an hour: paid once, or not at all", async (t) => {
	const { lives, failures } = await campaign(world, "v2", "xs", build, 3_600);
	t.deepEqual(failures, []);
	t.log(`${lives} devices`);
});

test.serial(
	"v2: cut after every operation, and one entry of flash is lost: paid once, or nothing is signed",
	async (t) => {
		const { lives, refused, failures } = await decayCampaign(world, "xs", build);
		t.deepEqual(failures, []);
		t.true(lives >= 15 && refused > 0, `${lives} lives, ${refused} refused`);
		t.log(`${lives} devices, ${refused} refused`);
	},
);
