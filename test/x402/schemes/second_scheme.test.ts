/** A second payment scheme is one folder and one line: `toy.ts` is added to a copy of the source, and its network is paid on. */

import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import test, { type ExecutionContext } from "ava";
import * as uint256 from "../../../modules/encoding/uint256.js";
import { createPortableSigner } from "../../../modules/signer/portable.js";
import type * as Configuration from "../../../src/configuration/configuration.js";
import type * as WalletModule from "../../../src/wallet/wallet.js";
import type * as Client from "../../../src/x402/client.js";
import type * as List from "../../../src/x402/schemes/list.js";
import { response } from "../../agent/fake_seller.js";
import { makeFolder } from "../../support/folder.js";
import { MemoryFlash, seeded } from "../../support/memory.js";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const ORIGIN = "https://seller.test";

const configuration = JSON.stringify({
	networks: [
		{ id: "eip155:8453", name: "Base" },
		{ id: "toy:street", name: "Street" },
	],
	assets: [
		{ id: "marble", network: "toy:street", address: "toy-marble", name: "m", version: "1", symbol: "M", decimals: 0 },
	],
	rules: [
		{
			name: "street",
			origin: ORIGIN,
			asset: "marble",
			methods: ["nod"],
			payTo: ["toy-shop"],
			maxPerPayment: "10",
			maxPerWindow: "10",
			maxForLife: "10",
			maxCountPerWindow: 1,
			windowSeconds: 60,
			maxValiditySeconds: 60,
		},
	],
	plans: [{ name: "buy", url: `${ORIGIN}/data`, maxAmount: "10" }],
});

const accepted = {
	scheme: "exact",
	network: "toy:street",
	amount: "7",
	asset: "toy-marble",
	payTo: "toy-shop",
	maxTimeoutSeconds: 60,
};

/** The source, with the toy scheme in it. */
function withToy(t: ExecutionContext): string {
	const copy = makeFolder(t);
	for (const folder of ["src", "modules"])
		cpSync(path.join(ROOT, folder), path.join(copy, folder), { recursive: true });
	symlinkSync(path.join(ROOT, "node_modules"), path.join(copy, "node_modules"));
	writeFileSync(path.join(copy, "package.json"), '{"type":"module"}');
	const schemes = path.join(copy, "src/x402/schemes");
	mkdirSync(path.join(schemes, "toy"));
	const toy = readFileSync(path.join(ROOT, "test/x402/schemes/toy.ts"), "utf8");
	const moved = toy
		.replaceAll('"../../../modules/', '"../../../../modules/')
		.replace("../../../src/x402/schemes/", "../");
	writeFileSync(path.join(schemes, "toy/toy.ts"), moved);
	const list = readFileSync(path.join(schemes, "list.ts"), "utf8");
	const line = 'import { toy } from "./toy/toy.js";\n';
	writeFileSync(
		path.join(schemes, "list.ts"),
		line + list.replace("Object.freeze([exactEvm]", "Object.freeze([exactEvm, toy]"),
	);
	return copy;
}

test("a scheme of one folder and one line in the list is configured, allowed, signed and paid", async (t) => {
	const copy = withToy(t);
	const load = async (file: string) => import(pathToFileURL(path.join(copy, file)).href);
	const { SCHEMES } = (await load("src/x402/schemes/list.ts")) as typeof List;
	t.deepEqual(
		SCHEMES.map(({ namespace }) => namespace),
		["eip155", "toy"],
	);
	const { parseConfiguration } = (await load("src/configuration/configuration.ts")) as typeof Configuration;
	const { Wallet } = (await load("src/wallet/wallet.ts")) as typeof WalletModule;
	const { buy } = (await load("src/x402/client.ts")) as typeof Client;

	const keys = createPortableSigner({ keys: new Map(), random: seeded(1) });
	keys.create(0, "ed25519");
	const { rules } = parseConfiguration(configuration, keys, []);
	t.throws(() => parseConfiguration(configuration.replace("toy-shop", "0xshop"), keys, []), {
		message: /rules\[0\]\.payTo\[0\]: expected an address \(expected toy- and a name\)/,
	});
	const wallet = new Wallet({
		clock: { wall: () => 1_795_219_200_000, monotonic: () => 0 },
		random: seeded(2),
		keys,
		storage: new MemoryFlash(),
		slot: 0,
		rules,
		plans: ["buy"],
	});
	const purchase = wallet.purchase({
		plan: "buy",
		period: 0,
		seller: { origin: ORIGIN, path: "/data" },
		cap: uint256.fromDecimal(rules[0]!.maxPerPayment),
		request: new Uint8Array(32),
	});

	let payment = "";
	const http = {
		request: async ({ credentials = [] }: { credentials?: readonly (readonly [string, string])[] }) => {
			payment = credentials[0]?.[1] ?? "";
			const required = Buffer.from(JSON.stringify({ x402Version: 2, accepts: [accepted] })).toString("base64");
			return payment === "" ? response(402, { "payment-required": required }, "") : response(200, {}, "data");
		},
	};
	const deps = { http, timer: {} } as unknown as Parameters<typeof buy>[0];
	const outcome = await buy(deps, { method: "GET", url: `${ORIGIN}/data` }, purchase, async () => {});
	t.like(outcome, { state: "delivered", outcome: "paid" });
	t.is(purchase.record?.validBefore, 1_795_219_200 + 30, "the scheme says how long it lives");
	t.is(purchase.record?.nonce.length, 8);
	const { payload } = JSON.parse(Buffer.from(payment, "base64").toString());
	t.regex(Buffer.from(payload.message, "hex").toString(), /^toy-[0-9a-f]{64} toy-shop 7 [0-9a-f]{16} 1795219230$/);
	t.is(payload.signature, Buffer.from(keys.signMessage(0, Buffer.from(payload.message, "hex"))).toString("hex"));
});
