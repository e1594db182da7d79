/** Receipts: a public feed, each signed with a secret of the server's. */
import { createHmac, randomBytes } from "node:crypto";
import type { Address, Hex } from "viem";
import type { Clock } from "../clock.js";
import type { Micros } from "./money.js";
import { iso } from "./shop/site.js";

export interface Receipt {
	readonly id: string;
	readonly settlementType: "direct" | "external" | "escrow_deposit" | "escrow_release" | "escrow_refund";
	/** The offer or request it is for. */
	readonly subject: string;
	readonly buyer: Address;
	readonly seller: Address;
	readonly amount: Micros;
	readonly txHash: Hex;
	readonly createdAt: string;
}

export class Receipts {
	/** Oldest first. */
	readonly all: Receipt[] = [];
	readonly #secret = randomBytes(32);
	readonly #clock: Clock;

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	add(receipt: Omit<Receipt, "id" | "createdAt">): Receipt {
		const kept = { ...receipt, id: `rcpt-${crypto.randomUUID()}`, createdAt: iso(this.#clock.now()) };
		this.all.push(kept);
		return kept;
	}

	/** The wallet's, newest first. */
	of(wallet: Address, side: "buyer" | "seller" | "both"): Receipt[] {
		const is = (of: Address): boolean => of.toLowerCase() === wallet.toLowerCase();
		const found = this.all.filter(
			({ buyer, seller }) => (side !== "seller" && is(buyer)) || (side !== "buyer" && is(seller)),
		);
		return found.reverse();
	}

	reputation(wallet: Address): { readonly trustScore: number; readonly sales: number } {
		const sales = this.of(wallet, "seller").length;
		return { trustScore: Math.min(100, sales), sales };
	}

	/** Source: derNif/payanagent 31ce5fa, convex/receipts.ts `getAgentStats`. */
	stats(wallet: Address) {
		const sum = (side: "buyer" | "seller"): number =>
			Number(this.of(wallet, side).reduce((total, { amount }) => total + amount, 0n)) / 10_000;
		const sold = this.of(wallet, "seller").length;
		const bought = this.of(wallet, "buyer").length;
		const cents = { totalSpentCents: sum("buyer"), totalEarnedCents: sum("seller") };
		return { receiptsBought: bought, receiptsSold: sold, ...cents };
	}

	/** Hex of HMAC-SHA-256, which the server alone can make or check. */
	signature({ id, settlementType, subject, buyer, seller, amount, txHash, createdAt }: Receipt): string {
		const signed = [id, settlementType, subject, buyer, seller, amount, txHash, createdAt].join("\n");
		return createHmac("sha256", this.#secret).update(signed).digest("hex");
	}
}
