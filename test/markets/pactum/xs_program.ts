/** For the XS host: a device that looks around on Pactum and buys what it is told to. */
import { createPort } from "../../../hal/xs/port.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import { HttpClient } from "../../../src/http/client.js";
import type { HttpResponse } from "../../../src/http/response.js";
import { discover } from "../../../src/markets/pactum/operations.js";
import { Pactum } from "../../../src/markets/pactum/pactum.js";
import type { Rule } from "../../../src/wallet/rule.js";
import { Wallet } from "../../../src/wallet/wallet.js";

interface Configuration {
	readonly gateway: string;
	readonly walletService: string;
	readonly apiKey: string;
	readonly network: string;
	readonly token: string;
	readonly escrow: string;
	readonly wanted: readonly { readonly offer: string; readonly input: string }[];
}

export default async function (): Promise<void> {
	const port = createPort();
	const { clock, timer, keys, storage } = port;
	const configuration = JSON.parse(port.configuration ?? "{}") as Configuration;
	const { gateway, wanted } = configuration;
	const random = (buffer: Uint8Array) => port.random(buffer);
	const http = new HttpClient({ connect: port.connect, timer });
	const pactum = new Pactum({ http, timer, clock, keys, random, log: (event) => port.log(event) }, configuration);
	if (keys.curve(0) === undefined) keys.create(0, "secp256k1");
	const rules = rulesOf(configuration);
	const wallet = new Wallet({ clock, random, keys, storage, slot: 0, rules, plans: wanted.map(({ offer }) => offer) });
	let count = 0;
	for await (const _ of discover(pactum.api, { limit: 100 })) count++;
	port.log({ event: "discovered", count });
	let period = 0;
	for (const { offer, input } of wanted) {
		const seller = { origin: gateway, path: `/market/buy/${offer}` };
		const cap = uint256.fromNumber(1_000_000);
		const order = { plan: offer, period: ++period, seller, cap, request: new Uint8Array(32) };
		const payers = { x402: wallet.purchase(order), account: wallet.account(order) };
		let bytes = 0;
		const deliver = async (response: HttpResponse) => {
			for (let piece = await response.read(); piece !== undefined; piece = await response.read()) bytes += piece.length;
		};
		const { state, outcome, detail } = await pactum.buy({ offer, input }, payers, deliver);
		port.log({ event: "bought", offer, state, outcome, detail, bytes });
	}
	http.close();
}

function rulesOf({ gateway, network, token, escrow }: Configuration): Rule[] {
	const most = "10000000";
	const common = {
		origin: gateway,
		methods: ["account" as const],
		resource: "/market/buy/",
		maxPerPayment: most,
		maxPerWindow: most,
		maxForLife: most,
		maxCountPerWindow: 100,
		windowSeconds: 3_600,
		maxValiditySeconds: 60,
		prepay: false,
	};
	const none = { name: "", version: "", symbol: "", decimals: 6 };
	return [
		{ ...common, name: "credit", asset: { ...none, network: "account:pactum", address: "usd" }, payTo: [] },
		{ ...common, name: "escrow", asset: { ...none, network, address: token }, payTo: [escrow] },
	];
}
