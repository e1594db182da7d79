/**
 * A chain of our own on one machine: anvil, with the contracts that an x402 payment meets. Each is at the address it has
 * on Base Sepolia, so that terms, wallets and the reference facilitator find what they expect there.
 *
 * anvil's clock is the machine's: a block's time is the wall time at which it was mined, like `Date.now()` in the
 * facilitator and the clock of a device.
 */
import {
	type Address,
	bytesToHex,
	concat,
	createTestClient,
	decodeFunctionData,
	defineChain,
	encodeAbiParameters,
	getAddress,
	type Hex,
	http,
	maxUint256,
	numberToHex,
	parseAbi,
	publicActions,
	walletActions,
} from "viem";
import { type Anvil, startAnvil } from "./anvil.js";
import { contracts } from "./contracts.js";

/** A token as terms name it: its address and its EIP-712 domain. All have 6 decimals. */
export interface Token {
	readonly address: Address;
	readonly name: string;
	readonly version: string;
}

export const usdc: Token = { address: "0x036CbD53842c5426634e7929541eC2318f3dCF7e", name: "USDC", version: "2" };
export const eurc: Token = { address: "0x808456652fdb597867f38412077A9182bf77359F", name: "EURC", version: "2" };
export const permit2Address: Address = "0x000000000022D473030F116dDEE9F6B43aC78BA3";
export const exactPermit2ProxyAddress: Address = "0x402085c248EeA27D92E8b30b2C58ed07f9E20001";
const multicall3Address: Address = "0xcA11bde05977b3631167028862bE2a173976CA11";

export const tokenAbi = parseAbi([
	"event Transfer(address indexed from, address indexed to, uint256 value)",
	"event AuthorizationUsed(address indexed authorizer, bytes32 indexed nonce)",
	"function name() view returns (string)",
	"function version() view returns (string)",
	"function balanceOf(address owner) view returns (uint256)",
	"function allowance(address owner, address spender) view returns (uint256)",
	"function authorizationState(address authorizer, bytes32 nonce) view returns (bool)",
	"function approve(address spender, uint256 value) returns (bool)",
	"function mint(address to, uint256 value)",
]);

export const exactPermit2ProxyAbi = parseAbi([
	"struct TokenPermissions { address token; uint256 amount; }",
	"struct PermitTransferFrom { TokenPermissions permitted; uint256 nonce; uint256 deadline; }",
	"struct Witness { address to; uint256 validAfter; }",
	"function settle(PermitTransferFrom permit, address owner, Witness witness, bytes signature)",
]);

/** One `Transfer` event, with the nonce of the authorization that allowed it. */
export interface Transfer {
	readonly token: Address;
	readonly from: Address;
	readonly to: Address;
	/** In the token's smallest unit. */
	readonly value: bigint;
	/** 32 bytes: the EIP-3009 nonce, or Permit2's as a big-endian number; nothing if no authorization was used. */
	readonly nonce: Hex | undefined;
	readonly transactionHash: Hex;
}

export interface Chain {
	readonly rpcUrl: string;
	readonly chainId: number;
	/** CAIP-2, as x402 v2 writes it. */
	readonly network: `eip155:${number}`;
	readonly client: Client;
	/** Gives `to` tokens out of nothing. */
	mint(to: Address, value: bigint, token?: Token): Promise<void>;
	balanceOf(owner: Address, token?: Token): Promise<bigint>;
	/** The one-time `approve(Permit2)` of `owner`, whose key is not needed; without limit, or of `value`. */
	approvePermit2(owner: Address, token?: Token, value?: bigint): Promise<void>;
	/** Every transfer of any token out of `from` since the chain began, in order. */
	transfers(from: Address): Promise<Transfer[]>;
	/** Moves the chain's clock, and only the chain's, to `seconds` since 1970, from where it goes on. Never back. */
	setTime(seconds: number): Promise<void>;
	stop(): Promise<void>;
}

/**
 * An address that nobody used before, to send one transaction from: anvil asks no key and no ether of it, and so
 * transactions sent at the same time do not compete for one account's next nonce.
 */
export const newSender = (): Address => bytesToHex(crypto.getRandomValues(new Uint8Array(20)));

export type Client = ReturnType<typeof connect>;

function connect(rpcUrl: string, chainId: number) {
	const chain = defineChain({
		id: chainId,
		name: "local",
		nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
		rpcUrls: { default: { http: [rpcUrl] } },
	});
	return createTestClient({ mode: "anvil", chain, transport: http(rpcUrl, { retryCount: 0 }), pollingInterval: 20 })
		.extend(publicActions)
		.extend(walletActions);
}

/**
 * Puts a contract at an address of our choice. Its creation code runs there itself, as the code of a call: what it
 * returns is the runtime code with the immutables (Permit2's cached domain separator, the token's) right for the address.
 */
async function place(client: Client, address: Address, creationCode: Hex): Promise<void> {
	await client.setCode({ address, bytecode: creationCode });
	const { data } = await client.call({ to: address });
	await client.setCode({ address, bytecode: data! });
}

async function placeContracts(client: Client): Promise<void> {
	const code = contracts();
	const token = ({ name, version }: Token): Hex =>
		concat([code.Token, encodeAbiParameters([{ type: "string" }, { type: "string" }], [name, version])]);
	await Promise.all([
		place(client, usdc.address, token(usdc)),
		place(client, eurc.address, token(eurc)),
		place(client, permit2Address, code.Permit2),
		place(client, exactPermit2ProxyAddress, code.ExactPermit2Proxy),
		place(client, multicall3Address, code.Multicall3),
	]);
}

/** All transfers of `from`, each beside the authorization of its transaction. */
async function transfersOf(client: Client, from: Address): Promise<Transfer[]> {
	const address = [usdc.address, eurc.address];
	const all = { address, fromBlock: 0n, strict: true } as const;
	const [logs, used] = await Promise.all([
		client.getContractEvents({ ...all, abi: tokenAbi, eventName: "Transfer", args: { from } }),
		client.getContractEvents({ ...all, abi: tokenAbi, eventName: "AuthorizationUsed", args: { authorizer: from } }),
	]);
	const nonces = new Map(used.map((log) => [log.transactionHash, log.args.nonce]));
	return Promise.all(
		logs.map(async ({ address, args, transactionHash }) => ({
			token: getAddress(address),
			...args,
			nonce: nonces.get(transactionHash) ?? (await permit2Nonce(client, transactionHash)),
			transactionHash,
		})),
	);
}

/** Reads a nonce from the call to the proxy, since Permit2 emits no event for it. */
async function permit2Nonce(client: Client, hash: Hex): Promise<Hex | undefined> {
	const { to, input } = await client.getTransaction({ hash });
	if (to?.toLowerCase() !== exactPermit2ProxyAddress.toLowerCase()) return undefined;
	const [permit] = decodeFunctionData({ abi: exactPermit2ProxyAbi, data: input }).args;
	return numberToHex(permit.nonce, { size: 32 });
}

/**
 * Starts a chain; ready in about 0.2 s once the contracts are compiled.
 *
 * @param chainId - 84532 by default, which x402 v1 calls `base-sepolia`
 * @throws {AnvilError}
 */
export async function startChain(chainId = 84532): Promise<Chain> {
	const anvil: Anvil = await startAnvil(chainId);
	const client = connect(anvil.rpcUrl, chainId);
	await client.setLoggingEnabled(false);
	await placeContracts(client);

	/** Sends a call of `account`, which anvil does not ask a key of, and waits until it is mined. */
	const send = async (
		account: Address,
		token: Token,
		call: { functionName: "mint" | "approve"; args: readonly [Address, bigint] },
	): Promise<void> => {
		const hash = await client.writeContract({ account, address: token.address, abi: tokenAbi, gasPrice: 0n, ...call });
		const { status } = await client.waitForTransactionReceipt({ hash });
		if (status !== "success") throw new Error(`${call.functionName} on ${token.name} was reverted`);
	};
	return {
		rpcUrl: anvil.rpcUrl,
		chainId,
		network: `eip155:${chainId}`,
		client,
		mint: (to, value, token = usdc) => send(newSender(), token, { functionName: "mint", args: [to, value] }),
		balanceOf: (owner, token = usdc) =>
			client.readContract({ address: token.address, abi: tokenAbi, functionName: "balanceOf", args: [owner] }),
		approvePermit2: (owner, token = usdc, value = maxUint256) =>
			send(owner, token, { functionName: "approve", args: [permit2Address, value] }),
		transfers: (from) => transfersOf(client, from),
		setTime: async (seconds) => {
			await client.setNextBlockTimestamp({ timestamp: BigInt(seconds) });
			await client.mine({ blocks: 1 });
		},
		stop: anvil.stop,
	};
}
