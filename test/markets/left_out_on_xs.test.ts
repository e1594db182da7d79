/**
 * A market that the list of markets does not include is not in the image: the list is the firmware's own
 * (`src/markets/list.json`), without one line.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { marketFolders } from "../../hal/node/markets.js";
import { buildXs, type XsBuild } from "../../tools/xs/build.js";
import { imageOf } from "../../tools/xs/image.js";
import { makeFolder } from "../support/folder.js";
import { runProgram, xsTest } from "../xs/device.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** By its name: a word that its code alone has. */
const MARKETS = {
	pactum: "https://api.pactum.cc",
	pact: "https://market.pactnetwork.io",
	agentpmt: "https://www.agentpmt.com",
	payanagent: "https://payanagent.com",
} as const;
type Market = keyof typeof MARKETS;
const NAMES = Object.keys(MARKETS) as Market[];

/** The firmware by a list without this market. */
async function buildWithout(market: Market): Promise<XsBuild> {
	const folder = `build/without_${market}`;
	const kept = marketFolders().filter((each) => path.basename(each) !== market);
	const include = kept.map((each) => `${path.relative(folder, each)}/manifest.json`);
	mkdirSync(path.join(ROOT, folder), { recursive: true });
	writeFileSync(path.join(ROOT, folder, "list.json"), JSON.stringify({ include }));
	return await buildXs({ markets: `${folder}/list.json` });
}

/** The market's own modules of an image. */
async function modulesOf(build: XsBuild, market: Market): Promise<string[]> {
	const names = (await imageOf(build)).map(({ name }) => name);
	return names.filter((name) => name.startsWith(`src/markets/${market}/`));
}

/** Of all files that a build's device loads. */
function textOf({ modules }: XsBuild): string {
	const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.map((file) => readFileSync(path.join(file.parentPath, file.name), "utf8")).join("\n");
}

xsTest("the firmware has all four markets", async (t) => {
	const build = await buildXs();
	for (const market of NAMES) {
		t.true((await modulesOf(build, market)).length > 5, market);
		t.true(textOf(build).includes(MARKETS[market]), market);
	}
});

for (const market of NAMES) {
	xsTest(
		`without ${market} in the list its code is not in the image, and a configuration that names it is refused`,
		async (t) => {
			const build = await buildWithout(market);
			t.deepEqual(await modulesOf(build, market), []);
			t.false(textOf(build).includes(MARKETS[market]));
			for (const other of NAMES.filter((name) => name !== market)) {
				t.deepEqual(await modulesOf(build, other), await modulesOf(await buildXs(), other));
			}
			const others = NAMES.filter((name) => name !== market).join(", ");
			await isRefused(t, build, { markets: { [market]: {} } }, `markets.${market}: expected one of ${others}`);
			const plan = { name: "plan", market, offer: "offer", maxAmount: "1" };
			await isRefused(t, build, { plans: [plan] }, "plans[0].market: expected ");
		},
	);
}

async function isRefused(t: ExecutionContext, build: XsBuild, more: object, message: string): Promise<void> {
	const flash = makeFolder(t);
	const configuration = { networks: [], assets: [], rules: [], plans: [], ...more };
	const { events } = await runProgram(t, "", configuration, { build, flash });
	t.is(events.length, 1);
	t.like(events[0], { event: "error", name: "ConfigurationInvalid" });
	t.true(String(events[0]?.message).startsWith(message), String(events[0]?.message));
}
