/** Balances, from the JSON-RPC that the owner configured. No decision about spending depends on them. */
import * as uint256 from "../../../modules/encoding/uint256.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { NamedAsset } from "../../configuration/configuration.js";
import { HttpClient } from "../../http/client.js";
import { schemeOfNetwork } from "../../x402/schemes/list.js";
import { addressIn } from "../address.js";
import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { money } from "../money.js";

const ANSWER_LIMIT = 1_024;

export const balance: Command = Object.freeze({
	name: "balance",
	isLight: false,
	help: Object.freeze([
		"balance  shows the wallet's balance of each asset, by the rpc of its network",
		'  A network has an rpc if it was set with one: network set {"id":"eip155:8453","name":"Base","rpc":"https://…"}',
	]),
	async run(args, session) {
		args.end();
		const { device, keys } = session;
		const address = addressIn(device, keys);
		const assets = (device.configuration?.assets ?? []).filter((asset) => rpcOf(session, asset) !== undefined);
		if (address === "" || assets.length === 0) {
			throw new ConsoleError("NoRpc", 'there is no key, or no asset on a network with an "rpc": see "help balance"');
		}
		const http = new HttpClient({ connect: session.connect, timer: session.timer });
		try {
			const balances: object[] = [];
			for (const asset of assets) {
				const amount = await askBalance(http, rpcOf(session, asset)!, asset, address);
				balances.push({ asset: asset.id, amount: uint256.toDecimal(amount), inWords: money(amount, asset) });
			}
			return { address, balances };
		} finally {
			http.close();
		}
	},
} satisfies Command);

function rpcOf({ device }: Session, { network }: NamedAsset): string | undefined {
	return device.configuration?.networks.find(({ id }) => id === network)?.rpc;
}

async function askBalance(http: HttpClient, url: string, asset: NamedAsset, address: string): Promise<Uint8Array> {
	const scheme = schemeOfNetwork(asset.network)!;
	const body = JSON.stringify({ jsonrpc: "2.0", id: 1, ...scheme.balanceQuery(asset.address, address) });
	const headers = [["content-type", "application/json"]] as const;
	try {
		const response = await http.request({ method: "POST", url, headers, body: utf8.encode(body) });
		const text = utf8.decode(await response.bytes(ANSWER_LIMIT));
		const { result } = JSON.parse(text) as { readonly result?: unknown };
		const balance = scheme.readBalance(result);
		if (balance !== undefined) return balance;
	} catch {
		// Reported below without this error's message, which has the rpc's address and may so have a key.
	}
	throw new ConsoleError("RpcFailed", `the rpc of ${asset.network} did not answer with a balance of ${asset.id}`);
}
