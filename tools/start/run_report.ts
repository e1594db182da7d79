/** Reports a run of the firmware as it happens: to a person line by line, or to a program as lines of JSON. */
import { timed } from "../cli/timed.js";
import type { ExpectedEnds } from "../demonstration/expected_ends.js";
import type { FirmwareEvent, FirmwareResult } from "../firmware.js";
import { EventPrinter } from "./event_printer.js";
import { endedAsExpected, summarize } from "./summary.js";

export class RunReport {
	readonly #isJson: boolean;
	readonly #expected: ExpectedEnds | undefined;
	readonly #printer: EventPrinter;
	readonly #events: FirmwareEvent[] = [];

	/** @param expected the final states of a demonstration's purchases; without it, each is expected to deliver */
	constructor(isJson: boolean, expected?: ExpectedEnds) {
		this.#isJson = isJson;
		this.#expected = expected;
		this.#printer = new EventPrinter(isJson ? () => {} : write, expected);
	}

	/** Prints a heading with its value, for a person. */
	line(name: string, value: string): void {
		this.#printer.line(name, value);
	}

	/** Prints what the command waits for; with JSON, on standard error. */
	readonly progress = (line: string): void => {
		(this.#isJson ? process.stderr : process.stdout).write(`  ${line}\n`);
	};

	readonly onEvent = (event: FirmwareEvent): void => {
		this.#events.push(event);
		if (this.#isJson) write(JSON.stringify(timed(event)));
		else this.#printer.print(event);
	};

	get lastEvent(): FirmwareEvent | undefined {
		return this.#events.at(-1);
	}

	/** Prints the cost of the run. Returns true if it ended as expected. */
	end(result: FirmwareResult): boolean {
		this.#printer.end(this.#events, result);
		if (this.#isJson) write(JSON.stringify(summarize(this.#events, result)));
		if (result.reason !== undefined) process.stderr.write(`micropayer: ${result.reason}\n`);
		return endedAsExpected(this.#events, result, this.#expected);
	}
}

function write(line: string): void {
	process.stdout.write(`${line}\n`);
}
