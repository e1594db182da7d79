/** What tests of the ledger spend: a rule, and a purchase as it is begun. */
import * as uint256 from "../../modules/encoding/uint256.js";
import type { PurchaseRecord } from "../../src/wallet/record.js";
import type { Rule } from "../../src/wallet/rule.js";
import { PAY_TO } from "../agent/fake_seller.js";

export const USDC = "0x036cbd53842c5426634e7929541ec2318f3dcf7e";
export const NETWORK = "eip155:84532";

export function amount(value: bigint | number): Uint8Array {
	return uint256.fromDecimal(String(value));
}

export function rule(fields: Partial<Rule> = {}): Rule {
	return {
		name: "rule",
		origin: "https://seller.test",
		asset: { network: NETWORK, address: USDC, name: "USDC", version: "2", symbol: "USDC", decimals: 6 },
		methods: ["eip3009"],
		payTo: [],
		resource: "/",
		maxPerPayment: "1000",
		maxPerWindow: "10000",
		maxForLife: "1000000",
		maxCountPerWindow: 1_000,
		windowSeconds: 800,
		maxValiditySeconds: 60,
		prepay: false,
		...fields,
	};
}

export function record(fields: Partial<PurchaseRecord> = {}): PurchaseRecord {
	return {
		kind: "payment",
		sequence: 1,
		revision: 1,
		plan: "plan",
		period: 0,
		state: "intended",
		rule: "rule",
		ruleIdentity: 0,
		count: 1,
		network: NETWORK,
		asset: USDC,
		payTo: PAY_TO,
		amount: amount(10_000),
		cost: fields.amount ?? amount(10_000),
		time: 1_795_000_000,
		validBefore: 1_795_000_060,
		nonce: new Uint8Array(32).fill(7),
		intent: undefined,
		progress: new Uint8Array(0),
		outcome: "",
		transaction: "",
		...fields,
	};
}
