/**
 * The repair of a ledger that has lost entries in flash: the owner learns what is missing, states the most that was spent,
 * and the agent continues with the same key.
 */
import * as uint256 from "../../../modules/encoding/uint256.js";
import { seconds } from "../../device/clock.js";
import {
	findLoss,
	type LedgerInFlash,
	type LedgerLoss,
	redate,
	settleLoss,
	unknownOf,
} from "../../wallet/ledger_repair.js";
import type { Arguments } from "../arguments.js";
import type { Session } from "../command.js";
import { ConsoleError } from "../errors.js";
import { money } from "../money.js";

/** Shows what is missing, and the known spending of each rule for life. */
export function showLoss(session: Session): object {
	const { missing, unreadable, known } = lossOf(session, ledgerOf(session));
	return {
		missing,
		unreadable,
		known: known.map(({ rule, life }) => ({
			rule: rule.name,
			spentAtLeast: uint256.toDecimal(life),
			inWords: money(life, rule.asset),
			allowed: money(rule.maxForLife, rule.asset),
		})),
		next: 'ledger settle {"<rule>":"<base units spent at most>", …}',
	};
}

export function settle(args: Arguments, session: Session): object {
	const { clock, confirmation, scheduleRestart } = session;
	const ledger = ledgerOf(session);
	const loss = lossOf(session, ledger);
	const spent = amountsOf(args.json("what each rule has spent at most"));
	const would: string[] = [];
	for (const { rule, life } of loss.known) {
		const unknown = unknownOf(rule, life, spent.get(rule.name));
		const [known, more, allowed] = [life, unknown, rule.maxForLife].map((amount) => money(amount, rule.asset));
		would.push(
			`rule "${rule.name}": ${more} in addition to the ${known} that are known count as spent, of ${allowed} for life`,
		);
	}
	would.push("each plan counts as having bought in its present period, and a plan that buys once as having bought");
	const act = () => {
		const now = seconds(clock);
		if (now === undefined) throw noClock();
		settleLoss(ledger, spent, now);
		scheduleRestart("ledger settled");
		return { settled: true };
	};
	return { would, ...confirmation.ask(session, would.join("\n"), act) };
}

/** Asks to move dates recorded while the clock was ahead back to the present. */
export function askToRedate(session: Session): object {
	const { clock, confirmation, scheduleRestart } = session;
	const ledger = ledgerOf(session);
	const now = seconds(clock);
	if (now === undefined) throw noClock();
	const act = () => {
		const dated = redate(ledger, now);
		scheduleRestart("ledger redated");
		return { redated: dated };
	};
	const date = new Date(now * 1_000).toISOString();
	const would = [
		`entries of the ledger dated after ${date} count as of then: plans may buy again, and windows pass`,
		"the sums stay as they are: if the clock is wrong, set it first",
	];
	return { would, ...confirmation.ask(session, `redate ${date}`, act) };
}

function noClock(): ConsoleError {
	return new ConsoleError("NoClock", 'wall time is not set: wait for the network, or set it with "time"');
}

/** Throws `ConsoleError` `NotFound`. */
function ledgerOf({ device, storage, keys }: Session): LedgerInFlash {
	const { configuration } = device;
	if (configuration === undefined) {
		throw new ConsoleError("NotFound", 'the settings cannot be read: repair them first, "status" says why');
	}
	const { rules, plans } = configuration;
	return { storage, hashes: keys, rules, plans: plans.map(({ name }) => name) };
}

/** Throws `ConsoleError` `NothingToConfirm`. */
function lossOf({ device }: Session, ledger: LedgerInFlash): LedgerLoss {
	// An agent that has started has read the whole ledger.
	const loss = device.wallet === undefined ? findLoss(ledger) : undefined;
	if (loss === undefined)
		throw new ConsoleError("NothingToConfirm", "the ledger is complete: there is nothing to settle");
	return loss;
}

/** Throws `ConsoleError` `WordExpected`. */
function amountsOf(value: unknown): ReadonlyMap<string, Uint8Array> {
	const amounts = new Map<string, Uint8Array>();
	try {
		for (const [name, amount] of Object.entries(value as object)) amounts.set(name, uint256.fromDecimal(amount));
	} catch {
		throw new ConsoleError("WordExpected", 'expected base units by rule, such as {"weather":"500000"}');
	}
	return amounts;
}
