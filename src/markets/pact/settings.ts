/** The owner's options for Pact Network Market. */
import { parseUrl } from "../../http/url.js";

export interface PactOptions {
	/** `pact_beta_…`: a secret. */
	readonly betaKey: string;
	/** The key slot that signs insured calls, ed25519 for Solana networks, secp256k1 for others; none: nothing is insured. */
	readonly slot?: number;
	/** Origins, if not the market's own. */
	readonly gateway?: string;
	readonly indexer?: string;
	/** Such as `solana-mainnet`: for endpoints that are on several networks. */
	readonly network?: string;
	/** Any name: the market counts calls under it. */
	readonly project?: string;
	/** Number of looks for a refund before a purchase ends without it; 6 by default, about a minute. */
	readonly refundPolls?: number;
}

/** The options with nothing left open. */
export interface PactSettings {
	readonly betaKey: string;
	readonly slot: number | undefined;
	readonly gateway: string;
	readonly indexer: string;
	/** "" for none. */
	readonly network: string;
	readonly project: string;
	readonly refundPolls: number;
}

/** Throws `HttpError` for an origin that is none. */
export function settingsOf(options: PactOptions): PactSettings {
	return {
		betaKey: options.betaKey,
		slot: options.slot,
		gateway: parseUrl(options.gateway ?? "https://market.pactnetwork.io").origin,
		indexer: parseUrl(options.indexer ?? "https://indexer.pactnetwork.io").origin,
		network: options.network ?? "",
		project: options.project ?? "micropayer",
		refundPolls: options.refundPolls ?? 6,
	};
}
