/**
 * A market that `src/markets/list.ts` does not list is not in the image. The list is the firmware's own, with one market's lines
 * taken out.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { buildXs, type XsBuild } from "../../tools/xs/build.js";
import { imageOf } from "../../tools/xs/image.js";
import { makeFlash, runProgram, xsTest } from "../xs/device.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** By its name: what src/markets/list.ts calls its shop, and a word that its code alone has. */
const MARKETS = {
	pactum: { shop: "pactumShop", word: "https://api.pactum.cc" },
	pact: { shop: "pactShop", word: "https://market.pactnetwork.io" },
	agentpmt: { shop: "agentPmtShop", word: "https://www.agentpmt.com" },
	payanagent: { shop: "payanAgentShop", word: "https://payanagent.com" },
} as const;
type Market = keyof typeof MARKETS;
const NAMES = Object.keys(MARKETS) as Market[];

/** The firmware without a market: hal/xs/main.ts and src/markets/list.ts, a folder deeper. */
async function buildWithout(market: Market): Promise<XsBuild> {
	const folder = `build/without_${market}/hal`;
	mkdirSync(path.join(ROOT, folder, "xs"), { recursive: true });
	const { shop } = MARKETS[market];
	const list = readFileSync(path.join(ROOT, "src/markets/list.ts"), "utf8")
		.replace(new RegExp(`^import .*\\b${shop}\\b.*\\n`, "m"), "")
		.replace(new RegExp(`\\b${shop}(, )?`), "");
	const entry = readFileSync(path.join(ROOT, "hal/xs/main.ts"), "utf8").replace(
		"./port.js",
		"../../../../hal/xs/port.js",
	);
	writeFileSync(path.join(ROOT, folder, "markets.ts"), list.replaceAll('"../src', '"../../../src'));
	writeFileSync(path.join(ROOT, folder, "xs/main.ts"), entry.replaceAll('"../../src', '"../../../../src'));
	return await buildXs({ entry: `${folder}/xs/main.ts` });
}

/** The market's own modules of an image. */
async function modulesOf(build: XsBuild, market: Market): Promise<string[]> {
	const own = new RegExp(`^src/(markets/${market}/|agent/shops/${market}$)`);
	return (await imageOf(build)).map(({ name }) => name).filter((name) => own.test(name));
}

/** Of all files that a build's device loads. */
function textOf({ modules }: XsBuild): string {
	const files = readdirSync(modules, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	return files.map((file) => readFileSync(path.join(file.parentPath, file.name), "utf8")).join("\n");
}

xsTest("the firmware has all four", async (t) => {
	const build = await buildXs();
	for (const market of NAMES) {
		t.true((await modulesOf(build, market)).length > 5, market);
		t.true(textOf(build).includes(MARKETS[market].word), market);
	}
});

for (const market of NAMES) {
	xsTest(
		`without ${market}: none of its code is in the image, the others' is, and a configuration that names it is refused`,
		async (t) => {
			const build = await buildWithout(market);
			t.deepEqual(await modulesOf(build, market), []);
			t.false(textOf(build).includes(MARKETS[market].word));
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
	const flash = await makeFlash(t);
	const configuration = { networks: [], assets: [], rules: [], plans: [], ...more };
	const { events } = await runProgram(t, "", configuration, { build, flash });
	t.is(events.length, 1);
	t.like(events[0], { event: "error", name: "ConfigurationInvalid" });
	t.true(String(events[0]?.message).startsWith(message), String(events[0]?.message));
}
