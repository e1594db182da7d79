/**
 * A deposit whose answer was lost, looked for where it would be: among what the escrow has emitted on its chain. A node of
 * the owner's is asked, by Ethereum's JSON-RPC (`eth_blockNumber`, `eth_getLogs`). That an event's first indexed argument is
 * the order's hash, as of the escrow on the test network, is a best reading. What a node says wrongly costs nothing: the
 * market looks at the transaction itself.
 */

import { fields, items } from "../../../modules/encoding/json/items.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { HttpClient } from "../../http/client.js";
import { transactionOf } from "./shapes.js";

/** Blocks back that are looked at: 5 hours of Base, and no more than nodes allow. */
const BLOCKS = 9_000;
const LOG_LIMIT = 1_024;

/**
 * The transaction that emitted something for this order, `undefined` for none. `escrow` and `orderHash` with 0x. Throws
 * `HttpError`, `ItemsError`, `PactumError` `AnswerMalformed`.
 */
export async function findDeposit(
	http: HttpClient,
	rpc: string,
	escrow: string,
	orderHash: string,
): Promise<string | undefined> {
	const { result } = await fields(await ask(http, rpc, "eth_blockNumber", ""), ["result"], LOG_LIMIT);
	if (typeof result !== "string") return undefined;
	const fromBlock = `0x${Math.max(0, Number(result) - BLOCKS).toString(16)}`;
	const filter = JSON.stringify({ address: escrow, fromBlock, toBlock: "latest", topics: [null, orderHash] });
	const logs = items(await ask(http, rpc, "eth_getLogs", filter), "result", LOG_LIMIT, undefined, ["transactionHash"]);
	for await (const log of logs) {
		const hash = log.members("transactionHash")[0]?.leaf;
		if (typeof hash === "string") return transactionOf(hash);
	}
	return undefined;
}

/** `parameter`: JSON. */
function ask(http: HttpClient, url: string, method: string, parameter: string) {
	const body = utf8.encode(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":[${parameter}]}`);
	const headers = [["content-type", "application/json"]] as const;
	return http.request({ method: "POST", url, headers, body, replayable: true });
}
