import * as hex from "../../../modules/encoding/hex.js";
import * as uint256 from "../../../modules/encoding/uint256.js";
import type { Summary } from "../../wallet/record.js";
import { page } from "../answer.js";
import type { Arguments } from "../arguments.js";
import type { Command, Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { numberIn } from "../number.js";
import { askToRedate, settle, showLoss } from "./ledger_loss.js";

export const ledger: Command = Object.freeze({
	name: "ledger",
	isLight: false,
	help: Object.freeze([
		"ledger [number]  lists the latest purchases, newest first; or shows one in full",
		"  Older purchases are kept as sums: see limits.",
		"  ledger lost           after LedgerDamaged: shows what is missing, and what is known",
		'  ledger settle {…}     sets the most that each rule can have spent, such as {"weather":"500000"}; asks for a code',
		"  ledger redate         moves dates recorded while the clock was ahead back to now; asks for a code",
	]),
	run(args, session) {
		const { device } = session;
		const what = args.peek();
		if (what === "lost" || what === "settle" || what === "redate") return loss(args, session);
		const number = numberIn(args, "a purchase's number", 1, Number.MAX_SAFE_INTEGER, 0);
		if (device.wallet === undefined) {
			throw new ConsoleError("NotFound", 'the agent has not started: "status" says why');
		}
		return number === 0 ? list(device.wallet) : whole(device.wallet, number);
	},
} satisfies Command);

function loss(args: Arguments, session: Session): object {
	const what = args.next();
	if (what === "settle") return settle(args, session);
	args.end();
	return what === "redate" ? askToRedate(session) : showLoss(session);
}

type Wallet = NonNullable<Session["device"]["wallet"]>;

function list(wallet: Wallet): object {
	const purchases = wallet.purchases();
	const rows = purchases.map((_, i) => rowOf(purchases[purchases.length - 1 - i]!));
	const { items, next } = page(rows, 0);
	return { purchases: items, ...(next !== undefined && { notShown: rows.length - next }) };
}

function rowOf({ sequence, plan, state, amount, time }: Summary) {
	return {
		number: sequence,
		plan,
		state,
		amount: uint256.toDecimal(amount),
		time: new Date(time * 1_000).toISOString(),
	};
}

function whole(wallet: Wallet, number: number): object {
	const record = wallet.purchaseOf(number);
	if (record === undefined) throw new ConsoleError("NotFound", 'no purchase has that number: "ledger" lists them');
	const { period, rule, network, asset, nonce, outcome, transaction, validBefore } = record;
	return {
		purchase: {
			...rowOf(record),
			period,
			rule,
			network,
			asset,
			nonce: nonce.length === 0 ? "" : `0x${hex.encode(nonce)}`,
			validBefore,
			outcome,
			transaction,
		},
	};
}
