/**
 * The official facilitator, in process, settling on the local chain; for x402 v2 and v1. Faults are put where they happen
 * in earnest: in front of its verify and settle (the network between server and facilitator), and into its view of the
 * chain (the network between facilitator and node).
 */
import { x402Facilitator } from "@x402/core/facilitator";
import type { FacilitatorClient } from "@x402/core/server";
import { FacilitatorResponseError, type Network } from "@x402/core/types";
import { toFacilitatorEvmSigner } from "@x402/evm";
import { ExactEvmScheme } from "@x402/evm/exact/facilitator";
import { ExactEvmSchemeV1 } from "@x402/evm/exact/v1/facilitator";
import { EVM_NETWORK_CHAIN_ID_MAP } from "@x402/evm/v1";
import type { Address, Hex } from "viem";
import { type Chain, newSender } from "./chain.js";
import { faultNamed } from "./faults.js";

/** The facilitator's own address; it sends each transaction from another one, see `newSender`. */
const facilitatorAddress: Address = "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266";

/** The name of a chain in x402 v1, such as `base-sepolia`. */
export function v1NetworkName(chainId: number): string | undefined {
	return Object.entries(EVM_NETWORK_CHAIN_ID_MAP).find(([, id]) => id === chainId)?.[0];
}

type Signer = Parameters<typeof toFacilitatorEvmSigner>[0];
type Write = Parameters<Signer["writeContract"]>[0];

function faultySigner({ client }: Chain): Signer {
	/** Like a wallet with its key at hand: what would be reverted is not sent, unless the gas is given. */
	const write = async (call: Write): Promise<Hex> => {
		const sent = { ...call, account: newSender(), gasPrice: 0n } as never;
		const gas = call.gas ?? (await client.estimateContractGas(sent));
		return client.writeContract({ ...(sent as object), gas } as never);
	};
	const late = new Map<Hex, number>();
	return {
		address: facilitatorAddress,
		readContract: (call) => client.readContract(call as never),
		verifyTypedData: (data) => client.verifyTypedData(data as never),
		getCode: (of) => client.getCode(of),
		sendTransaction: (transaction) => client.sendTransaction({ account: newSender(), gasPrice: 0n, ...transaction }),
		writeContract: async (call) => {
			if (faultNamed("broadcast-refused")) throw new Error("the node does not take the transaction");
			if (faultNamed("reverted")) return write({ ...call, gas: 40_000n });
			if (faultNamed("front-run")) {
				await client.waitForTransactionReceipt({ hash: await write(call) });
				return write({ ...call, gas: 300_000n });
			}
			const hash = await write(call);
			if (faultNamed("broadcast-then-error")) {
				await client.waitForTransactionReceipt({ hash });
				throw new Error("the node's answer was lost");
			}
			return hash;
		},
		waitForTransactionReceipt: async ({ hash }) => {
			const seen = (late.get(hash) ?? 0) + 1;
			late.set(hash, seen);
			if (seen > (faultNamed("receipt-late")?.waits ?? 0)) return client.waitForTransactionReceipt({ hash });
			// Mined all the same, if the chain is mining, by the time the buyer hears of it.
			await client.waitForTransactionReceipt({ hash, timeout: 500 }).catch(() => undefined);
			throw new Error("timed out waiting for the receipt");
		},
	};
}

/** Creates the facilitator as an x402 server uses it. `verify` and `settle` also take v1's payloads. */
export function createFacilitator(chain: Chain): FacilitatorClient {
	const signer = toFacilitatorEvmSigner(faultySigner(chain));
	const facilitator = new x402Facilitator().register(chain.network, new ExactEvmScheme(signer));
	const v1Name = v1NetworkName(chain.chainId);
	if (v1Name) facilitator.registerV1(v1Name as Network, new ExactEvmSchemeV1(signer));
	return {
		getSupported: async () => facilitator.getSupported() as never,
		verify: async (payment, requirements) => {
			const refused = faultNamed("verify-refuses");
			if (refused) return { isValid: false, invalidReason: refused.reason };
			const failed = faultNamed("verify-fails");
			if (failed) throw new Error(failed.message);
			return facilitator.verify(payment, requirements);
		},
		settle: async (payment, requirements) => {
			const refused = faultNamed("settle-refuses");
			if (refused)
				return { success: false, errorReason: refused.reason, transaction: "", network: requirements.network };
			const failed = faultNamed("settle-fails");
			if (failed) throw new Error(failed.message);
			const settled = await facilitator.settle(payment, requirements);
			const lost = faultNamed("settle-lost");
			if (lost) throw new Error(lost.message);
			if (faultNamed("settle-malformed")) throw new FacilitatorResponseError("the facilitator's answer is not JSON");
			return settled;
		},
	};
}
