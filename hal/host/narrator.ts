/** A device's events, told to a person. */
import type { FirmwareEvent, FirmwareResult } from "./firmware.js";
import { type SpentOfAsset, spentOf } from "./summary.js";

type Write = (line: string) => void;

/** How far in the values stand. */
const COLUMN = 14;

export class Narrator {
	readonly #write: Write;
	#purchases = 0;

	constructor(write: Write) {
		this.#write = (line) => write(printable(line));
	}

	/** A heading and what stands under it. */
	line(name: string, value: string): void {
		this.#write(`  ${name.padEnd(COLUMN)}${value}`);
	}

	tell(event: FirmwareEvent): void {
		switch (event.event) {
			case "start":
				this.line("device", `${event.address}, ${event.plans} plans`);
				break;
			case "waiting":
				this.line("waiting", `for ${event.for}`);
				break;
			case "purchase":
				this.#purchase(event);
				break;
			case "error":
				this.#write("");
				this.line("error", `${event.name}: ${event.message}`);
				break;
		}
	}

	/** What it cost, and what it took. */
	end(events: readonly FirmwareEvent[], result: FirmwareResult): void {
		this.#write("");
		for (const sum of spentOf(events)) {
			const { amount, reserved, allowed } = sum;
			const held = reserved === "0" ? "" : ` and ${money(reserved, sum)} reserved`;
			this.line("spent", `${money(amount, sum)}${held}, of ${money(allowed, sum)} that the rules allow`);
		}
		const { heap, bits } = result;
		if (heap !== undefined) {
			const share = Math.round((100 * heap.peak) / heap.limit);
			this.line("memory", `${bytes(heap.peak)} of ${bytes(heap.limit)} at the peak (${share} %), ${bits}-bit slots`);
			this.line("", `slots ${bytes(heap.slotsPeak)}, chunks ${bytes(heap.chunksPeak)}, stack ${bytes(heap.stackPeak)}`);
		}
		if (result.reason !== undefined) this.line("ended", result.reason);
	}

	#purchase(event: FirmwareEvent): void {
		this.#purchases++;
		this.#write("");
		this.#write(`${String(this.#purchases).padStart(2)}. ${event.plan}`);
		this.line("seller", String(event.url));
		if (event.amount !== undefined)
			this.line("asks", `${money(event.amount, event as Partial<SpentOfAsset>)} (${event.method})`);
		const rule = event.rule === undefined ? "" : `allowed by rule "${event.rule}"`;
		if (rule !== "") this.line("decision", rule);
		this.line(String(event.state), [event.outcome, event.detail].filter(Boolean).join(": "));
		if (event.transaction !== undefined) this.line("transaction", String(event.transaction));
		if (event.data !== undefined) this.line("bought", `${bytes(event.bytes)}: ${event.data}`);
		if (event.state !== event.expected) this.line("expected", String(event.expected));
	}
}

/** Base units as a person writes them: "0.01 USDC". */
function money(
	amount: unknown,
	{ symbol, decimals, asset }: { symbol?: unknown; decimals?: unknown; asset?: unknown },
) {
	if (typeof decimals !== "number") return `${amount} base units of ${asset}`;
	const digits = String(amount).padStart(decimals + 1, "0");
	const whole = digits.slice(0, digits.length - decimals);
	const fraction = digits.slice(digits.length - decimals).replace(/0+$/, "");
	return `${whole}${fraction === "" ? "" : `.${fraction}`} ${symbol}`;
}

/** What a seller sent is shown as it is, but for what a terminal would obey. */
function printable(line: string): string {
	return line.replace(/\p{Cc}|\p{Cf}/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function bytes(count: unknown): string {
	return `${Number(count).toLocaleString("en")} bytes`;
}
