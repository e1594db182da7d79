/**
 * Tokens that a person may name in one word, such as `usdc@base`: those of Circle (developers.circle.com/stablecoins, "USDC
 * contract addresses", "EURC contract addresses"), with the EIP-712 domain that sellers name for them. They cost a device
 * nothing: it gets the long form, and explains in words what that allows.
 */
import { networkOfName } from "../../src/x402/schemes/exact_evm/networks.js";

/** A token with its network. */
export interface Preset {
	/** A network as configurations have it, with its name. */
	readonly network: { readonly id: string; readonly name: string };
	/** An asset as configurations have it. */
	readonly asset: {
		readonly id: string;
		readonly network: string;
		readonly address: string;
		readonly name: string;
		readonly version: string;
		readonly symbol: string;
		readonly decimals: number;
	};
}

/** Networks that x402 v1 does not list, by their usual name. */
const OTHER_NETWORKS: Readonly<Record<string, string>> = {
	arbitrum: "eip155:42161",
	"arbitrum-sepolia": "eip155:421614",
	optimism: "eip155:10",
	xdc: "eip155:50",
};

const DECIMALS = 6;
const VERSION = "2";

/** Symbol, network, contract, and name of the EIP-712 domain. */
const TOKENS: readonly (readonly [symbol: string, network: string, address: string, domain: string])[] = [
	["USDC", "base", "0x833589fCD6eDb6E08f4c7C32D4f71b54bdA02913", "USD Coin"],
	["USDC", "base-sepolia", "0x036CbD53842c5426634e7929541eC2318f3dCF7e", "USDC"],
	["USDC", "ethereum", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USD Coin"],
	["USDC", "polygon", "0x3c499c542cEF5E3811e1192ce70d8cC03d5c3359", "USD Coin"],
	["USDC", "arbitrum", "0xaf88d065e77c8cC2239327C5EDb3A432268e5831", "USD Coin"],
	["USDC", "arbitrum-sepolia", "0x75faf114eafb1BDbe2F0316DF893fd58CE46AA4d", "USD Coin"],
	["USDC", "optimism", "0x0b2C639c533813f4Aa9D7837CAf62653d097Ff85", "USD Coin"],
	["USDC", "avalanche", "0xB97EF9Ef8734C71904D8002F8b6Bc66Dd9c48a6E", "USD Coin"],
	["USDC", "celo", "0xcebA9300f2b948710d2653dD7B07f33A8B32118C", "USDC"],
	["USDC", "monad", "0x754704Bc059F8C67012fEd69BC8A327a5aafb603", "USDC"],
	["USDC", "sei", "0xe15fC38F6D8c56aF07bbCBe3BAf5708A2Bf42392", "USDC"],
	["USDC", "sei-testnet", "0x4fCF1784B31630811181f670Aea7A7bEF803eaED", "USDC"],
	["USDC", "xdc", "0xfA2958CB79b0491CC627c1557F441eF849Ca8eb1", "USDC"],
	["EURC", "base", "0x60a3E35Cc302bFA44Cb288Bc5a4F316Fdb1adb42", "EURC"],
	["EURC", "base-sepolia", "0x808456652fdb597867f38412077A9182bf77359F", "EURC"],
	["EURC", "ethereum", "0x1aBaEA1f7C830bD89Acc67eC4af516284b1bC33c", "Euro Coin"],
	["EURC", "avalanche", "0xC891EB4cbdEFf6e073e859e987815Ed1505c2ACD", "Euro Coin"],
];

export const PRESETS: readonly Preset[] = TOKENS.map(([symbol, name, address, domain]) => {
	const id = networkOfName(name) ?? OTHER_NETWORKS[name]!;
	const asset = { network: id, address, name: domain, version: VERSION, symbol, decimals: DECIMALS };
	return { network: { id, name }, asset: { id: `${symbol.toLowerCase()}@${name}`, ...asset } };
});

/**
 * Finds a preset.
 *
 * @param word such as `usdc@base`; the network may also be its CAIP-2 identifier
 */
export function findPreset(word: string): Preset | undefined {
	const [symbol, network] = word.toLowerCase().split("@");
	return PRESETS.find(
		({ asset, network: { id, name } }) => asset.symbol.toLowerCase() === symbol && (name === network || id === network),
	);
}
