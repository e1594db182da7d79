/** A fifth market is one folder and one line in the list of markets: the firmware buys there, on XS. */

import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { marketFolders } from "../../hal/node/markets.js";
import { buildXs } from "../../tools/xs/build.js";
import { makeFolder, removeFolder } from "../support/folder.js";
import { listen, runProgram, xsTest } from "../xs/device.js";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const FOLDER = "build/fifth_market";

/** A market that charges one unit of its account's credit for an answer. */
const KIND = `
import * as uint256 from "../../../modules/encoding/uint256.js";
import { ask, isSuccess } from "../../../src/markets/kit/ask.js";
import { MarketError } from "../../../src/markets/kit/errors.js";
import { originIn } from "../../../src/markets/kit/origin.js";
import { jsonRequest } from "../../../src/markets/kit/request.js";
import type { Market, MarketDeps, MarketKind, MarketOrder, MarketPayers } from "../../../src/markets/market.js";
import type { Deliver, Outcome } from "../../../src/x402/client.js";

class Rain implements Market {
	readonly name = "rain";
	readonly #deps: MarketDeps;
	readonly #origin: string;

	constructor(deps: MarketDeps, origin: string) {
		this.#deps = deps;
		this.#origin = origin;
	}

	async buy({ offer }: MarketOrder, { account }: MarketPayers, deliver: Deliver): Promise<Outcome> {
		const { http, timer } = this.#deps;
		const amount = uint256.fromNumber(1);
		account.begin({ network: "account:rain", asset: "drop", payTo: "", amount }, new Uint8Array(0));
		account.advance(new Uint8Array(0));
		const response = await ask(timer, "never", async () => {
			const answer = await http.request(jsonRequest("GET", this.#origin + "/" + offer));
			if (isSuccess(answer)) return answer;
			throw new MarketError("Refused", "the market answered " + answer.status);
		});
		await deliver(response);
		const outcome: Outcome = { state: "delivered", outcome: "paid", detail: "", transaction: "" };
		account.end(outcome);
		return outcome;
	}
}

export const kind: MarketKind = Object.freeze({
	name: "rain",
	title: "Rain",
	open(field, deps) {
		const origin = originIn(field.members("host").host, "https://rain.example");
		return { market: new Rain(deps, origin), origin };
	},
} satisfies MarketKind);
`;

xsTest("a market in a folder of its own, listed in one line, sells to a device", async (t) => {
	const folder = path.join(ROOT, FOLDER);
	mkdirSync(path.join(folder, "rain"), { recursive: true });
	t.teardown(() => removeFolder(folder));
	writeFileSync(path.join(folder, "rain/kind.ts"), KIND);
	const firmware = marketFolders().map((each) => `${path.relative(FOLDER, each)}/manifest.json`);
	writeFileSync(path.join(folder, "list.json"), JSON.stringify({ include: [...firmware, "./rain/manifest.json"] }));
	const build = await buildXs({ markets: `${FOLDER}/list.json` });

	const server = createServer((request, response) => response.end(`{"at":"${request.url}","mm":3}`));
	const origin = `http://127.0.0.1:${await listen(t, server)}`;
	const caps = { maxPerPayment: "1", maxPerWindow: "1", maxForLife: "10", maxCountPerWindow: 1, windowSeconds: 60 };
	const configuration = {
		networks: [],
		assets: [{ id: "drops", network: "account:rain", address: "drop", symbol: "drops", decimals: 0 }],
		markets: { rain: { host: origin } },
		rules: [{ name: "rain", origin, asset: "drops", methods: ["account"], ...caps, maxValiditySeconds: 60 }],
		plans: [{ name: "rain today", market: "rain", offer: "kiel", maxAmount: "1" }],
	};
	const { events } = await runProgram(t, "", configuration, { build, flash: makeFolder(t) });
	t.like(
		events.find(({ event }) => event === "purchase"),
		{ url: "rain: kiel", state: "delivered", outcome: "paid", amount: "1", data: '{"at":"/kiel","mm":3}' },
		JSON.stringify(events),
	);
});
