/**
 * Searches the escrow's events on its chain for a deposit whose answer was lost. It asks the owner's node by Ethereum's
 * JSON-RPC (`eth_blockNumber`, `eth_getLogs`). It assumes that an event's first indexed argument is the order's hash, as on
 * the test network; this is undocumented. A false answer of the node costs nothing: the market itself checks the transaction.
 */

import { fields, items } from "../../../modules/encoding/json/items.js";
import * as utf8 from "../../../modules/encoding/utf8.js";
import type { HttpClient } from "../../http/client.js";
import { transactionOf } from "./shapes.js";

/** Blocks to search backwards: 5 hours on Base, and no more than nodes allow. */
const BLOCKS = 9_000;
const LOG_LIMIT = 1_024;

/**
 * Returns the transaction that emitted an event for this order; `undefined` if there is none. `escrow` and `orderHash` with
 * 0x. Throws `HttpError`, `ItemsError`, `PactumError` `AnswerMalformed`.
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

/** `parameter`: JSON text. */
function ask(http: HttpClient, url: string, method: string, parameter: string) {
	const body = utf8.encode(`{"jsonrpc":"2.0","id":1,"method":"${method}","params":[${parameter}]}`);
	const headers = [["content-type", "application/json"]] as const;
	return http.request({ method: "POST", url, headers, body, replayable: true });
}
