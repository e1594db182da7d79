/** Prints a device's events for a person. */
import * as units from "../../modules/encoding/units.js";
import type { ExpectedEnds } from "../demonstration/expected_ends.js";
import type { FirmwareEvent, FirmwareResult } from "../firmware.js";
import { type SpentOfAsset, type Summary, spentOf, summarize } from "./summary.js";

type Write = (line: string) => void;

/** The column of the values. */
const COLUMN = 14;
/** The number of characters that the demonstration shows of what was bought. */
const PREVIEW = 128;
/** Prefix of the network of an asset that is a market account's unit. */
const ACCOUNT = "account:";
/** The markets' names as people write them. */
const MARKETS: Readonly<Record<string, string>> = {
	pactum: "Pactum",
	pact: "Pact Network Market",
	agentpmt: "AgentPMT",
	payanagent: "PayanAgent",
};

export class EventPrinter {
	readonly #write: Write;
	readonly #expected: ExpectedEnds | undefined;
	#purchases = 0;
	/** Base units refunded since the last purchase. */
	#refunds: bigint[] = [];

	/** `expected`: the final states of a demonstration's purchases; a different end is pointed out. */
	constructor(write: Write, expected?: ExpectedEnds) {
		this.#expected = expected;
		this.#write = (line) => write(printable(line));
	}

	/** Prints a heading with its value. */
	line(name: string, value: string): void {
		this.#write(`  ${name.padEnd(COLUMN)}${value}`);
	}

	print(event: FirmwareEvent): void {
		switch (event.event) {
			case "start":
				this.line("device", `${event.address}, ${event.plans} plans`);
				break;
			case "waiting":
				this.line("waiting", `for ${waitedFor(event)}`);
				break;
			case "paused":
				this.line("paused", `"${event.plan}" after ${event.payments} payments that brought nothing: ${event.outcome}`);
				break;
			case "clock":
				this.line("clock", `${inTheirTime(Number(event.secondsAhead))} by the answers of ${event.of}`);
				break;
			case "checkout":
				if (event.url !== "") this.line("pay at", `${event.url} (${event.amount} USD, by ${event.provider})`);
				break;
			case "refund":
				if (event.posted === true) this.#refunds.push(BigInt(String(event.amount)));
				break;
			case "purchase":
				this.#purchase(event);
				this.#refunds = [];
				break;
			case "error":
				this.#write("");
				this.line("error", `${event.name}: ${event.message}`);
				break;
		}
	}

	/** Prints the cost of the run, in money and in memory. */
	end(events: readonly FirmwareEvent[], result: FirmwareResult): void {
		this.#write("");
		this.line("purchases", purchasesInWords(summarize(events, result)));
		for (const sum of spentOf(events)) {
			const { amount, reserved, allowed, network } = sum;
			const held = reserved === "0" ? "" : ` and ${money(reserved, sum)} reserved`;
			const at = network.startsWith(ACCOUNT) ? ` at ${marketInWords(network.slice(ACCOUNT.length))}` : "";
			this.line("spent", `${money(amount, sum)}${at}${held}, of ${money(allowed, sum)} that the rules allow`);
		}
		const { heap, bits } = result;
		// A device that was switched off has not measured it.
		if (heap !== undefined && heap.peak > 0) {
			const share = Math.round((100 * heap.taken) / heap.limit);
			const stack = heap.taken - heap.peak + heap.stackPeak;
			this.line("memory", `${bytes(heap.taken)} of ${bytes(heap.limit)} taken (${share} %), ${bits}-bit slots`);
			this.line("", `slots ${bytes(heap.slotsPeak)}, chunks ${bytes(heap.chunksPeak)} at their peaks`);
			this.line("", `stack ${bytes(stack)} reserved, ${bytes(heap.stackPeak)} used`);
		}
		if (result.reason !== undefined) this.line("ended", result.reason);
	}

	#purchase(event: FirmwareEvent): void {
		this.#purchases++;
		this.#write("");
		this.#write(`${String(this.#purchases).padStart(2)}. ${event.plan}`);
		this.#seller(String(event.url));
		if (event.amount !== undefined)
			this.line("asks", `${money(event.amount, event as Partial<SpentOfAsset>)} (${event.method})`);
		if (event.rule !== undefined) this.line("decision", `allowed by rule "${event.rule}"`);
		this.#end(event);
		if (event.transaction !== undefined) this.line("transaction", String(event.transaction));
		if (event.data !== undefined) this.line("bought", `${bytes(event.bytes)}: ${this.#dataOf(event)}`);
		const expected = this.#expected?.[String(event.plan)] ?? "delivered";
		if (this.#expected !== undefined && event.state !== expected) this.line("expected", expected);
	}

	/** Returns the data to show: its beginning in the demonstration; for an owner, up to the limit of the plan's sink. */
	#dataOf({ data, bytes }: FirmwareEvent): string {
		const text = String(data);
		if (this.#expected !== undefined && text.length > PREVIEW) return `${text.slice(0, PREVIEW)}…`;
		return text.length < Number(bytes) ? `${text}…` : text;
	}

	/** Prints an address, or a market and its offer. */
	#seller(what: string): void {
		const [, market, offer] = /^([a-z]+): (.*)$/.exec(what) ?? [];
		if (market === undefined) this.line("seller", what);
		else {
			this.line("market", marketInWords(market));
			this.line("offer", offer!);
		}
	}

	#end(event: FirmwareEvent): void {
		const { state, outcome, detail, retryInSeconds } = event;
		if (this.#refunds.length === 0) this.line(String(state), [outcome, detail].filter(Boolean).join(": "));
		else {
			const [why] = String(detail).split(";");
			const sum = this.#refunds.reduce((sum, amount) => sum + amount, 0n);
			const calls = this.#refunds.length === 1 ? "1 call" : `${this.#refunds.length} calls`;
			this.line("refunded", `${money(sum, event as Partial<SpentOfAsset>)} came back, for ${calls}: ${why}`);
		}
		if (retryInSeconds !== undefined) this.line("", `tried again in ${retryInSeconds} s`);
	}
}

function purchasesInWords({ purchases, ...counts }: Summary): string {
	const states = (["delivered", "refused", "unknown"] as const).filter((state) => counts[state] > 0);
	return [purchases, ...states.map((state) => `${counts[state]} ${state}`)].join(", ");
}

function marketInWords(name: string): string {
	return MARKETS[name] ?? name;
}

function inTheirTime(secondsAhead: number): string {
	return secondsAhead < 0 ? `${-secondsAhead} s behind` : `${secondsAhead} s ahead`;
}

function waitedFor({ for: what, reason, market, order, status, plan, seconds, atMostSeconds }: FirmwareEvent): string {
	if (plan !== undefined) return `${what} to "${plan}": ${seconds} s so far, ${atMostSeconds} s at most`;
	if (order !== undefined) return `order ${order} at ${marketInWords(String(market))}: ${status}`;
	const who = marketInWords(String(what));
	return reason === undefined ? who : `${who}: ${reason}`;
}

/** Formats base units as a person writes them: "0.01 USDC". */
function money(
	amount: unknown,
	{ symbol, decimals, asset }: { symbol?: unknown; decimals?: unknown; asset?: unknown },
) {
	if (typeof decimals !== "number") return `${amount} base units of ${asset}`;
	return `${units.formatDigits(String(amount), decimals)} ${symbol}`;
}

/** Escapes control characters, so that a terminal interprets nothing from a seller. */
function printable(line: string): string {
	return line.replace(/\p{Cc}|\p{Cf}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function bytes(count: unknown): string {
	return `${Number(count).toLocaleString("en")} bytes`;
}
