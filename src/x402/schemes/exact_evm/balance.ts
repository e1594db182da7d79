/** ERC-20 balances: `balanceOf` by `eth_call` (Ethereum JSON-RPC). */
import * as hex from "../../../../modules/encoding/hex.js";
import type { BalanceQuery } from "../scheme.js";

/** The first four bytes of keccak256("balanceOf(address)"), followed by the padding of the address. */
const BALANCE_OF = "0x70a08231000000000000000000000000";

export function balanceQuery(asset: string, owner: string): BalanceQuery {
	const call = { to: asset, data: BALANCE_OF + owner.slice(2).toLowerCase() };
	return { method: "eth_call", params: [call, "latest"] };
}

/** Returns `undefined` for anything but a uint256: an address without a contract answers "0x". */
export function readBalance(result: unknown): Uint8Array | undefined {
	return typeof result === "string" && /^0x[0-9a-fA-F]{64}$/.test(result) ? hex.decode(result, 32) : undefined;
}
