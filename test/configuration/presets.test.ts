/** The tokens that have a word, against the reference client's table and against what their contracts say. */
import { DEFAULT_ASSETS } from "@x402/evm";
import test from "ava";
import { domainSeparator, getAddress } from "viem";
import { findPreset, PRESETS } from "../../tools/configuration/presets.js";

/** What `DOMAIN_SEPARATOR()` of the contract returns. */
const SEPARATORS: Readonly<Record<string, `0x${string}`>> = {
	"usdc@ethereum": "0x06c37168a7db5138defc7866392bb87a741f9b3d104deb5094588ce041cae335",
	"usdc@base": "0x02fa7265e7c5d81118673727957699e4d68f74cd74b7db77da710fe8a2c7834f",
	"usdc@base-sepolia": "0x71f17a3b2ff373b803d70a5a07c046c1a2bc8e89c09ef722fcb047abe94c9818",
	"usdc@polygon": "0xcaa2ce1a5703ccbe253a34eb3166df60a705c561b44b192061e28f2a985be2ca",
	"usdc@arbitrum": "0x08d11903f8419e68b1b8721bcbe2e9fc68569122a77ef18c216f10b3b5112c78",
	"usdc@optimism": "0x26d9c34bb1a1c312f69c53b2d93b8be20faafba63af2438c6811713c9b1f933f",
};

for (const [word, separator] of Object.entries(SEPARATORS)) {
	test(`${word}: the EIP-712 domain is the contract's`, (t) => {
		const { name, version, network, address } = findPreset(word)!.asset;
		const chainId = Number(network.slice("eip155:".length));
		const domain = { name, version, chainId, verifyingContract: getAddress(address) };
		t.is(domainSeparator({ domain }), separator);
	});
}

for (const { asset } of PRESETS) {
	test(`${asset.id}: the address has its EIP-55 checksum`, (t) =>
		t.is(getAddress(asset.address) as string, asset.address));
}

test("each token that the reference client has too is the same there", (t) => {
	let compared = 0;
	for (const { asset } of PRESETS) {
		const theirs = DEFAULT_ASSETS[asset.network]?.find(({ symbol }) => symbol === asset.symbol);
		if (theirs === undefined) continue;
		compared++;
		const { name, version, decimals } = asset;
		t.like(theirs, { asset: asset.address, name, version, decimals }, asset.id);
	}
	t.is(compared, 12);
});

test("a token goes by its symbol and network, by name or CAIP-2 identifier, in any case", (t) => {
	t.is(findPreset("USDC@Base")?.asset.id, "usdc@base");
	t.is(findPreset("usdc@eip155:8453")?.asset.id, "usdc@base");
	for (const word of ["usdc", "usdc@", "@base", "usdc@solana", "dai@base", ""]) t.is(findPreset(word), undefined, word);
});

test("no two go by one word", (t) => {
	t.is(new Set(PRESETS.map(({ asset }) => asset.id)).size, PRESETS.length);
	t.is(new Set(PRESETS.map(({ asset }) => `${asset.network} ${asset.address}`)).size, PRESETS.length);
});
