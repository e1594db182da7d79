/**
 * Decides when a plan that bought nothing, at no cost, is tried again:
 *
 * | setback | first wait | longest |
 * |---|---|---|
 * | the network, a server that is busy or down (408, 425, 429, 5xx) | 1 s | 5 min |
 * | an empty wallet, by the seller's word; an answer that cannot be read, a window that is used up, flash or a signature that failed | 1 min | 1 h |
 *
 * Each wait is twice the one before. `Retry-After` makes a wait longer, never shorter. Everything else is final for the period: the
 * owner's policy, and a seller that refuses.
 */
import { HttpError, type HttpErrorName } from "../http/errors.js";
import { MarketError } from "../markets/kit/errors.js";
import { PolicyError } from "../wallet/errors.js";
import { TermsError } from "../x402/errors.js";

/** Seconds. */
export interface Setback {
	readonly first: number;
	readonly longest: number;
	/** The least wait, if the server names one. */
	readonly atLeast: number;
}

/** A day: no server can stop a plan for longer. */
const LONGEST_RETRY_AFTER = 86_400;

const NETWORK: readonly HttpErrorName[] = Object.freeze([
	"BodyCut",
	"ClientClosed",
	"ConnectFailed",
	"ConnectTimeout",
	"ExchangeTimeout",
	"HeadCut",
	"HeaderTimeout",
	"IdleTimeout",
	"NoResponse",
	"TooManySockets",
	"TurnOver",
] as const);

/** Answers that are no valid HTTP, or longer than the device reads: perhaps a proxy's, perhaps temporary. */
const UNREADABLE: readonly string[] = Object.freeze([
	// HTTP
	...["BodyNotUtf8", "BodyTooLarge", "ChunkExtensionTooLong", "ChunkMalformed", "ContentLengthInvalid"],
	...["ContentLengthRepeated", "FramingAmbiguous", "HeaderFolded", "HeaderMalformed", "HeadTooLarge"],
	...["StatusLineMalformed", "TooManyHeaders", "TrailersTooLarge", "TransferCodingUnsupported", "UpgradeUnexpected"],
	...["VersionUnsupported"],
	// A 402 that cannot be read
	...["TermsEncoding", "TermsJson", "TermsMissing", "TermsShape", "TermsTooLarge", "VersionUnknown"],
]);

/** Local failures that may pass. */
const PASSING: readonly string[] = Object.freeze([
	...["ClockDoubtful", "LedgerFull", "LedgerWriteFailed", "Paused", "SigningFault"],
]);

/** Returns when to try again after `error` refused a purchase at no cost; `undefined` if it is final. */
export function setbackOf(error: Error): Setback | undefined {
	if (error instanceof MarketError) return error.afterMs === undefined ? undefined : network(error.afterMs / 1_000);
	// A request that must not be made twice, and whose answer was lost, may have had its effect.
	if (error instanceof HttpError && !error.isRepeatable) return undefined;
	if (error instanceof HttpError && NETWORK.includes(error.name)) return network(0);
	const mayBeUnreadable = error instanceof HttpError || error instanceof TermsError;
	if (mayBeUnreadable && UNREADABLE.includes(error.name)) return SLOW;
	if (error instanceof PolicyError && error.isPassing) return SLOW;
	return PASSING.includes(error.name) ? SLOW : undefined;
}

/** Returns when to try again after an answer of `status` without payment; `undefined` if it is final. */
export function setbackOfStatus(status: number, afterSeconds: number): Setback | undefined {
	const isPassing = status === 408 || status === 425 || status === 429 || status >= 500;
	return isPassing ? network(afterSeconds) : undefined;
}

function network(atLeast: number): Setback {
	return { first: 1, longest: 300, atLeast: Math.min(atLeast, LONGEST_RETRY_AFTER) };
}

/** Of an empty wallet: each try is a signature that counts, so the waits are long. */
export const UNFUNDED: Setback = Object.freeze({ first: 60, longest: 3_600, atLeast: 0 });
const SLOW: Setback = Object.freeze({ first: 60, longest: 3_600, atLeast: 0 });

/**
 * Returns the seconds of the wait after `failures` setbacks in a row. `jitter`, from 0 to 1, spreads the devices of a fleet: a wait
 * is a quarter shorter or longer, and never shorter than the server asks for.
 */
export function waitAfter({ first, longest, atLeast }: Setback, failures: number, jitter: number): number {
	const wait = Math.min(first * 2 ** Math.min(failures - 1, 30), longest) * (0.75 + jitter / 2);
	return Math.max(wait, atLeast * (1 + jitter / 10));
}
