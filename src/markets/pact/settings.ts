/** The owner's options for Pact Network Market. */
import { parseUrl } from "../../http/url.js";

export interface PactOptions {
	/** `pact_beta_…`: a secret. */
	readonly betaKey: string;
	/**
	 * The key slot that signs insured calls: ed25519 for Solana networks, secp256k1 for others. Without it, nothing is insured.
	 */
	readonly slot?: number;
	/** Origins, if other than the market's own. */
	readonly gateway?: string;
	readonly indexer?: string;
	/** For example `solana-mainnet`, for endpoints that are on several networks. */
	readonly network?: string;
	/** Any name; the market counts calls under it. */
	readonly project?: string;
	/** The number of polls for a refund before a purchase ends without it; 6 by default, about a minute. */
	readonly refundPolls?: number;
}

/** The options with defaults filled in. */
export interface PactSettings {
	readonly betaKey: string;
	readonly slot: number | undefined;
	readonly gateway: string;
	readonly indexer: string;
	/** "" if none. */
	readonly network: string;
	readonly project: string;
	readonly refundPolls: number;
}

/** Fills in the defaults. Throws `HttpError` for a malformed origin. */
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
