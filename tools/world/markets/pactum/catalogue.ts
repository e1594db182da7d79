/**
 * The items for sale. Prices are in micro-dollars, a USDC's smallest unit. All of it is invented: the market publishes no
 * catalogue. Its repository has six items of one seller alone, without ids: videos of 5 to 15 seconds by Seedance for 0.50 to
 * 3.00 dollars (fredm45/Pactum 6ef967c, packages/external-agents/seedance/items.py); `item-file` is like them.
 */
import type { Address } from "viem";

export const sellers: readonly { readonly wallet: Address; readonly name?: string; readonly avg_rating?: number }[] = [
	{ wallet: "0x3c44cdddb6a900fa2b585dd299e03d12fa4293bc", name: "Funding Rates Ltd", avg_rating: 4.8 },
	{ wallet: "0x90f79bf6eb2c4f870365e785982e1f101e93b906", name: "Orbit Pictures", avg_rating: 4.1 },
	// The document reads a seller's name and rating as fields that may be missing.
	{ wallet: "0x15d34aaf54267db7d7c367839aaf71a00a2c6a65" },
];

export interface Item {
	readonly item_id: string;
	readonly name: string;
	readonly description: string;
	readonly price: bigint;
	readonly type: "digital" | "physical";
	readonly tags: readonly string[];
	readonly seller: Address;
	readonly required: Readonly<Partial<Record<"description" | "shipping", true>>> | null;
	readonly query_format: string | null;
	readonly example_queries: readonly string[];
	readonly features: readonly string[];
	/**
	 * The fulfilment of a paid order: `at once`; `by hand`, when the test says so; or it fails that many times,
	 * the first being the order itself, and then is.
	 */
	readonly fulfilment: "at once" | "by hand" | { readonly failures: number };
	/** The delivered result: text as a string, JSON as an object, or a file. */
	readonly result: string | object;
	readonly file?: { readonly name: string; readonly contents: Buffer };
}

const plain = {
	type: "digital",
	tags: ["crypto"],
	seller: sellers[0]!.wallet,
	required: null,
	query_format: null,
	example_queries: [],
	features: [],
	fulfilment: "at once",
	result: { content: "BTC 0.0100 %, ETH 0.0075 %" },
} as const;

/** The contents of what `item-file` delivers. */
export const fileContents: Buffer = Buffer.from("0123456789abcdef".repeat(4096));

const asked = {
	required: { description: true },
	query_format: "<symbol> <what> by exchange",
	example_queries: ["BTC open interest by exchange"],
	features: ["open interest", "whale trading"],
} as const;

export const catalogue: readonly Item[] = [
	{ ...plain, item_id: "item-free", name: "Crypto funding rate", description: "The rates of now", price: 0n },
	{ ...plain, ...asked, item_id: "item-free-query", name: "Open interest", description: "By exchange", price: 0n },
	{ ...plain, ...asked, item_id: "item-paid", name: "Whale trades", description: "Of the last hour", price: 10_000n },
	{
		...plain,
		item_id: "item-text",
		name: "Market comment",
		description: "A sentence",
		price: 1_234n,
		result: "Quiet, with a chance of whales.",
	},
	{
		...plain,
		item_id: "item-report",
		name: "Market report",
		description: "Written for you",
		price: 250_000n,
		fulfilment: "by hand",
	},
	{
		...plain,
		item_id: "item-file",
		name: "Photograph from orbit",
		description: "Of your roof",
		price: 50_000n,
		tags: ["image"],
		seller: sellers[1]!.wallet,
		result: { content: "your photograph", size: fileContents.length },
		file: { name: "output.mp4", contents: fileContents },
	},
	{
		...plain,
		item_id: "item-flaky",
		name: "Flaky feed",
		description: "Answers the third time",
		price: 20_000n,
		fulfilment: { failures: 2 },
	},
	{
		...plain,
		item_id: "item-broken",
		name: "Broken feed",
		description: "Never answers",
		price: 30_000n,
		fulfilment: { failures: 1000 },
	},
	{
		...plain,
		item_id: "item-postcard",
		name: "Postcard",
		description: "Of the market",
		price: 1_500_000n,
		type: "physical",
		tags: ["paper", "gift"],
		seller: sellers[2]!.wallet,
		required: { shipping: true },
		fulfilment: "by hand",
		result: { tracking: "RR123456785GB" },
	},
	...Array.from({ length: 130 }, (_, index) => ({
		...plain,
		item_id: `item-sensor-${String(index).padStart(3, "0")}`,
		name: `Sensor reading ${index}`,
		description: "Air pressure somewhere",
		price: BigInt(index) * 1_000n,
		tags: ["sensor"],
		seller: sellers[1]!.wallet,
	})),
];

/** A buyer's search. */
export interface Search {
	readonly q?: string;
	readonly tags?: readonly string[];
	readonly type?: "digital" | "physical";
	readonly max_price?: number;
	readonly seller?: string;
	readonly sort?: "relevance" | "price_asc" | "price_desc" | "rating" | "newest";
	readonly limit?: number;
	readonly offset?: number;
}

const words = (text: string): string[] => text.toLowerCase().split(/\s+/).filter(Boolean);
const rating = ({ seller }: Item): number => sellers.find(({ wallet }) => wallet === seller)?.avg_rating ?? 0;

/** The newest is the last of the catalogue; `relevance` puts those with more of the words in their name first. */
const orders: Record<NonNullable<Search["sort"]>, (a: Item, b: Item) => number> = {
	relevance: () => 0,
	price_asc: (a, b) => Number(a.price - b.price),
	price_desc: (a, b) => Number(b.price - a.price),
	rating: (a, b) => rating(b) - rating(a),
	newest: () => 0,
};

/** The items found, in order: those with every word of `q` in name, description or features, and all of `tags`. */
export function search(items: readonly Item[], what: Search): Item[] {
	const { q = "", tags = [], type, max_price, seller, sort = "relevance", limit = 20, offset = 0 } = what;
	const found = items.filter((item) => {
		const text = [item.name, item.description, ...item.features].join(" ").toLowerCase();
		return (
			words(q).every((word) => text.includes(word)) &&
			tags.every((tag) => item.tags.includes(tag)) &&
			(type === undefined || item.type === type) &&
			(max_price === undefined || Number(item.price) <= max_price * 1_000_000) &&
			(seller === undefined || item.seller === seller.toLowerCase())
		);
	});
	if (sort === "newest") found.reverse();
	if (sort === "relevance") {
		const inName = ({ name }: Item): number => words(q).filter((word) => name.toLowerCase().includes(word)).length;
		found.sort((a, b) => inName(b) - inName(a));
	}
	return found.sort(orders[sort]).slice(offset, offset + limit);
}
