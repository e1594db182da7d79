/** Credit accounts: bought or earned in lots that expire after 12 months, charged oldest first, refunded whole. */
import type { Address } from "viem";
import type { Clock } from "../clock.js";
import { iso } from "../payanagent/shop/site.js";

/** 100 credits are $1: 1,000,000 base units of a token with 6 decimals. */
export const baseUnitsPerCredit = 10_000;
export const packSize = 500;
const lotSeconds = 365 * 86_400;

interface Lot {
	readonly wallet: Address;
	readonly expiresAt: number;
	left: number;
}

/** One change of an account, for tests to add up. */
export interface Entry {
	readonly wallet: Address;
	readonly reason: "purchase" | "charge" | "refund" | "reward" | "grant";
	/** Negative for a charge. */
	readonly credits: number;
	/** The purpose: a tool and its action, a transaction, a job. */
	readonly of: string;
}

export class Credits {
	readonly entries: Entry[] = [];
	readonly #lots: Lot[] = [];
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	#valid(wallet: Address): Lot[] {
		return this.#lots.filter((lot) => lot.wallet === wallet && lot.expiresAt > this.#clock.now());
	}

	balance(wallet: Address): number {
		return this.#valid(wallet.toLowerCase() as Address).reduce((sum, { left }) => sum + left, 0);
	}

	/** @returns when they expire, ISO 8601 */
	add(wallet: Address, credits: number, reason: Entry["reason"] = "grant", of = ""): string {
		const owner = wallet.toLowerCase() as Address;
		const expiresAt = this.#clock.now() + lotSeconds * 1000;
		this.#lots.push({ wallet: owner, left: credits, expiresAt });
		this.entries.push({ wallet: owner, reason, credits, of });
		return iso(expiresAt);
	}

	/** @returns what gives the credits back, or nothing if there are too few */
	charge(wallet: Address, credits: number, of: string): (() => void) | undefined {
		if (this.balance(wallet) < credits) return undefined;
		const taken: [Lot, number][] = [];
		let missing = credits;
		for (const lot of this.#valid(wallet)) {
			const part = Math.min(lot.left, missing);
			lot.left -= part;
			missing -= part;
			taken.push([lot, part]);
		}
		this.entries.push({ wallet, reason: "charge", credits: -credits, of });
		return () => {
			for (const [lot, part] of taken) lot.left += part;
			this.entries.push({ wallet, reason: "refund", credits, of });
		};
	}
}
