/** The v1 seller, bought from by hand, with viem as the wallet. */
import test from "ava";
import type { Hex } from "viem";
import { generatePrivateKey, type PrivateKeyAccount, privateKeyToAccount } from "viem/accounts";
import { usdc } from "../../tools/world/chain.js";
import type { Fault } from "../../tools/world/faults.js";
import { payTo } from "../../tools/world/resources.js";
import { startWorld, type World } from "../../tools/world/world.js";

let world: World;
test.before(async () => {
	world = await startWorld();
});
test.after.always(() => world?.stop());

interface Accepts {
	readonly network: string;
	readonly maxAmountRequired: string;
	readonly payTo: Hex;
	readonly asset: Hex;
	readonly maxTimeoutSeconds: number;
	readonly extra: { readonly name: string; readonly version: string };
}

const transferWithAuthorization = [
	{ name: "from", type: "address" },
	{ name: "to", type: "address" },
	{ name: "value", type: "uint256" },
	{ name: "validAfter", type: "uint256" },
	{ name: "validBefore", type: "uint256" },
	{ name: "nonce", type: "bytes32" },
] as const;

async function newWallet(): Promise<PrivateKeyAccount> {
	const wallet = privateKeyToAccount(generatePrivateKey());
	await world.chain.mint(wallet.address, 1_000_000n);
	return wallet;
}

/** The value of `X-PAYMENT` for the first offer of `url`. */
async function sign(wallet: PrivateKeyAccount, url: string): Promise<string> {
	const { accepts } = (await (await fetch(url)).json()) as { accepts: [Accepts] };
	const [{ network, maxAmountRequired, payTo, asset, maxTimeoutSeconds, extra }] = accepts;
	const authorization = {
		from: wallet.address,
		to: payTo,
		value: maxAmountRequired,
		validAfter: "0",
		validBefore: String(Math.floor(Date.now() / 1000) + maxTimeoutSeconds),
		nonce: generatePrivateKey(),
	};
	const signature = await wallet.signTypedData({
		domain: { ...extra, chainId: 84532, verifyingContract: asset },
		types: { TransferWithAuthorization: transferWithAuthorization },
		primaryType: "TransferWithAuthorization",
		message: {
			...authorization,
			value: BigInt(authorization.value),
			validAfter: 0n,
			validBefore: BigInt(authorization.validBefore),
		},
	});
	const payment = { x402Version: 1, scheme: "exact", network, payload: { signature, authorization } };
	return Buffer.from(JSON.stringify(payment)).toString("base64");
}

const nonceOf = (payment: string): Hex =>
	JSON.parse(Buffer.from(payment, "base64").toString()).payload.authorization.nonce;

/** Sends a payment; the answer in a few words, as `inWords` has it for v2. */
async function pay(url: string, payment: string): Promise<string> {
	const response = await fetch(url, { headers: { "X-PAYMENT": payment } });
	const header = response.headers.get("x-payment-response");
	const receipt = header && JSON.parse(Buffer.from(header, "base64").toString());
	const body = (await response.json()) as { error?: string };
	if (receipt?.success) return `${response.status} settled`;
	return `${response.status} ${receipt ? "failed" : "terms"} ${body.error}`;
}

test("the v1 seller puts its terms into the body", async (t) => {
	const response = await fetch(`${world.v1.url}/data`);
	t.is(response.status, 402);
	t.is(response.headers.get("payment-required"), null);
	t.deepEqual(await response.json(), {
		x402Version: 1,
		error: "X-PAYMENT header is required",
		accepts: [
			{
				scheme: "exact",
				network: "base-sepolia",
				maxAmountRequired: "10000",
				resource: `${world.v1.url}/data`,
				description: "sensor data",
				mimeType: "application/json",
				payTo,
				maxTimeoutSeconds: 60,
				asset: usdc.address,
				extra: { name: "USDC", version: "2" },
			},
		],
	});
});

test("a v1 purchase has its receipt and its transfer", async (t) => {
	const wallet = await newWallet();
	const payment = await sign(wallet, `${world.v1.url}/data`);
	const response = await fetch(`${world.v1.url}/data`, { headers: { "X-PAYMENT": payment } });
	t.is(response.status, 200);
	t.deepEqual(await response.json(), { resource: "/data", temperature: 21.5, unit: "C" });
	const receipt = JSON.parse(Buffer.from(response.headers.get("x-payment-response")!, "base64").toString());
	t.deepEqual(await world.chain.transfers(wallet.address), [
		{
			token: usdc.address,
			from: wallet.address,
			to: payTo,
			value: 10_000n,
			nonce: nonceOf(payment),
			transactionHash: receipt.transaction,
		},
	]);
});

test("the v1 seller serves a free resource, and refuses what it does not understand", async (t) => {
	t.is((await fetch(`${world.v1.url}/free`)).status, 200);
	t.is(await pay(`${world.v1.url}/data`, "not base64"), "402 terms Invalid or malformed payment header");
	const elsewhere = Buffer.from('{"x402Version":1,"scheme":"exact","network":"base"}').toString("base64");
	t.is(await pay(`${world.v1.url}/data`, elsewhere), "402 terms Unable to find matching payment requirements");
});

const used = "402 terms invalid_exact_evm_nonce_already_used";
const table: readonly (readonly [name: string, Fault | undefined, first: string, moved: 0 | 1, again: string])[] = [
	["same payment again", undefined, "200 settled", 1, used],
	[
		"handler answers 503",
		{ name: "handler-status", status: 503 },
		"503 terms the sensor does not answer",
		0,
		"200 settled",
	],
	[
		"verify refuses",
		{ name: "verify-refuses", reason: "invalid_signature" },
		"402 terms invalid_signature",
		0,
		"200 settled",
	],
	["settle's answer lost", { name: "settle-lost", message: "fetch failed" }, "402 terms fetch failed", 1, used],
	["transaction reverted", { name: "reverted" }, "402 failed invalid_exact_evm_transaction_failed", 0, "200 settled"],
	["facilitator will not settle", { name: "settle-refuses", reason: "no" }, "402 failed no", 0, "200 settled"],
];

for (const [name, fault, first, moved, again] of table) {
	test(`${name}: ${first}, then ${again}`, async (t) => {
		const wallet = await newWallet();
		const path = `/data/${encodeURIComponent(name)}`;
		const url = world.v1.url + path;
		const payment = await sign(wallet, url);
		if (fault) world.v1.faults.add(path, fault);
		t.is(await pay(url, payment), first);
		t.is((await world.chain.transfers(wallet.address)).length, moved);
		t.is(await pay(url, payment), again);
		t.is((await world.chain.transfers(wallet.address)).length, 1);
	});
}
