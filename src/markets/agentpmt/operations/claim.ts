/** Claims credits by the hash of a transaction that a sponsor or the wallet's owner has sent. */
import { leafText, numberOf } from "../../kit/fields.js";
import type { RefusalRow } from "../../kit/refusals.js";
import { readFields } from "../answer.js";
import type { Api } from "../api.js";
import { type CreditOrder, type Credits, PURCHASE_PATH } from "../credits.js";
import { AgentPmtError, type AgentPmtErrorName } from "../errors.js";

/** Credits granted for a payment on the chain. */
export interface Grant {
	readonly credits: number;
	readonly balance: number | undefined;
	readonly transaction: string;
}

const REFUSALS: readonly RefusalRow<AgentPmtErrorName>[] = [
	{ status: 409, name: "TransactionUnconfirmed", advice: "wait for more confirmations" },
];
/**
 * The number of attempts to claim a transaction with too few confirmations, and the first wait; each further one is twice as
 * long, 30 s in all.
 */
const CLAIMS = 5;
const FIRST_WAIT_MS = 2_000;

/** POST /external/credits/purchase with a `transaction_hash`. Throws `AgentPmtError` `TransactionUnconfirmed`. */
export async function claim(api: Api, credits: Credits, order: CreditOrder, transactionHash: string): Promise<Grant> {
	const body = JSON.stringify({ ...credits.order(order), transaction_hash: transactionHash });
	const request = { method: "POST", path: PURCHASE_PATH, body, repeat: "always", refusals: REFUSALS } as const;
	for (let claims = 1; ; claims++) {
		try {
			const names = ["credits", "balance", "transaction_hash"];
			const [granted, balance, hash] = await readFields(await api.ask(request), ...names);
			return {
				credits: numberOf(granted?.leaf) ?? order.credits,
				balance: numberOf(balance?.leaf),
				transaction: leafText(hash) || transactionHash,
			};
		} catch (error) {
			const isTooEarly = error instanceof AgentPmtError && error.name === "TransactionUnconfirmed";
			if (!isTooEarly || claims === CLAIMS) throw error;
			await api.wait(FIRST_WAIT_MS * 2 ** (claims - 1), error);
		}
	}
}
