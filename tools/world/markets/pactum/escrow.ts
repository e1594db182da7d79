/**
 * The escrow on the local chain: what the market's wallets and its operator do with it, and what it says happened.
 *
 * `deposit` and its event, which is all that a buyer's device knows of it, are those of fredm45/Pactum 6ef967c,
 * packages/contracts/src/PactumEscrow.sol. That one also takes a fee of what it pays out, which its `Released` names, refuses
 * a dispute more than a day after the deposit, and has names of its own for what the operator does.
 */
import { type Address, type Hex, keccak256, parseAbi, parseEventLogs, toBytes } from "viem";
import { type Chain, newSender, tokenAbi, usdc } from "../../chain.js";
import { escrowCreationCode } from "./escrow_contract.js";

export const escrowAbi = parseAbi([
	"event Deposited(bytes32 indexed orderId, address indexed buyer, address indexed seller, uint256 amount)",
	"event Confirmed(bytes32 indexed orderId, address indexed confirmedBy)",
	"event Disputed(bytes32 indexed orderId, address indexed buyer)",
	"event Released(bytes32 indexed orderId, address indexed seller, uint256 amount)",
	"event Refunded(bytes32 indexed orderId, address indexed buyer, uint256 amount)",
	"struct Order { address buyer; address seller; uint256 amount; uint256 depositedAt; uint8 status; }",
	"function deposit(bytes32 orderId, address seller, uint256 amount)",
	"function confirm(bytes32 orderId)",
	"function dispute(bytes32 orderId)",
	"function release(bytes32 orderId)",
	"function refund(bytes32 orderId)",
	"function getOrder(bytes32 orderId) view returns (Order)",
]);

/** The contract's own states, in its order. */
export const escrowStatuses = ["pending", "released", "refunded", "disputed"] as const;

export interface Deposit {
	readonly buyer: Address;
	readonly seller: Address;
	/** In the token's smallest unit. */
	readonly amount: bigint;
}

export interface EscrowState extends Deposit {
	readonly status: (typeof escrowStatuses)[number];
}

export interface Escrow {
	readonly address: Address;
	/** Returns the contract's state of an order; nothing if there was no deposit. */
	order(orderId: string): Promise<EscrowState | undefined>;
	/** The deposit for `orderId` that `transaction` made, in this contract; nothing if it made none, or failed. */
	depositOf(transaction: Hex, orderId: string): Promise<Deposit | undefined>;
	/** `confirm` and `dispute` are the buyer's, `release` and `refund` the market's. Throws if reverted. */
	call(
		from: Address | "operator",
		functionName: "confirm" | "dispute" | "release" | "refund",
		orderId: string,
	): Promise<Hex>;
}

/** Returns an order's name on the chain: keccak-256 of its id as UTF-8. */
export const orderIdOnChain = (orderId: string): Hex => keccak256(toBytes(orderId));

/** Waits until `hash` is mined. Throws if it was reverted. */
async function mined({ client }: Chain, hash: Hex): Promise<Hex> {
	const { status } = await client.waitForTransactionReceipt({ hash });
	if (status !== "success") throw new Error(`transaction ${hash} was reverted`);
	return hash;
}

/** A fresh escrow for the chain's USDC, at an address of its own. */
export async function deployEscrow(chain: Chain): Promise<Escrow> {
	const operator = newSender();
	const hash = await chain.client.deployContract({
		account: newSender(),
		abi: parseAbi(["constructor(address usdc, address operator)"]),
		bytecode: escrowCreationCode(),
		args: [usdc.address, operator],
		gasPrice: 0n,
	});
	const { contractAddress } = await chain.client.waitForTransactionReceipt({ hash });
	const address = contractAddress!;
	return {
		address,
		order: async (orderId) => {
			const args = [orderIdOnChain(orderId)] as const;
			const read = { address, abi: escrowAbi, functionName: "getOrder", args } as const;
			const { buyer, seller, amount, status } = await chain.client.readContract(read);
			return amount === 0n ? undefined : { buyer, seller, amount, status: escrowStatuses[status]! };
		},
		depositOf: async (transaction, orderId) => {
			const receipt = await chain.client.getTransactionReceipt({ hash: transaction }).catch(() => undefined);
			// A transaction that failed has a receipt too, but no events.
			if (!receipt) return undefined;
			const logs = parseEventLogs({ abi: escrowAbi, eventName: "Deposited", logs: receipt.logs });
			const ours = logs.filter((log) => log.address.toLowerCase() === address.toLowerCase());
			return ours.find(({ args }) => args.orderId === orderIdOnChain(orderId))?.args;
		},
		call: async (from, functionName, orderId) => {
			const account = from === "operator" ? operator : from;
			const args = [orderIdOnChain(orderId)] as const;
			const call = { account, address, abi: escrowAbi, functionName, args, gasPrice: 0n } as const;
			return mined(chain, await chain.client.writeContract(call));
		},
	};
}

export interface DepositRequest {
	readonly from: Address;
	readonly escrow: Address;
	readonly token: Address;
	readonly orderIdOnChain: Hex;
	readonly seller: Address;
	readonly amount: bigint;
}

/**
 * Approves and deposits from a wallet whose key the caller holds. Like the hosted wallet it does what it is told, whatever
 * contract and token that names. Throws if either call is reverted.
 *
 * @returns the hash of the deposit's transaction
 */
export async function deposit(chain: Chain, request: DepositRequest): Promise<Hex> {
	const common = { account: request.from, gasPrice: 0n } as const;
	const approval = [request.escrow, request.amount] as const;
	const approve = {
		...common,
		address: request.token,
		abi: tokenAbi,
		functionName: "approve",
		args: approval,
	} as const;
	await mined(chain, await chain.client.writeContract(approve));
	const args = [request.orderIdOnChain, request.seller, request.amount] as const;
	const call = { ...common, address: request.escrow, abi: escrowAbi, functionName: "deposit", args } as const;
	return mined(chain, await chain.client.writeContract(call));
}
