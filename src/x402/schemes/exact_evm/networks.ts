/**
 * The names x402 v1 gives to chains, as CAIP-2 identifiers (x402 v1 `SupportedEVMNetworks`; CAIP-2, namespace eip155).
 * v2 names a chain by its CAIP-2 identifier; some of its sellers still write the name.
 */
const CHAIN_OF_NAME: Readonly<Record<string, string>> = Object.freeze({
	ethereum: "1",
	sepolia: "11155111",
	abstract: "2741",
	"abstract-testnet": "11124",
	"base-sepolia": "84532",
	base: "8453",
	"avalanche-fuji": "43113",
	avalanche: "43114",
	iotex: "4689",
	sei: "1329",
	"sei-testnet": "1328",
	polygon: "137",
	"polygon-amoy": "80002",
	peaq: "3338",
	story: "1514",
	educhain: "41923",
	"skale-base-sepolia": "324705682",
	megaeth: "4326",
	monad: "143",
	stable: "988",
	"stable-testnet": "2201",
	celo: "42220",
	flare: "14",
	// Not in any list of the reference, but in terms that sellers publish.
	xlayer: "196",
	"xlayer-testnet": "1952",
});

const EIP155 = "eip155:";

/** Returns the CAIP-2 identifier of a v1 network name; `undefined` for a name that x402 does not list. */
export function networkOfName(name: string): string | undefined {
	return Object.hasOwn(CHAIN_OF_NAME, name) ? EIP155 + CHAIN_OF_NAME[name] : undefined;
}

/** Returns the chain id, in decimal, of an EVM chain's CAIP-2 identifier; `undefined` for anything else. */
export function chainOfNetwork(network: string): string | undefined {
	if (!network.startsWith(EIP155)) return undefined;
	const chain = network.slice(EIP155.length);
	return /^[1-9][0-9]{0,31}$/.test(chain) ? chain : undefined;
}
